/** When verified pieces are in their journals. On a real disk. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { messageOf } from "../../../source/base/errors.ts";
import { type InfoHash, infoHashFromHex } from "../../../source/base/ids.ts";
import { Journals } from "../../../source/engine/profile/journals.ts";
import { Geometry } from "../../../source/metainfo/geometry.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { decodeJournal, ResumeJournal } from "../../../source/storage/resume-journal.ts";
import { FailingFileSystem } from "../../storage/failing-file-system.ts";

const one = infoHashFromHex("1".repeat(40));
const other = infoHashFromHex("2".repeat(40));
const pieceCount = 100;
const geometry = new Geometry(16_384, pieceCount * 16_384);

let home = "";
let disk = new FailingFileSystem(new NodeFileSystem());
let problems: string[] = [];
let journals = new Journals(() => {});
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "journals-"));
  disk = new FailingFileSystem(new NodeFileSystem());
  problems = [];
  journals = new Journals((error) => problems.push(messageOf(error)));
  for (const each of [one, other]) journals.open(each, await ResumeJournal.begin(disk, join(home, each), each, 1));
  disk.operations.length = 0;
});
afterEach(async () => {
  disk.saboteur = () => undefined;
  for (const each of [one, other]) await journals.close(each);
  expect(disk.openCount).toBe(0);
  rmSync(home, { recursive: true, force: true });
});

const written = (of: InfoHash) => decodeJournal(readFileSync(join(home, of)), of, 1, pieceCount);
const verify = (of: InfoHash, ...pieces: number[]) => {
  for (const piece of pieces) journals.verified(of, geometry.piece(piece));
};
const writes = () => disk.operations.filter((operation) => operation === "write").length;

describe("journals", () => {
  it("are let go of where closing one fails: the torrent can have another", async () => {
    const file = await disk.open(join(home, one), "write");
    const broken = { ...file, close: () => file.close().then(() => Promise.reject(new Error("EIO"))) };
    const brokenDisk = Object.assign(Object.create(disk), { open: async () => broken });
    await journals.close(one);
    journals.open(one, await ResumeJournal.begin(brokenDisk, join(home, one), one, 2));
    await expect(journals.close(one)).rejects.toThrow("EIO");
    expect(await journals.close(one)).toBe(false);
  });

  it("have all pieces of a turn at its end, with one write a torrent", async () => {
    verify(one, 5, 3);
    verify(other, 7);
    verify(one, 99);
    expect(writes()).toBe(0);
    await undefined;
    expect(written(one)).toEqual([5, 3, 99]);
    expect(written(other)).toEqual([7]);
    expect(writes()).toBe(2);
    verify(one, 0);
    await undefined;
    expect(written(one)).toEqual([5, 3, 99, 0]);
  });

  it("have what was verified right before they are closed, and nothing after", async () => {
    verify(one, 1, 2);
    expect(await journals.close(one)).toBe(true);
    expect(written(one)).toEqual([1, 2]);
    verify(one, 3);
    await undefined;
    expect(written(one)).toEqual([1, 2]);
    expect(await journals.close(one)).toBe(false);
    expect(problems).toEqual([]);
  });

  it("are given up when they cannot be written, each for itself, and it is said once", async () => {
    disk.saboteur = (operation, path) => (operation === "write" && path.endsWith(one) ? "ENOSPC" : undefined);
    verify(one, 1, 2);
    verify(other, 4);
    await undefined;
    verify(one, 3);
    await undefined;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("the disk is full");
    expect(written(one)).toEqual([]);
    expect(written(other)).toEqual([4]);
  });
});
