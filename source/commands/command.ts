/** What a subcommand is: its part of the command line, its help, and how it runs. */
import type { OptionTable, OptionValues } from "./option-table.ts";

/** Exit codes, everywhere. */
export const exitCode = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The world of a command: tests pass their own. */
export interface CommandIo {
  /** To standard output, as it is. */
  readonly out: (text: string) => void;
  /** To standard error, as it is. */
  readonly err: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Standard output, and standard input with it: then questions may be asked. */
  readonly isOutTerminal: boolean;
  readonly isErrTerminal: boolean;
  /** Columns of the terminal behind standard error. */
  readonly errColumns: () => number;
  /** Columns of the terminal behind standard output, where there is one. */
  readonly outColumns: () => number;
  /** Standard input to its end. @throws OperationalError `too-large`. */
  readonly readInput: (lengthMax: number) => Promise<Uint8Array>;
  /** The next line of standard input without its end, "" where there is none. */
  readonly readLine: () => Promise<string>;
  /** `SIGINT`, `SIGTERM` or `SIGHUP` came: stop in good order. @returns how to stop listening. */
  readonly onStopSignal: (listener: (signal: StopSignal) => void) => () => void;
}

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The first word of commands of two, `p2p-tui engine start`. */
export interface GroupSpec {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
}

export interface CommandSpec<Table extends OptionTable = OptionTable> {
  /** One word, or two with a group's name first. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** After `p2p-tui `. */
  readonly usage: string;
  /** Paragraphs below the usage. */
  readonly description: string;
  readonly options: Table;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** How many arguments besides options: at least, at most. */
  readonly positionals: readonly [min: number, max: number];
  /**
   * What those arguments are, for completion: .torrent files, any files, one of these words, or torrents of the running
   * engine besides such words. Default: unknown.
   */
  readonly completes?: "torrent-files" | "files" | readonly string[] | { readonly torrents: readonly string[] };
  /** Words like `-this` are arguments too, unless they are options. Default false. */
  readonly takesDashWords?: boolean;
  /** For p2p-tui itself: not in the help. */
  readonly isHidden?: boolean;
}

/** @returns the exit code. @throws OperationalError: one sentence on standard error and exit code 1 (2 for UsageError). */
export type RunCommand<Table extends OptionTable> = (
  io: CommandIo,
  values: OptionValues<Table>,
  positionals: readonly string[],
) => Promise<number>;
