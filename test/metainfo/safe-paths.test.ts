import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byteLengthOf,
  collisionKey,
  elementLengthMax,
  safeElement,
  uniquePaths,
} from "../../source/metainfo/safe-paths.ts";

const anyName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc
    .array(fc.constantFrom(".", "..", "/", "\\", " ", "\0", "a", "CON", "\ud800", "\u202e", "\u200b", "é", "\n"), {
      maxLength: 12,
    })
    .map((parts) => parts.join("")),
);

describe("a safe element", () => {
  it("is safe whatever it was made of, and stays as it is when made safe again", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const safe = safeElement(name);
        expect(safe).not.toBe("");
        expect(safe).not.toMatch(/[/\\\u0000-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]|[. ]$/);
        expect(byteLengthOf(safe)).toBeLessThanOrEqual(elementLengthMax);
        expect(safe.isWellFormed()).toBe(true);
        expect(safeElement(safe)).toBe(safe);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    "a",
    "a b.txt",
    ".hidden",
    "..a",
    "ünïcode",
    "日本語.mkv",
    "👨‍👩‍👧",
    'What? No: "quoted" <1|2>*',
    "aux.c",
    "COM10",
    "-rf",
  ])("leaves %j alone", (name) => {
    expect(safeElement(name)).toBe(name);
  });

  it.each([
    ["", "_"],
    [".", "_"],
    ["..", "_"],
    ["...", "_"],
    [" ", "_"],
    ["../..", ".._"],
    ["/etc", "_etc"],
    ["a/b\\c", "a_b_c"],
    ["a. . ", "a"],
    ["con", "_con"],
    ["LPT1", "_LPT1"],
    ["nul.", "_nul"],
    ["\u0007bell\u009b", "_bell_"],
    ["abc\u202etxt.exe", "abctxt.exe"],
    ["\u200b", "_"],
    ["\ud800x", "_x"],
    [`${"x".repeat(300)}.mkv`, `${"x".repeat(251)}.mkv`],
    ["日".repeat(100), "日".repeat(85)],
  ])("makes %j into %j", (name, safe) => {
    expect(safeElement(name)).toBe(safe);
  });

  it("takes a name of megabytes in no time that grows with it", () => {
    expect(byteLengthOf(safeElement(` .${"\u202e. ".repeat(3_000_000)}`))).toBeLessThanOrEqual(elementLengthMax);
  });
});

describe("unique paths", () => {
  const element = fc.constantFrom(
    "a",
    "A",
    "b",
    "a.txt",
    "A.TXT",
    "a.1.txt",
    "a.1",
    "é",
    "e\u0301",
    "ß",
    "ss",
    "\u200da",
  );
  const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 40 });
  const keyOf = (path: readonly string[]) => path.map(collisionKey).join("/");

  it("differ even where case and form do not count, and none is a folder of another", () => {
    fc.assert(
      fc.property(paths, (some) => {
        const keys = uniquePaths(some).map(keyOf);
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) for (const other of keys) expect(other.startsWith(`${key}/`)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it("keep their folders, their order and every name that collides with nothing", () => {
    const numberless = fc.array(
      fc.array(fc.constantFrom("a", "A", "b", "b.txt", "é", "e\u0301"), { minLength: 1, maxLength: 4 }),
    );
    fc.assert(
      fc.property(numberless, (some) => {
        const unique = uniquePaths(some);
        expect(unique.map((path) => path.slice(0, -1))).toEqual(some.map((path) => path.slice(0, -1)));
        const keys = some.map(keyOf);
        keys.forEach((key, i) => {
          const collides = keys.some((other, j) => j !== i && (other === key || other.startsWith(`${key}/`)));
          if (!collides) expect(unique[i]).toEqual(some[i]);
        });
      }),
      { numRuns: 1000 },
    );
  });

  it("are found for a hundred thousand equal names, each tried about once", () => {
    const unique = uniquePaths(Array.from({ length: 100_000 }, () => ["t", "bar.txt"]));
    expect(unique[99_999]).toEqual(["t", "bar.99999.txt"]);
    expect(new Set(unique.map(([, name]) => name)).size).toBe(100_000);
  });

  it("are found for long names that are cut to the same stem", () => {
    const long = (i: number) => `${"x".repeat(elementLengthMax - 40)}${String(i % 10).padStart(30, "0")}.bin`;
    const unique = uniquePaths(Array.from({ length: 50_000 }, (_, i) => [long(i)]));
    expect(new Set(unique.map(([name]) => name)).size).toBe(50_000);
    for (const [name = ""] of unique) expect(byteLengthOf(name)).toBeLessThanOrEqual(elementLengthMax);
  });
});
