/** Where what is of no use any more is kept, for whoever can make something of it. */
import type { FileSystem } from "../../ports/file-system.ts";

/** Of one file; the last is replaced by what follows. */
const keptMax = 100;

/**
 * Gives it the new name, or that with a number where something lies there already: what was set aside before is kept, too.
 * @returns the name that it has now. Throws the system's error.
 */
export async function setAside(files: FileSystem, path: string, target: string): Promise<string> {
  let name = target;
  for (let number = 2; number <= keptMax && (await files.stat(name)) !== undefined; number++) {
    name = `${target}.${number}`;
  }
  await files.rename(path, name);
  return name;
}
