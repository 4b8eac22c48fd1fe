/** What the demo's swarms are made of, at two paces: to be watched, and to be over soon. */

import { encode } from "../bencode/encode.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Hasher } from "../ports/hasher.ts";
import { GeneratedContent, generatedPieceHashes } from "../storage/generated-content.ts";
import { recordings } from "./demo-recordings.ts";

export interface LeechPlan {
  /** Bytes per second; 0 for no limit. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** When it first joins, after the seed. */
  readonly joinsAfterMs: number;
  /** 0 … 1 of the pieces, drawn at random, that it has when it first joins. Who takes its place later has none. */
  readonly has: number;
}

export interface SwarmPlan {
  /** Bytes per second; `null` where there is no seed. */
  readonly seedUpRate: number | null;
  readonly leeches: readonly LeechPlan[];
  /** Pieces that nobody has, as [first, last]. */
  readonly lost: readonly (readonly [first: number, last: number])[];
  /** Every so often the leech that has been there longest leaves, and a new one joins; `null` for a steady swarm. */
  readonly churnMs: number | null;
  /** How long a place stays empty. */
  readonly absenceMs: number;
}

/** What is shared in one swarm, and by whom. */
export interface DemoTorrent {
  readonly name: string;
  /** Paths below the name, with `/`, and lengths in bytes; `undefined`: the name is the one file's. */
  readonly files: readonly (readonly [path: string, length: number])[] | undefined;
  readonly length: number;
  readonly pieceLength: number;
  /** Of the generated content. Any will do; always the same, so that what is seen can be seen again. */
  readonly contentSeed: number;
  readonly swarm: SwarmPlan;
}

const kB = 1000;
const MB = 1000 * kB;
const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * 256 MiB in some three minutes, with pieces of every rarity from the start. By D_p2p = N·F / (u_s + Σu_i) with eight
 * downloaders, a seed of 3 MB/s and 6.6 MB/s of the leeches together, each gets some 1.2 MB/s.
 */
const livelySwarm: SwarmPlan = {
  seedUpRate: 3 * MB,
  leeches: [
    { maxDownRate: 4 * MB, maxUpRate: 1500 * kB, joinsAfterMs: 0, has: 0.3 },
    { maxDownRate: 3 * MB, maxUpRate: 1200 * kB, joinsAfterMs: 0, has: 0.45 },
    { maxDownRate: 2 * MB, maxUpRate: 800 * kB, joinsAfterMs: 1500, has: 0.2 },
    { maxDownRate: 2500 * kB, maxUpRate: 600 * kB, joinsAfterMs: 3000, has: 0.6 },
    { maxDownRate: 1200 * kB, maxUpRate: 400 * kB, joinsAfterMs: 6000, has: 0.1 },
    { maxDownRate: 800 * kB, maxUpRate: 250 * kB, joinsAfterMs: 10_000, has: 0 },
    // Only takes: see how it fares.
    { maxDownRate: 3 * MB, maxUpRate: 20 * kB, joinsAfterMs: 14_000, has: 0 },
  ],
  lost: [],
  churnMs: 25_000,
  absenceMs: 4000,
};

/** Slow enough that its files can be looked through and chosen from while it goes. */
const recordingsSwarm: SwarmPlan = {
  seedUpRate: 900 * kB,
  leeches: [
    { maxDownRate: 500 * kB, maxUpRate: 350 * kB, joinsAfterMs: 0, has: 0.55 },
    { maxDownRate: 450 * kB, maxUpRate: 300 * kB, joinsAfterMs: 500, has: 0.35 },
    { maxDownRate: 400 * kB, maxUpRate: 200 * kB, joinsAfterMs: 4000, has: 0.7 },
    { maxDownRate: 300 * kB, maxUpRate: 100 * kB, joinsAfterMs: 9000, has: 0.1 },
  ],
  lost: [],
  churnMs: 45_000,
  absenceMs: 5000,
};

/** The last seed has gone, and a fifth of the pieces with it. Ours is as far as all others soon, and there it stays. */
const stalledSwarm: SwarmPlan = {
  seedUpRate: null,
  leeches: [
    // Whatever is left, is with this one.
    { maxDownRate: 600 * kB, maxUpRate: 900 * kB, joinsAfterMs: 0, has: 1 },
    { maxDownRate: 600 * kB, maxUpRate: 500 * kB, joinsAfterMs: 0, has: 0.8 },
    { maxDownRate: 400 * kB, maxUpRate: 400 * kB, joinsAfterMs: 1000, has: 0.6 },
    { maxDownRate: 300 * kB, maxUpRate: 200 * kB, joinsAfterMs: 3000, has: 0.5 },
  ],
  lost: [
    [70, 83],
    [150, 171],
    [240, 262],
    [300, 318],
  ],
  churnMs: null,
  absenceMs: 0,
};

/** To be over soon: some twenty seconds, still mostly from the other leeches. */
const quickSwarm: SwarmPlan = {
  seedUpRate: 24 * MB,
  leeches: [16 * MB, 12 * MB, 12 * MB, 8 * MB].map((maxUpRate) => ({
    maxDownRate: 0,
    maxUpRate,
    joinsAfterMs: 0,
    has: 0,
  })),
  lost: [],
  churnMs: null,
  absenceMs: 0,
};

const lively: DemoTorrent = {
  name: "p2p-tui demo.bin",
  files: undefined,
  length: 256 * MiB,
  pieceLength: 256 * KiB,
  contentSeed: 20260101,
  swarm: livelySwarm,
};

/** To be watched; the first is what is opened. */
export const watchedTorrents: readonly DemoTorrent[] = [
  lively,
  {
    name: recordings.name,
    files: recordings.files,
    length: recordings.files.reduce((sum, [, length]) => sum + length, 0),
    pieceLength: 128 * KiB,
    contentSeed: 20260102,
    swarm: recordingsSwarm,
  },
  {
    name: "harbour maps.tar",
    files: undefined,
    length: 24 * MiB - 3 * KiB,
    pieceLength: 64 * KiB,
    contentSeed: 20260103,
    swarm: stalledSwarm,
  },
];

/** Without a terminal. */
export const quickTorrent: DemoTorrent = { ...lively, swarm: quickSwarm };

/** What p2p-tui itself gives, in bytes per second. */
export const ownUpRate = { watched: 1800 * kB, quick: 16 * MB } as const;

export function demoContent(torrent: DemoTorrent): GeneratedContent {
  return new GeneratedContent(torrent.contentSeed, torrent.length);
}

/** The .torrent file. Takes about 1.5 s for each GiB of content. */
export function demoMetainfo(torrent: DemoTorrent, hasher: Hasher, announceUrl: string): Uint8Array {
  const { name, files, length, pieceLength } = torrent;
  const geometry = new Geometry(pieceLength, length);
  return encode({
    announce: announceUrl,
    comment: "Generated: every byte follows from its position.",
    "created by": "p2p-tui demo",
    info: {
      ...(files === undefined
        ? { length }
        : { files: files.map(([path, fileLength]) => ({ length: fileLength, path: path.split("/") })) }),
      name,
      "piece length": pieceLength,
      pieces: generatedPieceHashes(demoContent(torrent), geometry, hasher),
    },
  });
}
