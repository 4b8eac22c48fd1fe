/**
 * Follows the machine's network: when an interface comes, goes or gets another address, when a listening socket has died, and
 * after a sleep, the session listens anew, drops connections that cannot be alive, and tells its trackers. All of it on the
 * session's ticker.
 */
import type { Clock } from "../../ports/clock.ts";
import type { Connections } from "./connections.ts";
import type { Home } from "./home.ts";
import { SleepWatch } from "./sleep-watch.ts";

/** After so long without a word the other side has dropped us (BEP 3: a message every two minutes). */
const deadAfterMs = 2 * 60_000;
const listenRetryMs = 30_000;

export class NetworkWatch {
  readonly #clock: Clock;
  readonly #home: Home;
  readonly #connections: Connections;
  readonly #changed: () => void;
  readonly #sleep: SleepWatch;
  #isListeningAnew = false;
  #triedMs: number;
  /** The trackers know us by an address that is gone. */
  #mustTell = false;

  /**
   * @param tickMs between two calls of `tick`.
   * @param changed trackers are to be told, and peers dialled that were out of reach.
   */
  constructor(clock: Clock, tickMs: number, home: Home, connections: Connections, changed: () => void) {
    this.#clock = clock;
    this.#home = home;
    this.#connections = connections;
    this.#changed = changed;
    this.#sleep = new SleepWatch(clock, tickMs);
    this.#triedMs = clock.nowMs();
  }

  tick(): void {
    const sleptMs = this.#sleep.look();
    if (sleptMs > deadAfterMs) this.#connections.dropAll("the machine slept");
    const { isMoved, isAnyLost } = this.#home.look();
    if (isAnyLost) this.#connections.dropLost();
    if (sleptMs > 0 || isMoved || isAnyLost) this.#mustTell = true;
    if (this.#isListeningAnew) return;
    const isThere = this.#home.problem === "";
    const isRetryDue = this.#clock.nowMs() - this.#triedMs >= listenRetryMs;
    const isDead = isThere && !this.#connections.isListening;
    if (isMoved || (isDead && (isRetryDue || !this.#connections.hasFailed))) {
      this.#listenAnew();
    } else if (this.#mustTell && isThere) {
      this.#mustTell = false;
      this.#changed();
    }
  }

  #listenAnew(): void {
    this.#isListeningAnew = true;
    this.#triedMs = this.#clock.nowMs();
    const portBefore = this.#connections.local?.port;
    void this.#connections.listenAgain().then(() => {
      this.#isListeningAnew = false;
      if (this.#connections.local?.port !== portBefore) this.#mustTell = true;
    });
  }
}
