import { describe, expect, it } from "vitest";
import { codeOf, ProtocolError } from "../../source/base/errors.ts";
import { type DecodeOptions, decode, decodeDict, decodeDictPrefix } from "../../source/bencode/decode.ts";
import { asDict, asInteger, asList, asText, BencodeDict, keyBytes, keyOf } from "../../source/bencode/value.ts";

const utf8 = new TextEncoder();
const decodeText = (text: string, options?: DecodeOptions) => decode(utf8.encode(text), options);
const dictOf = (text: string) => decodeDict(utf8.encode(text));

function codeOfFailure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof ProtocolError ? error.code : `${String(error)}`;
  }
  return "accepted";
}

describe("a value", () => {
  it("is an integer, exact whatever its size", () => {
    expect(decodeText("i0e")).toBe(0);
    expect(decodeText("i-1e")).toBe(-1);
    expect(decodeText("i9007199254740991e")).toBe(Number.MAX_SAFE_INTEGER);
    expect(decodeText("i-9007199254740991e")).toBe(Number.MIN_SAFE_INTEGER);
    expect(decodeText("i9007199254740992e")).toBe(2n ** 53n);
    expect(decodeText("i-9007199254740993e")).toBe(-(2n ** 53n) - 1n);
    expect(decodeText("i18446744073709551615e")).toBe(2n ** 64n - 1n);
  });

  it("is a string that shares the memory of what was decoded", () => {
    const bytes = utf8.encode("4:spam");
    const value = decode(bytes);
    expect(value).toEqual(utf8.encode("spam"));
    expect((value as Uint8Array).buffer).toBe(bytes.buffer);
    expect(decodeText("0:")).toEqual(new Uint8Array(0));
  });

  it("is a list or a dictionary of values", () => {
    expect(decodeText("le")).toEqual([]);
    expect(decodeText("li1ei2elee")).toEqual([1, 2, []]);
    const dict = dictOf("d1:ai1e1:bd1:c1:dee");
    expect(dict.keys).toEqual(["a", "b"]);
    expect(dict.dict("b")?.text("c")).toBe("d");
  });

  it.each([
    ["nothing", ""],
    ["an integer cut off", "i1"],
    ["an integer without digits", "ie"],
    ["a minus without digits", "i-e"],
    ["minus zero", "i-0e"],
    ["a leading zero", "i01e"],
    ["a leading zero after minus", "i-01e"],
    ["a plus", "i+1e"],
    ["a space", "i 1e"],
    ["a fraction", "i1.5e"],
    ["21 digits", `i${"9".repeat(21)}e`],
    ["4,000 digits", `i${"9".repeat(4000)}e`],
    ["a string cut off", "4:spa"],
    ["a length cut off", "4"],
    ["a length with a leading zero", "01:a"],
    ["a length with two zeros", "00:"],
    ["a negative length", "-1:a"],
    ["a length beyond every memory", "99999999999999999999:a"],
    ["a length of ten digits that is not there", "9999999999:a"],
    ["a list cut off", "li1e"],
    ["a dictionary cut off", "d1:ai1e"],
    ["a dictionary cut off before its key's value", "d1:a"],
    ["a key without a value", "d1:ae"],
    ["a key that is an integer", "di1ei1ee"],
    ["a key that is a list", "dlei1ee"],
    ["a key twice in a row", "d1:ai1e1:ai2ee"],
    ["a key twice with others between, out of order", "d1:ai1e1:ci1e1:bi1e1:ci2ee"],
    ["bytes after the end", "i1ei2e"],
    ["white space after the end", "i1e\n"],
    ["white space before", " i1e"],
    ["an end without a beginning", "e"],
    ["something else", "<html>"],
  ])("is refused: %s", (_what, text) => {
    expect(codeOfFailure(() => decodeText(text))).toBe("bad-bencode");
  });
});

describe("bounds", () => {
  it("of length hold before anything is read", () => {
    expect(decodeText("4:spam", { lengthMax: 6 })).toEqual(utf8.encode("spam"));
    expect(codeOfFailure(() => decodeText("4:spam", { lengthMax: 5 }))).toBe("bad-bencode");
    expect(codeOfFailure(() => decode(new Uint8Array(1024 * 1024 + 1)))).toBe("bad-bencode");
  });

  it("of depth are 100 unless told", () => {
    const nested = (depth: number) => "l".repeat(depth) + "e".repeat(depth);
    expect(decodeText(nested(100))).toBeDefined();
    expect(codeOfFailure(() => decodeText(nested(101)))).toBe("bad-bencode");
    expect(codeOfFailure(() => decodeText("l".repeat(1_000_000)))).toBe("bad-bencode");
    expect(codeOfFailure(() => decodeText("d1:a".repeat(200_000)))).toBe("bad-bencode");
    expect(decodeText("llee", { depthMax: 2 })).toEqual([[]]);
    expect(codeOfFailure(() => decodeText("llleee", { depthMax: 2 }))).toBe("bad-bencode");
  });

  it("of items count every value", () => {
    expect(decodeText("li1ei2ee", { itemCountMax: 3 })).toEqual([1, 2]);
    expect(codeOfFailure(() => decodeText("li1ei2ee", { itemCountMax: 2 }))).toBe("bad-bencode");
    expect(codeOfFailure(() => decodeText("d1:ai1e1:bi2ee", { itemCountMax: 2 }))).toBe("bad-bencode");
    expect(codeOfFailure(() => decodeText(`l${"le".repeat(200_000)}e`))).toBe("bad-bencode");
  });

  it("of a key are 1024 bytes", () => {
    const key = (length: number) => `d${length}:${"k".repeat(length)}i1ee`;
    expect(dictOf(key(1024)).size).toBe(1);
    expect(codeOfFailure(() => decodeText(key(1025)))).toBe("bad-bencode");
  });
});

