/** A child process with the end of its output kept for the failure report, and a stop that always ends it. */
import { type ChildProcess, spawn } from "node:child_process";

/** Enough to see why a client gave up. */
const logLengthMax = 32 * 1024;
/** What follows SIGTERM when it does not help. */
const patienceMs = 10_000;

export interface ManagedProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each whole line of standard output; the log keeps them as well. */
  readonly onLine?: (line: string) => void;
}

export class ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** Settles with the exit code, or with the signal's name. */
  readonly exited: Promise<number | string>;
  readonly #child: ChildProcess;
  #log = "";
  #ended: number | string | null = null;

  /** Starts at once, in a process group of its own, with nothing on standard input. */
  constructor(name: string, command: string, args: readonly string[], options: ManagedProcessOptions = {}) {
    this.name = name;
    this.#child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.pid = this.#child.pid ?? 0;
    let rest = "";
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#keep(text);
      if (options.onLine === undefined) return;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) options.onLine(line);
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    this.exited = new Promise((resolve) => {
      const end = (how: number | string): void => {
        this.#ended = how;
        resolve(how);
      };
      // "close" and not "exit": the last lines of output are then in.
      this.#child.once("close", (code, signal) => end(code ?? signal ?? "unknown"));
      this.#child.once("error", (error) => {
        this.#keep(`${error}\n`);
        end(error.message);
      });
    });
  }

  /** The exit code or signal, `null` while it runs. */
  get ended(): number | string | null {
    return this.#ended;
  }

  get logTail(): string {
    return this.#log;
  }

  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // Nobody left in the group.
    }
  }

  /** Signals the whole group; kills it when the process is still there after ten seconds. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
    if (this.#ended === null && this.pid > 0) {
      this.kill(signal);
      const timer = setTimeout(() => this.kill("SIGKILL"), patienceMs);
      await this.exited;
      clearTimeout(timer);
    }
    // Whoever outlived the process that was asked.
    if (this.pid > 0) this.kill("SIGKILL");
    return await this.exited;
  }

  #keep(text: string): void {
    this.#log = (this.#log + text).slice(-logLengthMax);
  }
}
