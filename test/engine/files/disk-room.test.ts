/** How much of a disk a download still takes, by what its files hold. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Bitfield } from "../../../source/base/bitfield.ts";
import { assertRoom, roomNeeded } from "../../../source/engine/files/disk-room.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { makeTorrent } from "../../storage/torrents.ts";

const mebi = 2 ** 20;
const files = new NodeFileSystem();
let savePath = "";
beforeEach(() => {
  savePath = mkdtempSync(join(tmpdir(), "disk-room-"));
  mkdirSync(join(savePath, "t"));
});
afterEach(() => rmSync(savePath, { recursive: true, force: true }));

/** Pieces of 256 KiB: "a" is 0–3, padding 4–7, "b" 8–11, "c" 12–15. */
const { metainfo, geometry } = makeTorrent(2 ** 18, [
  { path: ["t", "a"], length: mebi },
  { path: ["pad"], length: mebi, isPadding: true },
  { path: ["t", "b"], length: mebi },
  { path: ["t", "c"], length: mebi },
]);
const put = (name: string, length: number) => writeFileSync(join(savePath, "t", name), Buffer.alloc(length, 1));

function needed(...missing: readonly number[]): Promise<number> {
  const pieces = new Bitfield(geometry.pieceCount);
  for (const piece of missing) pieces.set(piece);
  return roomNeeded(files, { savePath, metainfo, missing: pieces });
}

it("is what is missing of files that are not there, without padding", async () => {
  expect(await needed(...Array.from({ length: 16 }, (_, piece) => piece))).toBe(3 * mebi);
  expect(await needed(3, 4, 8)).toBe(mebi / 2);
});

it("is nothing for what is damaged in a file that has all its room, and no more than a file lacks", async () => {
  put("a", mebi);
  expect(await needed(1, 2)).toBe(0);
  put("b", mebi / 2);
  expect(await needed(8, 9, 10, 11)).toBe(mebi / 2);
  expect(await needed(11)).toBe(mebi / 4);
  // Its holes take room, however long it is.
  truncateSync(join(savePath, "t", "b"), mebi);
  expect(await needed(8, 9, 10, 11)).toBe(mebi / 2);
  // What is behind its end is no room of its content.
  put("c", 3 * mebi);
  truncateSync(join(savePath, "t", "c"), mebi / 2);
  truncateSync(join(savePath, "t", "c"), 2 * mebi);
  expect(await needed(12, 13, 14, 15)).toBe(mebi);
});

it("is asked for before a download is refused", async () => {
  const full = new NodeFileSystem();
  full.freeSpace = async () => 1000;
  const begin = (piece: number) => {
    const missing = new Bitfield(geometry.pieceCount);
    missing.set(piece);
    return assertRoom(full, { savePath, metainfo, missing }, mebi / 4);
  };
  put("a", mebi);
  await begin(0);
  await expect(begin(8)).rejects.toMatchObject({ code: "disk-full" });
});
