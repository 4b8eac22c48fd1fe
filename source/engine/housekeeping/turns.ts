/**
 * The queue at work: knows the places of all torrents, sees once a second whether anything changed that matters, and then
 * starts and stops as torrent-queue.ts decides. While nothing is limited it does nothing.
 */
import type { InfoHash } from "../../base/ids.ts";
import { fieldsOf, listOf, textOf } from "../../base/json-fields.ts";
import type { Clock } from "../../ports/clock.ts";
import { ProfileRecord, type RecordKind, type RecordPlace } from "../profile/profile-record.ts";
import type { SessionRules } from "../session-rules.ts";
import type { Torrent } from "../torrent.ts";
import { movedInQueue, type QueueMove } from "./queue-order.ts";
import { decideQueue, type QueueItem, SlowWatch, turnMinMs } from "./torrent-queue.ts";

/** What the queue goes by of a torrent, and what it does with it. */
type TurnTaker = Pick<
  Torrent,
  | "infoHash"
  | "entry"
  | "state"
  | "isFinished"
  | "choices"
  | "swarm"
  | "announcer"
  | "activeSinceMs"
  | "takeTurn"
  | "yieldTurn"
>;

interface Watch {
  readonly torrent: TurnTaker;
  slow: SlowWatch;
  /** What mattered of it when the queue was last decided. */
  seen: number;
  /** The last that was known of its swarm, and when. */
  counts: { readonly seeds: number | null; readonly leeches: number | null } | undefined;
  countsMs: number;
}

/** What was known of a swarm while the torrent was active is true for about so long. */
const countsMaxMs = 30 * 60_000;
/** Swarms change without anything changing here. */
const seedsReviewMs = 60_000;

/** Info hash and time of addition of each. */
interface QueueRecord {
  readonly order: readonly string[];
}

const recordKind: RecordKind<QueueRecord> = {
  name: "queue",
  what: "the order of the queue",
  version: 1,
  lengthMax: 32 * 1024 * 1024,
  read: (value) => ({ order: listOf(fieldsOf<QueueRecord>(value).order).map(textOf) }),
};

