import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { fingerprintOf } from "../../source/storage/file-care.ts";
import { piecesOfFile } from "../../source/storage/pieces-of-file.ts";
import { decodeJournal, ResumeJournal, resumeJournalLengthMax } from "../../source/storage/resume-journal.ts";
import { planResume, type ResumeInput } from "../../source/storage/resume-plan.ts";
import { decodeResume, encodeResume, type ResumeRecord } from "../../source/storage/resume-record.ts";
import { infoHash, makeTorrent } from "./torrents.ts";

function bits(count: number, set: readonly number[]): Bitfield {
  const field = new Bitfield(count);
  for (const index of set) field.set(index);
  return field;
}

function indexes(field: Bitfield): number[] {
  return Array.from({ length: field.length }, (_, i) => i).filter((i) => field.has(i));
}

function print(length: number, modifiedMs: number, inode = 7): string {
  return fingerprintOf({ kind: "file", length, allocatedBytes: length, modifiedMs, identity: `1:${inode}` });
}

const base: ResumeRecord = {
  infoHash,
  savePath: "/downloads/größer\u0007",
  isPaused: false,
  verified: bits(10, [0, 1, 2, 3]),
  fingerprints: [print(600, 1000, 1), print(400, 1000.25, 2)],
  isClean: false,
  isSynced: false,
  bootId: "boot",
  generation: 0xffff_ffff,
  writtenWallMs: 1000,
  downloadedBytes: 2 ** 50,
  uploadedBytes: 0,
  addedWallMs: 1.5,
  seedingSeconds: 3.5,
  idleSeconds: 0,
  completedWallMs: undefined,
};

describe("the resume record", () => {
  it("comes back as it was written", () => {
    expect(decodeResume(encodeResume(base))).toEqual(base);
    const done = { ...base, completedWallMs: 7, isClean: true, isPaused: true, verified: Bitfield.full(13) };
    expect(decodeResume(encodeResume(done))).toEqual(done);
  });

  it("is not there where any byte differs, is missing or is added", () => {
    const bytes = encodeResume(base);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(decodeResume(damaged)).toBeUndefined();
      expect(decodeResume(bytes.subarray(0, at))).toBeUndefined();
    }
    expect(decodeResume(new Uint8Array([...bytes, 0]))).toBeUndefined();
  });

  it("never throws on garbage", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        const bytes = encodeResume(base);
        const at = Math.min(garbage.length, bytes.length);
        expect(decodeResume(garbage)).toBeUndefined();
        expect(decodeResume(new Uint8Array([...bytes.subarray(0, at), ...garbage]))).toBeUndefined();
      }),
    );
  });

  it("is not there where a field is of another kind, though the checksum is right", () => {
    const spoilt: Record<string, unknown>[] = [
      { infoHash: "xyz" },
      { fingerprints: [1] },
      { fingerprints: {} },
      { generation: -1 },
      { generation: 2 ** 32 },
      { downloadedBytes: 0.5 },
      { isClean: 1 },
      { writtenWallMs: null },
      { savePath: null },
    ];
    for (const fields of spoilt)
      expect(decodeResume(encodeResume({ ...base, ...fields } as ResumeRecord))).toBeUndefined();
  });
});

