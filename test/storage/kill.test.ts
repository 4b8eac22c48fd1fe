import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
import { makeKilledTorrent } from "./torrents.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "killed-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Kills the downloader when it has told of `count` pieces. @returns all it told of. */
function killAfter(count: number, seed: number): Promise<number[]> {
  const script = join(import.meta.dirname, "killed-downloader.ts");
  const child = spawn(process.execPath, [script, folder, String(seed)], { stdio: ["ignore", "pipe", "inherit"] });
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

it("knows after SIGKILL every piece that was verified, reads none of them, and believes no other", async () => {
  const torrent = makeKilledTorrent();
  for (const [seed, count] of [1, 14, 77, 150].entries()) {
    rmSync(join(folder, "save"), { recursive: true, force: true });
    const told = await killAfter(count, seed);
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
