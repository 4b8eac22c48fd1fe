/**
 * What moving or renaming a torrent's files would do, found out without touching anything: the dry run, and the first step of
 * the move itself (relocation.ts).
 *
 * Nothing outside of the two save folders takes part, and nothing below them through a link (HOSTILE A1, A2): every path is
 * checked here whatever made it, and every folder between a save folder and a file must be a folder.
 */
import { present } from "../base/assert.ts";
import { OperationalError } from "../base/errors.ts";
import { fewAtOnce } from "../base/few-at-once.ts";
import { sanitise } from "../base/sanitise.ts";
import { formatSize } from "../base/units.ts";
import type { FileStat, FileSystem } from "../ports/file-system.ts";
import { diskError, diskErrorOf } from "./disk-error.ts";

export interface RelocationRequest {
  /** Absolute, without a slash at the end. Links above and at a save folder are followed: the user's own choice. */
  readonly fromRoot: string;
  /** The same as `fromRoot` to rename only. Need not exist. */
  readonly toRoot: string;
  /** Absolute paths strictly below the two roots. Those that stay where they are may be among them. */
  readonly files: readonly { readonly from: string; readonly to: string }[];
}

/** A file that is there and goes. */
export interface MovedFile {
  readonly from: string;
  readonly to: string;
  /** Bytes on the disk as `stat` has them, holes included: a download under way may be shorter than in the torrent. */
  readonly length: number;
  readonly modifiedMs: number;
}

export type PlannedFile =
  | ({ readonly action: "rename" | "copy" } & MovedFile)
  /** Not on the disk: nothing to do. */
  | { readonly action: "absent"; readonly from: string; readonly to: string }
  /** Cannot go, for `reason`: one sentence. */
  | { readonly action: "conflict"; readonly from: string; readonly to: string; readonly reason: string };

export interface RelocationPlan {
  readonly fromRoot: string;
  readonly toRoot: string;
  /** Without those that stay where they are. */
  readonly files: readonly PlannedFile[];
  /** Folders to make, the outermost first. */
  readonly newFolders: readonly string[];
  /** Bytes that go to another file system. */
  readonly copyBytes: number;
  /** On the file system of `toRoot`. */
  readonly freeBytes: number;
  readonly fits: boolean;
}

/** @throws OperationalError `unsafe-path` for a path outside of its root, or what the disk says. */
export async function planRelocation(files: FileSystem, request: RelocationRequest): Promise<RelocationPlan> {
  const { fromRoot, toRoot } = request;
  try {
    const look = new FolderLook(files);
    const targets = new Set<string>();
    const going: { readonly from: string; readonly to: string; readonly isTaken: boolean }[] = [];
    for (const { from, to } of request.files) {
      assertBelow(fromRoot, from);
      assertBelow(toRoot, to);
      if (from === to) continue;
      going.push({ from, to, isTaken: targets.has(to) });
      targets.add(to);
    }
    const planned = new Array<PlannedFile>(going.length);
    await fewAtOnce(going.entries(), async ([index, { from, to, isTaken }]) => {
      planned[index] = await planFile(files, look, request, from, to, isTaken);
    });
    let copyBytes = 0;
    for (const file of planned) if (file.action === "copy") copyBytes += file.length;
    const newFolders = new Set<string>();
    for (const file of planned) {
      if (file.action !== "rename" && file.action !== "copy") continue;
      for (const folder of await look.missing(parentOf(file.to))) newFolders.add(folder);
    }
    const freeBytes = await files.freeSpace((await look.nearest(toRoot)).path);
    const outermostFirst = [...newFolders].sort((a, b) => a.length - b.length);
    return {
      fromRoot,
      toRoot,
      files: planned,
      newFolders: outermostFirst,
      copyBytes,
      freeBytes,
      fits: copyBytes <= freeBytes,
    };
  } catch (error) {
    throw diskErrorOf(error, "look at", toRoot);
  }
}

