import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { decodeJournal } from "../../source/storage/resume-journal.ts";
import { planResume } from "../../source/storage/resume-plan.ts";
import { decodeResume } from "../../source/storage/resume-record.ts";
import { makeChosenTorrent, makeKilledTorrent, slicesOf, spanOf } from "./torrents.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "killed-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Kills the program when it has told of `count` pieces. @returns all it told of. */
function killAfter(count: number, seed: number, program = "killed-downloader.ts", how = ""): Promise<number[]> {
  const script = join(import.meta.dirname, program);
  const child = spawn(process.execPath, [script, folder, String(seed), how], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    if (text.split("\n").length > count) child.kill("SIGKILL");
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      expect(signal).toBe("SIGKILL");
      const whole = text.split("\n").slice(0, -1);
      resolve(whole.filter((line) => /^\d+$/.test(line)).map(Number));
    });
  });
}

it.each([
  ["", ""],
  [", nor the zeros of files whose space was taken in advance", "preallocate"],
])("knows after SIGKILL every piece that was verified, reads none of them, and believes no other%s", async (_, how) => {
  const torrent = makeKilledTorrent();
  const last = torrent.metainfo.files.at(-1);
  for (const [seed, count] of [1, 14, 77, 150].entries()) {
    rmSync(join(folder, "save"), { recursive: true, force: true });
    const told = await killAfter(count, seed, "killed-downloader.ts", how);
    if (how !== "") expect(statSync(join(folder, "save", ...(last?.path ?? []))).size).toBe(last?.length);
    expect(told.length).toBeGreaterThanOrEqual(count);
    const storage = new FileStorage(
      { files: new NodeFileSystem(), hasher: new NodeHasher(), clock: new NodeClock() },
      { metainfo: torrent.metainfo, savePath: join(folder, "save") },
    );
    await storage.open({ onPieceChecked: () => undefined, onFailure: () => undefined, onRelieved: () => undefined });
    const record = decodeResume(readFileSync(join(folder, "record")));
    if (record === undefined) throw new Error("the record is whole");
    const plan = planResume({
      metainfo: torrent.metainfo,
      record,
      journal: decodeJournal(readFileSync(join(folder, "journal")), torrent.metainfo.infoHash, 7, 1000),
      current: await storage.fingerprint(),
      bootId: "this one",
    });
    expect(plan.recheck.isEmpty).toBe(true);
    expect(plan.changedFiles).toEqual([]);
    for (const piece of told) expect(plan.trusted.has(piece)).toBe(true);
    const right = await storage.check(() => undefined, new AbortController().signal, plan.trusted);
    expect(right.bytes).toEqual(plan.trusted.bytes);
    expect(right.length).toBe(new Bitfield(torrent.geometry.pieceCount).length);
    await storage.close();
  }
});

it("loses nothing by SIGKILL while what is wanted changes and files are brought back from the side file", async () => {
  const torrent = makeChosenTorrent();
  const { metainfo, geometry } = torrent;
  const kills = Number(process.env["P2P_TUI_KILLS"] ?? 12);
  for (let seed = 1; seed <= kills; seed++) {
    rmSync(join(folder, "save"), { recursive: true, force: true });
    const told = await killAfter(1 + ((7 * seed) % 70), seed, "killed-chooser.ts");
    const storage = new FileStorage(
      { files: new NodeFileSystem(), hasher: new NodeHasher(), clock: new NodeClock() },
      { metainfo, savePath: join(folder, "save") },
    );
    const right: number[] = [];
    await storage.open({
      onPieceChecked: (piece, isRight) => (isRight ? right.push(piece) : expect(piece).toBe("right")),
      onFailure: (error) => expect(error).toBeUndefined(),
      onRelieved: () => undefined,
    });
    const record = decodeResume(readFileSync(join(folder, "record")));
    if (record === undefined) throw new Error("the record is whole");
    const plan = planResume({
      metainfo,
      record,
      journal: decodeJournal(readFileSync(join(folder, "journal")), metainfo.infoHash, 7, geometry.pieceCount),
      current: await storage.fingerprint(),
      bootId: "this one",
    });
    const look = (pieces: Bitfield) => storage.check(() => undefined, new AbortController().signal, pieces);
    // What is believed is right; what was told of is believed, or found.
    expect((await look(plan.trusted)).bytes).toEqual(plan.trusted.bytes);
    const have = plan.trusted.clone();
    const found = await look(plan.recheck);
    for (let piece = 0; piece < found.length; piece++) if (found.has(piece)) have.set(piece);
    for (const piece of told) expect(have.has(piece), `piece ${piece}, seed ${seed}`).toBe(true);
    // And it can go on to the end.
    await storage.setWanted(Bitfield.full(metainfo.files.length), have);
    for (let piece = 0; piece < have.length; piece++) {
      if (have.has(piece)) continue;
      for (const { begin, length } of slicesOf(torrent, piece, 16_384)) {
        storage.writeBlock(geometry.piece(piece), begin, spanOf(torrent, piece, begin, length));
      }
      storage.endOfTurn();
    }
    await storage.finish();
    expect((await look(Bitfield.full(geometry.pieceCount))).isFull).toBe(true);
    await storage.close();
    for (const file of metainfo.files) {
      const bytes = readFileSync(join(folder, "save", ...file.path));
      expect(Buffer.compare(bytes, torrent.bytes.subarray(file.offset, file.offset + file.length))).toBe(0);
    }
    expect(readdirSync(join(folder, "save"))).toEqual(["torrent"]);
  }
});
