import type { CommandIo } from "./command.ts";

/** Resolves at the first signal to stop; further ones are listened to until the process ends. */
export function stopAsked(io: Pick<CommandIo, "onStopSignal">): Promise<void> {
  return new Promise((resolve) => {
    io.onStopSignal(() => resolve());
  });
}
