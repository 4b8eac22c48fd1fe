/** What can be completed where, from the tables that parse the command line; each shell's script is made of this. */
import type { CommandSpec, GroupSpec } from "../command.ts";

/** What completes an argument: paths, .torrent files, names of torrents, words of ours, or nothing that we know of. */
export type Completes =
  /** As the running engine has them, besides these words. */
  | { readonly kind: "torrents"; readonly words: readonly string[] }
  | { readonly kind: "files" | "directories" | "torrent-files" | "unknown" }
  | { readonly kind: "words"; readonly words: readonly string[] };

export interface CompletedOption {
  /** `--dir`, `-d`. */
  readonly names: readonly string[];
  readonly isList: boolean;
  /** One line. */
  readonly help: string;
  /** `undefined` where it takes no value. */
  readonly value: Completes | undefined;
  readonly placeholder: string;
}

export interface CompletedCommand {
  /** `[]` for p2p-tui itself, `["ctl", "list"]`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  readonly arguments: Completes;
}

export interface CompletedProgram {
  /** The first one is p2p-tui itself. */
  readonly commands: readonly CompletedCommand[];
  readonly groups: readonly GroupSpec[];
}

/** @param specs the first one is what p2p-tui does by itself. */
export function completedProgram(specs: readonly CommandSpec[], groups: readonly GroupSpec[]): CompletedProgram {
  const commands = specs
    .filter(({ isHidden }) => isHidden !== true)
    .map(
      (spec, i): CompletedCommand => ({
        words: i === 0 ? [] : spec.name.split(" "),
        summary: spec.summary,
        options: optionsOf(spec),
        arguments: argumentsOf(spec),
      }),
    );
  return { commands, groups };
}

function argumentsOf({ completes }: CommandSpec): Completes {
  if (typeof completes !== "object") return { kind: completes ?? "unknown" };
  if ("torrents" in completes) return { kind: "torrents", words: completes.torrents };
  return { kind: "words", words: completes };
}

/** Prints the names, one a line; silent where no engine runs. */
export const namesCommand = "ctl names";

/** What may follow p2p-tui, or a group's name. */
export function nextWords(
  { commands, groups }: CompletedProgram,
  group?: string,
): readonly (readonly [string, string])[] {
  const depth = group === undefined ? 1 : 2;
  const own = commands.filter(({ words }) => words.length === depth && (group === undefined || words[0] === group));
  const single = own.map(({ words, summary }) => [words[depth - 1] ?? "", summary] as const);
  return group === undefined ? [...single, ...groups.map(({ name, summary }) => [name, summary] as const)] : single;
}

function optionsOf(spec: CommandSpec): readonly CompletedOption[] {
  return Object.entries(spec.options)
    .filter(([, option]) => option.isHidden !== true)
    .map(([name, option]) => ({
      names: [`--${name}`, ...(option.short === undefined ? [] : [`-${option.short}`])],
      isList: option.kind === "list",
      help: firstSentence(option.help),
      value: option.kind === "flag" ? undefined : completesOf(option.placeholder),
      placeholder: option.kind === "flag" ? "" : option.placeholder,
    }));
}

function completesOf(placeholder: string): Completes {
  if (placeholder.includes("|")) return { kind: "words", words: placeholder.split("|") };
  if (placeholder === "DIR") return { kind: "directories" };
  return { kind: placeholder === "FILE" ? "files" : "unknown" };
}

function firstSentence(help: string): string {
  const line = help.replaceAll("\n", " ");
  return (/^.*?(?=[.;:] )/.exec(line)?.[0] ?? line).replace(/\.$/, "");
}
