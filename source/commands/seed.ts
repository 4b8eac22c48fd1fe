import { resolve } from "node:path";
import type { RunCommand } from "./command.ts";
import { checkFolder } from "./directories.ts";
import { runForeground } from "./run-foreground.ts";
import type { seedSpec } from "./specs.ts";

export const runSeed: RunCommand<typeof seedSpec.options> = async (io, values, positionals) => {
  const directory = resolve(io.workingDirectory, values.dir ?? ".");
  checkFolder(directory);
  return runForeground(io, values, positionals, { mode: "seed", directory, isSuperSeed: values["super-seed"] });
};
