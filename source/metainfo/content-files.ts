/**
 * What lies below a path, as the files of a torrent to be made: in one fixed order, so that the same content gives the
 * same torrent everywhere; only ordinary files, whatever links and devices stand between them; and only names that
 * `parse-metainfo.ts` leaves as they are, so that whoever has the content can seed it from where it lies.
 */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { shownPath } from "../base/sanitise.ts";
import type { FileStat, FileSystem } from "../ports/file-system.ts";
import { fileCountMax } from "./parse-metainfo.ts";
import { byteLengthOf, pathDepthMax, pathLengthMax, safeElement, uniquePaths } from "./safe-paths.ts";

export interface ContentFile {
  readonly absolutePath: string;
  /** Below the torrent's folder, or the file's name alone. */
  readonly path: readonly string[];
  readonly length: number;
  readonly modifiedMs: number;
}

export interface ContentFiles {
  readonly name: string;
  readonly isFolder: boolean;
  /** At least one. */
  readonly files: readonly ContentFile[];
  /** At least 1. */
  readonly totalLength: number;
}

/**
 * @param path absolute. A link that the user names is followed, links below it are left out.
 * @throws OperationalError `empty`, `unsafe-name`, `too-large`, `cancelled`, or the system's code.
 */
export async function findContent(
  files: FileSystem,
  path: string,
  onSkipped: (absolutePath: string) => void,
  signal?: AbortSignal,
): Promise<ContentFiles> {
  // A backslash parts names on one platform and belongs to them on the others; an absolute path tells which.
  const name = (path.startsWith("/") ? /[^/]+(?=\/*$)/ : /[^/\\]+(?=[/\\]*$)/).exec(path)?.[0] ?? "";
  if (safeElement(name) !== name) throw unsafeName(path);
  const root = await attempt(path, () => files.realPath(path));
  const stat = await attempt(path, () => files.stat(root));
  if (stat === undefined) throw new OperationalError("ENOENT", `${path}: there is no such file or folder`);
  const found: ContentFile[] = [];
  if (stat.kind === "file") {
    found.push({ absolutePath: root, path: [name], length: stat.length, modifiedMs: stat.modifiedMs });
  } else if (stat.kind === "directory") {
    await walk({ files, found, onSkipped, signal }, root, []);
    refuseCollisions(name, found);
  } else {
    throw new OperationalError("not-a-file", `${path} is neither a file nor a folder`);
  }
  const totalLength = found.reduce((sum, file) => sum + file.length, 0);
  if (totalLength === 0) {
    const why = stat.kind === "file" ? "is empty" : "has no file that is not empty";
    throw new OperationalError("empty", `${path} ${why}: there is nothing to share`);
  }
  return { name, isFolder: stat.kind === "directory", files: found, totalLength };
}

interface Walk {
  readonly files: FileSystem;
  readonly found: ContentFile[];
  readonly onSkipped: (absolutePath: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** @param path of the folder, below the root. */
async function walk(walked: Walk, folder: string, path: readonly string[]): Promise<void> {
  const names = [...(await attempt(folder, () => walked.files.list(folder)))].sort();
  for (const name of names) {
    refuseCancelled(walked.signal);
    const absolutePath = `${folder}/${name}`;
    const stat: FileStat | undefined = await attempt(absolutePath, () => walked.files.stat(absolutePath));
    if (stat?.kind !== "file" && stat?.kind !== "directory") {
      walked.onSkipped(absolutePath);
      continue;
    }
    if (safeElement(name) !== name) throw unsafeName(absolutePath);
    const below = [...path, name];
    if (stat.kind === "directory") {
      if (below.length >= pathDepthMax - 1) throw tooLarge(`${absolutePath} lies too many folders deep`);
      await walk(walked, absolutePath, below);
    } else {
      if (walked.found.length >= fileCountMax) throw tooLarge(`there are more than ${fileCountMax} files`);
      if (byteLengthOf(below.join("/")) > pathLengthMax) throw tooLarge(`the path of ${absolutePath} is too long`);
      walked.found.push({ absolutePath, path: below, length: stat.length, modifiedMs: stat.modifiedMs });
    }
  }
}

function refuseCollisions(name: string, found: readonly ContentFile[]): void {
  const paths = found.map((file) => [name, ...file.path]);
  const unique = uniquePaths(paths);
  const index = paths.findIndex((path, i) => path !== unique[i]);
  const file = found[index];
  if (file === undefined) return;
  throw new OperationalError(
    "unsafe-name",
    `${file.absolutePath}: its name differs from another's only in case or form, which some disks cannot hold; rename one`,
  );
}

function unsafeName(path: string): OperationalError {
  return new OperationalError(
    "unsafe-name",
    `${JSON.stringify(shownPath(path, 4000))} has a name that not every computer can hold; rename it first`,
  );
}

function tooLarge(problem: string): OperationalError {
  return new OperationalError("too-large", `too much for one torrent: ${problem}`);
}

/** @throws OperationalError `cancelled`. */
export function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new OperationalError("cancelled", "making the torrent was cancelled");
}

/** Failures of the system as ours, with its code. */
export async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file or folder",
      EACCES: "permission denied",
      EPERM: "permission denied",
      ENOTDIR: "a part of the path is not a folder",
    };
    const code = codeOf(error);
    const reason = reasons[code] ?? messageOf(error);
    throw new OperationalError(code || "unreadable", `cannot read ${path}: ${reason}`, { cause: error });
  }
}
