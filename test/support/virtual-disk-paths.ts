/** From a path to its place on a virtual disk, as the system resolves it: links on the way are followed. */
import { codeOf } from "../../source/base/errors.ts";
import type { VirtualFolder, VirtualNode } from "./virtual-disk-names.ts";

/** A name in a folder, and what has it. */
export interface Spot {
  readonly folder: VirtualFolder;
  readonly name: string;
  readonly node: VirtualNode | undefined;
  /** Without links on the way to it. */
  readonly path: string;
}

/** Links that may be met on the way, as in Linux. */
const linksMax = 40;

export function failure(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: virtual disk, ${operation} '${path}'`), { code, path });
}

/** @param isFollowed whether a link in the last part is. Throws ENOENT, ENOTDIR, ELOOP. */
export function resolvePath(root: VirtualFolder, operation: string, path: string, isFollowed: boolean): Spot {
  if (!path.startsWith("/") || path.includes("\0")) throw failure("EINVAL", operation, path);
  const ahead = partsOf(path).reverse();
  const way: { readonly name: string; readonly folder: VirtualFolder }[] = [{ name: "", folder: root }];
  let linkCount = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const folder = way.at(-1)?.folder ?? root;
    if (name === "..") {
      if (way.length > 1) way.pop();
      continue;
    }
    const node = folder.entries.get(name);
    if (node?.kind === "link" && (ahead.length > 0 || isFollowed)) {
      if (++linkCount > linksMax) throw failure("ELOOP", operation, path);
      ahead.push(...partsOf(node.target).reverse());
      if (node.target.startsWith("/")) way.length = 1;
      continue;
    }
    if (ahead.length === 0) return { folder, name, node, path: pathOf(way, name) };
    if (node === undefined) throw failure("ENOENT", operation, path);
    if (node.kind !== "directory") throw failure("ENOTDIR", operation, path);
    way.push({ name, folder: node });
  }
  // The root, or a folder that ".." led to.
  const last = way.at(-1) ?? { name: "", folder: root };
  const parent = way.at(-2)?.folder ?? last.folder;
  return { folder: parent, name: last.name, node: last.folder, path: pathOf(way.slice(0, -1), last.name) };
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function pathOf(way: readonly { readonly name: string }[], name: string): string {
  const parts = [...way.map((step) => step.name), name].filter((part) => part !== "");
  return `/${parts.join("/")}`;
}

/** `undefined` where a folder on the way is none, or is not there. */
export function ifThere(find: () => Spot): Spot | undefined {
  try {
    return find();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return undefined;
    throw error;
  }
}
