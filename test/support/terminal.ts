/**
 * A real terminal for a program: a tmux server of its own without anybody looking at it. Everything the program writes
 * is kept as well, so that it can be told whether it left the terminal as it was.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "./clients/wait-until.ts";

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly environment: Readonly<Record<string, string>>;
}

const screenTimeoutMs = 30_000;
const shellText = "the shell has the terminal again";

export class Terminal {
  /** A new directory that goes with the terminal. */
  readonly #folder = mkdtempSync(join(tmpdir(), "p2p-pty-"));

  /** Runs the command in a shell that notes the exit status and the line settings before and after, and then waits. */
  constructor(command: readonly string[], options: TerminalOptions) {
    const folder = this.#folder;
    const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    const lines = [
      `while [ ! -e '${folder}/go' ]; do sleep 0.05; done`,
      `stty -a > '${folder}/before'`,
      `sh -c 'echo $$ > ${folder}/pid; exec "$@"' sh ${quoted}`,
      `echo $? > '${folder}/status.part'`,
      `stty -a > '${folder}/after'`,
      `mv '${folder}/status.part' '${folder}/status'`,
      `echo '${shellText}'`,
      // Reads for ever, so that the screen stays to be looked at.
      "exec cat",
    ];
    writeFileSync(`${folder}/script`, `${lines.join("\n")}\n`);
    const size = ["-x", String(options.columns), "-y", String(options.rows)];
    const environment = { TERM: "xterm-256color", LANG: "C.UTF-8", ...options.environment };
    // So that a mark in the environment reaches the pane as well as the server.
    const exported = Object.entries(environment).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    this.#tmux("new-session", "-d", ...size, ...exported, "sh", `${folder}/script`);
    this.#tmux("pipe-pane", `cat > '${folder}/raw'`);
    writeFileSync(`${folder}/go`, "");
  }

  /** What is to be seen, a string a row, without trailing spaces. */
  screen(): string[] {
    return this.#tmux("capture-pane", "-p").replace(/\n$/, "").split("\n");
  }

  /** With its colours, as escape sequences. */
  colouredScreen(): string {
    return this.#tmux("capture-pane", "-p", "-e");
  }

  async untilShows(what: RegExp | string, timeoutMs?: number): Promise<void> {
    const isThere = (text: string): boolean => (typeof what === "string" ? text.includes(what) : what.test(text));
    await this.until(`the screen shows ${what}`, isThere, timeoutMs);
  }

  /** @param isThere is asked about the whole screen, again and again. */
  async until(what: string, isThere: (text: string) => boolean, timeoutMs = screenTimeoutMs): Promise<void> {
    await waitUntil(
      what,
      timeoutMs,
      () => isThere(this.screen().join("\n")),
      () => this.screen().join("\n"),
    );
  }

  /** Resolves when that was written to the terminal: what it shows is kept a moment later than it is seen. */
  async untilWritten(text: string): Promise<void> {
    await waitUntil(`${JSON.stringify(text)} is written`, screenTimeoutMs, () => this.raw().includes(text));
  }

  /** tmux names: `q`, `Enter`, `C-c`, `Escape`, `Down`… */
  press(...keys: readonly string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(Number(readFileSync(`${this.#folder}/pid`, "utf8")), signal);
  }

  /** The exit status as the shell sees it: 128 and more for a signal. */
  async untilEnded(timeoutMs = screenTimeoutMs): Promise<number> {
    const path = `${this.#folder}/status`;
    await waitUntil(
      "the program ends",
      timeoutMs,
      () => existsSync(path),
      () => this.screen().join("\n"),
    );
    await this.untilShows(shellText);
    await this.untilWritten(shellText);
    return Number(readFileSync(path, "utf8"));
  }

  /** What the program left changed, in words; empty when the terminal is as it was. */
  leftBehind(): string[] {
    const found: string[] = [];
    const before = readFileSync(`${this.#folder}/before`, "utf8");
    const after = readFileSync(`${this.#folder}/after`, "utf8");
    if (lineSettings(before) !== lineSettings(after)) found.push(`line settings: ${after}`);
    const modes = new Map<string, string>();
    for (const [, numbers = "", how = ""] of this.raw().matchAll(/\x1b\[\?([\d;]+)([hl])/g)) {
      for (const mode of numbers.split(";")) modes.set(mode, how);
    }
    // 25 shows the cursor, 7 wraps lines: on in any terminal. All others are off.
    const usual = (mode: string): string => (mode === "25" || mode === "7" ? "h" : "l");
    for (const [mode, how] of modes)
      if (how !== usual(mode)) found.push(`mode ${mode} is ${how === "h" ? "on" : "off"}`);
    const shown = this.#tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").trim();
    if (shown !== "0 1 0") found.push(`alternate screen, cursor, mouse: ${shown}, not 0 1 0`);
    return found;
  }

  /** All that was written to the terminal, up to a moment ago. */
  raw(): string {
    const path = `${this.#folder}/raw`;
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  close(): void {
    try {
      this.#tmux("kill-server");
    } catch {
      // It is gone already.
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync("tmux", ["-S", `${this.#folder}/tmux`, "-f", "/dev/null", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TERM: "xterm-256color", LANG: "C.UTF-8" },
    });
  }
}

/** Without the size, which may have been changed on purpose. */
function lineSettings(text: string): string {
  return text.replace(/rows \d+; columns \d+;/, "");
}
