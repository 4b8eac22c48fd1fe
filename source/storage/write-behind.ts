/**
 * Writes at once while the disk keeps up; behind the thread's back, out of a bounded queue of copies, while it does not.
 *
 * A write into the page cache takes a tenth of a millisecond and needs neither copy nor queue. A disk that is slower than the
 * line fills the cache, and then the system makes each writer wait, with everything else that its thread has to do. So each
 * write is timed (`DiskPace`), without what it took of the processor: where that is slow, copies and threads make it slower.
 * When writes are held up, bytes are copied and written asynchronously, one write at a time: what comes meanwhile gathers into
 * longer ones, the longer the slower the disk is. When it keeps up again, what waits is written at once, and so is what comes
 * then: a fast line would keep the queue full for ever.
 *
 * Invariants: bytes of the same place are written in the order in which they came; what was queued can be read back until
 * it is written; nothing that comes is written at once while anything is queued, and nothing at all while somebody else writes
 * to the files (`alone`). Unwritten bytes are bounded by whoever heeds `isCongested` (asks for no more) and `isFull` (reads no more).
 */
import type { Clock } from "../ports/clock.ts";
import { ByteRanges } from "./byte-ranges.ts";

/**
 * What a disk that keeps up takes at least in a millisecond, 100 MB/s: a fortieth of the page cache, so that a busy processor is
 * not taken for a slow disk, and as much as a line of a gigabit brings.
 */
const bytesPerMs = 100_000;
/** What a later write may take besides, on its way to another thread and back. */
const wayMs = 20;
/**
 * Held up for so long beyond all that, by one write or by many that good ones have not made up for, the thread has waited for the
 * disk: Linux lets a writer sleep for up to 200 ms at once. A busy processor is elsewhere for a few tens of them.
 */
const heldUpMs = 100;
/** How long the disk must have kept up before it is trusted again: stalls come in rows, a fraction of a second apart. */
const trustedAfterMs = 2000;
/**
 * What the processor had done by the last reading counts as done by a write within so long after it: to ask before and after each
 * costs as much as to write a block.
 */
const busyFreshMs = 5;
/** How long what waits is written at once in one go. */
const catchUpMs = 20;
/** Bytes of one write. A longer one would hold up what others want of the disk, and free its memory late. */
const runLengthMax = 4 * 1024 * 1024;
/** Unwritten bytes of all torrents together: about a second of a slow disk; more would not make it any faster. */
const roomBytesMax = 32 * 1024 * 1024;
/** Of one torrent: rides out stalls of a second at 16 MB/s. */
const shareBytesMax = 16 * 1024 * 1024;
/** Of one torrent however many there are: less would make writes short. */
const shareBytesMin = 1024 * 1024;
/** Parts of the share: from here on no more is read, and down to here nothing new is asked for. */
const fullShare = 1.5;
const relievedShare = 0.5;

/** Whether the disk holds writers up. */
export class DiskPace {
  #slowUntilMs = Number.NEGATIVE_INFINITY;
  #heldUpMs = 0;

  /** A write of so many bytes waited so long, until now; with its work where that is not known. */
  took(ms: number, bytes: number, nowMs: number, how: "at once" | "later" = "at once"): void {
    const overMs = ms - bytes / bytesPerMs;
    const isOnItsWay = how === "later" && overMs > 0;
    this.#heldUpMs = Math.max(0, this.#heldUpMs + (isOnItsWay ? Math.max(0, overMs - wayMs) : overMs));
    if (this.#heldUpMs < heldUpMs) return;
    this.#heldUpMs = 0;
    this.#slowUntilMs = nowMs + trustedAfterMs;
  }

  isSlow(nowMs: number): boolean {
    return nowMs < this.#slowUntilMs;
  }

  /** Whether a disk that keeps up may take so long for so many bytes. */
  static isGood(ms: number, bytes: number): boolean {
    return ms <= bytes / bytesPerMs;
  }
}

/** What the torrents of one engine may leave unwritten: each an equal share. */
export class WriteRoom {
  readonly #holders = new Set<object>();

