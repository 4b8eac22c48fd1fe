/** How long seeds that nobody is connected to stay awake, so that thousands of them cost no memory. */
import type { Torrent } from "../torrent.ts";

const restAfterMs = 5 * 60_000;
/** Seeds that are awake for nobody: when they are more, they rest at once (who knocks at many costs us no memory). */
const idleSeedsMax = 100;
const restCrowdedMs = 2_000;

export class IdleSeeds {
  #count = 0;

  /** Whether one more may wake. */
  get hasRoom(): boolean {
    return this.#count < idleSeedsMax;
  }

  /** About once a second. */
  tick(torrents: Iterable<Torrent>): void {
    const restMs = this.#count > idleSeedsMax ? restCrowdedMs : restAfterMs;
    this.#count = 0;
    for (const torrent of torrents) {
      torrent.tick(restMs);
      if (torrent.run?.isIdleSeed === true) this.#count++;
    }
  }
}
