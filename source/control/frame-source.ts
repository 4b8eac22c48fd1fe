/**
 * One subscription: when its next frame is due, and what is in it. `torrents` is whole at first and then only the rows
 * that changed (nothing is sent when none did); `torrent` is whole each time; `gone` is said once.
 */
import type { ControlTarget } from "./control-target.ts";
import type { Frame, SessionRow, Topic, TorrentRow, TorrentsFrame } from "./protocol.ts";

/** Four frames a second: faster than people read, slow enough to cost nothing. */
const tickMs = 250;
/** Ten a second at most, when the reader asks for something else or answers late. */
const spacingMs = 100;
/** Graphs have a value a second at most. */
const graphMs = 1000;
/** When a torrent is looked at that was at rest: its .torrent file is being read. */
const notReadyMs = 20;

export class FrameSource {
  readonly #target: ControlTarget;
  #topic: Topic;
  #sentMs = Number.NEGATIVE_INFINITY;
  #plannedMs: number;
  #frameNumber = 0;
  #isUnacknowledged = false;
  #isGone = false;
  /** What the reader knows, for `torrents`. */
  #rows: Map<string, TorrentRow> | undefined;
  #session: SessionRow | undefined;

  constructor(target: ControlTarget, topic: Topic, nowMs: number) {
    this.#target = target;
    this.#topic = topic;
    this.#plannedMs = nowMs;
  }

  /** When the next frame may leave: infinity while one is unacknowledged. */
  get dueMs(): number {
    return this.#isUnacknowledged ? Number.POSITIVE_INFINITY : this.#plannedMs;
  }

  change(topic: Topic, nowMs: number): void {
    this.#topic = topic;
    this.#rows = undefined;
    this.#session = undefined;
    this.#isGone = false;
    this.#plannedMs = Math.max(nowMs, this.#sentMs + spacingMs);
  }

  acknowledge(frame: number, nowMs: number): void {
    if (frame !== this.#frameNumber || !this.#isUnacknowledged) return;
    this.#isUnacknowledged = false;
    // A reader that took longer than a tick gets the fresh state at once, not at the next tick.
    this.#plannedMs = Math.max(nowMs, this.#plannedMs);
  }

  /** @returns `undefined` where there is nothing new to say. */
  next(nowMs: number): { readonly number: number; readonly data: Frame } | undefined {
    // Ticks are common to all subscriptions, so that one wake-up serves them; none is nearer than the spacing.
    this.#plannedMs = (Math.floor((nowMs + spacingMs) / tickMs) + 1) * tickMs;
    const data = this.#frame(this.#topic, nowMs);
    if (data === undefined) return undefined;
    this.#sentMs = nowMs;
    this.#frameNumber++;
    this.#isUnacknowledged = true;
    return { number: this.#frameNumber, data };
  }

  #frame(topic: Topic, nowMs: number): Frame | undefined {
    switch (topic.kind) {
      case "torrents":
        return this.#torrents();
      case "torrent":
        return this.#unlessGone(this.#target.torrent(topic), nowMs);
      case "graph":
        this.#plannedMs = (Math.floor(nowMs / graphMs) + 1) * graphMs;
        return this.#unlessGone(this.#target.graph(topic), nowMs);
    }
  }

  #unlessGone(frame: Frame | undefined, nowMs: number): Frame | undefined {
    if (frame === undefined) {
      this.#plannedMs = nowMs + notReadyMs;
      return undefined;
    }
    if (frame.kind === "gone" && this.#isGone) return undefined;
    this.#isGone = frame.kind === "gone";
    return frame;
  }

  #torrents(): TorrentsFrame | undefined {
    const all = this.#target.torrents();
    const session = this.#target.session();
    const known = this.#rows;
    if (known === undefined) {
      this.#rows = new Map(all.map((row) => [row.infoHash, row]));
      this.#session = session;
      return { kind: "torrents", isWhole: true, rows: all, removed: [], session };
    }
    const rows = all.filter((row) => !isSame(known.get(row.infoHash), row));
    const removed: TorrentRow["infoHash"][] = [];
    for (const row of rows) known.set(row.infoHash, row);
    if (known.size !== all.length) {
      const present = new Set<string>(all.map((row) => row.infoHash));
      for (const row of known.values()) if (!present.has(row.infoHash)) removed.push(row.infoHash);
      for (const infoHash of removed) known.delete(infoHash);
    }
    if (rows.length === 0 && removed.length === 0 && isSame(this.#session, session)) return undefined;
    this.#session = session;
    return { kind: "torrents", isWhole: false, rows, removed, session };
  }
}

/** Whether two rows say the same. Rows are flat: texts, numbers, booleans, null, and lists that change by being replaced. */
function isSame<Row extends object>(before: Row | undefined, after: Row): boolean {
  if (before === after) return true;
  if (before === undefined) return false;
  for (const key in after) if (before[key] !== after[key]) return false;
  return true;
}
