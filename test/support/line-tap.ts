/** Listens to one direction of a line between two neighbours, and tells what is against the protocol (BEP 3, BEP 6). */
import type { Geometry } from "../../source/metainfo/geometry.ts";
import { WireDecoder, type WireHandler } from "../../source/wire/decoder.ts";

/** All that a handler needs, doing nothing. */
class Deaf implements WireHandler {
  onKeepAlive(): void {}
  onChoke(): void {}
  onUnchoke(): void {}
  onInterested(): void {}
  onNotInterested(): void {}
  onHave(_index: number): void {}
  onBitfield(_field: Uint8Array): void {}
  onRequest(_index: number, _begin: number, _length: number): void {}
  onPiece(_index: number, _begin: number, _data: Uint8Array): void {}
  onCancel(_index: number, _begin: number, _length: number): void {}
  onSuggestPiece(_index: number): void {}
  onHaveAll(): void {}
  onHaveNone(): void {}
  onReject(_index: number, _begin: number, _length: number): void {}
  onAllowedFast(_index: number): void {}
  onExtended(_extendedId: number, _payload: Uint8Array): void {}
  onRunEnd(): void {}
}

const keyOf = (index: number, begin: number) => `${index}.${begin}`;

export class LineTap {
  /** The other direction of the same line. */
  other: LineTap | undefined;
  /** As this side has said last. */
  isUnchoking = false;
  /** As the other side has heard last. */
  isHeardUnchoking = false;
  readonly heardAllowed = new Set<number>();
  readonly #saidAllowed = new Set<number>();
  /** Requests of this side that the other has heard and not answered. */
  readonly open = new Set<string>();
  readonly #hasFast: boolean;
  readonly #isSlow: boolean;
  readonly #violated: (text: string) => void;
  readonly #sentDecoder: WireDecoder;
  readonly #heardDecoder: WireDecoder;
  isClosed = false;

  /** @param isSlow this side reads its blocks from a slow disk: one may be under way when it chokes. */
  constructor(hasFast: boolean, isSlow: boolean, geometry: Geometry, violated: (text: string) => void) {
    this.#hasFast = hasFast;
    this.#isSlow = isSlow;
    this.#violated = violated;
    const bitfieldLength = (geometry.pieceCount + 7) >> 3;
    this.#sentDecoder = new WireDecoder(this.#sentHandler(), bitfieldLength);
    this.#heardDecoder = new WireDecoder(this.#heardHandler(), bitfieldLength);
  }

  sent(bytes: Uint8Array): void {
    this.#sentDecoder.feed(bytes);
  }

  delivered(bytes: Uint8Array): void {
    this.#heardDecoder.feed(bytes);
  }

  close(): void {
    this.isClosed = true;
    this.isUnchoking = false;
  }

  /** To be called between turns: who chokes owes no answer, having rejected all it was asked for (BEP 6). */
  check(): void {
    if (this.isClosed || this.isUnchoking || this.#isSlow || this.other === undefined) return;
    for (const request of this.other.open) {
      if (this.#saidAllowed.has(Number(request.split(".")[0]))) continue;
      this.#violated(`leaves ${request} without an answer though it chokes`);
      this.other.open.delete(request);
    }
  }

  unanswered(): string[] {
    return this.isClosed || this.other?.isClosed === true ? [] : [...this.open];
  }

  #sentHandler(): WireHandler {
    const handler = new Deaf();
    handler.onChoke = () => {
      if (!this.isUnchoking) this.#violated("chokes twice");
      this.isUnchoking = false;
      // Without the fast extension a choke answers everything.
      if (!this.#hasFast) this.other?.open.clear();
    };
    handler.onUnchoke = () => {
      if (this.isUnchoking) this.#violated("unchokes twice");
      this.isUnchoking = true;
    };
    handler.onAllowedFast = (index) => this.#saidAllowed.add(index);
    handler.onRequest = (index, begin) => {
      const isAllowed = this.other?.isHeardUnchoking === true || this.other?.heardAllowed.has(index) === true;
      if (!isAllowed) this.#violated(`asks for ${keyOf(index, begin)} while choked`);
    };
    handler.onPiece = (index, begin) => {
      const isAllowed = this.isUnchoking || this.#saidAllowed.has(index) || this.#isSlow;
      if (!isAllowed) this.#violated(`sends ${keyOf(index, begin)} while choking`);
      this.other?.open.delete(keyOf(index, begin));
    };
    handler.onReject = (index, begin) => {
      if (!this.#hasFast) this.#violated("rejects without the fast extension");
      this.other?.open.delete(keyOf(index, begin));
    };
    return handler;
  }

  #heardHandler(): WireHandler {
    const handler = new Deaf();
    handler.onChoke = () => {
      this.isHeardUnchoking = false;
    };
    handler.onUnchoke = () => {
      this.isHeardUnchoking = true;
    };
    handler.onAllowedFast = (index) => this.heardAllowed.add(index);
    handler.onRequest = (index, begin) => {
      // A request that crosses a choke is void at once without the fast extension.
      if (this.#hasFast || this.other?.isUnchoking === true) this.open.add(keyOf(index, begin));
    };
    handler.onCancel = (index, begin) => {
      if (!this.#hasFast) this.open.delete(keyOf(index, begin));
    };
    return handler;
  }
}
