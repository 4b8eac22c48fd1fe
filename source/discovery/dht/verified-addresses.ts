/**
 * Addresses that have shown that what we send there arrives: they answered us, or showed a token of ours. Others may be
 * victims in whose name somebody asks, and get no large answers (HOSTILE C8).
 */
const knownMax = 4_000;
const knownMs = 10 * 60_000;

export class VerifiedAddresses {
  /** Those seen last at the end. */
  readonly #seenMs = new Map<string, number>();

  add(address: string, nowMs: number): void {
    this.#seenMs.delete(address);
    this.#seenMs.set(address, nowMs);
    if (this.#seenMs.size <= knownMax) return;
    const [oldest] = this.#seenMs.keys();
    if (oldest !== undefined) this.#seenMs.delete(oldest);
  }

  has(address: string, nowMs: number): boolean {
    const seenMs = this.#seenMs.get(address);
    return seenMs !== undefined && nowMs - seenMs < knownMs;
  }
}
