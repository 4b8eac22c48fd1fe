import { resolve } from "node:path";
import type { RunCommand } from "./command.ts";
import { runForeground } from "./run-foreground.ts";
import type { seedSpec } from "./specs.ts";

export const runSeed: RunCommand<typeof seedSpec.options> = (io, values, positionals) =>
  runForeground(io, values, positionals, {
    mode: "seed",
    directory: resolve(io.workingDirectory, values.dir ?? "."),
    isSuperSeed: values["super-seed"],
  });
