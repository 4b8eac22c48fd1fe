/**
 * A disk in memory that behaves as a journalling file system does when the power fails: bytes are on the disk for certain when
 * their file was synced, names when their folder was. It can be full or read-only, fail on paths, and end at the n-th change as if
 * the process were killed there. `crash` gives the disk that the next process finds; the old one then fails whatever is asked.
 */
import { OperationalError } from "../../source/base/errors.ts";
import { SeededRandom } from "../../source/base/random.ts";
import type { Clock } from "../../source/ports/clock.ts";
import type { FileStat, FileSystem, OpenFile, OpenMode } from "../../source/ports/file-system.ts";
import { pageLength, type VirtualDevice, VirtualFile } from "./virtual-disk-file.ts";
import { NameJournal, treeAfterPowerCut, VirtualFolder, type VirtualNode } from "./virtual-disk-names.ts";
import { failure, ifThere, resolvePath, type Spot } from "./virtual-disk-paths.ts";

export interface VirtualDiskOptions {
  /** For the times of change. */
  readonly clock: Pick<Clock, "wallMs">;
  /** For files; names take no room. Default: without end. */
  readonly capacityBytes?: number;
  /** Absolute paths of folders, made at once, that are file systems of their own. */
  readonly mounts?: readonly string[];
}

/** What a fault is asked about: `open`, `create`, `read`, `write`, `sync`, `stat`, `rename`… and the path. */
export type Fault = (operation: string, path: string) => string | undefined;

const endless = 2 ** 50;

interface State {
  readonly clock: Pick<Clock, "wallMs">;
  readonly devices: VirtualDevice[];
  readonly root: VirtualFolder;
  readonly names: NameJournal;
  inodeCount: number;
}

export class VirtualDisk implements FileSystem {
  /** Gives the code to fail with, `undefined` to let the operation through. Set anew at any time. */
  fault: Fault = () => undefined;
  /** Operations that changed something, or put it on the disk, so far. */
  changeCount = 0;
  #changesLeft = Number.POSITIVE_INFINITY;
  #isDead = false;
  readonly #state: State;

  constructor(options: VirtualDiskOptions | State) {
    if ("root" in options) {
      this.#state = options;
      return;
    }
    const { clock, capacityBytes = endless, mounts = [] } = options;
    const device = { id: 1, capacityBytes, usedPages: 0, isReadOnly: false };
    const root = new VirtualFolder(device, 1);
    this.#state = { clock, devices: [device], root, names: new NameJournal(), inodeCount: 1 };
    for (const path of mounts) this.#mount(path);
    this.syncAll();
  }

  // ── what tests do ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether an operation has failed because of `failAfter`, or there was a crash. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** So many more changes are made; the next (half of it, if it is a write) and everything after fails with EKILLED. */
  failAfter(changes: number): void {
    this.#changesLeft = changes;
  }

