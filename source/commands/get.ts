import { resolve } from "node:path";
import type { RunCommand } from "./command.ts";
import { runForeground } from "./run-foreground.ts";
import type { getSpec } from "./specs.ts";

export const runGet: RunCommand<typeof getSpec.options> = (io, values, positionals) => {
  const directory = values.dir === undefined ? undefined : resolve(io.workingDirectory, values.dir);
  return runForeground(io, values, positionals, { mode: values.seed ? "get-and-seed" : "get", directory });
};
