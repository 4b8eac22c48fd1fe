/**
 * A fixed number of bits in the peer protocol's order (BEP 3: bit 0 is the highest bit of byte 0). Spare bits of the
 * last byte are always zero, and `count` is kept, so that "complete" and "empty" cost nothing.
 */
import { assert } from "./assert.ts";

/** How many bits of a byte are set. */
export const bitsInByte = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

export class Bitfield {
  /** How many bits. */
  readonly length: number;
  /** The wire form; do not write to it. */
  readonly bytes: Uint8Array;
  #count = 0;

  constructor(length: number, bytes?: Uint8Array) {
    assert(Number.isSafeInteger(length) && length >= 0, "bitfield length");
    this.length = length;
    this.bytes = new Uint8Array((length + 7) >> 3);
    if (bytes !== undefined) {
      assert(bytes.length === this.bytes.length, "bitfield byte length");
      this.bytes.set(bytes);
      this.#clearSpare();
      this.#count = countBits(this.bytes);
    }
  }

  /** From a peer's message. `undefined` where the byte length is wrong or a spare bit is set (BEP 3: close). */
  static fromWire(length: number, bytes: Uint8Array): Bitfield | undefined {
    if (bytes.length !== (length + 7) >> 3) return undefined;
    const spare = bytes.length * 8 - length;
    if (spare > 0 && ((bytes[bytes.length - 1] ?? 0) & ((1 << spare) - 1)) !== 0) return undefined;
    return new Bitfield(length, bytes);
  }

  static full(length: number): Bitfield {
    const field = new Bitfield(length);
    field.fill();
    return field;
  }

  /** How many bits are set. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  has(index: number): boolean {
    return index >= 0 && index < this.length && ((this.bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
  }

  /** @returns whether the bit changed. */
  set(index: number): boolean {
    assert(index >= 0 && index < this.length, "bit index");
    const mask = 0x80 >> (index & 7);
    const byte = this.bytes[index >> 3] ?? 0;
    if ((byte & mask) !== 0) return false;
    this.bytes[index >> 3] = byte | mask;
    this.#count++;
    return true;
  }

  /** @returns whether the bit changed. */
  clear(index: number): boolean {
    assert(index >= 0 && index < this.length, "bit index");
    const mask = 0x80 >> (index & 7);
    const byte = this.bytes[index >> 3] ?? 0;
    if ((byte & mask) === 0) return false;
    this.bytes[index >> 3] = byte & ~mask;
    this.#count--;
    return true;
  }

  fill(): void {
    this.bytes.fill(0xff);
    this.#clearSpare();
    this.#count = this.length;
  }

  clone(): Bitfield {
    return new Bitfield(this.length, this.bytes);
  }

  /** What is not set here is set in the other, and the other way round. */
  inverted(): Bitfield {
    return new Bitfield(
      this.length,
      this.bytes.map((byte) => ~byte),
    );
  }

  /** Becomes equal to a field of the same length. */
  copy(other: Bitfield): void {
    assert(other.length === this.length, "bitfield length");
    this.bytes.set(other.bytes);
    this.#count = other.count;
  }

  #clearSpare(): void {
    const spare = this.bytes.length * 8 - this.length;
    const last = this.bytes.length - 1;
    if (spare > 0) this.bytes[last] = (this.bytes[last] ?? 0) & (0xff << spare);
  }
}

function countBits(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) count += bitsInByte[bytes[at] ?? 0] ?? 0;
  return count;
}
