/**
 * The locks of downloads of a command in the foreground (`get`, `seed`): in the user's runtime directory, which the system
 * removes when its user has logged out. They are made again there, as those of an engine are (`EngineDoor`).
 */
import { messageOf } from "../base/errors.ts";
import type { LockSockets } from "../platform/lock-socket.ts";
import type { Clock, Timer } from "../ports/clock.ts";

const lookEveryMs = 5000;

/** @param warn is told once of each problem. @returns how to stop. */
export function keepLocks(
  clock: Clock,
  locks: Pick<LockSockets, "restore">,
  warn: (message: string) => void,
): () => void {
  let timer: Timer | undefined;
  let isStopped = false;
  let problem = "";
  const look = async (): Promise<void> => {
    try {
      await locks.restore();
      problem = "";
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== problem && !isStopped) warn(`others do not see that these downloads are taken: ${reason}`);
      problem = reason;
    }
    lookLater();
  };
  const lookLater = (): void => {
    if (!isStopped) timer = clock.after(lookEveryMs, () => void look());
  };
  lookLater();
  return () => {
    isStopped = true;
    timer?.cancel();
  };
}
