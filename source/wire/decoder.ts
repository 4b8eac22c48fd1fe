/**
 * Bytes from a neighbour → messages, in place. A message that lies whole in the bytes fed is handed on as a view of
 * them; only one that is cut by the end of a read is copied together. Memory grows with the bytes that really came,
 * never with what a length prefix claims, and a prefix that no message may have is refused when its fifth byte is seen.
 */
import { ProtocolError } from "../base/errors.ts";
import { messageId, readUint32 } from "./messages.ts";

/** Views given to these are valid until the next `onRunEnd` returns. Throwing ends the connection. */
export interface WireHandler {
  onKeepAlive(): void;
  onChoke(): void;
  onUnchoke(): void;
  onInterested(): void;
  onNotInterested(): void;
  onHave(index: number): void;
  onBitfield(field: Uint8Array): void;
  onRequest(index: number, begin: number, length: number): void;
  onPiece(index: number, begin: number, data: Uint8Array): void;
  onCancel(index: number, begin: number, length: number): void;
  onSuggestPiece(index: number): void;
  onHaveAll(): void;
  onHaveNone(): void;
  onReject(index: number, begin: number, length: number): void;
  onAllowedFast(index: number): void;
  onExtended(extendedId: number, payload: Uint8Array): void;
  /** No more messages of this read will come, be it because one was refused; their views die when this returns. */
  onRunEnd(): void;
}

/** No client asks for blocks above 128 KiB, so none is to come (libtorrent and Transmission draw the same line). */
export const blockLengthMax = 128 * 1024;
/** Extension messages are small; metadata pieces are 16 KiB, and 1 MiB leaves room for what is to be invented. */
const extendedLengthMax = 1024 * 1024;
/** Of the most pieces that a .torrent file of 32 MiB has hashes for. */
const anyBitfieldLengthMax = 256 * 1024;
/** Ids we do not know are skipped (BEP 3 leaves room for new ones), within reason. */
const unknownLengthMax = 64 * 1024;
/** Buffers that lately held a partial message wait for the next one, whoever sends it: so many, of such lengths. */
const spareMax = 32;
const spareLengthMin = 1024;
const spareLengthMax = 32 * 1024;
const nothing = new Uint8Array(0);
const noPort = () => {};

export class WireDecoder {
  readonly #handler: WireHandler;
  readonly #bitfieldLength: number | undefined;
  readonly #onPort: (port: number) => void;
  static readonly #spare: Uint8Array[] = [];
  /** `nothing` while no message is cut: of a thousand connections few are in the middle of one. */
  #partial: Uint8Array = nothing;
  #partialLength = 0;
  #isClosed = false;

  /**
   * @param bitfieldLength bytes of this torrent's bitfield: the only length a `bitfield` message may have. `undefined` while
   * nobody knows how many pieces there are.
   * @param onPort it has a DHT node on this UDP port (BEP 5), which is nothing to the swarm. Default: nobody wants to know.
   */
  constructor(handler: WireHandler, bitfieldLength: number | undefined, onPort: (port: number) => void = noPort) {
    this.#handler = handler;
    this.#bitfieldLength = bitfieldLength;
    this.#onPort = onPort;
  }

  /** Nothing is handed on any more, not even the rest of the bytes being fed. */
  close(): void {
    this.#isClosed = true;
  }