/** @throws OperationalError `conflict` or `disk-full` where the plan cannot be carried out. */
export function assertFeasible(plan: RelocationPlan): void {
  const conflicts = plan.files.filter((file) => file.action === "conflict");
  const [first] = conflicts;
  if (first !== undefined) {
    const more = conflicts.length > 1 ? ` (and ${conflicts.length - 1} more)` : "";
    throw new OperationalError("conflict", `nothing was moved: ${first.reason}${more}`);
  }
  if (plan.fits) return;
  throw diskError(
    "disk-full",
    `${sanitise(plan.toRoot)} has ${formatSize(plan.freeBytes)} free, and the move needs ${formatSize(plan.copyBytes)}`,
  );
}

async function planFile(
  files: FileSystem,
  look: FolderLook,
  { fromRoot, toRoot }: RelocationRequest,
  from: string,
  to: string,
  isTaken: boolean,
): Promise<PlannedFile> {
  const conflict = (reason: string): PlannedFile => ({ action: "conflict", from, to, reason });
  const isInTheWay = (path: string) => conflict(`${sanitise(path)} is there already, and is not touched`);
  for (const [root, path] of [
    [fromRoot, from],
    [toRoot, to],
  ] as const) {
    for (const folder of foldersBetween(root, path)) {
      const kind = await look.kindOf(folder);
      if (kind === undefined || kind === "directory") continue;
      if (kind === "link") return conflict(`${sanitise(folder)} is a symbolic link, and is not followed`);
      return conflict(`${sanitise(folder)} is no folder`);
    }
  }
  if (isTaken) return conflict(`two files would become ${sanitise(to)}`);
  const target = await files.stat(to);
  // Also where there is no source: what lies there would be taken for the torrent's own, and be written to.
  if (target !== undefined) return isInTheWay(to);
  const source = await files.stat(from);
  if (source === undefined) return { action: "absent", from, to };
  if (source.kind !== "file") return conflict(`${sanitise(from)} is no ordinary file`);
  const { device } = await look.nearest(parentOf(to));
  const { length, modifiedMs } = source;
  return { action: device === deviceOf(source) ? "rename" : "copy", from, to, length, modifiedMs };
}

/** Folders as they were when first looked at. */
class FolderLook {
  readonly #files: FileSystem;
  readonly #stats = new Map<string, FileStat | undefined>();

  constructor(files: FileSystem) {
    this.#files = files;
  }

  async kindOf(path: string): Promise<FileStat["kind"] | undefined> {
    return (await this.#stat(path))?.kind;
  }

  /** The folder itself, or the first above it that is there. @throws OperationalError `unsafe-path` for what is no folder. */
  async nearest(path: string): Promise<{ readonly path: string; readonly device: string }> {
    for (let at = path; ; at = parentOf(at)) {
      const stat = await this.#stat(at);
      if (stat === undefined && at !== "/") continue;
      const followed = stat?.kind === "link" ? await this.#stat(await this.#files.realPath(at)) : stat;
      if (followed?.kind === "directory") return { path: at, device: deviceOf(followed) };
      throw diskErrorOf({ code: "ENOTDIR" }, "use", at);
    }
  }

  /** What of the folder and those above it is not there, the outermost first. */
  async missing(path: string): Promise<readonly string[]> {
    const missing: string[] = [];
    for (let at = path; at !== "/" && (await this.#stat(at)) === undefined; at = parentOf(at)) missing.unshift(at);
    return missing;
  }

  async #stat(path: string): Promise<FileStat | undefined> {
    if (!this.#stats.has(path)) this.#stats.set(path, await this.#files.stat(path));
    return this.#stats.get(path);
  }
}

/** The folders strictly between a root and a path below it, the outermost first. */
export function foldersBetween(root: string, path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = parentOf(path); at.length > root.length; at = parentOf(at)) folders.unshift(at);
  return folders;
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** @throws OperationalError `unsafe-path`. */
function assertBelow(root: string, path: string): void {
  const prefix = root === "/" ? "/" : `${root}/`;
  const elements = path.slice(prefix.length).split("/");
  const isSafe = elements.every((element) => element !== "" && element !== "." && element !== "..");
  if (root.startsWith("/") && path.startsWith(prefix) && isSafe && !path.includes("\0")) return;
  throw diskError("unsafe-path", `${sanitise(path)} is not below ${sanitise(root)}`);
}

function deviceOf(stat: FileStat): string {
  return present(stat.identity.split(":")[0], "an identity names its device");
}
