/** One connection of a scripted peer: the protocol as far as its script needs it. */
import { Bitfield } from "../base/bitfield.ts";
import { ProtocolError } from "../base/errors.ts";
import { blockLength, type Geometry } from "../metainfo/geometry.ts";
import type { Connection, ConnectionHandler } from "../ports/network.ts";
import { WireDecoder, type WireHandler } from "../wire/decoder.ts";
import { handshakeLength } from "../wire/handshake.ts";
import {
  encodeBare,
  encodeBitfield,
  encodeRequest,
  messageId,
  pieceHeaderLength,
  writePieceHeader,
} from "../wire/messages.ts";

/** What a script makes of requests and pieces. */
export interface LineScript {
  readonly geometry: Geometry;
  /** What it says when the connection is there; empty: it stays mute. */
  readonly handshake: Uint8Array;
  /** What it claims to have. */
  readonly claims: Bitfield;
  /** Whether it unchokes whoever wants something. */
  readonly isGenerous: boolean;
  /** How it wants what others have: `everything` at once, whatever becomes of it. */
  readonly appetite: "none" | "pieces" | "everything";
  /** The answer to a request: a block, a rejection, or silence. */
  answer(piece: number, begin: number, length: number): Uint8Array | "reject" | "silence";
  /** A piece of theirs that is missing here and not under way, `undefined` where there is none. */
  nextOf(theirs: Bitfield): number | undefined;
  setUnderWay(piece: number, isUnderWay: boolean): void;
  pieceCame(piece: number, bytes: number): void;
  ended(line: ScriptedLine): void;
}

/** Requests under way on one line for a piece: 256 KiB. */
const windowLength = 16;
/** Requests that are sent at once where everything is wanted. */
const greedLength = 1000;
/** Requests that it remembers while its own line is busy. */
const askedMax = 2000;

interface Asked {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** A piece that is being fetched on a line. */
interface Fetch {
  readonly piece: number;
  next: number;
  missing: number;
}

export class ScriptedLine implements ConnectionHandler, WireHandler {
  readonly connection: Connection;
  readonly #script: LineScript;
  readonly #isIncoming: boolean;
  #early: Uint8Array = new Uint8Array(0);
  #decoder: WireDecoder | undefined;
  #theirs: Bitfield | undefined;
  #asked: Asked[] = [];
  #fetch: Fetch | undefined;
  #isChoked = true;
  #isChoking = true;
  #isInterested = false;
  #outstanding = 0;

  /** @param open makes the connection, which is incoming unless it dials. */
  constructor(script: LineScript, isIncoming: boolean, open: (self: ScriptedLine) => Connection) {
    this.#script = script;
    this.#isIncoming = isIncoming;
    this.connection = open(this);
  }

  // ── ConnectionHandler ──────────────────────────────────────────────────────────────────────────────────────────

