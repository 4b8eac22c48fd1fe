/**
 * A profile of many torrents, each complete, as an engine that was stopped in order leaves it: entries, records and .torrent
 * files byte for byte as the product writes them, and sparse files with the right lengths and times.
 *
 * The mix: 1 to 100,000 pieces (a thousand as a rule), 1 to 500 files (one in seven cases of ten), 1 to 4 trackers in tiers.
 * The same seed makes the same torrents. Run by itself: node test/bench/many-profile.ts FOLDER COUNT [TRACKER_PORT]
 */
import { closeSync, existsSync, ftruncateSync, lstatSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Bitfield } from "../../source/base/bitfield.ts";
import { randomBelow, randomFraction, SeededRandom } from "../../source/base/random.ts";
import { encode } from "../../source/bencode/encode.ts";
import { defaultChoices } from "../../source/engine/profile/torrent-choices.ts";
import { encodeEntry, summaryOf } from "../../source/engine/profile/torrent-entry.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { fileStatOf } from "../../source/platform/node-file-stat.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { fingerprintOf } from "../../source/storage/file-care.ts";
import { encodeResume } from "../../source/storage/resume-record.ts";

const labels = ["films", "music", "linux", "books", "keep", "2024"];
const words = ["amber", "river", "quiet", "stone", "field", "lunar", "paper", "cedar", "north", "signal"];
const hasher = new NodeHasher();

export interface ManyProfileOptions {
  /** Made anew; what is in it is removed. */
  readonly folder: string;
  readonly count: number;
  /** Of a tracker on the addresses 127.0.0.1 … 127.0.0.5. */
  readonly trackerPort: number;
  readonly bootId: string;
}

/** @returns where the profile is; the files are in `FOLDER/data`. */
export function makeManyProfile(options: ManyProfileOptions): { readonly profile: string; readonly files: number } {
  const { folder, count, bootId } = options;
  const random = new SeededRandom(7);
  const noise = new Uint8Array(20 * 100_000 + 100_000);
  for (let i = 0; i < noise.length; i += 4) new DataView(noise.buffer).setUint32(i, random.uint32());
  const profile = join(folder, "profile");
  const torrents = join(profile, "torrents");
  const data = join(folder, "data");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(torrents, { recursive: true, mode: 0o700 });
  let files = 0;
  for (let i = 0; i < count; i++) {
    const savePath = join(data, `${i % 20}`);
    const metainfoBytes = torrentFile(random, i, noise, options.trackerPort);
    const metainfo = parseMetainfo(metainfoBytes, hasher);
    const fingerprints = metainfo.files.map((file) =>
      fingerprintOf(sparseFile(join(savePath, ...file.path), file.length)),
    );
    files += fingerprints.length;
    const { infoHash } = metainfo;
    const addedWallMs = Date.UTC(2024, 0, 1) + i * 3_600_000;
    const choices = { ...defaultChoices, labels: i % 3 === 0 ? [labels[i % labels.length] ?? ""] : [] };
    const summary = summaryOf(metainfo);
    const base = join(torrents, infoHash);
    writeFileSync(`${base}.torrent`, metainfoBytes);
    writeFileSync(
      `${base}.entry`,
      encodeEntry({ infoHash, summary, savePath, isPaused: false, addedWallMs, choices, peers: [], removal: null }),
    );
    writeFileSync(
      `${base}.resume`,
      encodeResume({
        infoHash,
        savePath,
        isPaused: false,
        verified: Bitfield.full(metainfo.pieceCount),
        fingerprints,
        isClean: true,
        isSynced: true,
        bootId,
        generation: 1,
        writtenWallMs: Date.now(),
        downloadedBytes: metainfo.totalLength,
        uploadedBytes: metainfo.totalLength * 2,
        addedWallMs,
        seedingSeconds: 86_400,
        idleSeconds: 3600,
        completedWallMs: addedWallMs + 600_000,
      }),
    );
  }
  return { profile, files };
}

function torrentFile(random: SeededRandom, number: number, noise: Uint8Array, port: number): Uint8Array {
  const pieceCount = pieceCountOf(random, number);
  const pieceLength = pieceCount > 4000 ? 4 * 2 ** 20 : 2 ** (18 + randomBelow(random, 5));
  const fileCount = Math.min(fileCountOf(random, number), pieceCount * 50);
  const totalLength = pieceCount * pieceLength - randomBelow(random, pieceLength);
  const name = `${words[number % 10]} ${words[Math.floor(number / 10) % 10]} ${number}`;
  const from = randomBelow(random, 100_000);
  const tiers = Array.from({ length: 1 + randomBelow(random, 4) }, (_, tier) => [
    `http://127.0.0.${1 + ((number + tier) % 5)}:${port}/announce`,
  ]);
  return encode({
    announce: tiers[0]?.[0],
    "announce-list": tiers,
    info: {
      name,
      "piece length": pieceLength,
      pieces: noise.subarray(from, from + 20 * pieceCount),
      ...(fileCount === 1 ? { length: totalLength } : { files: split(totalLength, fileCount) }),
    },
  });
}

/** Most have some hundreds to a few thousand pieces, one in a hundred up to 100,000. */
function pieceCountOf(random: SeededRandom, number: number): number {
  if (number === 0) return 1;
  if (number === 1) return 100_000;
  const dice = randomFraction(random);
  const [low, high] = dice < 0.15 ? [1, 100] : dice < 0.7 ? [100, 1500] : dice < 0.99 ? [1000, 5000] : [5000, 100_000];
  return Math.round(low * (high / low) ** randomFraction(random));
}

function fileCountOf(random: SeededRandom, number: number): number {
  if (number === 2) return 500;
  const dice = randomFraction(random);
  if (dice < 0.7) return 1;
  const [low, high] = dice < 0.9 ? [2, 20] : dice < 0.98 ? [20, 100] : [100, 500];
  return low + randomBelow(random, high - low);
}

function split(totalLength: number, count: number): { readonly path: readonly string[]; readonly length: number }[] {
  const share = Math.floor(totalLength / count);
  return Array.from({ length: count }, (_, i) => ({
    path: [`disc ${Math.floor(i / 20)}`, `${String(i).padStart(3, "0")} ${words[i % 10]}.bin`],
    length: i === count - 1 ? totalLength - share * (count - 1) : share,
  }));
}

const made = new Set<string>();

function sparseFile(path: string, length: number): ReturnType<typeof fileStatOf> {
  const folder = dirname(path);
  if (!made.has(folder)) mkdirSync(folder, { recursive: true });
  made.add(folder);
  const fd = openSync(path, "w");
  ftruncateSync(fd, length);
  closeSync(fd);
  return fileStatOf(lstatSync(path, { bigint: true }));
}

if (import.meta.main) {
  const [folder = "", count = "1000", port = "6969"] = process.argv.slice(2);
  if (folder === "" || existsSync(folder)) throw new Error("give the path of a folder that is not there yet");
  console.log(makeManyProfile({ folder, count: Number(count), trackerPort: Number(port), bootId: "" }));
}
