/** What the demo's swarm is made of, at two paces: to be watched, and to be over soon. */

import { encode } from "../bencode/encode.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Hasher } from "../ports/hasher.ts";
import { GeneratedContent, generatedPieceHashes } from "../storage/generated-content.ts";

export interface LeechPlan {
  /** Bytes per second; 0 for no limit. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** When it first joins, after the seed. */
  readonly joinsAfterMs: number;
  /** 0 … 1 of the pieces, drawn at random, that it has when it first joins. Who takes its place later has none. */
  readonly has: number;
}

export interface DemoPlan {
  readonly seedUpRate: number;
  readonly leeches: readonly LeechPlan[];
  /** What p2p-tui itself gives. */
  readonly ownUpRate: number;
  /** Every so often the leech that has been there longest leaves, and a new one joins; `null` for a steady swarm. */
  readonly churnMs: number | null;
  /** How long a place stays empty. */
  readonly absenceMs: number;
}

const kB = 1000;
const MB = 1000 * kB;

/**
 * To be watched: 256 MiB in some three minutes, with pieces of every rarity from the start. By D_p2p = N·F / (u_s + Σu_i) with eight downloaders, a seed of 3 MB/s and
 * 6.6 MB/s of the leeches together, each gets some 1.2 MB/s.
 */
export const livelyPlan: DemoPlan = {
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
  ownUpRate: 1500 * kB,
  churnMs: 25_000,
  absenceMs: 4000,
};

/** To be over soon: some twenty seconds, still mostly from the other leeches. */
export const quickPlan: DemoPlan = {
  seedUpRate: 24 * MB,
  leeches: [16 * MB, 12 * MB, 12 * MB, 8 * MB].map((maxUpRate) => ({
    maxDownRate: 0,
    maxUpRate,
    joinsAfterMs: 0,
    has: 0,
  })),
  ownUpRate: 16 * MB,
  churnMs: null,
  absenceMs: 0,
};

export const demoName = "p2p-tui demo.bin";
/** In the demo's directory. */
export const demoTorrentFile = "demo.torrent";
const demoLength = 256 * 1024 * 1024;
const demoPieceLength = 256 * 1024;
/** Any will do; always the same, so that what is seen can be seen again. */
const demoSeed = 20260101;

export function demoContent(): GeneratedContent {
  return new GeneratedContent(demoSeed, demoLength);
}

/** The .torrent file of the demo's content. */
export function demoTorrent(content: GeneratedContent, hasher: Hasher, announceUrl: string): Uint8Array {
  const geometry = new Geometry(demoPieceLength, demoLength);
  return encode({
    announce: announceUrl,
    comment: "Generated: every byte follows from its position.",
    "created by": "p2p-tui demo",
    info: {
      length: demoLength,
      name: demoName,
      "piece length": demoPieceLength,
      pieces: generatedPieceHashes(content, geometry, hasher),
    },
  });
}
