/** One engine under judgement: what it has by right, and whether what it says of itself is what its lines show. */
import { Bitfield } from "../../base/bitfield.ts";
import { blockLength, type Geometry } from "../../metainfo/geometry.ts";
import { rechokeMs } from "../../swarm/choker.ts";
import type { Neighbour } from "../../swarm/neighbour.ts";
import type { Swarm } from "../../swarm/swarm.ts";
import { uploadQueueLimit, uploadQueueMax } from "../../swarm/upload-queue.ts";
import type { EngineNode } from "../engine-node.ts";
import { ledgerFault } from "./ledger-fault.ts";
import { type LineEnd, type LineOwner, requestKey } from "./line-end.ts";
import type { WireMessage } from "./wire-reader.ts";

/** What may wait for one connection: what `UploadQueue` leaves there, the batch that goes beyond that, and messages. */
const queuedBytesMax = 3 * 1024 * 1024;
const candidatesMax = 2000;
/** Rounds come with ticks, about one a second. */
const turnsMs = 2000;
/** A piece may wait for others so long before it is announced; to who can do nothing with it, for something else that is sent. */
const untoldMaxMs = 1000;
const untoldUselessMaxMs = 32_000;
/** How many times a node is looked at before all its books are, which costs more. */
const looksPerAudit = 64;

export interface JudgedContent {
  readonly geometry: Geometry;
  /** Whether this is what the content has there. */
  matches(offset: number, data: Uint8Array): boolean;
}

export type Report = (judge: NodeJudge, rule: string, detail: string, line: LineEnd | undefined) => void;

export class NodeJudge implements LineOwner {
  readonly node: EngineNode;
  readonly name: string;
  readonly pieceCount: number;
  readonly lines = new Set<LineEnd>();
  readonly #content: JudgedContent;
  readonly #report: Report;
  /** What it has shown to have, with a right to it. */
  readonly #held: Bitfield;
  /** When it was first seen to have each piece that it did not begin with. */
  readonly #heldMs = new Map<number, number>();
  readonly #nowMs: () => number;
  /** Of pieces that it does not hold: which blocks came as they should be. */
  readonly #got = new Map<number, Uint8Array>();
  #receivedBytes = 0;
  #sentBytes = 0;
  /** Of these, whatever may have come after the line was closed. */
  #unsureBytes = 0;
  #wrongBytes = 0;
  #looks = 0;
  /** The most regular slots of the last round, and how long they may be held. */
  #slots = 0;
  #slotsUntilMs = 0;

  constructor(node: EngineNode, content: JudgedContent, nowMs: () => number, report: Report) {
    this.#nowMs = nowMs;
    this.node = node;
    this.name = node.plan.name;
    this.#content = content;
    this.#report = report;
    this.pieceCount = content.geometry.pieceCount;
    this.#held = node.plan.isSeed ? Bitfield.full(this.pieceCount) : new Bitfield(this.pieceCount);
  }

  // ── LineOwner ──────────────────────────────────────────────────────────────────────────────────────────────────