  /** Bytes that each of those who hold any may hold. */
  get share(): number {
    const share = Math.floor(roomBytesMax / Math.max(1, this.#holders.size));
    return Math.max(shareBytesMin, Math.min(shareBytesMax, share));
  }

  /** For `WriteBehind`. */
  setHolding(who: object, isHolding: boolean): void {
    if (isHolding) this.#holders.add(who);
    else this.#holders.delete(who);
  }
}

/** Where the bytes go. */
export interface WriteTarget {
  /** Throws what the disk says. */
  writeSync(offset: number, buffers: readonly Uint8Array[], length: number): void;
  write(offset: number, buffers: readonly Uint8Array[], length: number): Promise<void>;
  /** Bytes are written, at once or later. */
  onWritten(offset: number, length: number): void;
  /** What had been queued is written now: in a turn of its own. */
  onCaughtUp(): void;
  /** A later write failed. Whoever hears it calls `clear`. */
  onFailure(error: unknown): void;
  onRelieved(): void;
}

/** Contiguous bytes that wait, copies of what came. */
interface Run {
  readonly offset: number;
  readonly buffers: Uint8Array[];
  length: number;
  /** Called when it is written or dropped. */
  readonly onGone: (() => void)[];
  /** In place of bytes to write; never rejects. */
  readonly action?: () => Promise<void>;
}

export class WriteBehind {
  readonly #clock: Pick<Clock, "nowMs" | "busyMs">;
  readonly #room: WriteRoom;
  readonly #target: WriteTarget;
  readonly #pace = new DiskPace();
  /** In the order to write them in. */
  #waiting: Run[] = [];
  /** Runs among those that what follows them may be added to, by where they end. */
  readonly #open = new Map<number, Run>();
  #underWay: Run | undefined;
  #bytes = 0;
  #isCongested = false;
  /** What the processor had done, and when that was. */
  #busyMs = Number.NaN;
  #busyReadMs = Number.NEGATIVE_INFINITY;

  /** @param room shared with the other torrents of the engine. */
  constructor(clock: Pick<Clock, "nowMs" | "busyMs">, room: WriteRoom, target: WriteTarget) {
    this.#clock = clock;
    this.#room = room;
    this.#target = target;
  }

  /** Too much is unwritten: from the share of the room until half of it is written. */
  get isCongested(): boolean {
    return this.#isCongested;
  }

  /** So much is unwritten that nothing is to be read either. */
  get isFull(): boolean {
    return this.#isCongested && this.#bytes >= this.#room.share * fullShare;
  }

  /** Bytes queued and under way. */
  get unwrittenBytes(): number {
    return this.#bytes;
  }

  /** Writes contiguous bytes, or copies them to be written. @param length of all buffers. Throws what the disk says. */
  write(offset: number, buffers: readonly Uint8Array[], length: number): void {
    const startMs = this.#clock.nowMs();
    if (this.#underWay !== undefined || this.#pace.isSlow(startMs)) {
      this.#queue(offset, buffers, length);
      return;
    }
    this.#writeAtOnce(offset, buffers, length, startMs);
  }

  /** Whether none of these bytes waits. */
  isWritten(offset: number, length: number): boolean {
    if (this.#underWay === undefined) return true;
    const touches = (run: Run): boolean => run.offset < offset + length && run.offset + run.length > offset;
    return !touches(this.#underWay) && !this.#waiting.some(touches);
  }

  /** Fills `into` with what of it waits. @returns the rest, which is written: start, end, start, end, … in `into`. */
  readBack(offset: number, into: Uint8Array): readonly number[] {
    if (this.#underWay === undefined) return [0, into.length];
    const found = new ByteRanges();
    for (const run of [this.#underWay, ...this.#waiting]) {
      let at = run.offset - offset;
      for (const bytes of run.buffers) {
        const from = Math.max(at, 0);
        const to = Math.min(at + bytes.length, into.length);
        if (from < to) {
          into.set(bytes.subarray(from - at, to - at), from);
          // What came later of the same place stands.
          const gaps = found.gaps(from, to);
          for (let i = 0; i < gaps.length; i += 2) found.addNew(gaps[i] ?? 0, gaps[i + 1] ?? 0);
        }
        at += bytes.length;
      }
    }
    return found.gaps(0, into.length);
  }

  /** What comes from now on is written after all that is there, also where it is of the same place. */
  keepOrder(): void {
    this.#open.clear();
  }

  /** Resolves when what waits now is written or dropped, whatever comes meanwhile. Never rejects. */
  async settled(): Promise<void> {
    const last = this.#waiting.at(-1) ?? this.#underWay;
    if (last === undefined) return;
    this.keepOrder();
    await new Promise<void>((resolve) => last.onGone.push(resolve));
  }

  /**
   * Runs `action` when all that waits now is written: no byte is written until it has ended, as what comes meanwhile waits.
   * Does not run it where what waits is dropped. Rejects as it does.
   */
  async alone(action: () => Promise<void>): Promise<void> {
    let failure: unknown;
    const caught = () =>
      action().catch((error: unknown) => {
        failure = error;
      });
    const gone = new Promise<void>((resolve) => {
      this.#waiting.push({ offset: 0, buffers: [], length: 0, onGone: [resolve], action: caught });
    });
    // What comes from now on is not to be added to what is before it.
    this.keepOrder();
    if (this.#underWay === undefined) void this.#writeNext();
    await gone;
    if (failure !== undefined) throw failure;
  }

  /** Drops what waits; what is under way cannot be stopped, and nothing is written before it has ended. */
  clear(): void {
    const dropped = this.#waiting;
    this.#waiting = [];
    this.#open.clear();
    this.#isCongested = false;
    for (const run of dropped) this.#gone(run);
  }

  #queue(offset: number, buffers: readonly Uint8Array[], length: number): void {
    let run = this.#open.get(offset);
    this.#open.delete(offset);
    if (run === undefined || run.length + length > runLengthMax) {
      run = { offset, buffers: [], length: 0, onGone: [] };
      this.#waiting.push(run);
    }
    for (const bytes of buffers) run.buffers.push(bytes.slice());
    run.length += length;
    this.#open.set(offset + length, run);
    this.#bytes += length;
    this.#room.setHolding(this, true);
    if (this.#bytes >= this.#room.share) this.#isCongested = true;
    if (this.#underWay === undefined) void this.#writeNext();
  }

  #writeAtOnce(offset: number, buffers: readonly Uint8Array[], length: number, startMs: number): void {
    if (startMs - this.#busyReadMs > busyFreshMs) this.#readBusy(startMs);
    this.#target.writeSync(offset, buffers, length);
    const nowMs = this.#clock.nowMs();
    const tookMs = nowMs - startMs;
    const workMs = DiskPace.isGood(tookMs, length) ? 0 : Math.min(tookMs, this.#readBusy(nowMs));
    this.#pace.took(tookMs - workMs, length, nowMs);
    this.#target.onWritten(offset, length);
  }

  /** @returns the milliseconds of the processor since this was last asked. */
  #readBusy(nowMs: number): number {
    const before = this.#busyMs;
    this.#busyMs = this.#clock.busyMs?.() ?? 0;
    this.#busyReadMs = nowMs;
    return this.#busyMs - before;
  }

  /** The next of what waits, to be written now. */
  #takeNext(): Run | undefined {
    const run = this.#waiting.shift();
    if (run !== undefined && this.#open.get(run.offset + run.length) === run)
      this.#open.delete(run.offset + run.length);
    return run;
  }

  /** Writes what waits at once, as long as the disk keeps up; what is left of it when the thread has done enough goes its way. */
  #catchUp(): void {
    const untilMs = this.#clock.nowMs() + catchUpMs;
    while (this.#waiting[0]?.action === undefined) {
      const startMs = this.#clock.nowMs();
      if (startMs > untilMs || this.#pace.isSlow(startMs)) return;
      const run = this.#takeNext();
      if (run === undefined) return;
      try {
        this.#writeAtOnce(run.offset, run.buffers, run.length, startMs);
      } catch (error) {
        this.#target.onFailure(error);
      }
      this.#gone(run);
    }
  }

  async #writeNext(): Promise<void> {
    const run = this.#takeNext();
    if (run === undefined) return;
    this.#underWay = run;
    const startMs = this.#clock.nowMs();
    let failure: unknown;
    try {
      await (run.action?.() ?? this.#target.write(run.offset, run.buffers, run.length));
    } catch (error) {
      failure = error;
    }
    const nowMs = this.#clock.nowMs();
    this.#pace.took(nowMs - startMs, run.length, nowMs, "later");
    this.#underWay = undefined;
    if (failure !== undefined) this.#target.onFailure(failure);
    else if (run.length > 0) this.#target.onWritten(run.offset, run.length);
    if (failure === undefined) this.#catchUp();
    // The disk has its next work before verdicts are given on what is written.
    void this.#writeNext();
    this.#gone(run);
    if (failure === undefined) this.#target.onCaughtUp();
    this.#relieve();
  }

  #gone(run: Run): void {
    this.#bytes -= run.length;
    if (this.#bytes === 0) this.#room.setHolding(this, false);
    // Where V8 keeps the run for longer (`Turnover`), its bytes at least are free.
    run.buffers.length = 0;
    for (const resolve of run.onGone) resolve();
  }

  #relieve(): void {
    if (!this.#isCongested || this.#bytes > this.#room.share * relievedShare) return;
    this.#isCongested = false;
    this.#target.onRelieved();
  }
}
