/**
 * Space of a file, reserved by its file system. Node has no such call, so a program of util-linux makes it: no Linux is without
 * that. It gets the file itself for its input, not a path, behind which something else might lie by then.
 */
import type { ChildProcess } from "node:child_process";
import { codeOf } from "../base/errors.ts";
import { builtinProcesses } from "./builtins.ts";

let isThere = process.platform === "linux";

/** @param length bytes from the file's beginning; its own length stays. @param done is told whether it was done. */
export function reserveSpace(
  fd: number,
  length: number,
  signal: AbortSignal,
  done: (error: null, isDone: boolean) => void,
): void {
  const program = isThere && !signal.aborted ? start(fd, length) : undefined;
  if (program === undefined) {
    queueMicrotask(() => done(null, false));
    return;
  }
  let isOver = false;
  const end = (isDone: boolean) => {
    signal.removeEventListener("abort", stop);
    if (!isOver) done(null, isDone);
    isOver = true;
  };
  // It has a descriptor of its own, and may be stuck in a disk that does not answer: nobody waits for its end.
  const stop = () => {
    program.kill("SIGKILL");
    end(false);
  };
  signal.addEventListener("abort", stop);
  program.once("error", (error) => {
    if (codeOf(error) === "ENOENT") isThere = false;
    end(false);
  });
  program.once("exit", (exitCode) => end(exitCode === 0));
}

/** `undefined` where the system starts no program. */
function start(fd: number, length: number): ChildProcess | undefined {
  const options = ["--keep-size", "--length", String(length), "/proc/self/fd/0"];
  try {
    return builtinProcesses().spawn("fallocate", options, { stdio: [fd, "ignore", "ignore"] });
  } catch {
    return undefined;
  }
}
