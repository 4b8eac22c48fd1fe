/** Text on its way out and in: sanitise, units, hex, percent-encoding, ids, errors. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assert, present, unreachable } from "../../source/base/assert.ts";
import { base64ToBytes, bytesToBase64 } from "../../source/base/base64.ts";
import { codeOf, messageOf, OperationalError, ProtocolError } from "../../source/base/errors.ts";
import { bytesEqual, bytesToHex, hexToBytes } from "../../source/base/hex.ts";
import {
  infoHashFromBytes,
  infoHashFromHex,
  infoHashToBytes,
  peerIdFromBytes,
  peerIdToBytes,
} from "../../source/base/ids.ts";
import { percentDecode, percentEncode } from "../../source/base/percent-encoding.ts";
import { maskUrl, sanitise, shownPath } from "../../source/base/sanitise.ts";
import { formatDuration, formatRate, formatSize, parseSize } from "../../source/base/units.ts";

function codeOfFailure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return codeOf(error);
  }
  return "accepted";
}

describe("sanitised text", () => {
  const nasty = fc.constantFrom(
    "\u001b[2J",
    "\u009b31m",
    "\u001b]0;title\u0007",
    "\u202e",
    "\u200b",
    "\ud800",
    "\u2028",
    "\r\n",
    "\u0000",
    "\u{e0041}",
    "\ufe0f",
    "a",
    "é",
    "👍",
  );
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 500 }),
    fc.array(nasty, { maxLength: 60 }).map((parts) => parts.join("")),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  );

  it("has nothing in it that a terminal would obey or hide", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 400 }), (text, lengthMax) => {
        const clean = sanitise(text, lengthMax);
        expect(clean).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b-\u200d\ufeff]/u);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean.length).toBeLessThanOrEqual(lengthMax);
        expect(sanitise(clean, lengthMax)).toBe(clean);
      }),
      { numRuns: 3000 },
    );
  });

  it("keeps what people write", () => {
    for (const text of ["Ubuntu 24.04 (amd64).iso", "日本語 – ünïcode – עברית", "👍 ok"])
      expect(sanitise(text)).toBe(text);
    expect(sanitise("a\tb\r\nc\u00a0d")).toBe("a b c d");
    expect(sanitise("\u001b[31mred\u001b[0m")).toBe("[31mred[0m");
  });

  it("tells the names in a path of which nothing can be seen by their code points", () => {
    expect(shownPath("t/\u200c\u200d")).toBe("t/(U+200C U+200D)");
    expect(shownPath("\u2800/\u3164/\u0301/ /in")).toBe("(U+2800)/(U+3164)/(U+0301)/(U+0020)/in");
    expect(shownPath("\u{e0041}".repeat(30))).toMatch(/^\(U\+E0041( U\+E0041){7} …\)$/);
    expect(shownPath("t/e\u0301/a\u200db.txt")).toBe("t/e\u0301/ab.txt");
    expect(shownPath("")).toBe("");
  });

  it("is cut with an ellipsis, never in the middle of a character", () => {
    expect(sanitise("abcdef", 4)).toBe("abc…");
    expect(sanitise("ab👍👍", 4)).toBe("ab…");
    expect(sanitise("x".repeat(10_000_000))).toHaveLength(300);
  });
});

describe("a URL that is shown", () => {
  it.each([
    ["http://user:secret@t.example/announce", "secret"],
    ["http://t.example/announce?passkey=0123456789abcdef", "0123456789abcdef"],
    ["http://t.example/a?x=1&authToken=hush&y=2", "hush"],
    ["https://t.example/0123456789abcdef0123456789abcdef/announce", "0123456789abcdef"],
  ])("shows no secret of %s", (url, secret) => {
    expect(maskUrl(url)).not.toContain(secret);
    expect(maskUrl(url)).toContain("t.example");
  });

  it("stays as it is without one", () => {
    expect(maskUrl("http://t.example:6969/announce?x=1")).toBe("http://t.example:6969/announce?x=1");
  });
});

describe("sizes", () => {
  it.each([
    ["0", 0],
    ["16384", 16_384],
    ["16KiB", 16_384],
    ["2MB", 2_000_000],
    ["2 mb/s", 2_000_000],
    ["1.5GiB", 1_610_612_736],
    [" 3k ", 3000],
    ["1T", 1e12],
  ])("read %j", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(["", "-1", "1e9", "KiB", "1.5.5", "1 XB", "0x10", "9999999TiB", "1KiBs", "∞", "1ib"])("refuse %j", (text) => {
    expect(codeOfFailure(() => parseSize(text))).toBe("bad-size");
  });

  it("are written in three digits and at most eight columns", () => {
    expect([0, 999, 1000, 1023, 1024, 16_384, 1_468_006_400].map(formatSize)).toEqual([
      "0 B",
      "999 B",
      "0.98 KiB",
      "1.00 KiB",
      "1.00 KiB",
      "16.0 KiB",
      "1.37 GiB",
    ]);
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeNat(), fc.nat(2 ** 31), fc.double({ min: 0, max: 2 ** 53, noNaN: true })),
        (bytes) => {
          const text = formatSize(bytes);
          expect(text.length).toBeLessThanOrEqual(8);
          expect(text).toMatch(/^(\d{1,3}|\d\d\.\d|\d\.\d\d) ([KMGTP]i)?B$/);
          if (bytes < 2 ** 49) expect(Math.abs(parseSize(text) - bytes)).toBeLessThanOrEqual(bytes * 0.006 + 0.5);
        },
      ),
      { numRuns: 2000 },
    );
    expect(formatRate(2048)).toBe("2.00 KiB/s");
    expect(formatSize(-5)).toBe("0 B");
  });
});

describe("durations", () => {
  it("are written in at most seven columns", () => {
    expect([0, 5, 59.4, 59.6, 200, 3599.7, 7500, 356_400, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual([
      "0s",
      "5s",
      "59s",
      "1m 00s",
      "3m 20s",
      "1h 00m",
      "2h 05m",
      "4d 3h",
      "∞",
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (seconds) => {
        expect(formatDuration(seconds).length).toBeLessThanOrEqual(7);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("bytes as text", () => {
  it("come back from hex", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(bytesToHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
        expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes);
      }),
    );
  });

  it("are equal exactly when all are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
        expect(bytesEqual(a, b)).toBe(Buffer.from(a).equals(Buffer.from(b)));
        expect(bytesEqual(a, a.slice())).toBe(true);
      }),
    );
  });

  it("come back from percent-encoding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = percentEncode(bytes);
        expect(text).toMatch(/^(?:[0-9A-Za-z._~-]|%[0-9A-F]{2})*$/);
        expect(percentDecode(text, bytes.length)).toEqual(bytes);
        if (bytes.length > 0) expect(percentDecode(text, bytes.length - 1)).toBeUndefined();
      }),
    );
  });

  it("are read from queries as clients write them", () => {
    const decoded = (text: string) => Buffer.from(percentDecode(text, 100) ?? []).toString("latin1");
    expect(decoded("a+b%20c%2b%fF")).toBe("a b c+\xff");
    expect(decoded("100%")).toBe("100%");
    expect(decoded("%zz%4")).toBe("%zz%4");
    expect(percentDecode("ä€", 100)).toBeUndefined();
    expect(percentDecode("%41".repeat(1000), 20)).toBeUndefined();
  });
});

describe("ids", () => {
  it("are made of 20 bytes or 40 hex digits, of nothing else", () => {
    const hex = "0123456789abcdefABCDEF0123456789abcdef01";
    expect(infoHashFromHex(hex)).toBe(hex.toLowerCase());
    expect(infoHashToBytes(infoHashFromHex(hex))).toEqual(Uint8Array.from(Buffer.from(hex, "hex")));
    for (const bad of ["", hex.slice(1), `${hex}0`, hex.replace("0", "g"), `${hex}\n`, ` ${hex.slice(1)}`]) {
      expect(codeOfFailure(() => infoHashFromHex(bad))).toBe("bad-info-hash");
    }
    for (const length of [0, 19, 21, 32]) {
      expect(codeOfFailure(() => infoHashFromBytes(new Uint8Array(length)))).toBe("bad-info-hash");
      expect(codeOfFailure(() => peerIdFromBytes(new Uint8Array(length)))).toBe("bad-peer-id");
    }
    const bytes = Uint8Array.from({ length: 20 }, (_, i) => 255 - i);
    expect(peerIdToBytes(peerIdFromBytes(bytes))).toEqual(bytes);
  });
});

describe("errors", () => {
  it("carry a code and what lies beneath", () => {
    const cause = new Error("beneath");
    expect(new OperationalError("c", "m", { cause })).toMatchObject({
      name: "OperationalError",
      code: "c",
      message: "m",
      cause,
    });
    expect("cause" in new OperationalError("c", "m")).toBe(false);
    expect(new ProtocolError("p", "m")).toMatchObject({ name: "ProtocolError", code: "p" });
    expect([codeOf({ code: "ENOENT" }), codeOf({ code: 5 }), codeOf(null), codeOf("x")]).toEqual([
      "ENOENT",
      "",
      "",
      "",
    ]);
    expect([messageOf(new Error("e")), messageOf("text"), messageOf(undefined)]).toEqual(["e", "text", "undefined"]);
  });

  it("tell our own bugs from everything else", () => {
    expect(() => assert(false, "why")).toThrow(expect.objectContaining({ name: "AssertionFailure", message: "why" }));
    expect(() => assert(true, "why")).not.toThrow();
    expect(present(0, "why")).toBe(0);
    for (const nothing of [undefined, null]) expect(() => present(nothing, "why")).toThrow("why");
    expect(() => unreachable("v" as never)).toThrow("v");
  });
});

describe("base64", () => {
  it("is what others make of the same bytes, both ways, however many", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(0, 0x8000, 0x10000), (bytes, more) => {
        const all = new Uint8Array(bytes.length + more).fill(0xa5);
        all.set(bytes, more);
        const text = bytesToBase64(all);
        expect(text).toBe(Buffer.from(all).toString("base64"));
        expect(bytesEqual(base64ToBytes(text), all)).toBe(true);
      }),
    );
  });

  it("is refused where it is something else", () => {
    expect(() => base64ToBytes("a")).toThrow();
    expect(() => base64ToBytes("ab\u00e9=")).toThrow();
  });
});
