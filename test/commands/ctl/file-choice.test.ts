import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedFiles, type FileChoice } from "../../../source/commands/ctl/file-choice.ts";
import { fittingFiles, matchesGlob, matchFiles } from "../../../source/commands/ctl/file-patterns.ts";
import type { FilePriority } from "../../../source/control/protocol.ts";

const paths = [
  "Album/01 one.flac",
  "Album/02 two.flac",
  "Album/extras/cover.jpg",
  "Album/extras/notes.nfo",
  "Album/x*y",
];
const files = paths.map((path, i) => ({ index: i * 2, path, priority: "normal" as FilePriority }));
const none: FileChoice = { only: [], skip: [], low: [], normal: [], high: [] };
const changes = (choice: Partial<FileChoice>, of = files) =>
  Object.fromEntries(changedFiles(of, { ...none, ...choice }).map(({ file, priority }) => [file, priority]));

describe("files are named", () => {
  it("by index and range, as they are listed", () => {
    expect(matchFiles(files, "4")).toEqual([4]);
    expect(matchFiles(files, "1-5")).toEqual([2, 4]);
    expect(() => matchFiles(files, "1")).toThrow('the torrent has no file "1"');
    expect(() => matchFiles(files, "5-3")).toThrow("has no file");
  });

  it("by path, with or without the torrent's own folder, in either case", () => {
    expect(matchFiles(files, "Album/01 one.flac")).toEqual([0]);
    expect(matchFiles(files, "02 TWO.flac")).toEqual([2]);
    expect(matchFiles(files, "extras/cover.jpg")).toEqual([4]);
    expect(() => matchFiles(files, "cover.jpg")).toThrow("has no file");
  });

  it("by folder, with all below it", () => {
    expect(matchFiles(files, "extras")).toEqual([4, 6]);
    expect(matchFiles(files, "album/")).toEqual([0, 2, 4, 6, 8]);
    expect(() => matchFiles(files, "extra")).toThrow("has no file");
  });

  it("by glob: names wherever they lie, paths where there is a slash", () => {
    expect(matchFiles(files, "*.flac")).toEqual([0, 2]);
    expect(matchFiles(files, "*.???")).toEqual([4, 6]);
    expect(matchFiles(files, "extras/*")).toEqual([4, 6]);
    expect(matchFiles(files, "*")).toEqual([0, 2, 4, 6, 8]);
    expect(matchFiles(files, "x*y")).toEqual([8]);
  });

  it("never by what could take for ever to match", () => {
    expect(matchesGlob(`${"*a".repeat(200)}b`, "a".repeat(20_000))).toBe(false);
  });

  it("as a pattern of a regular expression would", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, path) => {
        const source = pattern.replaceAll(/[.]/g, "\\.").replaceAll("*", ".*").replaceAll("?", ".");
        expect(matchesGlob(pattern, path)).toBe(new RegExp(`^${source}$`, "s").test(path));
      }),
    );
    fc.assert(fc.property(fc.string(), (pattern) => fittingFiles(files, pattern).length <= files.length));
  });
});

describe("a choice among files", () => {
  it("changes what is named, and nothing else", () => {
    expect(changes({})).toEqual({});
    expect(changes({ low: ["0"], high: ["extras"] })).toEqual({ 0: "low", 4: "high", 6: "high" });
    expect(changes({ normal: ["*"] })).toEqual({});
  });

  it("of these only skips the others, and takes what was skipped", () => {
    const before = files.map((file) => ({
      ...file,
      priority: file.index === 4 ? ("skip" as const) : ("high" as const),
    }));
    expect(changes({ only: ["extras"] }, before)).toEqual({ 0: "skip", 2: "skip", 4: "normal", 8: "skip" });
  });

  it("skips what is named twice", () => {
    expect(changes({ only: ["extras"], high: ["extras"], skip: ["*.nfo"] })).toEqual({
      0: "skip",
      2: "skip",
      4: "high",
      6: "skip",
      8: "skip",
    });
  });
});
