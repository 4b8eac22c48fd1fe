/** One direction of a connection, from its first byte: the handshake, then messages, each in one form. */

import { WireDecoder, type WireHandler } from "../../wire/decoder.ts";
import { decodeHandshake, type Handshake, handshakeLength } from "../../wire/handshake.ts";
import { messageId } from "../../wire/messages.ts";

/** A message; numbers that it does not have are 0. Keep-alives are none. */
export interface WireMessage {
  /** See `messageId`. */
  readonly id: number;
  readonly index: number;
  readonly begin: number;
  readonly length: number;
  /** A bitfield, a block's data, an extension's payload; valid until the handler returns. */
  readonly bytes: Uint8Array;
}

export interface WireListener {
  shookHands(handshake: Handshake): void;
  said(message: WireMessage): void;
}

const nothing = new Uint8Array(0);

export class WireReader {
  readonly #listener: WireListener;
  readonly #decoder: WireDecoder;
  #early: Uint8Array | undefined = nothing;

  constructor(listener: WireListener, bitfieldLength: number) {
    this.#listener = listener;
    this.#decoder = new WireDecoder(new Funnel(listener), bitfieldLength);
  }

  /** @throws ProtocolError as `WireDecoder` and `decodeHandshake`. */
  feed(bytes: Uint8Array): void {
    if (this.#early === undefined) {
      this.#decoder.feed(bytes);
      return;
    }
    const all = new Uint8Array(this.#early.length + bytes.length);
    all.set(this.#early);
    all.set(bytes, this.#early.length);
    this.#early = all;
    if (all.length < handshakeLength) return;
    this.#early = undefined;
    this.#listener.shookHands(decodeHandshake(all));
    if (all.length > handshakeLength) this.#decoder.feed(all.subarray(handshakeLength));
  }

  /** Nothing more is told, not even of the bytes being fed. */
  close(): void {
    this.#decoder.close();
  }
}

class Funnel implements WireHandler {
  readonly #listener: WireListener;

  constructor(listener: WireListener) {
    this.#listener = listener;
  }

  onKeepAlive(): void {}
  onRunEnd(): void {}

  onChoke(): void {
    this.#said(messageId.choke);
  }

  onUnchoke(): void {
    this.#said(messageId.unchoke);
  }

  onInterested(): void {
    this.#said(messageId.interested);
  }

  onNotInterested(): void {
    this.#said(messageId.notInterested);
  }

  onHave(index: number): void {
    this.#said(messageId.have, index);
  }

  onBitfield(field: Uint8Array): void {
    this.#said(messageId.bitfield, 0, 0, 0, field);
  }

  onRequest(index: number, begin: number, length: number): void {
    this.#said(messageId.request, index, begin, length);
  }

  onPiece(index: number, begin: number, data: Uint8Array): void {
    this.#said(messageId.piece, index, begin, data.length, data);
  }

  onCancel(index: number, begin: number, length: number): void {
    this.#said(messageId.cancel, index, begin, length);
  }

  onSuggestPiece(index: number): void {
    this.#said(messageId.suggestPiece, index);
  }

  onHaveAll(): void {
    this.#said(messageId.haveAll);
  }

  onHaveNone(): void {
    this.#said(messageId.haveNone);
  }

  onReject(index: number, begin: number, length: number): void {
    this.#said(messageId.rejectRequest, index, begin, length);
  }

  onAllowedFast(index: number): void {
    this.#said(messageId.allowedFast, index);
  }

  onExtended(extendedId: number, payload: Uint8Array): void {
    this.#said(messageId.extended, extendedId, 0, payload.length, payload);
  }

  #said(id: number, index = 0, begin = 0, length = 0, bytes: Uint8Array = nothing): void {
    this.#listener.said({ id, index, begin, length, bytes });
  }
}
