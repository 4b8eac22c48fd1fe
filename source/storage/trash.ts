/**
 * The user's trash, as freedesktop.org's trash specification 1.0 has it: the one of the home directory for what lies on its
 * file system, else `.Trash-UID` at the top of the file system that the data is on. Nothing is ever copied from one file
 * system to another. What is taken is told in its `.trashinfo` before it is moved, so that a kill leaves nothing that a
 * desktop could not put back.
 */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { percentEncode } from "../base/percent-encoding.ts";
import { sanitise } from "../base/sanitise.ts";
import type { FileSystem } from "../ports/file-system.ts";

export interface TrashPlace {
  /** `$XDG_DATA_HOME/Trash`, absolute; `undefined` where there is no home. */
  readonly homeTrash: string | undefined;
  /** Of the user. */
  readonly userId: number;
  /** `2026-11-21T10:15:00`, in the user's time zone. */
  readonly localTime: () => string;
}

/** Items of one name: who has more may empty the trash. */
const namesMax = 1000;
/** Of a name in the trash: room is left for a number and `.trashinfo` in the 255 bytes that a file system takes. */
const nameLengthMax = 200;

/** One torrent's file, or its folder with those of its files that were taken. */
export class TrashItem {
  readonly #files: FileSystem;
  /** In the trash. */
  readonly path: string;
  readonly #infoPath: string;
  readonly #madeFolders = new Set<string>();
  #hasTaken = false;

  private constructor(files: FileSystem, { path, infoPath }: Reserved) {
    this.#files = files;
    this.path = path;
    this.#infoPath = infoPath;
  }

  /**
   * Makes the item's `.trashinfo`; nothing is moved yet.
   * @param root absolute path of the torrent's file or folder. @param first a file of it that is there.
   * @throws OperationalError `no-trash`.
   */
  static async begin(files: FileSystem, place: TrashPlace, root: string, first: string): Promise<TrashItem> {
    try {
      const { trash, top } = await trashFor(files, place, first);
      for (const folder of ["info", "files"]) await makeOwnFolder(files, `${trash}/${folder}`);
      const told = top === undefined ? root : root.slice(top === "/" ? 1 : top.length + 1);
      const info = `[Trash Info]\nPath=${encodedPath(told)}\nDeletionDate=${place.localTime()}\n`;
      return new TrashItem(files, await reserve(files, trash, nameOf(root), new TextEncoder().encode(info)));
    } catch (error) {
      throw noTrash(root, error);
    }
  }

  /** @param below its path in the folder, [] for a torrent of one file. @throws OperationalError `no-trash`. */
  async take(path: string, below: readonly string[]): Promise<void> {
    try {
      const target = [this.path, ...below].join("/");
      const folder = target.slice(0, target.lastIndexOf("/"));
      if (below.length > 0 && !this.#madeFolders.has(folder)) {
        await this.#files.makeDirectory(folder);
        this.#madeFolders.add(folder);
      }
      await this.#files.rename(path, target);
      this.#hasTaken = true;
    } catch (error) {
      // It is gone already: nothing is lost, and others may follow.
      if (codeOf(error) === "ENOENT") return;
      await this.#forgetEmpty();
      throw noTrash(path, error);
    }
  }

  /** What was taken is on the disk under its new name. */
  async finish(): Promise<void> {
    await this.#forgetEmpty();
    const above = this.path.slice(0, this.path.lastIndexOf("/"));
    for (const folder of [...this.#madeFolders, above]) await this.#files.syncDirectory(folder);
  }

  /** What says nothing of anything need not stay; if it does, desktops ignore it. */
  async #forgetEmpty(): Promise<void> {
    if (!this.#hasTaken) await this.#files.removeFile(this.#infoPath).catch(() => {});
  }
}

interface Reserved {
  readonly path: string;
  readonly infoPath: string;
}

interface Trash {
  readonly trash: string;
  /** The top of the file system, where the trash is there; then paths are told from there. */
  readonly top?: string;
}

async function trashFor(files: FileSystem, { homeTrash, userId }: TrashPlace, path: string): Promise<Trash> {
  const device = await deviceOf(files, path);
  if (homeTrash !== undefined && (await deviceOf(files, homeTrash)) === device) return { trash: homeTrash };
  let top = parentOf(path);
  while (top !== "/" && (await deviceOf(files, parentOf(top))) === device) top = parentOf(top);
  const trash = `${top === "/" ? "" : top}/.Trash-${userId}`;
  await makeOwnFolder(files, trash);
  return { trash, top };
}

/** Somebody else may have put a link there. */
async function makeOwnFolder(files: FileSystem, path: string): Promise<void> {
  await files.makeDirectory(path);
  if ((await files.stat(path))?.kind !== "directory") {
    throw new OperationalError("no-trash", `${sanitise(path)} is no folder`);
  }
}

/** Of the file, or of the nearest folder above that is there. */
async function deviceOf(files: FileSystem, path: string): Promise<string> {
  for (let at = path; ; at = parentOf(at)) {
    const stat = await files.stat(at);
    if (stat !== undefined) return stat.identity.split(":")[0] ?? "";
    if (at === "/") throw new OperationalError("no-trash", "the file system cannot be told");
  }
}

/** @returns the paths of an item whose name nobody has, and whose information is on the disk. */
async function reserve(files: FileSystem, trash: string, name: string, info: Uint8Array): Promise<Reserved> {
  for (let count = 1; count <= namesMax; count++) {
    const unique = count === 1 ? name : `${name}.${count}`;
    const path = `${trash}/files/${unique}`;
    if ((await files.stat(path)) !== undefined) continue;
    const infoPath = `${trash}/info/${unique}.trashinfo`;
    try {
      const file = await files.open(infoPath, "create-new");
      try {
        await file.write([info], 0);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      if (codeOf(error) === "EEXIST") continue;
      throw error;
    }
    await files.syncDirectory(`${trash}/info`);
    return { path, infoPath };
  }
  throw new OperationalError("no-trash", "there are too many of that name in it");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"))) || "/";
}

function nameOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  let short = "";
  for (const character of name) {
    if (new TextEncoder().encode(short + character).length > nameLengthMax) break;
    short += character;
  }
  return short;
}

function encodedPath(path: string): string {
  return path
    .split("/")
    .map((name) => percentEncode(new TextEncoder().encode(name)))
    .join("/");
}

function noTrash(path: string, cause: unknown): OperationalError {
  const reason = codeOf(cause) === "EXDEV" ? "it lies on another file system" : messageOf(cause);
  return new OperationalError("no-trash", `${sanitise(path)} cannot go to the trash: ${reason}`, { cause });
}
