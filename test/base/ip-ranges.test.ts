import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress } from "../../source/base/ip-address.ts";
import { type IpRanges, IpRangesBuilder } from "../../source/base/ip-ranges.ts";

type Range = readonly [Uint8Array, Uint8Array];

function built(ranges: readonly Range[]): IpRanges {
  const builder = new IpRangesBuilder();
  for (const [first, last] of ranges) builder.add(first, last);
  const build = builder.build();
  for (;;) {
    const step = build.next();
    if (step.done === true) return step.value;
  }
}

const numberOf = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

function bytesOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 255n));
}

/** Few addresses, at the edges of words too, so that ranges overlap and touch. */
const anAddress = (length: 4 | 16): fc.Arbitrary<Uint8Array> => {
  const max = (1n << BigInt(8 * length)) - 1n;
  const edges = [0n, max, 1n << 31n, ...(length === 16 ? [1n << 32n, 1n << 64n, 1n << 96n, (1n << 96n) * 5n] : [])];
  return fc
    .tuple(fc.constantFrom(...edges), fc.bigInt(-6n, 6n))
    .map(([edge, offset]) => bytesOf((edge + offset) & max, length));
};

const aRange = (length: 4 | 16): fc.Arbitrary<Range> =>
  fc.tuple(anAddress(length), anAddress(length)).map(([a, b]) => (numberOf(a) <= numberOf(b) ? [a, b] : [b, a]));

describe("a set of address ranges", () => {
  it.each([4, 16] as const)("has exactly the addresses of its ranges, of %i bytes", (length) => {
    fc.assert(
      fc.property(fc.array(aRange(length), { maxLength: 30 }), fc.array(anAddress(length)), (ranges, addresses) => {
        const set = built(ranges);
        const edges = ranges.flat().flatMap((edge) => [-1n, 0n, 1n].map((by) => bytesOf(numberOf(edge) + by, length)));
        for (const address of [...addresses, ...edges]) {
          // An IPv4 address by its other name belongs to the other family.
          if (length === 16 && !formatAddress(address).includes(":")) continue;
          const value = numberOf(address);
          const isIn = ranges.some(([first, last]) => numberOf(first) <= value && value <= numberOf(last));
          expect(set.has(formatAddress(address))).toBe(isIn);
        }
      }),
    );
  });

  it("merges ranges that overlap or touch", () => {
    const v4 = (first: number, last: number): Range => [bytesOf(BigInt(first), 4), bytesOf(BigInt(last), 4)];
    expect(built([v4(10, 20), v4(21, 30), v4(15, 16), v4(40, 50), v4(0, 9)]).count).toBe(2);
    const v6 = (first: bigint, last: bigint): Range => [bytesOf(first, 16), bytesOf(last, 16)];
    expect(built([v6(1n << 96n, 1n << 100n), v6(5n, (1n << 96n) - 1n)]).count).toBe(1);
    expect(built([v6((1n << 96n) + 1n, 1n << 100n), v6(5n, (1n << 96n) - 1n)]).count).toBe(2);
  });

  it("knows an IPv4 address by its mapped name too", () => {
    const set = built([[Uint8Array.of(10, 0, 0, 0), Uint8Array.of(10, 0, 0, 255)]]);
    expect(set.has("::ffff:10.0.0.7")).toBe(true);
    expect(set.has("::ffff:10.0.1.7")).toBe(false);
    expect(set.has("no address")).toBe(false);
  });

  it("takes no range that ends before it begins or is of two families", () => {
    const builder = new IpRangesBuilder();
    expect(builder.add(Uint8Array.of(2, 0, 0, 0), Uint8Array.of(1, 0, 0, 0))).toBe(false);
    expect(builder.add(Uint8Array.of(2, 0, 0, 0), new Uint8Array(16).fill(255))).toBe(false);
    expect(builder.count).toBe(0);
  });

  it("holds half a million ranges of either family in less than 20 MB", () => {
    const builder = new IpRangesBuilder();
    for (let i = 0; i < 500_000; i++) builder.addV4(((i * 7919) % 500_000) * 8, ((i * 7919) % 500_000) * 8 + 3);
    const build = builder.build();
    let steps = 0;
    let step = build.next();
    for (; step.done !== true; step = build.next()) steps++;
    expect(step.value.count).toBe(500_000);
    expect(step.value.byteLength).toBeLessThan(20_000_000);
    expect(step.value.has("0.0.0.3")).toBe(true);
    expect(step.value.has("0.0.0.4")).toBe(false);
    // In many small steps, though nothing was in order.
    expect(steps).toBeGreaterThan(1000);
    const v6 = Array.from({ length: 100_000 }, (_, i): Range => {
      const address = bytesOf((0x2001n << 112n) + (BigInt(i) << 65n), 16);
      return [address, address];
    });
    expect(5 * built(v6).byteLength).toBeLessThan(20_000_000);
  });
});
