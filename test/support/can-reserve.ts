/** Whether the file system of a folder reserves space for files. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";

/** @returns why it does not, in brackets for the name of a test; "" where it does. */
export async function canReserve(folder: string): Promise<string> {
  const path = join(folder, `can-reserve-${process.pid}`);
  const file = await new NodeFileSystem().open(path, "create");
  try {
    const can = await file.reserve(4096, new AbortController().signal);
    return can ? "" : `(skipped: no program \`fallocate\`, or ${folder} cannot reserve space)`;
  } finally {
    await file.close();
    rmSync(path);
  }
}
