/**
 * The program that the user has run whenever a download is complete. No shell sees it: each placeholder is replaced
 * within its argument, whatever a torrent's name has in it. A few run at once, the others wait.
 */
import { messageOf } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import type { ProgramCall, ProgramEnd, Programs } from "../../ports/programs.ts";

export interface CompletedTorrent {
  readonly name: string;
  /** Absolute: of its one file, or of the folder of all. */
  readonly path: string;
  readonly infoHash: string;
  readonly labels: readonly string[];
  /** Absolute: the folder that `path` is in. */
  readonly savePath: string;
  /** Into the torrent's log. */
  log(text: string): void;
  /** The program is run now, or there is none to run. */
  begun?(): void;
}

export interface CompletionHookOptions {
  /** Program and arguments as they are set now; empty for none. */
  readonly command: () => readonly string[];
  readonly warn: (message: string) => void;
}

const runningMax = 4;
const timeoutMs = 10 * 60_000;
const outputLengthMax = 8 * 1024;
const outputLinesMax = 20;

export class CompletionHook {
  readonly #programs: Programs;
  readonly #options: CompletionHookOptions;
  readonly #waiting: CompletedTorrent[] = [];
  #runningCount = 0;

  constructor(programs: Programs, options: CompletionHookOptions) {
    this.#programs = programs;
    this.#options = options;
  }

  /** Whether there is a program to run. */
  get isSet(): boolean {
    return this.#options.command().length > 0;
  }

  /** A download has become complete. Returns at once. */
  completed(torrent: CompletedTorrent): void {
    if (!this.isSet) {
      torrent.begun?.();
      return;
    }
    this.#waiting.push(torrent);
    this.#next();
  }

  /** Those that wait are not run any more; those that run go on. */
  close(): void {
    this.#waiting.length = 0;
  }

  #next(): void {
    if (this.#runningCount >= runningMax) return;
    const torrent = this.#waiting.shift();
    if (torrent === undefined) return;
    this.#runningCount++;
    void this.#run(torrent).finally(() => {
      this.#runningCount--;
      this.#next();
    });
  }

  async #run(torrent: CompletedTorrent): Promise<void> {
    const call = callFor(this.#options.command(), torrent);
    torrent.begun?.();
    if (call === undefined) return;
    const program = sanitise(call.command[0]);
    try {
      torrent.log(`runs ${program}`);
      const end = await this.#programs.run(call);
      const lines = end.output.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
      for (const line of lines.slice(0, outputLinesMax)) torrent.log(`${program}: ${sanitise(line)}`);
      if (lines.length > outputLinesMax) torrent.log(`${program}: and more`);
      const problem = problemOf(end);
      torrent.log(`${program} ${problem ?? "is done"}`);
      if (problem !== undefined) this.#warn(torrent, `${program} ${problem}`);
    } catch (error) {
      torrent.log(messageOf(error));
      this.#warn(torrent, messageOf(error));
    }
  }

  #warn({ name }: CompletedTorrent, text: string): void {
    this.#options.warn(`${sanitise(name)} is complete, but ${sanitise(text)}`);
  }
}

/** @returns `undefined` where there is no command. */
export function callFor(command: readonly string[], torrent: CompletedTorrent): ProgramCall | undefined {
  const values: Readonly<Record<string, string>> = {
    name: torrent.name,
    path: torrent.path,
    hash: torrent.infoHash,
    label: torrent.labels.join(","),
  };
  // No argument can have a NUL, and no value is looked through for placeholders again.
  const clean = (text: string): string => text.replaceAll("\0", "");
  const [program, ...rest] = command;
  if (program === undefined || program === "") return undefined;
  const args = rest.map((argument) =>
    clean(argument.replaceAll(/\{(name|path|hash|label)\}/g, (_, key: string) => values[key] ?? "")),
  );
  return {
    command: [program, ...args],
    directory: torrent.savePath,
    environment: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [`P2P_TUI_${key.toUpperCase()}`, clean(value)]),
    ),
    timeoutMs,
    outputLengthMax,
  };
}

/** What went wrong, as the rest of a sentence about the program. */
function problemOf({ exitCode, signal, isTimedOut }: ProgramEnd): string | undefined {
  if (isTimedOut) return `was ended after ${timeoutMs / 60_000} minutes`;
  if (signal !== null) return `was ended by ${signal}`;
  return exitCode === 0 ? undefined : `ended with code ${exitCode}`;
}
