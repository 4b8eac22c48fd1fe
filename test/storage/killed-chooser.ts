/**
 * Run as a process of its own by kill.test.ts: chooses again and again what is wanted of a torrent of many files and
 * downloads that, with a record and a journal, and tells of each verified piece, until it is killed. Arguments: folder, seed.
 */
import { join } from "node:path";
import { Bitfield } from "../../source/base/bitfield.ts";
import { randomBelow, SeededRandom, shuffle } from "../../source/base/random.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { ResumeJournal } from "../../source/storage/resume-journal.ts";
import { encodeResume } from "../../source/storage/resume-record.ts";
import { piecePriorities } from "../../source/swarm/piece-priorities.ts";
import { infoHash, makeChosenTorrent, slicesOf, spanOf } from "./torrents.ts";

const [folder = "", seed = "1"] = process.argv.slice(2);
const files = new NodeFileSystem();
const torrent = makeChosenTorrent();
const { metainfo, geometry } = torrent;
const random = new SeededRandom(Number(seed));
const verified = new Bitfield(geometry.pieceCount);
const savePath = join(folder, "save");
const storage = new FileStorage({ files, hasher: new NodeHasher(), clock: new NodeClock() }, { metainfo, savePath });

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
    completedWallMs: undefined,
    seedingSeconds: 0,
    idleSeconds: 0,
  });
  await files.writeFileAtomic(join(folder, "record"), bytes);
}

await writeRecord();
const journal = await ResumeJournal.begin(files, join(folder, "journal"), infoHash, 7);
await storage.open({
  onPieceChecked: (piece, isRight) => {
    if (!isRight) throw new Error(`piece ${piece} is wrong`);
    verified.set(piece);
    journal.append([piece]);
    process.stdout.write(`${piece}\n`);
  },
  onFailure: (error) => {
    throw error;
  },
  onRelieved: () => undefined,
});

/** Downloads a few of the pieces that these files want, in any order of blocks. */
async function download(wanted: Bitfield): Promise<void> {
  const pieces = piecePriorities(
    metainfo,
    Uint8Array.from(metainfo.files, (_, file) => (wanted.has(file) ? 2 : 0)),
  );
  const missing = [...pieces.keys()].filter((piece) => pieces[piece] !== 0 && !verified.has(piece));
  for (const piece of shuffle(random, missing).slice(0, 2)) {
    for (const { begin, length } of shuffle(random, slicesOf(torrent, piece, 16_384))) {
      storage.writeBlock(geometry.piece(piece), begin, spanOf(torrent, piece, begin, length));
      storage.endOfTurn();
      if (randomBelow(random, 4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

let wanted = Bitfield.full(metainfo.files.length);
while (!verified.isFull) {
  const before = wanted;
  wanted = new Bitfield(before.length);
  const both = before.clone();
  // Now and then everything, so that the side file goes, too.
  const isAll = randomBelow(random, 8) === 0;
  for (let file = 0; file < wanted.length; file++) if (isAll || randomBelow(random, 4) === 0) wanted.set(file);
  for (let file = 0; file < wanted.length; file++) if (wanted.has(file)) both.set(file);
  const change = storage.setWanted(both, verified);
  await download(before);
  await change;
  await storage.setWanted(wanted, verified);
  await download(wanted);
  if (randomBelow(random, 5) === 0) await writeRecord();
}
process.stdout.write("done\n");
setInterval(() => undefined, 1000);
