/** `completions`: a script that makes a shell complete our command line. */
import { exitCode, type RunCommand } from "./command.ts";
import { commands, groups } from "./command-list.ts";
import { bashCompletions } from "./completions/bash.ts";
import { fishCompletions } from "./completions/fish.ts";
import { type CompletedProgram, completedProgram } from "./completions/model.ts";
import { zshCompletions } from "./completions/zsh.ts";
import { UsageError } from "./option-table.ts";
import type { completionsSpec } from "./specs.ts";

const shells: ReadonlyMap<string, (program: CompletedProgram) => string> = new Map([
  ["bash", bashCompletions],
  ["zsh", zshCompletions],
  ["fish", fishCompletions],
]);

export const runCompletions: RunCommand<typeof completionsSpec.options> = async (io, _values, [shell = ""]) => {
  const make = shells.get(shell);
  if (make === undefined) {
    throw new UsageError(`completions are for ${[...shells.keys()].join(", ")}, not for ${JSON.stringify(shell)}`);
  }
  io.out(make(completedProgram(commands, groups)));
  return exitCode.done;
};
