/** A handler that writes down every call, and looks after the views it was given until the run ends. */
import { expect } from "vitest";
import type { WireHandler } from "../../source/wire/decoder.ts";

export type Call = readonly [name: string, ...values: (number | string)[]];

export const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

export class Recorder implements WireHandler {
  readonly calls: Call[] = [];
  runs = 0;
  /** Called for each message, after it was written down. */
  onCall: (call: Call) => void = () => undefined;
  #views: { readonly view: Uint8Array; readonly hex: string }[] = [];

  onKeepAlive(): void {
    this.#note("keepAlive");
  }
  onChoke(): void {
    this.#note("choke");
  }
  onUnchoke(): void {
    this.#note("unchoke");
  }
  onInterested(): void {
    this.#note("interested");
  }
  onNotInterested(): void {
    this.#note("notInterested");
  }
  onHave(index: number): void {
    this.#note("have", index);
  }
  onBitfield(field: Uint8Array): void {
    this.#note("bitfield", this.#hold(field));
  }
  onRequest(index: number, begin: number, length: number): void {
    this.#note("request", index, begin, length);
  }
  onPiece(index: number, begin: number, data: Uint8Array): void {
    this.#note("piece", index, begin, this.#hold(data));
  }
  onCancel(index: number, begin: number, length: number): void {
    this.#note("cancel", index, begin, length);
  }
  onSuggestPiece(index: number): void {
    this.#note("suggestPiece", index);
  }
  onHaveAll(): void {
    this.#note("haveAll");
  }
  onHaveNone(): void {
    this.#note("haveNone");
  }
  onReject(index: number, begin: number, length: number): void {
    this.#note("rejectRequest", index, begin, length);
  }
  onAllowedFast(index: number): void {
    this.#note("allowedFast", index);
  }
  onExtended(extendedId: number, payload: Uint8Array): void {
    this.#note("extended", extendedId, this.#hold(payload));
  }
  onRunEnd(): void {
    this.runs++;
    const held = this.#views;
    this.#views = [];
    for (const { view, hex } of held) expect(hexOf(view)).toBe(hex);
  }

  /** Views that the current run gave and that were not given back. */
  get heldViews(): number {
    return this.#views.length;
  }

  #hold(view: Uint8Array): string {
    const hex = hexOf(view);
    this.#views.push({ view, hex });
    return hex;
  }

  #note(...call: Call): void {
    this.calls.push(call);
    this.onCall(call);
  }
}
