import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import { planRelocation, type RelocationPlan } from "../../source/storage/relocation-plan.ts";
import type { VirtualDisk } from "../support/virtual-disk.ts";
import {
  diskOf,
  emptyFoldersOn,
  expectedFiles,
  filesOn,
  type MoveWorld,
  moveOnce,
  profile,
  put,
  readEntry,
  startAgain,
} from "./relocation-world.ts";

type Kind = "kill" | "power";

const names = fc.constantFrom("a", "b", "c");
/** Distinct paths below one folder, none of which is a folder of another. */
const trees = fc
  .uniqueArray(fc.array(names, { minLength: 0, maxLength: 2 }), { minLength: 1, maxLength: 5 })
  .map((all) => all.map((folders, index) => ["torrent", ...folders, `file ${index}`]));
const lengths = fc.constantFrom(0, 1, 3000, 4096, 9000, 70_000);

interface CrashWorld extends MoveWorld {
  /** A new name that somebody else takes after the plan was made; one of `foreign`. */
  readonly intruder: string | undefined;
}

const worlds: fc.Arbitrary<CrashWorld> = fc
  .record({
    paths: trees,
    lengths: fc.array(fc.option(lengths, { nil: undefined, freq: 6 }), { minLength: 5, maxLength: 5 }),
    kind: fc.constantFrom("rename", "same disk", "other disk"),
    hasTarget: fc.boolean(),
    intruderAt: fc.option(fc.nat(), { nil: undefined, freq: 2 }),
  })
  .map(({ paths, lengths, kind, hasTarget, intruderAt }) => {
    const fromRoot = "/saves/old";
    const toRoot = kind === "rename" ? fromRoot : kind === "same disk" ? "/saves/deep/new" : "/usb/deep/new";
    const files = paths.map((path) => {
      const renamed = kind === "rename" ? ["renamed", ...path.slice(1)] : path;
      return { from: `${fromRoot}/${path.join("/")}`, to: `${toRoot}/${renamed.join("/")}` };
    });
    const own = new Map<string, string>();
    files.forEach(({ from }, index) => {
      const length = lengths[index];
      if (length !== undefined) own.set(from, contentOf(index, length));
    });
    const foreign = new Map([
      ["/saves/old/foreign", "f".repeat(5000)],
      ["/saves/old/torrent/subtitles", "s".repeat(100)],
    ]);
    if (hasTarget) foreign.set(`${toRoot}/other`, "o".repeat(4096));
    const intruder = intruderAt === undefined ? undefined : files[intruderAt % files.length]?.to;
    if (intruder !== undefined) foreign.set(intruder, "i".repeat(500));
    return { request: { fromRoot, toRoot, files }, own, foreign, intruder };
  });

/** Planned before the intruder came. */
async function planned(world: CrashWorld): Promise<{ readonly disk: VirtualDisk; readonly plan: RelocationPlan }> {
  const foreign = new Map(world.foreign);
  if (world.intruder !== undefined) foreign.delete(world.intruder);
  const disk = await diskOf({ ...world, foreign });
  const plan = await planRelocation(disk, world.request);
  if (world.intruder !== undefined) await put(disk, world.intruder, world.foreign.get(world.intruder) ?? "");
  disk.syncAll();
  return { disk, plan };
}

/** With a hole in the longer ones. */
function contentOf(index: number, length: number): string {
  const text = String.fromCharCode(65 + index).repeat(length);
  return length < 70_000 ? text : `${"\0".repeat(66_000)}${text.slice(66_000)}`;
}

/** Runs until the change that it is killed at; whether it ended before. */
async function runCut(disk: VirtualDisk, changes: number, work: () => Promise<unknown>): Promise<boolean> {
  disk.failAfter(changes);
  try {
    await work();
  } catch (error) {
    if (!disk.isDead && codeOf(error) !== "conflict") throw error;
  }
  return !disk.isDead;
}

function expectSettled(world: MoveWorld, disk: VirtualDisk, where: "old" | "new"): void {
  expect(filesOn(disk)).toEqual(expectedFiles(world, where));
  const { request, own } = world;
  const hasNone = (root: string) =>
    ![...expectedFiles(world, where).keys()].some((path) => path.startsWith(`${root}/`));
  const allowed = [request.fromRoot, "/usb", "/saves"].filter(hasNone);
  // With nothing to move, nothing of it was ever made.
  expect(own.size === 0 ? [] : emptyFoldersOn(disk).filter((folder) => !allowed.includes(folder))).toEqual([]);
}

describe("a move that is cut short", () => {
  it.each(["kill", "power"] as const)(
    "has every file in one known place after a %s at any change",
    async (kind: Kind) => {
      const placesFound = new Set<string>();
      await fc.assert(
        fc.asyncProperty(worlds, fc.nat(), fc.nat({ max: 30 }), async (world, seed, secondCut) => {
          for (let changes = 0; ; changes++) {
            const { disk, plan } = await planned(world);
            const isDone = await runCut(disk, changes, () => moveOnce(disk, plan));
            if (isDone) expectSettled(world, disk, readEntry(disk));
            let next = disk.crash(kind, seed + changes);
            // The next start is cut short as well.
            await runCut(next, secondCut, () => startAgain(next));
            next = next.crash(kind, seed);
            const where = await startAgain(next);
            placesFound.add(where);
            if (isDone) expect(where).toBe(readEntry(disk));
            expectSettled(world, next, where);
            // It stays so, whatever happens now.
            const later = next.crash("power", seed);
            expect(await startAgain(later)).toBe(where);
            expectSettled(world, later, where);
            if (isDone) return;
          }
        }),
        { numRuns: 10 },
      );
      expect(placesFound).toEqual(new Set(["old", "new"]));
    },
  );

  it("is finished or undone at once after any single failure of the disk", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.constantFrom("EIO", "ENOSPC", "EROFS", "EACCES"), async (world, code) => {
        for (let failing = 0; ; failing++) {
          const { disk, plan } = await planned(world);
          let count = 0;
          disk.fault = (operation, path) => {
            if (path.startsWith(profile) || operation === "stat" || operation === "freeSpace") return undefined;
            return count++ === failing ? code : undefined;
          };
          let failure = "";
          try {
            await moveOnce(disk, plan);
          } catch (error) {
            failure = codeOf(error);
          }
          const wasReached = count > failing;
          if (failure === "unfinished") await startAgain(disk);
          const where = readEntry(disk);
          if (!wasReached && failure === "") expect(where).toBe("new");
          // What could not be removed at the old place may be left there, and nothing else.
          const left = new Map([...filesOn(disk)].filter(([path]) => where === "old" || !world.own.has(path)));
          expect(left).toEqual(expectedFiles(world, where));
          if (!wasReached) return;
        }
      }),
      { numRuns: 10 },
    );
  });
});
