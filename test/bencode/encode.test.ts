import bencode from "bencode";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../source/bencode/decode.ts";
import { type Encodable, encode } from "../../source/bencode/encode.ts";
import { BencodeDict, type BencodeValue, keyBytes } from "../../source/bencode/value.ts";

const text = (value: Encodable) => new TextDecoder("latin1").decode(encode(value));

describe("encode", () => {
  it("writes each kind in its one right form", () => {
    expect(text(0)).toBe("i0e");
    expect(text(-0)).toBe("i0e");
    expect(text(-7)).toBe("i-7e");
    expect(text("")).toBe("0:");
    expect(text(Uint8Array.of(0x41, 0x42))).toBe("2:AB");
    expect(encode("é")).toEqual(Uint8Array.of(0x32, 0x3a, 0xc3, 0xa9));
    expect(text(["a", 1, []])).toBe("l1:ai1elee");
  });

  it("sorts keys by their bytes and leaves out what is undefined", () => {
    expect(text({ b: 1, a: 2, B: 3, c: undefined, aa: 4 })).toBe("d1:Bi3e1:ai2e2:aai4e1:bi1ee");
    // UTF-16 would put the surrogate pair first.
    expect(Object.keys({ "\u{10000}": 1, "\uffff": 2 }).sort()[0]).toBe("\u{10000}");
    expect(encode({ "\u{10000}": 1, "\uffff": 2 }).subarray(0, 4)).toEqual(Uint8Array.of(0x64, 0x33, 0x3a, 0xef));
  });

  it("writes keys of bytes as they are", () => {
    const hashes = [Uint8Array.of(0xff, 0), Uint8Array.of(0x80, 1), Uint8Array.of(0x7f, 2)];
    const encoded = encode(new Map<string | Uint8Array, Encodable>(hashes.map((hash, i) => [hash, i])));
    expect(text(new Map([["k", 1]]))).toBe("d1:ki1ee");
    const dict = decode(encoded) as BencodeDict;
    expect(dict.keys.map((key) => keyBytes(key))).toEqual(hashes.toReversed());
  });

  it("refuses what has no bencode", () => {
    expect(() => encode(1.5)).toThrow(/safe integer/);
    expect(() => encode(Number.NaN)).toThrow(/safe integer/);
    expect(() => encode(2 ** 53)).toThrow(/safe integer/);
    expect(() => encode(2n ** 64n)).toThrow(/2\^53/);
    const twice = new Map<string | Uint8Array, Encodable>([
      ["a", 1],
      [Uint8Array.of(0x61), 2],
    ]);
    expect(() => encode(twice)).toThrow(/once/);
  });
});

/** Values whose dictionaries are Maps: what the tests of both directions are made of. */
type Tree = number | Uint8Array | readonly Tree[] | ReadonlyMap<string, Tree>;

const bytes = fc.uint8Array({ maxLength: 30 });
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "medium" },
    fc.maxSafeInteger(),
    bytes,
    fc.array(tie("tree"), { maxLength: 6 }),
    fc
      .array(fc.tuple(fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constant("__proto__")), tie("tree")), {
        maxLength: 20,
      })
      .map((entries) => new Map(entries)),
  ),
}));

/** What decoding must give, in a form that can be compared: keys sorted, small integers as numbers. */
function plain(value: Tree | BencodeValue): unknown {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return value + 0;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (value instanceof BencodeDict) {
    return { dict: value.keys.map((key, i) => [key, plain(value.values[i] ?? 0)]) };
  }
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Tree>)].map(([key, item]) => [
      Buffer.from(key, "utf8").toString("latin1"),
      plain(item),
    ]);
    return { dict: entries.sort(([a = ""], [b = ""]) => ((a as string) < (b as string) ? -1 : 1)) };
  }
  return (value as readonly Tree[]).map(plain);
}

describe("what was encoded", () => {
  it("decodes to the same value", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(plain(decode(encode(value)))).toEqual(plain(value));
      }),
    );
  });

  it("is encoded again, from the decoded value, to the same bytes", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const once = encode(value);
        expect(encode(decode(once))).toEqual(once);
      }),
    );
  });

  it("is what another implementation writes and reads", () => {
    // That one takes keys for text and properties, and rounds large integers: only what both can say.
    const key = fc.string({ minLength: 1, unit: "grapheme-ascii" }).filter((text) => text !== "__proto__");
    const { common } = fc.letrec<{ common: Tree }>((tie) => ({
      common: fc.oneof(
        { depthSize: "medium" },
        fc.integer(),
        bytes,
        fc.array(tie("common"), { maxLength: 6 }),
        fc.dictionary(key, tie("common")).map((record) => new Map(Object.entries(record))),
      ),
    }));
    fc.assert(
      fc.property(common, (value) => {
        const ours = encode(value);
        expect(Buffer.from(ours).equals(Buffer.from(bencode.encode(value)))).toBe(true);
        expect(Buffer.from(bencode.encode(bencode.decode(ours))).equals(Buffer.from(ours))).toBe(true);
      }),
    );
  });
});
