/**
 * Files and folders of a torrent that are called otherwise on the disk than in its .torrent file. Only names change, never
 * which folder something is in.
 */
import { OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import type { Metainfo, MetainfoFile } from "./metainfo.ts";
import { byteLengthOf, pathLengthMax, safeElement, uniquePaths } from "./safe-paths.ts";

/** What has another name, by its path in the .torrent file with `/` between the elements; each once. */
export type Renames = readonly (readonly [path: string, name: string])[];

/** Characters of all paths and names: more than a person gives, and what an entry has room for. */
const renamesLengthMax = 1_000_000;

export function withRenames(metainfo: Metainfo, renames: Renames): Metainfo {
  return renames.length === 0 ? metainfo : { ...metainfo, files: renamedFiles(metainfo.files, renames) };
}

/**
 * @param files as in the .torrent file. @param path of what gets a new name, as it is on the disk now; "" for the torrent's one
 * file or the folder of all. @throws OperationalError `bad-name`, `name-taken`, `unknown-file`, `too-many-names`.
 */
export function changedRenames(files: readonly MetainfoFile[], renames: Renames, path: string, name: string): Renames {
  if (name !== safeElement(name)) {
    throw new OperationalError("bad-name", `${JSON.stringify(sanitise(name))} is no name that every disk takes`);
  }
  const current = renamedFiles(files, renames);
  const wanted = path === "" ? (current[0]?.path.slice(0, 1) ?? []) : path.split("/");
  const index = current.findIndex(
    (file) => !file.isPadding && wanted.every((part, depth) => file.path[depth] === part),
  );
  const original = files[index]?.path.slice(0, wanted.length);
  if (original === undefined) {
    throw new OperationalError("unknown-file", `the torrent has nothing called ${JSON.stringify(sanitise(path))}`);
  }
  const key = original.join("/");
  const others = renames.filter(([renamed]) => renamed !== key);
  const changed: Renames = name === original.at(-1) ? others : [...others, [key, name]];
  if (changed.reduce((sum, [from, to]) => sum + from.length + to.length, 0) > renamesLengthMax) {
    throw new OperationalError("too-many-names", "too much of the torrent has another name already");
  }
  assertApart(renamedFiles(files, changed), name);
  return changed;
}

/** @throws OperationalError where two would be one on some disk, or a path be too long. */
function assertApart(files: readonly MetainfoFile[], name: string): void {
  const paths = files.map((file) => file.path);
  const unique = uniquePaths(paths);
  if (paths.some((path, index) => unique[index] !== path)) {
    throw new OperationalError("name-taken", `another file of the torrent is called ${JSON.stringify(sanitise(name))}`);
  }
  if (paths.some((path) => byteLengthOf(path.join("/")) > pathLengthMax)) {
    throw new OperationalError("bad-name", "the path would be longer than disks allow");
  }
}

function renamedFiles(files: readonly MetainfoFile[], renames: Renames): readonly MetainfoFile[] {
  if (renames.length === 0) return files;
  const names = new Map(renames);
  return files.map((file) => ({ ...file, path: renamedPath(file.path, names) }));
}

function renamedPath(path: readonly string[], names: ReadonlyMap<string, string>): readonly string[] {
  let key = "";
  return path.map((element, depth) => {
    key = depth === 0 ? element : `${key}/${element}`;
    return names.get(key) ?? element;
  });
}
