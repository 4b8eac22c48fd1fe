/** Help drawn from the tables in `specs.ts`. */
import type { CommandSpec } from "./command.ts";
import { describeOptions } from "./option-table.ts";

export function commandHelp(spec: CommandSpec): string {
  return [
    `Usage: p2p-tui ${spec.usage}`,
    spec.description,
    `Options:\n${describeOptions(spec.options)}`,
    examplesOf(spec),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

/** The help of `p2p-tui` itself: the UI's, with the list of commands. */
export function programHelp(open: CommandSpec, commands: readonly CommandSpec[]): string {
  const shown = commands.filter((spec) => spec.isHidden !== true && spec.name !== open.name);
  const width = Math.max(...shown.map(({ name }) => name.length)) + 4;
  return [
    "A BitTorrent peer with a full-screen terminal UI: see every neighbour, every piece, and why.",
    `Usage: p2p-tui ${open.usage}\n       p2p-tui COMMAND …`,
    open.description,
    `Commands:\n${shown.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`).join("\n")}`,
    `Options:\n${describeOptions(open.options)}`,
    examplesOf(open),
    "`p2p-tui COMMAND --help` says more about each. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
  ]
    .join("\n\n")
    .concat("\n");
}

function examplesOf(spec: CommandSpec): string {
  if (spec.examples.length === 0) return "";
  return `Examples:\n${spec.examples.map(([command, meaning]) => `  ${command}\n      ${meaning}`).join("\n")}`;
}