  /**
   * @param kind `kill`: the process alone is gone, and all that it wrote is there. `power`: of what was not synced, a part that
   * `seed` decides. @returns the disk that is left; this one is dead.
   */
  crash(kind: "kill" | "power", seed = 0): VirtualDisk {
    this.#isDead = true;
    const { clock, devices, root, names, inodeCount } = this.#state;
    if (kind === "kill") return new VirtualDisk(this.#state);
    const random = new SeededRandom(seed);
    const copies = devices.map((device) => ({ ...device, usedPages: 0 }));
    const deviceOf = (device: VirtualDevice) => copies[device.id - 1] ?? device;
    names.cut(random);
    const left = treeAfterPowerCut(root, deviceOf, random);
    return new VirtualDisk({ clock, devices: copies, root: left, names: new NameJournal(), inodeCount });
  }

  /** Everything is on the disk, as after a long time. */
  syncAll(): void {
    this.#state.names.syncAll();
    const visit = (node: VirtualNode): void => {
      if (node.kind === "file") node.sync();
      if (node.kind === "directory") for (const child of node.entries.values()) visit(child);
    };
    visit(this.#state.root);
  }

  setCapacity(path: string, bytes: number): void {
    this.#deviceAt(path).capacityBytes = bytes;
  }

  setReadOnly(path: string, isReadOnly: boolean): void {
    this.#deviceAt(path).isReadOnly = isReadOnly;
  }

  makeLink(path: string, target: string): void {
    const { folder, name } = this.#newSpot("link", path);
    const node = { kind: "link", device: folder.device, inode: ++this.#state.inodeCount, target } as const;
    this.#state.names.change({ folder, name, node });
  }

  /** Every path that there is: files with their bytes as text of one character a byte, folders as "/", links as "→target". */
  snapshot(): Map<string, string> {
    const all = new Map<string, string>();
    const visit = (node: VirtualNode, path: string): void => {
      switch (node.kind) {
        case "file": {
          const bytes = new Uint8Array(node.length);
          node.read(bytes, 0);
          all.set(path, Buffer.from(bytes).toString("latin1"));
          return;
        }
        case "link":
          all.set(path, `→${node.target}`);
          return;
        case "directory":
          if (path !== "") all.set(path, "/");
          for (const [name, child] of node.entries) visit(child, `${path}/${name}`);
      }
    };
    visit(this.#state.root, "");
    return all;
  }

  // ── FileSystem ─────────────────────────────────────────────────────────────────────────────────────────────────

  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    return this.openSync(path, mode);
  }

  openSync(path: string, mode: OpenMode): OpenFile {
    this.#ask("open", path);
    const spot = this.#spot("open", path);
    const { node } = spot;
    if (node !== undefined && mode === "create-new") throw failure("EEXIST", "open", path);
    if (node?.kind === "link") throw failure("ELOOP", "open", path);
    if (node?.kind === "directory") throw failure("EISDIR", "open", path);
    if (mode !== "read" && spot.folder.device.isReadOnly) throw failure("EROFS", "open", path);
    if (node !== undefined) return this.#handle(node, path, mode);
    if (mode === "read" || mode === "write") throw failure("ENOENT", "open", path);
    this.#askChange("create", path);
    return this.#handle(this.#makeFile(spot), path, mode);
  }

  async stat(path: string): Promise<FileStat | undefined> {
    return this.statSync(path);
  }

  statSync(path: string): FileStat | undefined {
    this.#ask("stat", path);
    const node = ifThere(() => this.#spot("stat", path))?.node;
    return node && statOf(node);
  }

  async realPath(path: string): Promise<string> {
    this.#ask("stat", path);
    const spot = resolvePath(this.#state.root, "realpath", path, true);
    if (spot.node === undefined) throw failure("ENOENT", "realpath", path);
    return spot.path;
  }

  async makeDirectory(path: string): Promise<void> {
    this.#ask("makeDirectory", path);
    const parts = path.split("/").filter((part) => part !== "");
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = `/${parts.slice(0, depth).join("/")}`;
      const { node } = resolvePath(this.#state.root, "mkdir", folder, true);
      if (node === undefined) this.makeDirectorySync(folder);
      else if (node.kind !== "directory") throw failure(depth === parts.length ? "EEXIST" : "ENOTDIR", "mkdir", path);
    }
  }

  makeDirectorySync(path: string): void {
    const { folder, name } = this.#newSpot("mkdir", path);
    this.#askChange("makeDirectory", path);
    this.#state.names.change({ folder, name, node: new VirtualFolder(folder.device, ++this.#state.inodeCount) });
  }

  async list(path: string): Promise<readonly string[]> {
    this.#ask("list", path);
    return [...this.#folder("scandir", path).entries.keys()];
  }

  async readFile(path: string, lengthMax: number): Promise<Uint8Array> {
    const bytes = this.readFileSync(path, lengthMax);
    if (bytes === undefined) throw failure("ENOENT", "open", path);
    return bytes;
  }

  readFileSync(path: string, lengthMax: number): Uint8Array | undefined {
    this.#ask("read", path);
    const node = ifThere(() => resolvePath(this.#state.root, "open", path, true))?.node;
    if (node === undefined) return undefined;
    if (node.kind !== "file") throw failure("EINVAL", "read", path);
    if (node.length > lengthMax) throw new OperationalError("too-large", `${path} is larger than ${lengthMax} bytes`);
    const bytes = new Uint8Array(node.length);
    node.read(bytes, 0);
    return bytes;
  }

  async writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
    const slash = path.lastIndexOf("/");
    const temporary = `${path.slice(0, slash)}/.${path.slice(slash + 1)}.${++this.#state.inodeCount}.tmp`;
    try {
      const file = this.openSync(temporary, "create-new");
      file.writeSync([bytes], 0);
      await file.sync();
      await file.close();
      await this.rename(temporary, path);
    } catch (error) {
      await this.removeFile(temporary).catch(() => undefined);
      throw error;
    }
    await this.syncDirectory(path.slice(0, slash) || "/");
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this.#spot("rename", from);
    const target = this.#spot("rename", to);
    const { node } = source;
    if (node === undefined) throw failure("ENOENT", "rename", from);
    if (source.folder.device !== target.folder.device) throw failure("EXDEV", "rename", from);
    if (node.kind === "directory" && `${target.path}/`.startsWith(`${source.path}/`) && source.path !== target.path) {
      throw failure("EINVAL", "rename", from);
    }
    const replaced = target.node;
    if (replaced === node) return;
    if (replaced?.kind === "directory") {
      if (node.kind !== "directory") throw failure("EISDIR", "rename", to);
      if (replaced.entries.size > 0) throw failure("ENOTEMPTY", "rename", to);
    } else if (replaced !== undefined && node.kind === "directory") throw failure("ENOTDIR", "rename", to);
    this.#askWritable("rename", from, source.folder);
    if (replaced?.kind === "file") replaced.release();
    this.#state.names.change(
      { folder: target.folder, name: target.name, node },
      { folder: source.folder, name: source.name, node: undefined },
    );
  }

  async removeFile(path: string): Promise<void> {
    const { folder, name, node } = this.#spot("unlink", path);
    if (node === undefined) throw failure("ENOENT", "unlink", path);
    if (node.kind === "directory") throw failure("EISDIR", "unlink", path);
    this.#askWritable("removeFile", path, folder);
    if (node.kind === "file") node.release();
    this.#state.names.change({ folder, name, node: undefined });
  }

  async removeEmptyDirectory(path: string): Promise<void> {
    const { folder, name, node } = this.#spot("rmdir", path);
    if (node === undefined) throw failure("ENOENT", "rmdir", path);
    if (node.kind !== "directory") throw failure("ENOTDIR", "rmdir", path);
    if (node.entries.size > 0) throw failure("ENOTEMPTY", "rmdir", path);
    if (node.device !== folder.device) throw failure("EBUSY", "rmdir", path);
    this.#askWritable("removeEmptyDirectory", path, folder);
    this.#state.names.change({ folder, name, node: undefined });
  }

  async syncDirectory(path: string): Promise<void> {
    const folder = this.#folder("fsync", path);
    this.#askChange("syncDirectory", path);
    this.#state.names.sync(folder);
  }

  async freeSpace(path: string): Promise<number> {
    this.#ask("freeSpace", path);
    const { capacityBytes, usedPages } = this.#folder("statfs", path).device;
    return Math.max(0, Math.floor(capacityBytes / pageLength) - usedPages) * pageLength;
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #mount(path: string): void {
    const { folder, name } = this.#newSpot("mount", path);
    const { devices } = this.#state;
    const device = { id: devices.length + 1, capacityBytes: endless, usedPages: 0, isReadOnly: false };
    devices.push(device);
    this.#state.names.change({ folder, name, node: new VirtualFolder(device, ++this.#state.inodeCount) });
  }

  #makeFile({ folder, name }: Spot): VirtualFile {
    const { names, clock } = this.#state;
    const file = new VirtualFile(folder.device, ++this.#state.inodeCount, clock.wallMs());
    names.change({ folder, name, node: file });
    return file;
  }

  #handle(file: VirtualFile, path: string, mode: OpenMode): OpenFile {
    let isOpen = true;
    const use = (operation: string): void => {
      if (!isOpen) throw failure("EBADF", operation, path);
      this.#ask(operation, path);
    };
    const change = (operation: string): void => {
      if (!isOpen || (mode === "read" && operation !== "sync")) throw failure("EBADF", operation, path);
      this.#askWritable(operation, path, file);
    };
    const now = () => this.#state.clock.wallMs();
    const writeSync = (buffers: readonly Uint8Array[], position: number): void => {
      const bytes = buffers.length === 1 ? (buffers[0] ?? new Uint8Array()) : new Uint8Array(Buffer.concat(buffers));
      const wasDead = this.#isDead;
      try {
        change("write");
      } catch (error) {
        // The end came in the middle of it.
        if (this.#isDead && !wasDead) file.write(bytes.subarray(0, bytes.length >> 1), position, now());
        throw error;
      }
      if (!file.write(bytes, position, now())) throw failure("ENOSPC", "write", path);
    };
    const readSync = (into: readonly Uint8Array[], position: number): number => {
      use("read");
      let length = 0;
      for (const buffer of into) length += file.read(buffer, position + length);
      return length;
    };
    return {
      writeSync,
      readSync,
      read: async (into, position) => readSync([into], position),
      write: async (buffers, position) => writeSync(buffers, position),
      stat: async () => {
        use("stat");
        return statOf(file);
      },
      truncate: async (length) => {
        change("truncate");
        if (!file.truncate(length, now())) throw failure("ENOSPC", "ftruncate", path);
      },
      // As many file systems: then space is taken as bytes come.
      reserve: async () => false,
      trimSync: () => {},
      sync: async () => {
        change("sync");
        file.sync();
      },
      close: async () => {
        isOpen = false;
      },
    };
  }

  #ask(operation: string, path: string): void {
    if (this.#isDead) throw failure("EKILLED", operation, path);
    const code = this.fault(operation, path);
    if (code !== undefined) throw failure(code, operation, path);
  }

  #askChange(operation: string, path: string): void {
    this.#ask(operation, path);
    if (this.#changesLeft-- <= 0) {
      this.#isDead = true;
      throw failure("EKILLED", operation, path);
    }
    this.changeCount++;
  }

  #askWritable(operation: string, path: string, node: { readonly device: VirtualDevice }): void {
    if (node.device.isReadOnly && operation !== "sync") throw failure("EROFS", operation, path);
    this.#askChange(operation, path);
  }

  /** Where a path's last part lies, which is not followed if it is a link. */
  #spot(operation: string, path: string): Spot {
    if (this.#isDead) throw failure("EKILLED", operation, path);
    return resolvePath(this.#state.root, operation, path, false);
  }

  #newSpot(operation: string, path: string): Spot {
    const spot = this.#spot(operation, path);
    if (spot.node !== undefined) throw failure("EEXIST", operation, path);
    if (spot.folder.device.isReadOnly) throw failure("EROFS", operation, path);
    return spot;
  }

  #folder(operation: string, path: string): VirtualFolder {
    const { node } = resolvePath(this.#state.root, operation, path, true);
    if (node?.kind !== "directory") throw failure(node === undefined ? "ENOENT" : "ENOTDIR", operation, path);
    return node;
  }

  #deviceAt(path: string): VirtualDevice {
    return this.#folder("statfs", path).device;
  }
}

function statOf(node: VirtualNode): FileStat {
  return {
    kind: node.kind,
    length: node.kind === "file" ? node.length : 0,
    allocatedBytes: node.kind === "file" ? node.allocatedBytes : 0,
    modifiedMs: node.kind === "file" ? node.modifiedMs : 0,
    identity: `${node.device.id}:${node.inode}`,
  };
}
