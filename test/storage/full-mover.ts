/**
 * A program that moves the files below FROM to TO, whose disk turns out to be smaller than it says; then makes room by removing
 * FILLER and tries again. Prints, as JSON, how both attempts ended and what lies where after each.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../source/base/errors.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { forgetRelocation, relocate } from "../../source/storage/relocation.ts";
import { planRelocation } from "../../source/storage/relocation-plan.ts";

class OptimisticDisk extends NodeFileSystem {
  override async freeSpace(): Promise<number> {
    return Number.MAX_SAFE_INTEGER;
  }
}

const [from = "", to = "", filler = "", recordPath = ""] = process.argv.slice(2);
const files = new OptimisticDisk();
const names = below(from);

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function move() {
  let code = "";
  try {
    const moved = names.map((name) => ({ from: join(from, name), to: join(to, name) }));
    const plan = await planRelocation(files, { fromRoot: from, toRoot: to, files: moved });
    await relocate(plan, { files, recordPath, random: new SeededRandom(1), note: "" });
    await forgetRelocation({ files, recordPath });
  } catch (error) {
    code = codeOf(error);
  }
  const isWhole = (folder: string) =>
    below(folder).every((name) => readFileSync(join(folder, name)).every((b) => b === 7));
  return { code, from: below(from), to: below(to), isWhole: isWhole(from) && isWhole(to) };
}

const first = await move();
rmSync(filler);
const second = await move();
process.stdout.write(JSON.stringify([first, second]));