describe("a dictionary", () => {
  const dict = dictOf("d1:bi-5e1:ai7e4:dictd1:xi1ee4:listl1:pi9ee9:__proto__i1e4:text5:h\u00e9lle");

  it("keeps the order it came in, sorted or not", () => {
    expect(dict.keys).toEqual(["b", "a", "dict", "list", "__proto__", "text"]);
    expect(dict.size).toBe(6);
    expect(dict.values[0]).toBe(-5);
  });

  it("is read by type; another type is as good as nothing", () => {
    expect(dict.integer("a")).toBe(7);
    expect(dict.integer("list")).toBeUndefined();
    expect(dict.text("text")).toBe("héll");
    expect(dict.text("a")).toBeUndefined();
    expect(dict.bytes("text")).toEqual(utf8.encode("héll"));
    expect(dict.list("list")).toHaveLength(2);
    expect(dict.list("dict")).toBeUndefined();
    expect(dict.dict("dict")?.integer("x")).toBe(1);
    expect(dict.dict("list")).toBeUndefined();
    expect(dict.integer("absent")).toBeUndefined();
    expect(dictOf("d1:ai9007199254740993ee").integer("a")).toBeUndefined();
  });

  it("has no properties but its keys", () => {
    expect(dict.has("__proto__")).toBe(true);
    expect(dict.has("constructor")).toBe(false);
    expect(dict.get("toString")).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("gives the raw span of a value, as it stands", () => {
    const bytes = utf8.encode("d1:zd1:bi2e1:ai1ee1:ai0ee");
    expect(new TextDecoder().decode(decodeDict(bytes).span("z"))).toBe("d1:bi2e1:ai1ee");
    expect(decodeDict(bytes).span("q")).toBeUndefined();
    expect(decodeDict(bytes.subarray(0)).dict("z")?.span("a")).toEqual(utf8.encode("i1e"));
  });

  it("takes no key twice however many it has", () => {
    const entries = Array.from({ length: 1000 }, (_, i) => `${`${i}`.length}:${i}i${i}e`);
    const many = dictOf(`d${entries.join("")}e`);
    expect(many.integer("999")).toBe(999);
    expect(many.integer("1000")).toBeUndefined();
    for (const again of [0, 500, 999]) {
      expect(codeOfFailure(() => dictOf(`d${[...entries, entries[again]].join("")}e`))).toBe("bad-bencode");
    }
  });

  it("has keys of any bytes", () => {
    const key = Uint8Array.from({ length: 256 }, (_, i) => i);
    const bytes = Uint8Array.from([...utf8.encode("d256:"), ...key, ...utf8.encode("i1ee")]);
    expect(decodeDict(bytes).integer(keyOf(key))).toBe(1);
    expect(keyBytes(keyOf(key))).toEqual(key);
  });
});

describe("decodeDict", () => {
  it("takes nothing but a dictionary", () => {
    expect(codeOfFailure(() => decodeDict(utf8.encode("le")))).toBe("bad-bencode");
    expect(codeOfFailure(() => decodeDictPrefix(utf8.encode("i1e")))).toBe("bad-bencode");
  });
});

describe("decodeDictPrefix", () => {
  it("says where the dictionary ends and the data begin", () => {
    const { dict, end } = decodeDictPrefix(utf8.encode("d5:piecei3eeDATA"));
    expect(dict.integer("piece")).toBe(3);
    expect(end).toBe(12);
  });
});

describe("readers of values", () => {
  it("answer undefined for another type and for nothing", () => {
    const [integer, text, list, dict] = asList(decodeText("li1e1:xledee")) ?? [];
    expect([asInteger(integer), asText(text), asList(list)]).toEqual([1, "x", []]);
    expect(asDict(dict)).toBeInstanceOf(BencodeDict);
    expect([asInteger(text), asText(integer), asList(dict), asDict(list), asInteger(undefined)]).toEqual(
      Array.from({ length: 5 }),
    );
  });

  it("show bytes that are no UTF-8 as replacement characters", () => {
    expect(asText(Uint8Array.of(0x61, 0xff, 0x62))).toBe("a\ufffdb");
  });
});

it("names the code for whoever decides on it", () => {
  try {
    decodeText("x");
  } catch (error) {
    expect(codeOf(error)).toBe("bad-bencode");
    expect((error as Error).message).toContain("byte 0");
  }
  expect.assertions(2);
});
