/** Entries as they are on the disk, and what may be changed in one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InfoHash, infoHashFromHex } from "../../../source/base/ids.ts";
import {
  changedChoices,
  defaultChoices,
  filePriorities,
  type TorrentChoices,
} from "../../../source/engine/profile/torrent-choices.ts";
import { decodeEntry, encodeEntry, type TorrentEntry } from "../../../source/engine/profile/torrent-entry.ts";
import { crc32 } from "../../../source/storage/crc32.ts";

const anInfoHash: fc.Arbitrary<InfoHash> = fc.stringMatching(/^[0-9a-f]{40}$/).map((hex) => infoHashFromHex(hex));
const nullableAmount = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: null });

function choicesFor(fileCount: number): fc.Arbitrary<TorrentChoices> {
  return fc.record({
    labels: fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }),
    priorities: fc.oneof(
      fc.constant([]),
      fc.array(fc.constantFrom(...filePriorities), { minLength: fileCount, maxLength: fileCount }),
    ),
    isSequential: fc.boolean(),
    isSuperSeed: fc.boolean(),
    maxDownRate: fc.nat(),
    maxUpRate: fc.nat(),
    slots: fc.option(fc.nat(100), { nil: null }),
    connections: fc.option(fc.nat(100), { nil: null }),
    isForced: fc.boolean(),
    ratioGoal: nullableAmount,
    seedMinutesGoal: nullableAmount,
    idleMinutesGoal: nullableAmount,
  });
}

const anEntry: fc.Arbitrary<TorrentEntry> = fc
  .record({ fileCount: fc.integer({ min: 1, max: 20 }), totalLength: fc.integer({ min: 1, max: 1e12 }) })
  .chain(({ fileCount, totalLength }) =>
    fc
      .record({
        infoHash: anInfoHash,
        summary: fc.record({
          name: fc.string({ unit: "grapheme" }),
          rootName: fc.string(),
          totalLength: fc.constant(totalLength),
          pieceLength: fc.constant(262_144),
          pieceCount: fc.constant(Math.ceil(totalLength / 262_144)),
          fileCount: fc.constant(fileCount),
          isPrivate: fc.boolean(),
          trackerTiers: fc.array(fc.array(fc.webUrl(), { maxLength: 3 }), { maxLength: 3 }),
        }),
        savePath: fc.string().map((path) => `/${path}`),
        isPaused: fc.boolean(),
        addedWallMs: fc.integer(),
        peers: fc.array(fc.string(), { maxLength: 3 }),
        choices: choicesFor(fileCount),
        removal: fc.constantFrom("torrent" as const, "data" as const, null),
      })
      .chain((entry) =>
        fc
          .record(
            {
              goalReached: fc.string(),
              waivedGoal: fc.record({ ratio: fc.nat(), seedMinutes: fc.nat(), idleMinutes: fc.nat() }),
            },
            { requiredKeys: [] },
          )
          .map((goal) => ({ ...entry, ...goal })),
      ),
  );

describe("an entry", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(anEntry, (entry) => {
        // Toleration is for what later versions add: nothing else may be different.
        expect(decodeEntry(encodeEntry(entry))).toMatchObject(entry);
      }),
    );
  });

  it("is refused when any byte of it is another, or when it is cut", () => {
    fc.assert(
      fc.property(anEntry, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (entry, at, change, isCut) => {
        const bytes = encodeEntry(entry);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ change;
        expect(decodeEntry(isCut ? bytes.subarray(0, index) : bytes)).toBeUndefined();
      }),
    );
  });

  it("throws nothing whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.json(), (bytes, json) => {
        decodeEntry(bytes);
        const body = new TextEncoder().encode(json);
        const head = `p2p-tui entry 1 ${crc32(body).toString(16).padStart(8, "0")}\n`;
        expect(decodeEntry(new TextEncoder().encode(head + json))).toBeUndefined();
      }),
    );
  });
});

describe("choices", () => {
  it("change only where they are named", () => {
    const changed = changedChoices(defaultChoices, { isSequential: true, ratioGoal: 2 }, 3);
    expect(changed).toEqual({ ...defaultChoices, isSequential: true, ratioGoal: 2 });
  });

  it("keep each label once, in order", () => {
    expect(changedChoices(defaultChoices, { labels: ["b", "a", "b"] }, 1).labels).toEqual(["a", "b"]);
  });

  it("refuse what is no label", () => {
    for (const label of ["", " a", "a ", "a,b", "a\nb", "a\u202eb", "x".repeat(65)]) {
      expect(() => changedChoices(defaultChoices, { labels: [label] }, 1)).toThrow(/label/);
    }
  });

  it("know a file's priority by its index, and forget them all when all are normal again", () => {
    const skipped = changedChoices(defaultChoices, { priorities: [{ file: 1, priority: "skip" }] }, 3);
    expect(skipped.priorities).toEqual(["normal", "skip", "normal"]);
    expect(changedChoices(skipped, { priorities: [{ file: 1, priority: "normal" }] }, 3).priorities).toEqual([]);
    expect(() => changedChoices(skipped, { priorities: [{ file: 3, priority: "low" }] }, 3)).toThrow(/no file 3/);
  });
});