describe("the journal", () => {
  const files = new NodeFileSystem();
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "journal-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const read = (path: string, generation = 3, pieceCount = 100) =>
    decodeJournal(readFileSync(path), infoHash, generation, pieceCount);

  it("names the pieces that were appended, and begins anew", async () => {
    const path = join(root, "j");
    writeFileSync(path, new Uint8Array(5000).fill(1));
    const journal = await ResumeJournal.begin(files, path, infoHash, 3);
    expect(read(path)).toEqual([]);
    journal.append([5, 99]);
    journal.append([0]);
    expect(read(path)).toEqual([5, 99, 0]);
    await journal.close();
    await (await ResumeJournal.begin(files, path, infoHash, 4)).close();
    expect(read(path, 4)).toEqual([]);
  });

  it("is empty for another torrent or generation, and for no journal at all", async () => {
    const path = join(root, "j");
    const journal = await ResumeJournal.begin(files, path, infoHash, 3);
    journal.append([1]);
    await journal.close();
    expect(read(path, 2)).toEqual([]);
    expect(decodeJournal(readFileSync(path), infoHashFromHex("f".repeat(40)), 3, 100)).toEqual([]);
    expect(decodeJournal(new Uint8Array(0), infoHash, 3, 100)).toEqual([]);
  });

  it("ends where an entry is cut, zero, out of range or garbage", async () => {
    const path = join(root, "j");
    for (const tail of [[0, 0, 0], new Array<number>(16).fill(0), new Array<number>(8).fill(255)]) {
      const journal = await ResumeJournal.begin(files, path, infoHash, 3);
      journal.append([1, 2]);
      await journal.close();
      appendFileSync(path, new Uint8Array(tail));
      expect(read(path)).toEqual([1, 2]);
      expect(read(path, 3, 2)).toEqual([1]);
    }
    expect(readFileSync(path).length).toBeLessThanOrEqual(resumeJournalLengthMax(3));
  });
});

