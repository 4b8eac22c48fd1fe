/**
 * A program on a real terminal without anybody at it: a PTY of script(1), whose output is taken apart into frames. A frame is
 * what the program writes in one synchronized update (`CSI ? 2026 h` … `l`).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Frame {
  /** When its first and its last bytes were here, by `performance.now()`. */
  readonly beginMs: number;
  readonly endMs: number;
  /** One character for each byte. */
  readonly bytes: string;
}

export interface PtyOptions {
  readonly columns: number;
  readonly rows: number;
  readonly environment: Readonly<Record<string, string>>;
}

const beginMark = "\x1b[?2026h";
const endMark = "\x1b[?2026l";

export class PtyRun {
  /** Of the program, once it runs. */
  pid = 0;
  bytes = 0;
  onFrame: (frame: Frame) => void = () => {};
  readonly startedMs: number;
  readonly #script: ChildProcess;
  readonly #folder = mkdtempSync(join(tmpdir(), "p2p-pty-run-"));
  readonly #ended: Promise<unknown>;
  #rest = "";
  #beginMs: number | undefined;
  #tail = "";

  /** @param command no word of it with a quote. */
  constructor(command: readonly string[], { columns, rows, environment }: PtyOptions) {
    const words = command.map((word) => `'${word}'`).join(" ");
    const line = `stty rows ${rows} cols ${columns}; echo $$ > '${this.#folder}/pid'; exec ${words}`;
    this.startedMs = performance.now();
    this.#script = spawn("script", ["-qefc", line, "/dev/null"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"],
        TERM: "xterm-256color",
        COLORTERM: "truecolor",
        LANG: "C.UTF-8",
        ...environment,
      },
    });
    this.#ended = once(this.#script, "exit");
    // Where this process fails, the terminal is closed: the program in it ends as at any hang-up.
    endsWithUs(this.#script);
    this.#script.stdin?.on("error", () => {});
    this.#script.stdout?.on("data", (chunk: Buffer) => this.#took(chunk.toString("latin1"), performance.now()));
  }

  press(keys: string): void {
    this.#script.stdin?.write(keys);
  }

  /** @returns the first frame from now on that fits. @throws after `timeoutMs`, with what was written last. */
  untilFrame(fits: (frame: Frame) => boolean, timeoutMs = 30_000): Promise<Frame> {
    const { onFrame } = this;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.onFrame = onFrame;
        if (this.pid === 0) this.pid = Number(readFileSync(join(this.#folder, "pid"), "utf8"));
      };
      const timer = setTimeout(() => {
        this.onFrame = onFrame;
        reject(new Error(`no such frame within ${timeoutMs} ms; last came ${JSON.stringify(this.#tail)}`));
      }, timeoutMs);
      this.onFrame = (frame) => {
        onFrame(frame);
        if (!fits(frame)) return;
        done();
        resolve(frame);
      };
    });
  }

  async untilEnded(): Promise<void> {
    await this.#ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #took(text: string, nowMs: number): void {
    this.bytes += text.length;
    this.#tail = (this.#tail + text).slice(-2000);
    let rest = this.#rest + text;
    for (;;) {
      const begin = rest.indexOf(beginMark);
      if (begin < 0) {
        // The beginning of a mark may be at the end.
        this.#rest = rest.slice(-beginMark.length + 1);
        return;
      }
      this.#beginMs ??= nowMs;
      const end = rest.indexOf(endMark, begin);
      if (end < 0) {
        this.#rest = rest.slice(begin);
        return;
      }
      const bytes = rest.slice(begin + beginMark.length, end);
      rest = rest.slice(end + endMark.length);
      const frame = { beginMs: this.#beginMs, endMs: nowMs, bytes };
      this.#beginMs = undefined;
      // Ink's own updates show nothing.
      if (/[^\s\x1b]/.test(bytes.replace(/\x1b\[[\d;?]*[a-zA-Z]/g, ""))) this.onFrame(frame);
    }
  }
}

/** Kills it when this process ends, however that comes. */
export function endsWithUs(child: ChildProcess): void {
  const kill = (): boolean => child.kill();
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
}

/** Of a process: what it has used, in seconds of a core, and what it holds. */
export function processFigures(pid: number): { readonly cpuSeconds: number; readonly rssMib: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const kib = /VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  // Its own, and those of children that have ended, in ticks of 10 ms.
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  return { cpuSeconds: ticks / 100, rssMib: Number(kib) / 1024 };
}

/** @param part 0 … 1. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
