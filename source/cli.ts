/**
 * `p2p-tui`: the real process around a command line. Without JSX and without heavy imports, so that help is instant
 * and `get` never loads the UI. The only `process.exit`.
 */
import { messageOf } from "./base/errors.ts";
import { sanitise } from "./base/sanitise.ts";
import { type CommandIo, exitCode, type StopSignal } from "./commands/command.ts";
import { runCommandLine } from "./commands/run.ts";
import { readAll, readOneLine } from "./commands/standard-input.ts";

const stopSignals: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
const stopListeners = new Set<(signal: StopSignal) => void>();
let interrupts = 0;

function onSignal(signal: StopSignal): void {
  // Whoever presses Ctrl-C again does not want to wait for trackers.
  if (signal === "SIGINT" && ++interrupts > 1) process.exit(exitCode.interrupted);
  for (const listener of [...stopListeners]) listener(signal);
}

const io: CommandIo = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  environment: process.env,
  workingDirectory: process.cwd(),
  isOutTerminal: process.stdout.isTTY === true && process.stdin.isTTY === true,
  isErrTerminal: process.stderr.isTTY === true,
  errColumns: () => process.stderr.columns ?? 80,
  outColumns: () => process.stdout.columns ?? 80,
  readInput: (lengthMax) => readAll(process.stdin, lengthMax),
  readLine: () => readOneLine(process.stdin),
  onStopSignal: (listener) => {
    // Until a command asks, signals end the process as they always do.
    if (stopListeners.size === 0) for (const signal of stopSignals) process.on(signal, onSignal);
    stopListeners.add(listener);
    return () => {
      stopListeners.delete(listener);
      if (stopListeners.size === 0) for (const signal of stopSignals) process.off(signal, onSignal);
    };
  },
};

// `p2p-tui info a.torrent | head`: a reader that has seen enough is no error. What runs on is stopped in good order.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (stopListeners.size === 0) process.exit(error.code === "EPIPE" ? exitCode.done : exitCode.failed);
  for (const listener of [...stopListeners]) listener("SIGHUP");
});
process.stderr.on("error", () => {});

/** A bug: said in one sentence, with the place for whoever looks for it. Exit hooks (the terminal's) still run. */
function crash(error: unknown): never {
  const detail = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  process.stderr.write(`p2p-tui: internal error, please report it: ${sanitise(messageOf(error), 1000)}\n`);
  for (const line of detail.split("\n").slice(1, 12)) process.stderr.write(`${sanitise(line)}\n`);
  process.exit(exitCode.failed);
}

process.on("uncaughtException", crash);

try {
  process.exit(await runCommandLine(process.argv.slice(2), io));
} catch (error) {
  crash(error);
}
