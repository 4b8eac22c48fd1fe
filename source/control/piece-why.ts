/**
 * What becomes of one piece, or why nothing does, in words: from facts, the first of them that decides. Pure.
 */
import { formatCount, plural } from "../base/units.ts";
import type { PieceRow } from "./piece-rows.ts";
import type { TorrentState } from "./rows.ts";
import type { Verdict, VerdictWeight } from "./verdict.ts";

export interface PieceFacts {
  readonly piece: PieceRow;
  readonly torrentState: TorrentState;
  /** Whether there are neighbours that availability is counted of. */
  readonly isActive: boolean;
  /** Seen from us: neighbours that have it; of these, those who let us ask; of those, who send nothing all the same. */
  readonly holders: number;
  readonly open: number;
  readonly snubbing: number;
  /** Neighbours that lack it. */
  readonly lackers: number;
  /** Files with bytes in it. */
  readonly fileCount: number;
  /** Waiting pieces that go before it; `undefined` where it does not wait. */
  readonly queue: { readonly higher: number; readonly rarer: number; readonly equal: number } | undefined;
  readonly isSequential: boolean;
  /** Too few pieces are verified yet for the rarest to go first. */
  readonly isNewcomer: boolean;
  /** Blocks that several are asked for. */
  readonly doubled: number;
  /** Only this neighbour may be asked: the piece failed before, or it is under suspicion. */
  readonly owner: string | undefined;
  readonly isDiskBusy: boolean;
  /** The download limit keeps us from asking for more. */
  readonly isOverLimit: boolean;
}

function verdict(weight: VerdictWeight, code: string, sentence: string, evidence: readonly string[] = []): Verdict {
  return { weight, code, sentence, evidence, help: "" };
}

export function pieceVerdict(facts: PieceFacts): Verdict {
  switch (facts.piece.state) {
    case "ours":
      return oursVerdict(facts);
    case "skipped": {
      const whose = facts.fileCount === 1 ? "its file is skipped" : "its files are skipped";
      const kept = facts.piece.received > 0 ? ["what has come of it is kept"] : [];
      return { ...verdict("note", "skipped", whose, kept), help: "want the file again, among the files" };
    }
    case "active":
      return activeVerdict(facts);
    case "missing":
      return stillVerdict(facts) ?? nobodyGives(facts) ?? waitingVerdict(facts);
  }
}

function oursVerdict({ isActive, lackers, holders }: PieceFacts): Verdict {
  if (!isActive) return verdict("note", "ours", "it is verified and on our disk");
  if (holders === 0 && lackers > 0) {
    return verdict("note", "only-ours", `only we have it: ${plural(lackers, "neighbour")} ${lack(lackers)} it`);
  }
  return lackers === 0
    ? verdict("note", "ours", "it is ours, and nobody here lacks it")
    : verdict("note", "ours", `it is ours; ${plural(lackers, "neighbour")} ${lack(lackers)} it`);
}

function lack(count: number): string {
  return count === 1 ? "lacks" : "lack";
}

/** The torrent does nothing now. */
function stillVerdict({ isActive, torrentState }: PieceFacts): Verdict | undefined {
  if (isActive) return undefined;
  const words: Partial<Record<TorrentState, string>> = {
    checking: "our files are being checked: it may be there",
    queued: "the torrent waits for its turn",
    moving: "the torrent's files are being moved",
    paused: "the torrent is paused",
    failed: "the torrent has failed",
  };
  return verdict("stops", "not-active", words[torrentState] ?? "the torrent is not active");
}

/** Nobody can be asked for it. */
function nobodyGives({ holders, lackers, open, snubbing }: PieceFacts): Verdict | undefined {
  if (holders + lackers === 0) return verdict("stops", "lonely", "nobody is connected who could have it");
  if (holders === 0) return verdict("stops", "nowhere", "no neighbour has it");
  if (open === 0) {
    const sentence = holders === 1 ? "the one who has it chokes us" : `all ${holders} who have it choke us`;
    return verdict("stops", "choked", sentence);
  }
  if (snubbing < open) return undefined;
  return verdict(
    "stops",
    "snubbed",
    open === 1 ? "the one who may be asked for it sends nothing" : `the ${open} who may be asked for it send nothing`,
    holders > open ? [`${holders - open} more have it, and choke us`] : [],
  );
}

function activeVerdict(facts: PieceFacts): Verdict {
  const { piece, owner, doubled } = facts;
  const { blocks, received, requested } = piece;
  const so = `${formatCount(received)} of ${plural(blocks, "block")} ${received === 1 ? "is" : "are"} here`;
  if (received === blocks) return verdict("note", "hashing", "all of it is here: it is being checked and written");
  if (requested > 0) {
    const evidence = [`${formatCount(requested)} asked for`];
    if (doubled > 0) evidence.push(`endgame: ${formatCount(doubled)} of them of several neighbours`);
    if (owner !== undefined) evidence.push(`of ${owner} alone, so that a failure would prove something`);
    return verdict("note", "active", `it is under way: ${so}`, evidence);
  }
  const stop = nobodyGives(facts);
  if (stop !== undefined) return { ...stop, evidence: [so, ...stop.evidence] };
  if (owner !== undefined) {
    return verdict("slows", "owned", `it waits for ${owner}, who alone may send it`, [
      so,
      "the piece failed before, or another who sent part of it is under suspicion",
    ]);
  }
  return heldUp(facts, [so]) ?? verdict("slows", "busy", "those who have it are busy with other blocks", [so]);
}

function heldUp({ isDiskBusy, isOverLimit }: PieceFacts, evidence: readonly string[]): Verdict | undefined {
  if (isDiskBusy) return verdict("slows", "disk", "our disk takes no more just now", evidence);
  return isOverLimit ? verdict("slows", "limited", "our download limit keeps us from asking", evidence) : undefined;
}

/** Somebody could be asked for it, and is not. */
function waitingVerdict(facts: PieceFacts): Verdict {
  const { queue, isSequential, isNewcomer, open, holders } = facts;
  const evidence = holders === 1 ? ["one neighbour has it"] : [`${holders} neighbours have it, ${open} let us ask`];
  const held = heldUp(facts, evidence);
  if (held !== undefined) return held;
  const turn = (sentence: string): Verdict => verdict("note", "not-its-turn", `not its turn: ${sentence}`, evidence);
  if (queue !== undefined && queue.higher > 0) return turn(`${plural(queue.higher, "piece")} wanted more come first`);
  if (isSequential) return turn("pieces come in order");
  if (isNewcomer) return turn("the first pieces are drawn at random, to have something to give soon");
  if (queue !== undefined && queue.rarer > 0) {
    return turn(queue.rarer === 1 ? "a rarer one comes first" : `${formatCount(queue.rarer)} rarer ones come first`);
  }
  if (queue !== undefined && queue.equal > 1) {
    return turn(`it is among the ${formatCount(queue.equal)} rarest, and which comes first is drawn by lot`);
  }
  return verdict("note", "next", "it comes next, when one who has it can be asked for more", evidence);
}
