/** When an engine that nobody is attached to ends by itself. */
import type { Clock, Timer } from "../ports/clock.ts";
import type { HostedEngine } from "./host-engine.ts";

export interface LingerTimes {
  /** It ends when nobody has been attached for so long, 1 s or more. `undefined`: it does not. */
  readonly lingerSeconds: number | undefined;
  /** The same, once a client has said `stay`. Default: it does not end by itself then. */
  readonly staySeconds?: number;
}

/** What it looks at. */
export interface Lingering {
  readonly server: Pick<HostedEngine["server"], "clientCount" | "onEmpty">;
  readonly stayAsked: Promise<void>;
}

/** @returns what resolves when nobody has been attached for too long. */
export function linger(
  clock: Clock,
  { server, stayAsked }: Lingering,
  times: LingerTimes,
): { readonly over: Promise<void>; cancel(): void } {
  let timer: Timer | undefined;
  let seconds = times.lingerSeconds;
  const over = new Promise<void>((resolve) => {
    const wait = (): void => {
      timer?.cancel();
      if (seconds === undefined) return;
      timer = clock.after(Math.max(1, seconds) * 1000, () => (server.clientCount === 0 ? resolve() : undefined));
    };
    void stayAsked.then(() => {
      seconds = times.staySeconds;
      wait();
    });
    server.onEmpty(wait);
    wait();
  });
  return { over, cancel: () => timer?.cancel() };
}
