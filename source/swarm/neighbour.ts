/**
 * One connected peer of one torrent: the four flags, what it has, what we asked of it and it of us. It keeps the
 * protocol's rules (BEP 3, 6, 10) and tells its swarm what happened; what to do about that is the swarm's business.
 */
import { Bitfield } from "../base/bitfield.ts";
import { ProtocolError } from "../base/errors.ts";
import type { PieceIndex } from "../base/ids.ts";
import { blockLength } from "../metainfo/geometry.ts";
import { blockLengthMax, type WireHandler } from "../wire/decoder.ts";
import { encodeBare, encodeIndices, encodeKeepAlive, messageId } from "../wire/messages.ts";
import { isAtRest } from "./at-rest.ts";
import { type ActivePiece, blockKey } from "./block-ledger.ts";
import type { BlockRequest } from "./block-queue.ts";
import { FloodGate } from "./flood-gate.ts";
import { FreePieces } from "./free-pieces.ts";
import { greeting } from "./greeting.ts";
import { HaveRate } from "./have-rate.ts";
import { LineWatch } from "./line-watch.ts";
import { NeighbourExtensions } from "./neighbour-extensions.ts";
import { NeighbourFacts } from "./neighbour-facts.ts";
import type { NeighbourInfo, NeighbourLink, NeighbourOwner } from "./neighbour-owner.ts";
import { NeighbourTime } from "./neighbour-time.ts";
import { Outbox } from "./outbox.ts";
import type { PickingNeighbour } from "./piece-picker.ts";
import { RequestPipeline } from "./request-pipeline.ts";
import { Strikes } from "./strikes.ts";
import { UploadQueue, uploadQueueLimit } from "./upload-queue.ts";
import { UploadSide } from "./upload-side.ts";

