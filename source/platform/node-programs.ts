/** Programs as processes of the host, each the head of a group of its own. */
import type { ChildProcess } from "node:child_process";
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import type { ProgramCall, ProgramEnd, Programs } from "../ports/programs.ts";

/** From being asked to end to being made to. */
const graceMs = 5_000;
/** What a program has started may hold its output open for ever; this long the last of it may take. */
const lastOutputMs = 200;

export class NodePrograms implements Programs {
  async run(call: ProgramCall): Promise<ProgramEnd> {
    // Few ever run one: it is loaded when it is needed.
    const { spawn } = await import("node:child_process");
    return new Promise((resolve, reject) => {
      const [program, ...rest] = call.command;
      let child: ChildProcess;
      try {
        child = spawn(program, rest, {
          cwd: call.directory,
          env: { ...process.env, ...call.environment },
          stdio: ["ignore", "pipe", "pipe"],
          detached: true,
        });
      } catch (error) {
        reject(notStarted(program, error));
        return;
      }
      const output = keepOutput(child, call.outputLengthMax);
      let isTimedOut = false;
      let force: NodeJS.Timeout | undefined;
      const timeout = setTimeout(() => {
        isTimedOut = true;
        signalGroup(child, "SIGTERM");
        force = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
        force.unref();
      }, call.timeoutMs);
      // It does not keep us from ending.
      timeout.unref();
      child.unref();
      child.once("error", (error) => {
        clearTimeout(timeout);
        reject(notStarted(program, error));
      });
      child.once("exit", (exitCode, signal) => {
        clearTimeout(timeout);
        const end = () => {
          clearTimeout(last);
          if (!isTimedOut) clearTimeout(force);
          child.stdout?.destroy();
          child.stderr?.destroy();
          resolve({ exitCode, signal, isTimedOut, output: output() });
        };
        const last = setTimeout(end, lastOutputMs);
        child.once("close", end);
      });
    });
  }
}

function keepOutput(child: ChildProcess, lengthMax: number): () => string {
  const parts: Buffer[] = [];
  let length = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (part: Buffer) => {
      if (length >= lengthMax) return;
      const kept = part.subarray(0, lengthMax - length);
      parts.push(Buffer.from(kept));
      length += kept.length;
    });
    stream?.on("error", () => {});
    if (stream !== null && "unref" in stream && typeof stream.unref === "function") stream.unref();
  }
  return () => Buffer.concat(parts).toString("utf8");
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // All of them are gone.
  }
}

function notStarted(program: string, error: unknown): OperationalError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such program, or its folder is gone",
    EACCES: "it may not be run",
  };
  const reason = reasons[codeOf(error)] ?? messageOf(error);
  return new OperationalError("no-program", `${program} cannot be started: ${reason}`, { cause: error });
}
