import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../../source/base/assert.ts";
import { Bitfield } from "../../source/base/bitfield.ts";

/** The same field as a set of indices: slow and plain. */
class Model {
  readonly bits = new Set<number>();
  readonly length: number;
  constructor(length: number) {
    this.length = length;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.length / 8));
    for (const bit of this.bits) bytes[Math.floor(bit / 8)] = (bytes[Math.floor(bit / 8)] ?? 0) + 2 ** (7 - (bit % 8));
    return bytes;
  }
}

function expectSame(field: Bitfield, model: Model): void {
  expect(field.length).toBe(model.length);
  expect(field.bytes).toEqual(model.bytes());
  expect(field.count).toBe(model.bits.size);
  expect(field.isEmpty).toBe(model.bits.size === 0);
  expect(field.isFull).toBe(model.bits.size === model.length);
}

const length = fc.integer({ min: 1, max: 70 });

describe("a bitfield", () => {
  it("is a set of indices, whatever is set, cleared and filled", () => {
    const step = fc.tuple(fc.constantFrom("set", "clear", "clear", "set", "fill", "clone"), fc.nat());
    fc.assert(
      fc.property(length, fc.array(step, { maxLength: 60 }), (bits, steps) => {
        let field = new Bitfield(bits);
        const model = new Model(bits);
        for (const [what, number] of steps) {
          const index = number % bits;
          if (what === "set") {
            expect(field.set(index)).toBe(!model.bits.has(index));
            model.bits.add(index);
          } else if (what === "clear") {
            expect(field.clear(index)).toBe(model.bits.delete(index));
          } else if (what === "fill") {
            field.fill();
            for (let i = 0; i < bits; i++) model.bits.add(i);
          } else {
            const original = field;
            field = field.clone();
            if (original.isFull) original.clear(0);
            else original.fill();
          }
          expect(field.has(index)).toBe(model.bits.has(index));
        }
        expectSame(field, model);
      }),
    );
  });

  it("comes back from its own wire form", () => {
    fc.assert(
      fc.property(length, fc.array(fc.nat(69)), (bits, indices) => {
        const field = new Bitfield(bits);
        for (const index of indices) if (index < bits) field.set(index);
        const back = Bitfield.fromWire(bits, field.bytes);
        expect(back?.bytes).toEqual(field.bytes);
        expect(back?.count).toBe(field.count);
        expect(back?.bytes.buffer).not.toBe(field.bytes.buffer);
      }),
    );
  });

  it("puts bit 0 highest in byte 0", () => {
    const field = new Bitfield(10);
    field.set(0);
    field.set(9);
    expect(field.bytes).toEqual(Uint8Array.of(0x80, 0x40));
  });

  it("is refused from the wire with a wrong length or a spare bit", () => {
    expect(Bitfield.fromWire(9, Uint8Array.of(0xff))).toBeUndefined();
    expect(Bitfield.fromWire(9, Uint8Array.of(0xff, 0x80, 0))).toBeUndefined();
    expect(Bitfield.fromWire(9, Uint8Array.of(0xff, 0xc0))).toBeUndefined();
    expect(Bitfield.fromWire(9, Uint8Array.of(0xff, 0x01))).toBeUndefined();
    expect(Bitfield.fromWire(9, Uint8Array.of(0xff, 0x80))?.isFull).toBe(true);
    expect(Bitfield.fromWire(8, Uint8Array.of(0xff))?.isFull).toBe(true);
  });

  it("has nothing beyond its ends, and takes nothing there", () => {
    const field = Bitfield.full(9);
    for (const index of [-1, 9, 15, 16, 2 ** 32, Number.NaN]) expect(field.has(index)).toBe(false);
    for (const index of [-1, 9, 15]) {
      expect(() => field.set(index)).toThrow(AssertionFailure);
      expect(() => field.clear(index)).toThrow(AssertionFailure);
    }
    expect(field.bytes).toEqual(Uint8Array.of(0xff, 0x80));
  });

  it("of no bits is empty and full", () => {
    expect(new Bitfield(0)).toMatchObject({ count: 0, isEmpty: true, isFull: true });
    expect(Bitfield.fromWire(0, new Uint8Array(0))).toBeDefined();
  });
});