  onOpen(): void {
    if (!this.#isIncoming) this.#say(this.#script.handshake);
  }

  onData(bytes: Uint8Array): void {
    if (this.#script.handshake.length === 0) return;
    try {
      if (this.#decoder === undefined) this.#shakeHands(bytes);
      else this.#decoder.feed(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.connection.close();
    }
  }

  onDrain(): void {
    this.#give();
  }

  onClose(): void {
    this.#decoder?.close();
    this.#release();
    this.#script.ended(this);
  }

  /** The peer has this piece now. */
  announce(have: Uint8Array): void {
    if (this.#decoder === undefined) return;
    this.#say(have);
    this.#want();
  }

  // ── WireHandler ────────────────────────────────────────────────────────────────────────────────────────────────

  onChoke(): void {
    this.#isChoked = true;
  }

  onUnchoke(): void {
    this.#isChoked = false;
    this.#ask();
  }

  onInterested(): void {
    if (!this.#isChoking || !this.#script.isGenerous) return;
    this.#isChoking = false;
    this.#say(encodeBare(messageId.unchoke));
  }

  onHave(index: number): void {
    if (index >= this.#script.geometry.pieceCount) throw new ProtocolError("bad-piece", "there is no such piece");
    this.#theirs?.set(index);
    this.#want();
  }

  onBitfield(field: Uint8Array): void {
    if (this.#theirs === undefined) return;
    for (let index = 0; index < this.#theirs.length; index++) {
      if (((field[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0) this.#theirs.set(index);
    }
    this.#want();
  }

  onHaveAll(): void {
    this.#theirs?.fill();
    this.#want();
  }

  onRequest(piece: number, begin: number, length: number): void {
    if (this.#asked.length >= askedMax) throw new ProtocolError("flood", "too many requests");
    this.#asked.push({ piece, begin, length });
    this.#give();
  }

  onCancel(piece: number, begin: number): void {
    const at = this.#asked.findIndex((asked) => asked.piece === piece && asked.begin === begin);
    if (at < 0) return;
    const [asked] = this.#asked.splice(at, 1);
    if (asked !== undefined) this.#say(encodeRequest(messageId.rejectRequest, piece, begin, asked.length));
  }

  onPiece(piece: number): void {
    if (this.#outstanding > 0) this.#outstanding--;
    const current = this.#fetch;
    if (current !== undefined && current.piece === piece && --current.missing === 0) {
      this.#fetch = undefined;
      this.#script.pieceCame(piece, this.#script.geometry.lengthOf(this.#script.geometry.piece(piece)));
    }
    this.#ask();
  }

  onReject(piece: number): void {
    if (this.#outstanding > 0) this.#outstanding--;
    // What came of it is lost; another line may have it.
    if (this.#fetch?.piece === piece && this.#outstanding === 0) this.#release();
  }

  onKeepAlive(): void {}
  onNotInterested(): void {}
  onSuggestPiece(): void {}
  onHaveNone(): void {}
  onAllowedFast(): void {}
  onExtended(): void {}
  onRunEnd(): void {}

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #shakeHands(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#early.length + bytes.length);
    all.set(this.#early);
    all.set(bytes, this.#early.length);
    this.#early = all;
    if (all.length < handshakeLength) return;
    this.#early = new Uint8Array(0);
    const { geometry, claims, appetite } = this.#script;
    if (this.#isIncoming) this.#say(this.#script.handshake);
    if (appetite !== "none") this.#theirs = new Bitfield(geometry.pieceCount);
    this.#decoder = new WireDecoder(this, (geometry.pieceCount + 7) >> 3);
    if (claims.isFull) this.#say(encodeBare(messageId.haveAll));
    else this.#say(claims.isEmpty ? encodeBare(messageId.haveNone) : encodeBitfield(claims.bytes));
    if (all.length > handshakeLength) this.#decoder.feed(all.subarray(handshakeLength));
  }

  #want(): void {
    const theirs = this.#theirs;
    if (theirs === undefined) return;
    if (!this.#isInterested && this.#script.nextOf(theirs) !== undefined) {
      this.#isInterested = true;
      this.#say(encodeBare(messageId.interested));
    }
    this.#ask();
  }

  #ask(): void {
    const theirs = this.#theirs;
    if (theirs === undefined || this.#isChoked) return;
    if (this.#script.appetite === "everything") this.#askAll(theirs);
    else this.#askPiece(theirs);
    if (this.#outstanding > 0 || !this.#isInterested) return;
    this.#isInterested = false;
    this.#say(encodeBare(messageId.notInterested));
  }

  #askPiece(theirs: Bitfield): void {
    const { geometry } = this.#script;
    while (this.#outstanding < windowLength) {
      const piece = this.#fetch?.piece ?? this.#script.nextOf(theirs);
      if (piece === undefined) return;
      const blockCount = geometry.blockCountOf(geometry.piece(piece));
      if (this.#fetch === undefined) {
        this.#fetch = { piece, next: 0, missing: blockCount };
        this.#script.setUnderWay(piece, true);
      }
      if (this.#fetch.next === blockCount) return;
      this.#request(piece, this.#fetch.next++);
    }
  }

  #askAll(theirs: Bitfield): void {
    if (this.#outstanding > 0) return;
    const { geometry } = this.#script;
    for (let piece = 0; piece < geometry.pieceCount && this.#outstanding < greedLength; piece++) {
      if (!theirs.has(piece)) continue;
      const blockCount = geometry.blockCountOf(geometry.piece(piece));
      for (let block = 0; block < blockCount; block++) this.#request(piece, block);
    }
  }

  #request(index: number, block: number): void {
    const piece = this.#script.geometry.piece(index);
    this.#outstanding++;
    const length = this.#script.geometry.blockLengthOf(piece, block);
    this.#say(encodeRequest(messageId.request, piece, block * blockLength, length));
  }

  /** Answers what was asked, as fast as the line takes it. */
  #give(): void {
    while (this.#asked.length > 0 && this.connection.queuedBytes === 0) {
      const [asked] = this.#asked.splice(0, 1);
      if (asked === undefined) return;
      const { piece, begin, length } = asked;
      const block = this.#isChoking ? "reject" : this.#script.answer(piece, begin, length);
      if (block === "silence") continue;
      if (block === "reject") {
        this.#say(encodeRequest(messageId.rejectRequest, piece, begin, length));
        continue;
      }
      const header = new Uint8Array(pieceHeaderLength);
      writePieceHeader(header, 0, piece, begin, length);
      this.connection.write([header, block]);
    }
  }

  #release(): void {
    if (this.#fetch !== undefined) this.#script.setUnderWay(this.#fetch.piece, false);
    this.#fetch = undefined;
    this.#outstanding = 0;
  }

  #say(bytes: Uint8Array): void {
    if (bytes.length > 0) this.connection.write([bytes]);
  }
}