describe("the resume plan", () => {
  // Pieces of 100 bytes: the first file has pieces 0 to 5, the second 5 to 9.
  const { metainfo } = makeTorrent(100, [{ length: 550 }, { length: 0 }, { length: 450 }]);
  const empty = print(0, 500, 3);
  const record: ResumeRecord = {
    ...base,
    verified: bits(10, [0, 1, 2, 3]),
    fingerprints: [print(400, 1000, 1), empty, "missing"],
  };
  const input = (changes: Partial<ResumeInput> & { readonly of?: Partial<ResumeRecord> }): ResumeInput => {
    const { of, ...rest } = changes;
    return {
      metainfo,
      record: { ...record, ...of },
      journal: [],
      current: record.fingerprints,
      bootId: "boot",
      ...rest,
    };
  };
  const plan = (changes: Partial<ResumeInput> & { readonly of?: Partial<ResumeRecord> }) => {
    const made = planResume(input(changes));
    return {
      trusted: indexes(made.trusted),
      recheck: indexes(made.recheck),
      changedFiles: made.changedFiles,
    };
  };

  it("knows whether what it trusts survives a loss of power", () => {
    const isSynced = (of: Partial<ResumeRecord>, journal: readonly number[]) =>
      planResume(input({ of: { ...of, bootId: "boot" }, journal })).isSynced;
    expect(isSynced({ isSynced: true }, [])).toBe(true);
    expect(isSynced({ isSynced: false }, [])).toBe(false);
    expect(isSynced({ isSynced: true }, [3])).toBe(false);
  });

  it("reads nothing after a clean stop", () => {
    const whole = [print(550, 1000, 1), empty, print(450, 900, 2)];
    const of = { isClean: true, isSynced: true, verified: Bitfield.full(10), fingerprints: whole };
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    expect(plan({ of, current: whole })).toEqual({ trusted: all, recheck: [], changedFiles: [] });
    // Another start of the machine, on which devices have other numbers.
    const elsewhere = whole.map((text) => text.replace("1:", "45:"));
    expect(plan({ of, current: elsewhere, bootId: "later" })).toEqual({ trusted: all, recheck: [], changedFiles: [] });
    // FAT has rounded the time of change meanwhile.
    const rounded = [print(550, 2000, 1), empty, print(450, 0, 2)];
    expect(plan({ of, current: rounded, bootId: "later" }).recheck).toEqual([]);
    expect(plan({ of, current: rounded, bootId: "boot" }).recheck).toEqual(all);
  });

  it("hashes a whole file that was changed after a clean stop, and no other", () => {
    const then = [print(550, 1000, 1), empty, print(450, 900, 2)];
    const of = { isClean: true, verified: bits(10, [0, 1, 2, 3, 4, 7]), fingerprints: then };
    for (const changed of [print(450, 901, 2), print(449, 900, 2), print(450, 900, 9), print(450, 899, 2)]) {
      expect(plan({ of, current: [then[0] ?? "", empty, changed] })).toEqual({
        trusted: [0, 1, 2, 3, 4],
        recheck: [5, 6, 7, 8, 9],
        changedFiles: [2],
      });
    }
  });

  it("believes record and journal after a kill, without reading", () => {
    const current = [print(550, 1500, 1), empty, print(300, 1600, 2)];
    expect(plan({ current, journal: [5, 7] })).toEqual({ trusted: [0, 1, 2, 3, 5, 7], recheck: [], changedFiles: [] });
  });

  it("hashes after a loss of power what was not synced", () => {
    const current = [print(550, 1500, 1), empty, print(300, 1600, 2)];
    const later = { current, journal: [5, 7], bootId: "later" };
    expect(plan(later)).toEqual({ trusted: [], recheck: [0, 1, 2, 3, 5, 7], changedFiles: [] });
    expect(plan({ ...later, of: { isSynced: true } })).toEqual({
      trusted: [0, 1, 2, 3],
      recheck: [5, 7],
      changedFiles: [],
    });
    expect(plan({ ...later, of: { isClean: true, fingerprints: current } }).trusted).toEqual([]);
    // Nobody knows whether the machine has restarted.
    expect(plan({ ...later, of: { bootId: "" }, bootId: "" }).trusted).toEqual([]);
  });

  it("hashes after a kill a file that is another one, shorter, older, or changed long after we were alive", () => {
    const foreign = [print(400, 1500, 8), print(399, 1500, 1), print(400, 999, 1), print(500, 1000 + 60_000, 1)];
    for (const first of foreign) {
      expect(plan({ current: [first, empty, "missing"] })).toEqual({
        trusted: [],
        // Piece 5 reaches into the file that is missing.
        recheck: [0, 1, 2, 3, 4],
        changedFiles: [0],
      });
    }
    const late = [print(500, 1000 + 60_000, 1), empty, "missing"];
    expect(plan({ current: late, aliveUntilWallMs: 50_000 }).recheck).toEqual([]);
  });

  it("hashes after a kill a complete file whose time of change differs", () => {
    const of = {
      verified: bits(10, [0, 1, 2, 3, 4, 5]),
      fingerprints: [print(550, 1000, 1), empty, print(50, 1000, 2)],
    };
    const made = plan({ of, current: [print(550, 1001, 1), empty, print(80, 1100, 2)] });
    expect(made).toEqual({ trusted: [], recheck: [0, 1, 2, 3, 4, 5], changedFiles: [0] });
  });

  it("hashes a file that ends before what was verified of it, though the record took that for our doing", () => {
    const cut = [print(550, 1000, 1), empty, print(449, 900, 2)];
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const of = { isClean: true, isSynced: true, fingerprints: cut };
    expect(plan({ of: { ...of, verified: bits(10, all) }, current: cut })).toEqual({
      trusted: [0, 1, 2, 3, 4],
      recheck: [5, 6, 7, 8, 9],
      changedFiles: [2],
    });
    // Its end has not come yet.
    expect(plan({ of: { ...of, verified: bits(10, [0, 5, 8]) }, current: cut })).toMatchObject({ recheck: [] });
    const aside = ["missing", empty, `aside ${print(100, 900, 2)}`];
    expect(plan({ of: { verified: bits(10, [5]), fingerprints: aside }, current: aside }).recheck).toEqual([]);
  });

  it("neither believes nor hashes what is in a file that is gone", () => {
    const of = {
      isClean: true,
      verified: Bitfield.full(10),
      fingerprints: [print(550, 1, 1), empty, print(450, 1, 2)],
    };
    const made = plan({ of, current: ["missing", empty, print(450, 1, 2)] });
    expect(made).toEqual({ trusted: [6, 7, 8, 9], recheck: [], changedFiles: [] });
    const linked = fingerprintOf({ kind: "link", length: 450, allocatedBytes: 0, modifiedMs: 1, identity: "1:2" });
    expect(plan({ of, current: [print(550, 1, 1), empty, linked] }).trusted).toEqual([0, 1, 2, 3, 4]);
  });

  it("hashes what has appeared since a clean stop", () => {
    const of = { isClean: true };
    const made = plan({ of, current: [print(400, 1000, 1), empty, print(450, 10, 2)] });
    expect(made).toEqual({ trusted: [0, 1, 2, 3], recheck: [5, 6, 7, 8, 9], changedFiles: [2] });
  });

  it("judges what lies aside by the side file, and by the file once that is there", () => {
    const one = print(550, 1000, 1);
    const side = (modifiedMs: number, inode = 3) => `aside ${print(60, modifiedMs, inode)}`;
    const of = { verified: bits(10, [0, 1, 2, 3, 4, 5]), fingerprints: [one, empty, side(1000)] };
    const shared = (current: string, record: Partial<ResumeRecord> = {}) => {
      const made = plan({ of: { ...of, ...record }, current: [one, empty, current] });
      return made.trusted.includes(5) ? "believed" : made.recheck.includes(5) ? "hashed" : "gone";
    };
    expect(shared(side(1000), { isClean: true })).toBe("believed");
    expect(shared(side(1001), { isClean: true })).toBe("hashed");
    // After a kill: we went on writing to it.
    expect(shared(side(1500))).toBe("believed");
    expect(shared(side(1500, 8))).toBe("hashed");
    expect(shared(side(999))).toBe("hashed");
    expect(shared("missing")).toBe("gone");
    // It has been made of what lay aside, or somebody has put it there.
    expect(shared(print(450, 1500, 9))).toBe("believed");
    expect(shared(print(450, 1000 + 60_000, 9))).toBe("hashed");
    expect(shared(print(451, 1500, 9))).toBe("hashed");
    expect(shared(print(450, 1500, 9), { isClean: true })).toBe("hashed");
    // The side file is younger than the record, or has nothing to do with a file that was there and is gone.
    expect(shared(side(1500), { fingerprints: [one, empty, "missing"] })).toBe("believed");
    expect(shared(side(1500), { fingerprints: [one, empty, print(450, 900, 2)] })).toBe("gone");
  });

  it("hashes everything where the record is of another torrent or shape", () => {
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    expect(plan({ of: { infoHash: infoHashFromHex("e".repeat(40)) } }).recheck).toEqual(all);
    expect(plan({ of: { verified: bits(11, [0]) } }).recheck).toEqual(all);
    expect(plan({ of: { fingerprints: ["missing"] } }).recheck).toEqual(all);
    expect(plan({ current: [] }).recheck).toEqual(all);
  });

  it("loses no verified piece of a file that is there, and believes none of a changed one", () => {
    const file = fc.constantFrom("missing", print(450, 1000, 2), print(450, 1500, 2), print(100, 1500, 2), "garbage");
    fc.assert(
      fc.property(
        fc.record({
          verified: fc.array(fc.integer({ min: 0, max: 9 })),
          journal: fc.array(fc.integer({ min: 0, max: 12 })),
          past: fc.tuple(file, file),
          now: fc.tuple(file, file),
          isClean: fc.boolean(),
          isSynced: fc.boolean(),
          bootId: fc.constantFrom("boot", "later", ""),
        }),
        ({ verified, journal, past, now, isClean, isSynced, bootId }) => {
          const made = planResume(
            input({
              of: { verified: bits(10, verified), isClean, isSynced, fingerprints: [past[0], empty, past[1]] },
              journal,
              current: [now[0], empty, now[1]],
              bootId,
            }),
          );
          const known = new Set([...verified, ...journal]);
          const missing = new Set<number>();
          const changed = new Set<number>();
          for (const [index, set] of [
            ...[0, 2].filter((i) => now[i >> 1] === "missing").map((i) => [i, missing] as const),
            ...made.changedFiles.map((i) => [i, changed] as const),
          ]) {
            const pieces = piecesOfFile(metainfo, index);
            for (let piece = pieces?.first ?? 0; piece <= (pieces?.last ?? -1); piece++) set.add(piece);
          }
          for (let piece = 0; piece < 10; piece++) {
            const isTrusted = made.trusted.has(piece);
            const isRechecked = made.recheck.has(piece);
            expect(isTrusted && isRechecked).toBe(false);
            if (missing.has(piece)) expect(isTrusted || isRechecked).toBe(false);
            else if (changed.has(piece)) expect(isRechecked).toBe(true);
            else expect(isTrusted || isRechecked).toBe(known.has(piece));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
