/** Sees to it that torrents that have seeded enough are paused or removed, see seeding-goal.ts. */
import type { Clock } from "../../ports/clock.ts";
import type { SeedingGoal } from "../profile/torrent-choices.ts";
import type { SessionRules } from "../session-rules.ts";
import type { Torrent } from "../torrent.ts";
import { goalOf, goalReached, isSameGoal } from "./seeding-goal.ts";

type Seed = Pick<
  Torrent,
  "state" | "choices" | "entry" | "wantedLength" | "uploadedBytes" | "downloadedBytes" | "seedingTime"
>;

/** Ratio, hours and days do not need more. */
const lookMs = 10_000;

export class Goals {
  readonly #clock: Clock;
  readonly #rules: () => SessionRules;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, rules: () => SessionRules) {
    this.#clock = clock;
    this.#rules = rules;
  }

  /** About once a second. @param end is given each that has reached its goal, and which in words. */
  tick(torrents: Iterable<Torrent>, end: (torrent: Torrent, reason: string) => void): void {
    const now = this.#clock.nowMs();
    if (now - this.#lookedMs < lookMs) return;
    this.#lookedMs = now;
    for (const torrent of torrents) {
      if (torrent.state !== "seeding" || torrent.entry.removal !== null) continue;
      torrent.seedingTime.see(true, torrent.uploadedBytes);
      const goal = this.#goalOf(torrent);
      const { waivedGoal } = torrent.entry;
      if (waivedGoal !== undefined && isSameGoal(waivedGoal, goal)) continue;
      const reason = reachedBy(torrent, goal);
      if (reason !== "") end(torrent, reason);
    }
  }

  /** The goal that the user waives by resuming this torrent: one that it has reached. */
  waivedBy(torrent: Seed): SeedingGoal | undefined {
    const goal = this.#goalOf(torrent);
    return reachedBy(torrent, goal) === "" ? torrent.entry.waivedGoal : goal;
  }

  /** Whether it matters how long it has seeded. */
  countsTime(torrent: Seed): boolean {
    const { seedMinutes, idleMinutes } = this.#goalOf(torrent);
    return seedMinutes > 0 || idleMinutes > 0;
  }

  #goalOf({ choices }: Seed): SeedingGoal {
    const { ratio, time, idle } = this.#rules().seeding;
    return goalOf(choices, { ratio, seedMinutes: time, idleMinutes: idle });
  }
}

function reachedBy({ uploadedBytes, downloadedBytes, wantedLength, seedingTime }: Seed, goal: SeedingGoal): string {
  return goalReached(goal, {
    uploaded: uploadedBytes,
    downloaded: downloadedBytes,
    wantedLength,
    seedingSeconds: seedingTime.seconds,
    idleSeconds: seedingTime.idleSeconds,
  });
}
