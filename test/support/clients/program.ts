/** Our own program as it is shipped: the built bin, started as a user would, watched through its JSON events. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ManagedProcess, type ManagedProcessOptions } from "./managed-process.ts";
import { Hopeless, waitUntil } from "./wait-until.ts";

export const projectFolder = fileURLToPath(new URL("../../..", import.meta.url));
/** `P2P_TUI_BIN` tries another build than the one beside the sources. */
export const binPath = process.env["P2P_TUI_BIN"] ?? `${projectFolder}dist/p2p-tui.js`;

/** "" when there is something to run. */
export function buildProblem(): string {
  return existsSync(binPath) ? "" : `${binPath} is not built (npm run build)`;
}

export function programArguments(args: readonly string[]): [command: string, ...args: string[]] {
  return [process.execPath, binPath, ...args];
}

export interface ProgramEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export type StartProcess = (
  name: string,
  command: string,
  args: readonly string[],
  options: ManagedProcessOptions,
) => ManagedProcess;

const startHere: StartProcess = (name, command, args, options) => new ManagedProcess(name, command, args, options);

const eventTimeoutMs = 60_000;

export class ProgramRun {
  readonly process: ManagedProcess;
  readonly events: ProgramEvent[] = [];
  /** Lines of standard output that are not JSON objects: with `--json` there must be none. */
  readonly strayLines: string[] = [];

  /** `start`: where, by default in this process's own network. `wrap`: a command that runs ours as its arguments. */
  constructor(
    args: readonly string[],
    options: Omit<ManagedProcessOptions, "onLine"> = {},
    how: { readonly start?: StartProcess; readonly wrap?: readonly string[] } = {},
  ) {
    const { start = startHere, wrap = [] } = how;
    const [command = "", ...rest] = [...wrap, ...programArguments(args)];
    this.process = start(`p2p-tui ${args[0]}`, command, rest, { ...options, onLine: (line) => this.#read(line) });
  }

  last(name: string): ProgramEvent | undefined {
    return this.events.findLast((event) => event.event === name);
  }

  /** The first event of that name, once it has come. */
  async until(name: string, timeoutMs = eventTimeoutMs): Promise<ProgramEvent> {
    let found: ProgramEvent | undefined;
    await waitUntil(
      `${this.process.name} says ${name}`,
      timeoutMs,
      () => {
        found = this.events.find((event) => event.event === name);
        if (found === undefined && this.process.ended !== null) throw new Hopeless(`ended with ${this.process.ended}`);
        return found !== undefined;
      },
      () => this.process.logTail,
    );
    return found ?? { event: name };
  }

  #read(line: string): void {
    try {
      this.events.push(JSON.parse(line) as ProgramEvent);
    } catch {
      this.strayLines.push(line);
    }
  }
}
