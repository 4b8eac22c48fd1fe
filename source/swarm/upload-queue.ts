/**
 * What one neighbour has asked of us, first come first served. Blocks go to the socket, many at a time, while it
 * takes them (back-pressure: what waits in our own memory is bounded by a `SendWindow`) and the upload limit grants them.
 */
import type { PieceIndex } from "../base/ids.ts";
import type { Storage } from "../storage/storage.ts";
import { pieceHeaderLength, writePieceHeader } from "../wire/messages.ts";
import { BlockQueue, type BlockRequest } from "./block-queue.ts";
import { blocksPerWrite, type SendBuffers, sendBufferLength } from "./send-buffers.ts";
import { SendWindow } from "./send-window.ts";

/**
 * Requests queued for one neighbour; what we tell it as `reqq` (BEP 10). Above it requests are rejected, or, where the
 * neighbour does not know rejection, it is not read any more until half are served.
 */
export const uploadQueueMax = 2000;
/** What the requests in one full receive buffer may add to that. Who sends more is not waiting for answers. */
export const uploadQueueLimit = 20_000;
/** Where memory is scarce, what waits for each neighbour is to be below this. */
const scarceBytes = 64 * 1024;

/** Where it is warm, blocks are read straight into send buffers. */
export type BlockSource = Pick<Storage, "isWarm" | "read" | "readInto">;

export interface UploadQueueOwner {
  /** Bytes that wait for the socket. */
  readonly queuedBytes: number;
  nowMs(): number;
  readonly storage: BlockSource;
  /** Whether the upload limit grants these bytes now; if not, `serve` is called again when it does. */
  grant(bytes: number): boolean;
  send(buffers: readonly Uint8Array[], payloadBytes: number): void;
  readFailed(error: unknown): void;
  /** Whatever could be sent was: what is left waits. */
  served(): void;
}

/** For who has never asked for anything: most neighbours of a large swarm. Never written to. */
const none = new BlockQueue(1);

export class UploadQueue {
  readonly #owner: UploadQueueOwner;
  #requests = none;
  readonly #pieceLength: number;
  #lastPiece: PieceIndex | undefined;
  readonly #window = new SendWindow();
  readonly #buffers: SendBuffers;
  /** What the socket may still read from. */
  #lent: Uint8Array[] = [];
  /** Stands in line for the next turn. */
  #isInLine = false;
  #isReading = false;
  #isUngranted = false;
  #isClosed = false;

  /** @param buffers of the whole engine. */
  constructor(owner: UploadQueueOwner, pieceLength: number, buffers: SendBuffers) {
    this.#buffers = buffers;
    this.#owner = owner;
    this.#pieceLength = pieceLength;
  }

  get length(): number {
    return this.#requests.size;
  }

  get isFull(): boolean {
    return this.#requests.size >= uploadQueueMax;
  }

  get isHalfEmpty(): boolean {
    return this.#requests.size <= uploadQueueMax / 2;
  }

  /** The piece that was sent last, if more of it is asked for next. */
  get pieceUnderWay(): PieceIndex | undefined {
    return this.#requests.next?.piece === this.#lastPiece ? this.#lastPiece : undefined;
  }

  /** A block is being read from the disk. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** The upload limit has not granted what is asked for. */
  get isUngranted(): boolean {
    return this.#isUngranted;
  }

  add(request: BlockRequest): void {
    if (this.#requests === none) this.#requests = new BlockQueue(this.#pieceLength);
    this.#requests.add(request);
  }

  /** @returns whether it was still waiting. */
  cancel(request: BlockRequest): boolean {
    return this.#requests.cancel(request);
  }

  /** Empties the queue. @returns what was in it. */
  takeAll(): BlockRequest[] {
    const all = this.#requests.all();
    this.#requests = none;
    return all;
  }

  close(): void {
    this.#isClosed = true;
    this.#requests = none;
    // The last bytes of a closed connection may yet leave.
    for (const buffer of this.#lent) this.#buffers.letGo(buffer);
    this.#lent = [];
  }

  /** Sends what may be sent now. Called for new requests, on drain, and when the limit grants more. */
  serve(): void {
    if (this.#isClosed) return;
    this.#isUngranted = false;
    let isMore = true;
    // The window is asked even where nothing is left to send: it is to know when all has left.
    for (let room = this.#room(); this.#mayServe && isMore && room > 0; room = this.#room()) {
      if (this.#buffers.turn.isOver) {
        this.#getInLine();
        break;
      }
      isMore = this.#owner.storage.isWarm ? this.#serveWarm(room) : this.#serveBatch(room);
    }
    this.#owner.served();
  }

  #getInLine(): void {
    if (this.#isInLine) return;
    this.#isInLine = true;
    this.#buffers.turn.await(() => {
      this.#isInLine = false;
      this.serve();
    });
  }

  get #mayServe(): boolean {
    return !this.#isClosed && !this.#isReading && this.#requests.size > 0;
  }

