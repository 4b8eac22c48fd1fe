/**
 * What a neighbour's time goes into, each way: what keeps more from coming from it, and from going to it. It is told
 * wherever one of the facts changes, so it knows and does not guess.
 */
import { type HistorySource, type HistoryValues, historyStepMs, NeighbourHistory } from "./neighbour-history.ts";
import { TimeAccount } from "./time-account.ts";

/** What we wait for of a neighbour. Where several are so, the first of them in `downStateOf` is what counts. */
export const downStates = [
  /** It has nothing that we want. */
  "uninterested",
  /** It chokes us, and owes us nothing. */
  "choked",
  /** It lets us ask, was asked, and has sent nothing for long. */
  "snubbed",
  /** A download limit keeps us from asking for more, or from reading what it sends. */
  "limited",
  /** We do not read it: it has asked for more than we can serve. */
  "held",
  /** Our disk takes no more for now. */
  "disk",
  /** It was asked for blocks, and they are on their way: its line, or what it gives us of it, is the limit. */
  "waiting",
  /** We could ask and did not: what it has and we lack is asked of others. */
  "idle",
] as const;
export type DownState = (typeof downStates)[number];

/** What keeps more from going to a neighbour. */
export const upStates = [
  /** It wants nothing that we have. */
  "unwanted",
  /** We choke it. */
  "choking",
  /** It may ask and has not: all that it asked for has left. */
  "unasked",
  /** What it asked for is being read from the disk. */
  "disk",
  /** An upload limit keeps it waiting. */
  "limited",
  /** Its line, or ours, takes no more: blocks wait for the socket. */
  "line",
] as const;
export type UpState = (typeof upStates)[number];

/** A neighbour as the account sees it. */
export interface TimeFacts {
  readonly amInterested: boolean;
  readonly amChoking: boolean;
  readonly peerInterested: boolean;
  readonly peerChoking: boolean;
  readonly isSnubbed: boolean;
  /** No request of ours is unanswered. */
  readonly isIdle: boolean;
  readonly uploads: { readonly length: number; readonly isReading: boolean; readonly isUngranted: boolean };
}

export interface LineFacts {
  readonly queuedBytes: number;
  readonly isOverLimit: boolean;
  readonly isReadingPaused: boolean;
}

/** Fewer bytes leave at the next chance; of more we are told when they have left. */
const lineFullBytes = 16 * 1024;

export class NeighbourTime {
  readonly down: TimeAccount<DownState>;
  readonly up: TimeAccount<UpState>;
  /** From its first byte on. */
  #history: NeighbourHistory | undefined;

  constructor(nowMs: number) {
    this.down = new TimeAccount<DownState>(downStates, nowMs);
    this.up = new TimeAccount<UpState>(upStates, nowMs);
  }

  history(nowMs: number): HistoryValues | undefined {
    return this.#history?.values(nowMs);
  }

  /** See `NeighbourHistory`. */
  bestDown(nowMs: number): number {
    return this.#history?.bestDown(nowMs) ?? 0;
  }

  /** Nothing has moved since the last sample. */
  isSampled(source: HistorySource): boolean {
    return this.#history === undefined ? source.down.total + source.up.total === 0 : this.#history.isSampled(source);
  }

  /** It is not sampled until it is woken: nothing moves. */
  rest(): void {
    this.#history?.rest();
  }

  wake(nowMs: number): void {
    this.#history?.wake(nowMs);
  }

  /** About once a second, unless it rests. */
  sample(source: HistorySource, nowMs: number): void {
    if (this.#history === undefined && source.down.total + source.up.total === 0) return;
    this.#history ??= new NeighbourHistory(nowMs - historyStepMs);
    this.#history.sample(source, nowMs);
  }

  /** Something may have changed. */
  see(neighbour: TimeFacts, line: LineFacts, isDiskBusy: boolean, nowMs: number): void {
    this.down.enter(downStateOf(neighbour, line, isDiskBusy), nowMs);
    this.up.enter(upStateOf(neighbour, line), nowMs);
  }
}

export function downStateOf(neighbour: TimeFacts, line: LineFacts, isDiskBusy: boolean): DownState {
  if (!neighbour.amInterested) return "uninterested";
  if (neighbour.peerChoking && neighbour.isIdle) return "choked";
  if (neighbour.isSnubbed) return "snubbed";
  if (line.isOverLimit) return "limited";
  if (line.isReadingPaused) return "held";
  if (isDiskBusy) return "disk";
  return neighbour.isIdle ? "idle" : "waiting";
}

export function upStateOf({ uploads, peerInterested, amChoking }: TimeFacts, line: LineFacts): UpState {
  if (uploads.isReading) return "disk";
  if (line.queuedBytes >= lineFullBytes) return "line";
  if (uploads.length > 0) return uploads.isUngranted ? "limited" : "line";
  if (!peerInterested) return "unwanted";
  return amChoking ? "choking" : "unasked";
}
