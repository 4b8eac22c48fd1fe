/** Help drawn from the tables in `specs.ts`. */
import type { CommandSpec, GroupSpec } from "./command.ts";
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
export function programHelp(open: CommandSpec, commands: readonly CommandSpec[], groups: readonly GroupSpec[]): string {
  const single = commands.filter(
    (spec) => spec.isHidden !== true && spec.name !== open.name && !spec.name.includes(" "),
  );
  return [
    "A BitTorrent peer with a full-screen terminal UI: see every neighbour, every piece, and why.",
    `Usage: p2p-tui ${open.usage}\n       p2p-tui COMMAND …`,
    open.description,
    `Commands:\n${summaries([...single, ...groups])}`,
    `Options:\n${describeOptions(open.options)}`,
    examplesOf(open),
    "`p2p-tui COMMAND --help` says more about each. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
  ]
    .join("\n\n")
    .concat("\n");
}

/** Of `p2p-tui engine`, say: what it can be followed by. */
export function groupHelp(group: GroupSpec, members: readonly CommandSpec[]): string {
  const shown = members.filter(({ isHidden }) => isHidden !== true);
  return [
    `Usage: p2p-tui ${group.name} COMMAND …`,
    group.description,
    `Commands:\n${summaries(shown)}`,
    `\`p2p-tui ${group.name} COMMAND --help\` says more about each.`,
  ]
    .join("\n\n")
    .concat("\n");
}

function summaries(commands: readonly Pick<CommandSpec, "name" | "summary">[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 4;
  return commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`).join("\n");
}

function examplesOf(spec: CommandSpec): string {
  if (spec.examples.length === 0) return "";
  return `Examples:\n${spec.examples.map(([command, meaning]) => `  ${command}\n      ${meaning}`).join("\n")}`;
}
