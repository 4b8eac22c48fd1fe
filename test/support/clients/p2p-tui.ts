/** Our own program as it is shipped: the built bin, started as a user would, watched through its JSON events. */
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ClientOptions, RealClient } from "./client.ts";

export const projectFolder = fileURLToPath(new URL("../../..", import.meta.url));
export const binPath = `${projectFolder}dist/p2p-tui.js`;

/** "" when there is something to run. */
export function buildProblem(): string {
  return existsSync(binPath) ? "" : "dist/p2p-tui.js is not built (npm run build)";
}

export function programArguments(args: readonly string[]): [command: string, ...args: string[]] {
  return [process.execPath, binPath, ...args];
}

export interface ProgramEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface P2pTuiOptions extends ClientOptions {
  /** Further options of the command, e.g. `["--max-down", "5MB"]`. */
  readonly more?: readonly string[];
  /** State from an earlier run; default: none. */
  readonly profile?: string;
}

export class P2pTui extends RealClient {
  readonly name = "p2p-tui";
  readonly events: ProgramEvent[] = [];
  /** Lines of standard output that are not JSON: there must be none. */
  readonly strayLines: string[] = [];
  readonly profile: string;
  readonly #more: readonly string[];
  #listeners: ((event: ProgramEvent) => void)[] = [];

  constructor(options: P2pTuiOptions) {
    super(options);
    this.#more = options.more ?? [];
    this.profile = options.profile ?? `${this.work}/profile`;
    mkdirSync(this.profile, { recursive: true });
  }

  start(): void {
    const { role, torrentPath, directory, namespace } = this.options;
    const [command, ...args] = programArguments([
      ...(role === "seed" ? ["seed"] : ["get", "--seed"]),
      torrentPath,
      ...["--dir", directory, "--port", String(this.port), "--bind", this.address, "--profile", this.profile, "--json"],
      ...this.#more,
    ]);
    this.process = namespace.run(this.name, command, args, {
      cwd: this.work,
      env: { HOME: this.work },
      onLine: (line) => this.#read(line),
    });
  }

  /** Calls back for every event from now on. */
  onEvent(listener: (event: ProgramEvent) => void): void {
    this.#listeners.push(listener);
  }

  last(name: string): ProgramEvent | undefined {
    return this.events.findLast((event) => event.event === name);
  }

  /** As `kill -9` does it: no farewell. */
  async killNow(): Promise<void> {
    this.process?.kill("SIGKILL");
    await this.process?.exited;
  }

  protected isSeeding(): boolean {
    return this.last("seeding") !== undefined;
  }

  protected override isComplete(): boolean {
    return this.last("complete") !== undefined;
  }

  #read(line: string): void {
    let event: ProgramEvent;
    try {
      event = JSON.parse(line) as ProgramEvent;
    } catch {
      this.strayLines.push(line);
      return;
    }
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
  }
}