export class Turns {
  readonly #clock: Clock;
  readonly #rules: () => SessionRules;
  readonly #record: ProfileRecord<QueueRecord>;
  readonly #watches = new Map<InfoHash, Watch>();
  #order: InfoHash[] = [];
  /** By torrent, from 1; made when it is asked for. */
  #places: Map<InfoHash, number> | undefined;
  #isStale = false;
  /** The user has changed something: nobody's turn is too short to end. */
  #isUrgent = false;
  #reviewMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, rules: () => SessionRules, place: RecordPlace | undefined) {
    this.#clock = clock;
    this.#rules = rules;
    this.#record = new ProfileRecord(place, recordKind);
  }

  /** Gives torrents that were added their places of the last run; those it did not know come after them. */
  async restore(): Promise<void> {
    await this.#record.load(({ order }) => {
      const places = new Map(order.map((line, place) => [line, place]));
      const placeOf = (infoHash: InfoHash): number => places.get(this.#lineOf(infoHash)) ?? Number.MAX_SAFE_INTEGER;
      this.#arrange([...this.#order].sort((a, b) => placeOf(a) - placeOf(b)));
    });
  }

  add(torrent: TurnTaker): void {
    this.#watches.set(torrent.infoHash, {
      torrent,
      slow: new SlowWatch(),
      seen: -1,
      counts: undefined,
      countsMs: 0,
    });
    this.#order.push(torrent.infoHash);
    this.#places?.set(torrent.infoHash, this.#order.length);
  }

  remove(infoHash: InfoHash): void {
    if (!this.#watches.delete(infoHash)) return;
    this.#isStale = true;
    this.#arrange(this.#order.filter((other) => other !== infoHash));
  }

  /** From 1; 0 for one that is not there. */
  placeOf(infoHash: InfoHash): number {
    this.#places ??= new Map(this.#order.map((one, index) => [one, index + 1]));
    return this.#places.get(infoHash) ?? 0;
  }

  /** Resolves when the profile knows the new order. @throws OperationalError. */
  async move(infoHashes: readonly InfoHash[], move: QueueMove): Promise<void> {
    try {
      await this.#record.catchUp();
    } finally {
      this.#arrange(movedInQueue(this.#order, new Set(infoHashes), move));
      this.rulesChanged();
    }
    await this.#record.save(() => ({ order: this.#order.map((infoHash) => this.#lineOf(infoHash)) }));
  }

  /** Limits, places or what is forced are others now. */
  rulesChanged(): void {
    this.#isStale = true;
    this.#isUrgent = true;
  }

  /** Whether it may begin without waiting for a decision. */
  mayBegin({ isFinished, choices }: Pick<TurnTaker, "isFinished" | "choices">): boolean {
    const { downloads, seeds } = this.#rules().queue;
    return choices.isForced || (isFinished ? seeds : downloads) === 0;
  }

  /** About once a second. */
  tick(): void {
    const { downloads, seeds, slowRate } = this.#rules().queue;
    if (downloads === 0 && seeds === 0 && !this.#isStale) return;
    const now = this.#clock.nowMs();
    for (const watch of this.#watches.values()) {
      const { torrent, slow } = watch;
      if (torrent.swarm !== undefined) {
        const { up, down } = torrent.swarm;
        slow.see((torrent.isFinished ? up : down).rate(now), slowRate, now);
      } else if (torrent.state === "seeding") slow.see(0, slowRate, now);
      const seen = seenOf(watch);
      if (seen === watch.seen) continue;
      watch.seen = seen;
      this.#isStale = true;
    }
    if (this.#isStale || now >= this.#reviewMs) this.decide();
  }

  /** Starts and stops whom the queue says. */
  decide(): void {
    const now = this.#clock.nowMs();
    const { queue } = this.#rules();
    const items: QueueItem<Watch>[] = [];
    for (const infoHash of this.#order) {
      const watch = this.#watches.get(infoHash);
      const item = watch === undefined ? undefined : itemOf(watch, now);
      if (item !== undefined) items.push(item);
    }
    const { start, stop, reviewMs } = decideQueue(items, queue, now, this.#isUrgent ? 0 : turnMinMs);
    this.#isStale = false;
    this.#isUrgent = false;
    this.#reviewMs = Math.min(
      reviewMs ?? Number.POSITIVE_INFINITY,
      queue.seeds > 0 ? now + seedsReviewMs : Number.POSITIVE_INFINITY,
    );
    for (const { torrent } of stop) torrent.yieldTurn();
    for (const watch of start) {
      watch.slow = new SlowWatch();
      watch.torrent.takeTurn();
    }
    for (const watch of [...stop, ...start]) watch.seen = seenOf(watch);
  }

  #arrange(order: InfoHash[]): void {
    this.#order = order;
    this.#places = undefined;
  }

  /** In the record. */
  #lineOf(infoHash: InfoHash): string {
    return `${infoHash} ${this.#watches.get(infoHash)?.torrent.entry.addedWallMs ?? 0}`;
  }
}

function itemOf(watch: Watch, now: number): QueueItem<Watch> | undefined {
  const { torrent, slow } = watch;
  const { activeSinceMs, state, announcer } = torrent;
  if (activeSinceMs === undefined && state !== "queued") return undefined;
  if (announcer !== undefined) {
    watch.counts = announcer.swarm;
    watch.countsMs = now;
  }
  const counts = now - watch.countsMs < countsMaxMs ? watch.counts : undefined;
  return {
    id: watch,
    kind: torrent.isFinished ? "seed" : "download",
    isForced: torrent.choices.isForced,
    activeSinceMs,
    isChecking: state === "checking",
    isSlow: slow.isSlow,
    swarmSeeds: counts?.seeds ?? null,
    swarmLeeches: counts?.leeches ?? null,
  };
}

/** What the queue goes by, but for swarms and time, in bits. */
function seenOf({ torrent: { isFinished, choices, state, activeSinceMs }, slow }: Watch): number {
  const all = [
    isFinished,
    choices.isForced,
    state === "checking",
    state === "queued",
    activeSinceMs !== undefined,
    slow.isSlow,
  ];
  return all.reduce((bits, isSo, i) => (isSo ? bits | (1 << i) : bits), 0);
}
