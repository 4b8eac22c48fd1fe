/** Folders by their absolute paths. */
import { codeOf } from "../base/errors.ts";
import type { FileSystem } from "../ports/file-system.ts";

/**
 * Makes the folder and those above it that are not there. Links above and at it are the user's own choice and are followed.
 * @param changed gets the folders in which something was made.
 */
export function makeFolders(fileSystem: FileSystem, path: string, changed: Set<string>): void {
  const parent = folderOf(path);
  try {
    fileSystem.makeDirectorySync(path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    makeFolders(fileSystem, parent, changed);
    fileSystem.makeDirectorySync(path);
  }
  changed.add(parent);
}

/** The folder that the path lies in; of "/" itself. */
export function folderOf(path: string): string {
  const parent = path.slice(0, path.lastIndexOf("/"));
  return parent === "" ? "/" : parent;
}

/** Whether it names something in its folder, and nothing elsewhere. */
export function isSafeElement(element: string): boolean {
  return element !== "" && element !== "." && element !== ".." && !element.includes("/") && !element.includes("\0");
}