  /** @throws ProtocolError for what no client in its senses would send; the connection is to be closed. */
  feed(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    let at = 0;
    try {
      at = this.#handOnAll(bytes);
    } catch (error) {
      this.#isClosed = true;
      throw error;
    } finally {
      // Even after a refused message: blocks before it are views that the storage still holds.
      this.#handler.onRunEnd();
    }
    if (!this.#isClosed && at < bytes.length) this.#keep(bytes, at, bytes.length);
    if (this.#partialLength === 0 && this.#partial !== nothing) this.#giveBack();
  }

  /** @returns where the first message begins that is not whole. */
  #handOnAll(bytes: Uint8Array): number {
    let at = 0;
    if (this.#partialLength > 0) at = this.#completePartial(bytes);
    while (!this.#isClosed && bytes.length - at >= 4) {
      const length = readUint32(bytes, at);
      if (length > 0 && bytes.length - at < 5) break;
      this.#checkLength(length, bytes[at + 4] ?? 0);
      if (bytes.length - at < 4 + length) break;
      this.#dispatch(bytes, at + 4, length);
      at += 4 + length;
    }
    return at;
  }

  /** @returns how many of the new bytes the kept message took. */
  #completePartial(bytes: Uint8Array): number {
    let taken = 0;
    if (this.#partialLength < 5) {
      taken = Math.min(5 - this.#partialLength, bytes.length);
      if (this.#partialLength < 4 && this.#partialLength + taken >= 4) {
        // A keep-alive is four bytes alone: do not take a fifth from what follows it.
        const beforeId = this.#keep(bytes, 0, 4 - this.#partialLength);
        taken = beforeId;
        if (readUint32(this.#partial, 0) === 0) {
          this.#partialLength = 0;
          this.#handler.onKeepAlive();
          return taken;
        }
        if (taken === bytes.length) return taken;
        taken += this.#keep(bytes, taken, taken + 1);
      } else {
        this.#keep(bytes, 0, taken);
      }
      if (this.#partialLength < 5) return taken;
    }
    const length = readUint32(this.#partial, 0);
    this.#checkLength(length, this.#partial[4] ?? 0);
    const end = Math.min(bytes.length, taken + 4 + length - this.#partialLength);
    this.#keep(bytes, taken, end);
    if (this.#partialLength === 4 + length) {
      this.#partialLength = 0;
      this.#dispatch(this.#partial, 4, length);
    }
    return end;
  }

  /** Of what lay in the buffer nobody holds a view any more. */
  #giveBack(): void {
    const { length } = this.#partial;
    const isFit = length >= spareLengthMin && length <= spareLengthMax;
    if (isFit && WireDecoder.#spare.length < spareMax) WireDecoder.#spare.push(this.#partial);
    this.#partial = nothing;
  }

  /** Appends bytes from … to (exclusive) to the kept message. @returns how many. */
  #keep(bytes: Uint8Array, from: number, to: number): number {
    const count = to - from;
    const needed = this.#partialLength + count;
    if (needed > this.#partial.length) {
      const grown = this.#bufferFor(needed, this.#messageLength(bytes, from, count));
      grown.set(this.#partial.subarray(0, this.#partialLength));
      this.#partial = grown;
    }
    this.#partial.set(bytes.subarray(from, to), this.#partialLength);
    this.#partialLength = needed;
    return count;
  }

  /** At least `needed` long: one that is there, or as much as has come already. */
  #bufferFor(needed: number, messageLength: number): Uint8Array {
    const isFit = messageLength >= spareLengthMin && messageLength <= spareLengthMax;
    const spare = isFit ? WireDecoder.#spare.pop() : undefined;
    if (spare !== undefined && spare.length >= messageLength) return spare;
    let capacity = Math.max(64, this.#partial.length);
    while (capacity < needed) capacity *= 2;
    return new Uint8Array(Math.max(needed, Math.min(capacity, messageLength)));
  }

  /** The whole length of the message that is being kept, infinite where that is not known yet. */
  #messageLength(bytes: Uint8Array, from: number, count: number): number {
    if (this.#partialLength >= 4) return 4 + readUint32(this.#partial, 0);
    return this.#partialLength === 0 && count >= 4 ? 4 + readUint32(bytes, from) : Number.POSITIVE_INFINITY;
  }

  #checkLength(length: number, id: number): void {
    if (length === 0) return;
    if (!isLengthAllowed(id, length - 1, this.#bitfieldLength)) {
      throw new ProtocolError("bad-length", `a message of type ${id} with ${length - 1} bytes`);
    }
  }

  /** @param at where the id is. @param length id and body. */
  #dispatch(bytes: Uint8Array, at: number, length: number): void {
    const handler = this.#handler;
    if (length === 0) {
      handler.onKeepAlive();
      return;
    }
    const body = at + 1;
    const end = at + length;
    switch (bytes[at]) {
      case messageId.piece:
        handler.onPiece(readUint32(bytes, body), readUint32(bytes, body + 4), bytes.subarray(body + 8, end));
        return;
      case messageId.request:
        handler.onRequest(readUint32(bytes, body), readUint32(bytes, body + 4), readUint32(bytes, body + 8));
        return;
      case messageId.have:
        handler.onHave(readUint32(bytes, body));
        return;
      case messageId.choke:
        handler.onChoke();
        return;
      case messageId.unchoke:
        handler.onUnchoke();
        return;
      case messageId.interested:
        handler.onInterested();
        return;
      case messageId.notInterested:
        handler.onNotInterested();
        return;
      case messageId.bitfield:
        handler.onBitfield(bytes.subarray(body, end));
        return;
      case messageId.cancel:
        handler.onCancel(readUint32(bytes, body), readUint32(bytes, body + 4), readUint32(bytes, body + 8));
        return;
      case messageId.suggestPiece:
        handler.onSuggestPiece(readUint32(bytes, body));
        return;
      case messageId.haveAll:
        handler.onHaveAll();
        return;
      case messageId.haveNone:
        handler.onHaveNone();
        return;
      case messageId.rejectRequest:
        handler.onReject(readUint32(bytes, body), readUint32(bytes, body + 4), readUint32(bytes, body + 8));
        return;
      case messageId.allowedFast:
        handler.onAllowedFast(readUint32(bytes, body));
        return;
      case messageId.extended:
        handler.onExtended(bytes[body] ?? 0, bytes.subarray(body + 1, end));
        return;
      case messageId.port:
        this.#onPort(((bytes[body] ?? 0) << 8) | (bytes[body + 1] ?? 0));
        return;
      default: // ids that we do not know
        return;
    }
  }
}

function isLengthAllowed(id: number, bodyLength: number, bitfieldLength: number | undefined): boolean {
  switch (id) {
    case messageId.choke:
    case messageId.unchoke:
    case messageId.interested:
    case messageId.notInterested:
    case messageId.haveAll:
    case messageId.haveNone:
      return bodyLength === 0;
    case messageId.have:
    case messageId.suggestPiece:
    case messageId.allowedFast:
      return bodyLength === 4;
    case messageId.request:
    case messageId.cancel:
    case messageId.rejectRequest:
      return bodyLength === 12;
    case messageId.bitfield:
      return bitfieldLength === undefined ? bodyLength <= anyBitfieldLengthMax : bodyLength === bitfieldLength;
    case messageId.piece:
      return bodyLength >= 8 && bodyLength <= 8 + blockLengthMax;
    case messageId.port:
      return bodyLength === 2;
    case messageId.extended:
      return bodyLength >= 1 && bodyLength <= extendedLengthMax;
    default:
      return bodyLength <= unknownLengthMax;
  }
}