  holds(piece: number): boolean {
    if (!this.#held.has(piece)) this.#prove();
    return this.#held.has(piece);
  }

  received({ index, begin, bytes, length }: WireMessage): void {
    this.#receivedBytes += length;
    const { geometry } = this.#content;
    const piece = geometry.pieceIndex(index);
    if (piece === undefined || !geometry.contains(piece, begin, length)) return;
    if (!this.#content.matches(geometry.offsetOf(piece) + begin, bytes)) {
      this.#wrongBytes += length;
      return;
    }
    if (this.#held.has(piece) || begin % blockLength !== 0) return;
    const blocks = this.#got.get(piece) ?? new Uint8Array(geometry.blockCountOf(piece));
    this.#got.set(piece, blocks);
    const block = begin / blockLength;
    if (length === geometry.blockLengthOf(piece, block)) blocks[block] = 1;
  }

  isRight({ index, begin, length, bytes }: WireMessage): boolean {
    this.#sentBytes += length;
    const { geometry } = this.#content;
    const piece = geometry.pieceIndex(index);
    if (piece === undefined || !geometry.contains(piece, begin, length)) return false;
    // A poisoner is what it is.
    if ((this.node.plan.manner?.spoils ?? 0) > 0) return true;
    return this.#content.matches(geometry.offsetOf(piece) + begin, bytes);
  }

  violated(rule: string, detail: string, line: LineEnd): void {
    this.#report(this, rule, detail, line);
  }

  // ── after a turn in which something of it happened ─────────────────────────────────────────────────────────────

  /** @param isThorough all of its books. */
  look(isThorough: boolean): void {
    this.#prove();
    const { swarm } = this.node.running ?? {};
    for (const line of this.lines) {
      if (line.isOver) this.#forget(line);
      else if (swarm !== undefined) this.#lookAtLine(line, swarm);
    }
    if (swarm !== undefined) this.#lookAtSwarm(swarm);
    this.#lookAtTotals();
    if (!isThorough && ++this.#looks % looksPerAudit !== 0) return;
    if (swarm !== undefined && swarm.superSeeding === undefined) this.#lookAtSilence();
    const fault = swarm === undefined ? undefined : ledgerFault(swarm, this.#content.geometry);
    if (fault !== undefined) this.#violated("its books disagree", fault);
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What the engine says that it has now must have come to it. */
  #prove(): void {
    const have = this.node.running?.have;
    if (have === undefined || have.count === this.#held.count) return;
    for (let piece = 0; piece < this.pieceCount; piece++) {
      if (have.has(piece) === this.#held.has(piece)) continue;
      if (!have.has(piece)) {
        this.#held.clear(piece);
        continue;
      }
      const isWhole = this.node.plan.isSeed || (this.#got.get(piece)?.every((isThere) => isThere === 1) ?? false);
      if (!isWhole) this.#violated("it has what nobody sent it", `piece ${piece}`);
      this.#held.set(piece);
      this.#heldMs.set(piece, this.#nowMs());
    }
  }

  #forget(line: LineEnd): void {
    this.lines.delete(line);
    // It may have closed the line while it read this, and then has not counted the rest.
    this.#unsureBytes += line.lastReadBytes;
  }

  #lookAtLine(line: LineEnd, swarm: Swarm): void {
    line.neighbour ??= this.#neighbourOf(line, swarm);
    const { neighbour, said, heard } = line;
    if (neighbour === undefined || neighbour.isClosed) return;
    const differs = (rule: string, engine: unknown, wire: unknown): void => {
      if (engine !== wire) this.#violated(rule, `the engine says ${String(engine)}, its line ${String(wire)}`, line);
    };
    differs("who chokes it", neighbour.peerChoking, heard.isChoking);
    differs("whom it chokes", neighbour.amChoking, said.isChoking);
    differs("who is interested", neighbour.peerInterested, heard.isInterested);
    differs("whom it is interested in", neighbour.amInterested, said.isInterested);
    differs("its interest goes by what it wants", neighbour.amInterested, neighbour.wantedCount > 0);
    differs("how much a neighbour has", neighbour.field.count, heard.field.count);
    const cameMin = line.askedBytes - line.unsureBytes;
    const came = Math.min(line.askedBytes, Math.max(cameMin, neighbour.down.total));
    differs("what came of a neighbour", neighbour.down.total, came);
    differs("what was sent to a neighbour", neighbour.up.total, line.sentBytes);
    this.#lookAtRequests(line, neighbour);
  }

  #neighbourOf(line: LineEnd, swarm: Swarm): Neighbour | undefined {
    const { address, port } = line.remote;
    for (const one of swarm.neighbours.values()) {
      if (one.info.endpoint.address === address && one.info.endpoint.port === port) return one;
    }
    return undefined;
  }

  /** Whoever is connected is told of every piece (a super-seed has its reasons not to). */
  #lookAtSilence(): void {
    const nowMs = this.#nowMs();
    for (const line of this.lines) {
      if (line.neighbour?.isClosed !== false) continue;
      for (let piece = 0; piece < this.pieceCount; piece++) {
        if (!this.#held.has(piece) || line.said.field.has(piece)) continue;
        const { field, amChoking, peerInterested } = line.neighbour;
        const isUseful = !field.has(piece) && !(amChoking && peerInterested);
        const maxMs = isUseful ? untoldMaxMs : untoldUselessMaxMs;
        if (nowMs - (this.#heldMs.get(piece) ?? Number.NEGATIVE_INFINITY) <= maxMs) continue;
        this.#violated("it does not say what it has", `piece ${piece}`, line);
      }
    }
  }

  #lookAtRequests(line: LineEnd, neighbour: Neighbour): void {
    const { geometry } = this.#content;
    let counted = 0;
    for (const [key, askedMs] of line.asked) {
      const piece = Math.floor(key / requestKey(1, 0));
      const block = (key % requestKey(1, 0)) / blockLength;
      if (neighbour.hasRequested(piece * geometry.blocksPerPiece + block)) counted++;
      else if (line.mayGiveUp(askedMs)) line.giveUp(key);
      else this.#violated("it forgets what it asked for", `block ${block} of piece ${piece}`, line);
    }
    if (counted !== neighbour.pipeline.outstanding) {
      const detail = `${neighbour.pipeline.outstanding} outstanding, ${counted} on the line`;
      this.#violated("it waits for what it did not ask for", detail, line);
    }
    const { uploads } = neighbour;
    const waiting = uploads.length + (uploads.isReading ? 1 : 0);
    const surplus = waiting - line.owed.size;
    if (line.hasFast && (surplus < 0 || surplus > line.maybeOwed.size)) {
      this.#violated("what it was asked for", `${waiting} in its queue, ${line.owed.size} on the line`, line);
    }
    if (uploads.length > uploadQueueMax + (line.hasFast ? 0 : uploadQueueLimit)) {
      this.#violated("its upload queue has no bound", `${uploads.length} requests`, line);
    }
    if (line.said.isChoking && line.hasFast) this.#lookAtChoked(line, uploads.isReading ? 1 : 0);
    if (line.queuedBytes > queuedBytesMax) {
      this.#violated("what it writes piles up", `${line.queuedBytes} bytes`, line);
    }
  }

  /** Who chokes has rejected all but what is free (BEP 6). @param reading blocks that come from the disk just now. */
  #lookAtChoked(line: LineEnd, reading: number): void {
    let owed = 0;
    for (const key of line.owed) if (!line.said.allowed.has(Math.floor(key / requestKey(1, 0)))) owed++;
    if (owed > reading) this.#violated("it leaves requests without an answer though it chokes", `${owed}`, line);
  }

  /** Where there are fewer slots now than there were, what are too many are taken with the next round. */
  #slotsOf(swarm: Swarm): number {
    const { regularSlots } = swarm.choker;
    const nowMs = swarm.nowMs();
    if (regularSlots >= this.#slots || nowMs > this.#slotsUntilMs) this.#slots = regularSlots;
    if (regularSlots >= this.#slots) this.#slotsUntilMs = nowMs + rechokeMs + turnsMs;
    return this.#slots;
  }

  #lookAtSwarm(swarm: Swarm): void {
    let unchoked = 0;
    for (const line of this.lines) if (!line.said.isChoking && line.neighbour?.isClosed === false) unchoked++;
    const slots = this.#slotsOf(swarm);
    if (unchoked > slots + 1) this.#violated("it unchokes too many", `${unchoked} of ${slots} and one more`);
    if (swarm.neighbours.size > swarm.admission.neighboursMax) {
      this.#violated("it has too many neighbours", `${swarm.neighbours.size}`);
    }
    if (swarm.peers.size > candidatesMax) this.#violated("it knows too many peers", `${swarm.peers.size}`);
  }

  /** Blocks that came are those that count and those that were in vain; a piece that fails counts as both. */
  #lookAtTotals(): void {
    const { running } = this.node;
    if (running === undefined) return;
    const { downloadedBytes, wastedBytes, uploadedBytes } = running;
    if (uploadedBytes !== this.#sentBytes) {
      this.#violated("what it sent in all", `the engine says ${uploadedBytes}, its lines ${this.#sentBytes}`);
    }
    const surplus = downloadedBytes + wastedBytes - this.#receivedBytes;
    const isExplained =
      surplus < 0 ? surplus >= -this.#unsureBytes : surplus === 0 || this.#wrongBytes + this.#unsureBytes > 0;
    if (isExplained) return;
    const detail = `${downloadedBytes} got and ${wastedBytes} wasted of ${this.#receivedBytes}`;
    this.#violated("what came to it in all", detail);
  }

  #violated(rule: string, detail: string, line?: LineEnd): void {
    this.#report(this, rule, detail, line);
  }
}