export class Neighbour extends NeighbourFacts implements WireHandler, PickingNeighbour {
  readonly pipeline: RequestPipeline;
  readonly uploads: UploadQueue;
  /** What its time goes into. */
  readonly time: NeighbourTime;
  readonly haves: HaveRate;
  readonly extensions = new NeighbourExtensions((message) => this.#outbox.post(message));
  /** Sends what the upload limit now grants; one function for its whole life, so that it stands in line once. */
  readonly serveUploads = () => {
    this.uploads.serve();
    this.#gate.check();
  };
  readonly #owner: NeighbourOwner;
  readonly #link: NeighbourLink;
  readonly #outbox: Outbox;
  readonly #gate: FloodGate;
  readonly watch: LineWatch;
  readonly #free: FreePieces;
  readonly #strikes = new Strikes();
  /** It has said once what it has, in a bitfield or in short. */
  #hasField = false;
  /** In this run: pieces that it has got, and bytes of blocks that came, of those that were asked for (others earn nothing). */
  #gained = 0;
  #received = 0;
  /** When the first block of this run was seen; NaN before. Those behind it were read with it. */
  #blocksMs = Number.NaN;

  constructor(owner: NeighbourOwner, link: NeighbourLink, info: NeighbourInfo) {
    const now = owner.nowMs();
    super(info, owner.geometry.pieceCount, now);
    this.#owner = owner;
    this.#link = link;
    this.#outbox = new Outbox(link, owner, () => this.#wake(owner.nowMs()));
    this.watch = new LineWatch(link, this.#outbox, now);
    this.time = new NeighbourTime(now);
    this.haves = new HaveRate(now);
    this.pipeline = new RequestPipeline(now);
    this.#free = new FreePieces(owner.geometry.pieceLength);
    this.uploads = new UploadQueue(new UploadSide(this, link, owner), owner.geometry.pieceLength, owner.sendBuffers);
    this.#gate = new FloodGate(link, this.uploads, owner);
  }

  get isSnubbed(): boolean {
    return this.pipeline.isSnubbed;
  }

  get isIdle(): boolean {
    return this.pipeline.outstanding === 0;
  }

  /** Something that its time depends on may have changed. */
  seeTime(): void {
    const now = this.#owner.nowMs();
    this.#wake(now);
    if (!this.isClosed) this.time.see(this, this.#link, this.#owner.isCongested, now);
  }

  hasRequested(key: number): boolean {
    return this.pipeline.has(key);
  }

  // ── what we say ────────────────────────────────────────────────────────────────────────────────────────────────

  /** The first messages after the handshake. */
  greet(extensionHandshake: Uint8Array | undefined): void {
    this.#outbox.post(...greeting(this.info, this.#owner.offeredTo(this), extensionHandshake));
  }

  grantAllowedFast(pieces: readonly PieceIndex[]): void {
    if (pieces.length === 0) return;
    this.#free.add(pieces);
    this.#outbox.post(encodeIndices(messageId.allowedFast, pieces));
  }

  setInterest(isInterested: boolean): void {
    if (this.amInterested === isInterested) return;
    this.amInterested = isInterested;
    this.#outbox.post(encodeBare(isInterested ? messageId.interested : messageId.notInterested));
    this.seeTime();
  }

  /** Chokes or unchokes the neighbour; what it has asked for is dropped when it is choked (BEP 3, BEP 6). */
  setChoke(isChoked: boolean): void {
    if (this.amChoking === isChoked) return;
    this.amChoking = isChoked;
    this.#outbox.post(encodeBare(isChoked ? messageId.choke : messageId.unchoke));
    if (!isChoked) {
      this.unchokedMs = this.#owner.nowMs();
      this.seeTime();
      return;
    }
    this.chokedMs = this.#owner.nowMs();
    for (const request of this.uploads.takeAll()) {
      if (this.#free.has(request.piece)) this.uploads.add(request);
      else this.#reject(request);
    }
    this.#gate.check();
    this.seeTime();
  }

  announcePieces(pieces: readonly PieceIndex[]): void {
    this.announce(encodeIndices(messageId.have, pieces));
  }

  /** @param haves messages. */
  announce(haves: Uint8Array): void {
    this.#outbox.post(haves);
  }

  announceLater(haves: Uint8Array): void {
    this.#outbox.postLater(haves);
  }

  sendLater(): void {
    this.#outbox.sendLater();
  }

  /** Asks for a block that the picker has marked as requested. */
  request(active: ActivePiece, block: number, nowMs: number): void {
    const { geometry } = this.#owner;
    const length = geometry.blockLengthOf(active.piece, block);
    this.#outbox.postRequest(messageId.request, active.piece, block * blockLength, length);
    this.pipeline.sent(active.piece * geometry.blocksPerPiece + block, active, block, nowMs);
  }

  /** The disk became full, or takes more again. */
  diskChanged(): void {
    this.#gate.check();
    this.seeTime();
  }

  /** Takes back a request whose block came from somebody else. */
  cancel(key: number, active: ActivePiece, block: number): void {
    if (!this.pipeline.cancelled(key)) return;
    const length = this.#owner.geometry.blockLengthOf(active.piece, block);
    this.#outbox.postRequest(messageId.cancel, active.piece, block * blockLength, length);
  }

  /** Blocks that it has asked for, and their headers. */
  sendBlocks(buffers: readonly Uint8Array[], payloadBytes: number): void {
    const now = this.#owner.nowMs();
    this.up.add(payloadBytes, now);
    this.#owner.uploaded(this, payloadBytes);
    this.#outbox.post(...buffers);
    this.#outbox.flush();
    this.#gate.check();
  }

  /** Takes back everything we asked for. */
  takeBackRequests(): void {
    for (const { active, block } of this.pipeline.all()) {
      this.cancel(active.piece * this.#owner.geometry.blocksPerPiece + block, active, block);
      this.#owner.requestsVoid(this, [{ active, block }]);
    }
  }

  /** Gives up everything we asked for without a word: choked, snubbed or leaving. */
  voidRequests(): void {
    const all = this.pipeline.takeAll();
    if (all.length > 0) this.#owner.requestsVoid(this, all);
  }

  close(reason: string): void {
    if (this.isClosed) return;
    this.#outbox.flush();
    this.#link.close(reason);
  }

  /** The connection is gone. */
  closed(): void {
    this.isClosed = true;
    this.uploads.close();
    this.#outbox.close();
  }

  /** After a tick: it needs none for a while, if so it is (see at-rest.ts). */
  rest(): void {
    if (!this.#gate.isCalm || !isAtRest(this, this.#link)) return;
    this.restsUntilMs = this.watch.dueMs;
    this.time.rest();
  }

  /** About once a second, unless it rests. */
  tick(nowMs: number): void {
    this.#wake(nowMs);
    if (this.#link.isReadingPaused) this.pipeline.heldUp(nowMs);
    const verdict = this.watch.verdict(nowMs);
    if (verdict === "silent") this.close("it was silent for three minutes");
    else if (verdict === "stuck") this.close("it reads nothing of what we send");
    else if (verdict === "keep-alive") this.#outbox.post(encodeKeepAlive());
    this.#gate.check();
  }

  // ── what it says ───────────────────────────────────────────────────────────────────────────────────────────────

  onKeepAlive(): void {}

  onChoke(): void {
    if (this.peerChoking) return;
    this.peerChoking = true;
    // With the fast extension each request is rejected or answered by itself (BEP 6); without, all are void.
    if (!this.info.hasFast) this.voidRequests();
    this.#owner.peerChokeChanged(this);
  }

  onUnchoke(): void {
    if (!this.peerChoking) return;
    this.peerChoking = false;
    this.#owner.peerChokeChanged(this);
  }

  onInterested(): void {
    if (this.peerInterested) return;
    this.peerInterested = true;
    this.#interestChanged();
  }

  onNotInterested(): void {
    if (!this.peerInterested) return;
    this.peerInterested = false;
    // What it was not told yet may be what it wants.
    this.#outbox.sendLater();
    this.#interestChanged();
  }

  onHave(index: number): void {
    const piece = this.#piece(index);
    if (!this.field.set(piece)) return;
    this.#gained++;
    this.#owner.pieceCame(this, piece);
  }

  onBitfield(bytes: Uint8Array): void {
    const field = Bitfield.fromWire(this.#owner.geometry.pieceCount, bytes);
    if (field === undefined) throw new ProtocolError("bad-bitfield", "a bitfield with spare bits set");
    this.#fieldSaid(field);
  }

  onHaveAll(): void {
    this.#needFast();
    if (!this.isSeed) this.#fieldSaid(Bitfield.full(this.#owner.geometry.pieceCount));
  }

  onHaveNone(): void {
    this.#needFast();
    if (!this.#hasField) this.#fieldSaid(new Bitfield(this.#owner.geometry.pieceCount));
  }

  onRequest(index: number, begin: number, length: number): void {
    const piece = this.#piece(index);
    if (length > blockLengthMax || !this.#owner.geometry.contains(piece, begin, length)) {
      throw new ProtocolError("bad-request", `a request for ${length} bytes at ${begin} of piece ${index}`);
    }
    const request = { piece, begin, length };
    const isAllowed = !this.amChoking || this.#free.take(piece, length);
    const isTooMuch = this.uploads.isFull && this.info.hasFast;
    if (!isAllowed || isTooMuch || !this.#owner.offeredTo(this).has(piece)) this.#reject(request);
    else this.uploads.add(request);
    if (this.uploads.length > uploadQueueLimit) throw new ProtocolError("flood", "it floods us with requests");
  }

  onCancel(index: number, begin: number, length: number): void {
    const request = { piece: this.#piece(index), begin, length };
    if (this.uploads.cancel(request)) this.#reject(request);
  }

  onPiece(index: number, begin: number, data: Uint8Array): void {
    const key = blockKey(this.#owner.geometry, this.#piece(index), begin, data.length);
    if (Number.isNaN(this.#blocksMs)) this.#blocksMs = this.#owner.nowMs();
    const request = key === undefined ? undefined : this.pipeline.answered(key, data.length, this.#blocksMs);
    if (request === undefined) {
      this.#owner.wasted(data.length);
      this.#strikes.add("it keeps sending blocks nobody asked for");
      return;
    }
    this.#received += data.length;
    this.#strikes.madeGood();
    this.#owner.blockCame(this, request, data);
  }

  onReject(index: number, begin: number, length: number): void {
    this.#needFast();
    const piece = this.#piece(index);
    const key = blockKey(this.#owner.geometry, piece, begin, length);
    const request = key === undefined ? undefined : this.pipeline.rejected(key);
    if (request === undefined) return;
    // A neighbour that rejects what it offered is not asked for it again and again while choked.
    this.takeBackAllowed(piece);
    this.#owner.requestsVoid(this, [request]);
    if (!this.peerChoking) this.#strikes.add("it rejects what we ask though it does not choke us");
  }

  onSuggestPiece(index: number): void {
    this.#needFast();
    this.#piece(index);
  }

  onAllowedFast(index: number): void {
    this.#needFast();
    // Indices out of range are to be tolerated here: some clients send the set before they know the torrent's size.
    const piece = this.#owner.geometry.pieceIndex(index);
    if (piece !== undefined && !this.#owner.offeredTo(this).has(piece)) this.allow(piece);
  }

  onExtended(extendedId: number, payload: Uint8Array): void {
    this.#owner.extended(this, extendedId, payload);
  }

  onRunEnd(): void {
    const now = this.#owner.nowMs();
    this.watch.heard(now);
    if (this.#gained > 0) this.haves.came(this.#gained, now);
    this.#gained = 0;
    this.#blocksMs = Number.NaN;
    const received = this.#received;
    this.#received = 0;
    if (received > 0) this.down.add(received, now);
    this.#link.sentBlocks?.(received);
    this.#owner.runEnded(this, received);
    // Who is at rest, and asks for nothing, has only said what it has.
    if (this.restsUntilMs === 0 || this.uploads.length > 0) this.serveUploads();
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * BEP 3 has one bitfield, as the first message; aria2 also sends one in place of many `have` messages, so a later one
   * counts too, by what is new in it: repeated, it costs next to nothing. What a neighbour once had it keeps.
   */
  #fieldSaid(said: Bitfield): void {
    const old = this.field;
    if (!this.#hasField) {
      this.#hasField = true;
      for (let piece = 0; !old.isEmpty && piece < old.length; piece++) if (old.has(piece)) said.set(piece);
      this.field = said;
      this.#owner.fieldCame(this, old);
      return;
    }
    for (let at = 0; at < said.bytes.length; at++) {
      if (((said.bytes[at] ?? 0) & ~(old.bytes[at] ?? 0)) === 0) continue;
      for (let piece = 8 * at; piece < 8 * at + 8; piece++) if (said.has(piece)) this.onHave(piece);
    }
  }

  #interestChanged(): void {
    this.#owner.peerInterestChanged(this);
    this.seeTime();
  }

  #wake(nowMs: number): void {
    if (this.restsUntilMs === 0) return;
    this.restsUntilMs = 0;
    this.time.wake(nowMs);
  }

  #piece(index: number): PieceIndex {
    const piece = this.#owner.geometry.pieceIndex(index);
    if (piece === undefined) throw new ProtocolError("bad-piece", `there is no piece ${index}`);
    return piece;
  }

  #needFast(): void {
    if (!this.info.hasFast) throw new ProtocolError("no-fast", "a fast-extension message without the extension");
  }

  #reject(request: BlockRequest): void {
    if (!this.info.hasFast) return;
    this.#gate.rejected();
    this.#outbox.postRequest(messageId.rejectRequest, request.piece, request.begin, request.length);
  }
}
