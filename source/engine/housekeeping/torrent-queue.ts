/**
 * Who of the queue may be active. At most so many downloads and so many seeds are, in the order of their places; seeds
 * go by need first, because a swarm without seeds gains more from one than a swarm with a hundred.
 *
 * What keeps it calm: a torrent stays for five minutes at least before another takes its place; a seed that is active
 * counts as twice as needed; a slow torrent that does not count goes on all the same. So a decision may leave more active
 * than the limit for a while, when one that was slow is fast again, but it never starts one beyond the limit.
 */

export interface QueueLimits {
  /** Active at once; 0 is no limit. */
  readonly downloads: number;
  readonly seeds: number;
}

/** A torrent that is active or waits for its turn. Paused and failed ones are none of the queue's business. */
export interface QueueItem<Id> {
  readonly id: Id;
  readonly kind: "download" | "seed";
  /** Active whatever the limits say, and not counted. */
  readonly isForced: boolean;
  /** When it became active, `undefined` while it waits. */
  readonly activeSinceMs: number | undefined;
  /** Its files are being checked: it counts, and is not interrupted. */
  readonly isChecking: boolean;
  /** It has been slow for so long that it does not count; see `SlowWatch`. */
  readonly isSlow: boolean;
  /** In the whole swarm, `null` where that is not known or known no more. */
  readonly swarmSeeds: number | null;
  readonly swarmLeeches: number | null;
}

export interface QueueDecision<Id> {
  readonly start: readonly Id[];
  readonly stop: readonly Id[];
  /** Deciding again before then changes nothing, unless something else does; `undefined` if time alone changes nothing. */
  readonly reviewMs: number | undefined;
}

/** Before another takes its place. */
export const turnMinMs = 5 * 60_000;
/** How much the need of an active seed is exaggerated. */
const activeBonus = 2;

/** @param items in the order of their places. @param turnMs shorter than `turnMinMs` where the user has changed the limits. */
export function decideQueue<Id>(
  items: readonly QueueItem<Id>[],
  limits: QueueLimits,
  nowMs: number,
  turnMs = turnMinMs,
): QueueDecision<Id> {
  const downloads = items.filter(({ kind }) => kind === "download");
  const seeds = items.filter(({ kind }) => kind === "seed");
  const first = decideKind(downloads, limits.downloads, nowMs, turnMs);
  const second = decideKind(limits.seeds === 0 ? seeds : byNeed(seeds), limits.seeds, nowMs, turnMs);
  const reviewMs = Math.min(first.reviewMs ?? Number.POSITIVE_INFINITY, second.reviewMs ?? Number.POSITIVE_INFINITY);
  return {
    start: [...first.start, ...second.start],
    stop: [...first.stop, ...second.stop],
    reviewMs: Number.isFinite(reviewMs) ? reviewMs : undefined,
  };
}

function decideKind<Id>(
  items: readonly QueueItem<Id>[],
  limit: number,
  nowMs: number,
  turnMs: number,
): QueueDecision<Id> {
  const start: Id[] = [];
  const stop: Id[] = [];
  const waiting: Id[] = [];
  let active = 0;
  let preferred = 0;
  let reviewMs: number | undefined;
  for (const { id, isForced, activeSinceMs, isChecking, isSlow } of items) {
    const isActive = activeSinceMs !== undefined;
    if (isForced || limit === 0) {
      if (!isActive) start.push(id);
      continue;
    }
    if (isActive && isSlow && !isChecking) continue;
    // Those that should be active, whether they are or not.
    const isPreferred = preferred < limit;
    if (isPreferred) preferred++;
    if (!isActive) {
      if (isPreferred) waiting.push(id);
      continue;
    }
    const turnEndMs = activeSinceMs + turnMs;
    if (isPreferred || isChecking || nowMs < turnEndMs) {
      active++;
      if (!isPreferred && !isChecking) reviewMs = Math.min(reviewMs ?? turnEndMs, turnEndMs);
    } else stop.push(id);
  }
  start.push(...waiting.slice(0, Math.max(0, limit - active)));
  return { start, stop, reviewMs };
}

/** Seeds for each leech, the fewest first. Where that is not known, as many seeds as leeches are supposed. */
function byNeed<Id>(seeds: readonly QueueItem<Id>[]): QueueItem<Id>[] {
  const abundance = Float64Array.from(seeds, ({ swarmSeeds, swarmLeeches, activeSinceMs }) => {
    const plain =
      swarmSeeds === null || swarmLeeches === null ? 1 : swarmLeeches === 0 ? 1e9 : swarmSeeds / swarmLeeches;
    return activeSinceMs === undefined ? plain : plain / activeBonus;
  });
  const order = seeds.map((item, index) => ({ item, abundance: abundance[index] ?? 1, index }));
  return order.sort((a, b) => a.abundance - b.abundance || a.index - b.index).map(({ item }) => item);
}

/** So long must a torrent have been slow to count no more. */
const slowMs = 60_000;

/** Whether a torrent is slow, and has been for a while. One for each active torrent, new for each run. */
export class SlowWatch {
  #slowSinceMs: number | undefined;
  #isSlow = false;

  /** @param slowRate bytes per second below which it is slow; 0: nothing is. */
  see(rate: number, slowRate: number, nowMs: number): void {
    if (rate >= slowRate) this.#slowSinceMs = undefined;
    else this.#slowSinceMs ??= nowMs;
    this.#isSlow = this.#slowSinceMs !== undefined && nowMs - this.#slowSinceMs >= slowMs;
  }

  get isSlow(): boolean {
    return this.#isSlow;
  }
}
