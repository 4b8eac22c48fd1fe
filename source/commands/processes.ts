/** Other processes of this program: starting one and waiting until it is ready, ending one by its id. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { codeOf, OperationalError } from "../base/errors.ts";
import type { Clock } from "../ports/clock.ts";

/** What a process says on standard output when its starter may go on. */
export const readyLine = "ready";
/** What it says instead when another does already what it was to do: that one may be about to be ready, or about to end. */
export const heldLine = "held";
/** How a line of its standard error begins that tells of no failure. */
export const warningMark = "warning: ";

/** One that is not ready by then hangs: thousands of torrents are read in seconds. */
const readyTimeoutMs = 60_000;
const outputLengthMax = 100_000;
/** Trackers are told within three seconds; writing the state of thousands of torrents may take some more. */
const endTimeoutMs = 60_000;
const lookEveryMs = 50;

export interface StartingProcess {
  readonly process: ChildProcess;
  /** Settles when it is ready, or cannot be; never rejects. */
  readonly outcome: Promise<StartOutcome>;
}

export type StartOutcome =
  | { readonly kind: "ready" }
  /** `problem`: what it said about that, "" for nothing. */
  | { readonly kind: "held" | "failed"; readonly problem: string };

/**
 * Starts this program once more, in a session of its own: a Ctrl-C in our terminal is for us. It does not keep us from
 * ending, nor do we keep it.
 * @param args what follows `p2p-tui`. @param input `pipe`: its standard input ends when we do.
 */
export function startProcess(clock: Clock, args: readonly string[], input: "ignore" | "pipe"): StartingProcess {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", ...args], {
    detached: true,
    stdio: [input, "pipe", "pipe"],
    cwd: "/",
  });
  // It may end before it has read anything.
  child.stdin?.on("error", () => {});
  return { process: child, outcome: whenReady(clock, child) };
}

async function whenReady(clock: Clock, child: ChildProcess): Promise<StartOutcome> {
  let output = "";
  let errors = "";
  const timer = clock.after(readyTimeoutMs, () => child.kill("SIGKILL"));
  await new Promise<void>((resolve) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-outputLengthMax);
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-outputLengthMax);
      if (output === `${readyLine}\n`) resolve();
    });
    // `close`, not `exit`: its last words are in then.
    child.once("close", () => resolve());
    child.once("error", (error) => {
      errors = `another process cannot be started: ${error.message}`;
      resolve();
    });
  });
  timer.cancel();
  // Whatever it writes from now on goes nowhere.
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
  if (output === `${readyLine}\n`) return { kind: "ready" };
  const lines = errors.split("\n").filter((line) => !line.startsWith(warningMark));
  const problem = lines[0]?.replace(/^p2p-tui: /, "") ?? "";
  return { kind: output === `${heldLine}\n` ? "held" : "failed", problem };
}

/** Waits until a process that was told to stop has done so. @returns false where `timeoutMs` were over before. */
export async function childEnded(clock: Clock, child: ChildProcess, timeoutMs: number): Promise<boolean> {
  if (hasEnded(child)) return true;
  child.ref();
  let timer: ReturnType<Clock["after"]> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = clock.after(timeoutMs, resolve);
  });
  await Promise.race([once(child, "exit"), late]);
  timer?.cancel();
  child.unref();
  return hasEnded(child);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Has a process end in good order, whatever its version. @throws OperationalError where `pid` is no process of ours. */
export function signalToStop(pid: number): void {
  // 0 and 1 are none of ours, and a signal to 0 would be for ourselves.
  if (pid <= 1) throw new OperationalError("unknown-process", "it does not say which process it is");
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

/** @param what runs there, for the message. @throws OperationalError where it does not end. */
export async function processEnded(clock: Clock, pid: number, what: string): Promise<void> {
  const sinceMs = clock.nowMs();
  while (isThere(pid)) {
    if (clock.nowMs() - sinceMs > endTimeoutMs) {
      throw new OperationalError("engine-silent", `${what} (process ${pid}) was told to stop, but does not end`);
    }
    await new Promise<void>((resolve) => clock.after(lookEveryMs, resolve));
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
  try {
    // Ended, but nobody has asked how: some containers have no init that does.
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // Linux alone has it.
    return true;
  }
}
