/**
 * Run as a process of its own by kill.test.ts: downloads generated content in a random order, with a record and a
 * journal, and tells of each verified piece, until it is killed. Arguments: folder, seed, and `preallocate` if the space of the
 * files is to be taken first.
 */
import { join } from "node:path";
import { Bitfield } from "../../source/base/bitfield.ts";
import { SeededRandom, shuffle } from "../../source/base/random.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { ResumeJournal } from "../../source/storage/resume-journal.ts";
import { encodeResume } from "../../source/storage/resume-record.ts";
import { infoHash, makeKilledTorrent, slicesOf, spanOf } from "./torrents.ts";

const [folder = "", seed = "1", how = ""] = process.argv.slice(2);
const files = new NodeFileSystem();
const torrent = makeKilledTorrent();
const random = new SeededRandom(Number(seed));
const verified = new Bitfield(torrent.geometry.pieceCount);
const savePath = join(folder, "save");
const storage = new FileStorage(
  { files, hasher: new NodeHasher(), clock: new NodeClock() },
  { metainfo: torrent.metainfo, savePath, preallocation: how === "preallocate" ? "full" : "off" },
);

async function writeRecord(): Promise<void> {
  const taken = verified.clone();
  const fingerprints = await storage.fingerprint();
  const bytes = encodeResume({
    infoHash,
    savePath,
    isPaused: false,
    verified: taken,
    fingerprints,
    isClean: false,
    isSynced: false,
    bootId: "this one",
    generation: 7,
    writtenWallMs: Date.now(),
    downloadedBytes: 0,
    uploadedBytes: 0,
    addedWallMs: 0,
    seedingSeconds: 3.5,
    idleSeconds: 0,
    completedWallMs: undefined,
  });
  await files.writeFileAtomic(join(folder, "record"), bytes);
}

let journal: ResumeJournal | undefined;
await storage.open({
  onPieceChecked: (piece, isRight) => {
    if (!isRight) return;
    verified.set(piece);
    journal?.append([piece]);
    process.stdout.write(`${piece}\n`);
  },
  onFailure: (error) => {
    throw error;
  },
  onRelieved: () => undefined,
});
await storage.setWanted(Bitfield.full(torrent.metainfo.files.length), verified);
await storage.takeSpace(verified, new AbortController().signal);
await writeRecord();
journal = await ResumeJournal.begin(files, join(folder, "journal"), infoHash, 7);
const pieces = shuffle(random, [...Array(torrent.geometry.pieceCount).keys()]);
for (const [count, index] of pieces.entries()) {
  for (const slice of shuffle(random, slicesOf(torrent, index, 16_384))) {
    storage.writeBlock(torrent.geometry.piece(index), slice.begin, spanOf(torrent, index, slice.begin, slice.length));
    storage.endOfTurn();
  }
  if (count % 10 === 9) await writeRecord();
  await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write("done\n");
setInterval(() => undefined, 1000);