  #room(): number {
    const { queuedBytes } = this.#owner;
    if (queuedBytes === 0 && this.#lent.length > 0) {
      for (const buffer of this.#lent) this.#buffers.giveBack(buffer);
      this.#lent = [];
    }
    const room = this.#window.room(queuedBytes, this.#owner.nowMs());
    return this.#buffers.isScarce ? Math.min(room, scarceBytes - queuedBytes) : room;
  }

  /** The next request, if there is one and the limit grants it. */
  #grantedNext(): BlockRequest | undefined {
    const { next } = this.#requests;
    if (next === undefined) return undefined;
    if (this.#owner.grant(next.length)) {
      this.#requests.takeNext();
      return next;
    }
    this.#isUngranted = true;
    return undefined;
  }

  /** One write of one buffer. @param room bytes that may yet be sent, at least 1. @returns whether there may be more to do at once. */
  #serveWarm(room: number): boolean {
    const batch: BlockRequest[] = [];
    let length = 0;
    while (batch.length < blocksPerWrite && length < room && length + this.#nextLength <= sendBufferLength) {
      const request = this.#grantedNext();
      if (request === undefined) break;
      batch.push(request);
      length += pieceHeaderLength + request.length;
    }
    if (batch.length === 0) return false;
    const buffer = this.#buffers.take(length);
    this.#lent.push(buffer);
    try {
      this.#fill(buffer, batch);
    } catch (error) {
      this.#owner.readFailed(error);
      return false;
    }
    this.#lastPiece = batch.at(-1)?.piece;
    this.#sent(length);
    this.#owner.send([buffer.subarray(0, length)], length - batch.length * pieceHeaderLength);
    return true;
  }

  /** Of the next message; 0 where there is none. */
  get #nextLength(): number {
    const { next } = this.#requests;
    return next === undefined ? 0 : pieceHeaderLength + next.length;
  }

  /** Blocks with their headers, those that follow one another in a piece by one read. */
  #fill(buffer: Uint8Array, batch: readonly BlockRequest[]): void {
    let at = 0;
    let first: BlockRequest | undefined;
    let end = 0;
    let spans: Uint8Array[] = [];
    for (const request of batch) {
      if (first !== undefined && (request.piece !== first.piece || request.begin !== end)) {
        this.#owner.storage.readInto(first.piece, first.begin, spans);
        first = undefined;
        spans = [];
      }
      first ??= request;
      writePieceHeader(buffer, at, request.piece, request.begin, request.length);
      at += pieceHeaderLength + request.length;
      spans.push(buffer.subarray(at - request.length, at));
      end = request.begin + request.length;
    }
    if (first !== undefined) this.#owner.storage.readInto(first.piece, first.begin, spans);
  }

  /** @param room bytes that may yet be sent, at least 1. @returns whether there may be more to do at once. */
  #serveBatch(room: number): boolean {
    const buffers: Uint8Array[] = [];
    let length = 0;
    while (buffers.length < 2 * blocksPerWrite && length < room) {
      const request = this.#grantedNext();
      if (request === undefined) break;
      const bytes = this.#read(request);
      if (bytes === undefined) return false;
      if (bytes instanceof Promise) {
        this.#await(request, bytes);
        break;
      }
      buffers.push(headerOf(request), bytes);
      length += pieceHeaderLength + bytes.length;
      this.#lastPiece = request.piece;
    }
    this.#send(buffers, length);
    return length > 0 && !this.#isReading;
  }

  #read(request: BlockRequest): Uint8Array | Promise<Uint8Array> | undefined {
    try {
      return this.#owner.storage.read(request.piece, request.begin, request.length);
    } catch (error) {
      this.#owner.readFailed(error);
      return undefined;
    }
  }

  #await(request: BlockRequest, reading: Promise<Uint8Array>): void {
    this.#isReading = true;
    reading.then(
      (bytes) => {
        this.#isReading = false;
        if (this.#isClosed) return;
        this.#lastPiece = request.piece;
        this.#send([headerOf(request), bytes], pieceHeaderLength + bytes.length);
        this.serve();
      },
      (error: unknown) => {
        this.#isReading = false;
        if (!this.#isClosed) this.#owner.readFailed(error);
      },
    );
  }

  /** @param buffers headers and blocks in turn. @param length of all. */
  #send(buffers: readonly Uint8Array[], length: number): void {
    if (length === 0) return;
    this.#sent(length);
    this.#owner.send(buffers, length - (pieceHeaderLength * buffers.length) / 2);
  }

  #sent(bytes: number): void {
    this.#window.sent(bytes, this.#owner.nowMs());
    this.#buffers.turn.sent(bytes);
  }
}

function headerOf({ piece, begin, length }: BlockRequest): Uint8Array {
  const header = new Uint8Array(pieceHeaderLength);
  writePieceHeader(header, 0, piece, begin, length);
  return header;
}
