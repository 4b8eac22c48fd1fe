/** Torrents for storage tests: metainfo of any shape over generated content. */
import { type InfoHash, infoHashFromHex } from "../../source/base/ids.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import type { Metainfo, MetainfoFile } from "../../source/metainfo/metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { GeneratedContent } from "../../source/storage/generated-content.ts";

export interface FileShape {
  readonly path?: readonly string[];
  readonly length: number;
  readonly isPadding?: boolean;
}

export interface Torrent {
  readonly metainfo: Metainfo;
  readonly geometry: Geometry;
  /** All bytes, padding as zeros. */
  readonly bytes: Uint8Array;
  readonly content: GeneratedContent;
}

export const infoHash: InfoHash = infoHashFromHex("0123456789abcdef0123456789abcdef01234567");

/** @param shapes at least one file with a byte. */
export function makeTorrent(pieceLength: number, shapes: readonly FileShape[], seed = 1): Torrent {
  let offset = 0;
  const files: MetainfoFile[] = shapes.map((shape, index) => {
    const file = {
      path: shape.path ?? ["torrent", `folder ${index % 3}`, `file ${index}`],
      length: shape.length,
      offset,
      isPadding: shape.isPadding ?? false,
    };
    offset += shape.length;
    return file;
  });
  const content = new GeneratedContent(seed, offset);
  const bytes = new Uint8Array(offset);
  content.fill(0, bytes);
  for (const file of files) if (file.isPadding) bytes.fill(0, file.offset, file.offset + file.length);
  const geometry = new Geometry(pieceLength, offset);
  const hasher = new NodeHasher();
  const pieceHashes = new Uint8Array(20 * geometry.pieceCount);
  for (let i = 0; i < geometry.pieceCount; i++) {
    pieceHashes.set(hasher.sha1(bytes.subarray(i * pieceLength, Math.min((i + 1) * pieceLength, offset))), 20 * i);
  }
  const metainfo: Metainfo = {
    infoHash,
    name: "torrent",
    pieceLength,
    pieceCount: geometry.pieceCount,
    totalLength: offset,
    pieceHashes,
    files,
    isPrivate: false,
    trackerTiers: [],
    webSeeds: [],
    nodes: [],
    comment: undefined,
    createdBy: undefined,
    creationDate: undefined,
    infoBytes: new Uint8Array(0),
  };
  return { metainfo, geometry, bytes, content };
}

/** The true bytes of a span of a piece. */
export function spanOf(torrent: Torrent, piece: number, begin: number, length: number): Uint8Array {
  const offset = piece * torrent.geometry.pieceLength + begin;
  return torrent.bytes.slice(offset, offset + length);
}

export interface Slice {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** All of a piece in slices of at most `lengthMax`. */
export function slicesOf(torrent: Torrent, piece: number, lengthMax: number): Slice[] {
  const total = torrent.geometry.lengthOf(torrent.geometry.piece(piece));
  const slices: Slice[] = [];
  for (let begin = 0; begin < total; begin += lengthMax) {
    slices.push({ piece, begin, length: Math.min(lengthMax, total - begin) });
  }
  return slices;
}

/** What the process that is killed downloads: large enough to be caught in the middle. */
export function makeKilledTorrent(): Torrent {
  return makeTorrent(65_536, [{ length: 3_000_000 }, { length: 100_000 }, { length: 9_000_001 }], 5);
}

/** What the process that is killed while it chooses has: files of all lengths around that of a piece. */
export function makeChosenTorrent(): Torrent {
  const shapes = Array.from({ length: 60 }, (_, index) => ({
    length: [70_000, 500, 33_000, 12_000, 150_001][index % 5] ?? 0,
  }));
  return makeTorrent(40_000, shapes, 6);
}
