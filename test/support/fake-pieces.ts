/**
 * What a made-up swarm shows of its pieces. The map, how rare they are and what becomes of one come from the engine's own
 * functions, so that a screen never sees what no engine would say.
 */
import { Bitfield } from "../../source/base/bitfield.ts";
import { type Endpoint, parseHostPort } from "../../source/base/ip-address.ts";
import { surveyPieces } from "../../source/control/piece-map.ts";
import { availabilityOf, type PieceSource } from "../../source/control/piece-source.ts";
import { pieceVerdict } from "../../source/control/piece-why.ts";
import type {
  FilePriority,
  FileRow,
  NeighbourRow,
  PieceDetail,
  PieceFile,
  PieceList,
  PieceMap,
  PieceNeighbourRow,
  PieceRow,
  Rarity,
  TorrentState,
  TorrentTopic,
} from "../../source/control/protocol.ts";
import { rarityOf } from "../../source/control/rarity.ts";

const blockLength = 16_384;

export interface FakePieces {
  readonly pieceLength: number;
  readonly have: Uint8Array;
  /** Bytes that are here, of pieces that are begun. */
  readonly active: ReadonlyMap<number, number>;
  /** Files have equal lengths. */
  readonly files: readonly { readonly path: string; readonly priority: FilePriority }[];
  readonly neighbours: readonly { readonly have: Uint8Array; readonly row: NeighbourRow }[];
  readonly state: TorrentState;
}

export function fakePieces(
  topic: TorrentTopic,
  fake: FakePieces,
): {
  readonly pieces: PieceMap;
  readonly rarity: Rarity | null;
  readonly pieceList: PieceList | null;
  readonly piece: PieceDetail | null;
  readonly ofFile: (at: number) => FileRow["availability"];
} {
  const source = sourceOf(fake);
  const survey = surveyPieces(source, topic.cells);
  const { rareRuns, pieces: window, piece } = topic;
  const length = source.pieceCount;
  const neighbours = fake.neighbours.map(({ have, row }) => {
    const field = fieldOf(have);
    const { id, isSeed } = row;
    return { id, field, isSeed, info: { endpoint: endpointOf(row) }, haves: { perSecond: () => (id % 4) / 9 } };
  });
  const end = Math.min(length, (window?.offset ?? 0) + (window?.limit ?? 0));
  return {
    pieces: survey.map,
    rarity: rareRuns === undefined ? null : rarityOf(neighbours, source, survey, rareRuns, 0),
    pieceList:
      window === undefined
        ? null
        : {
            offset: window.offset,
            rows: Array.from({ length: Math.max(0, end - window.offset) }, (_, i) =>
              pieceRow(fake, source, window.offset + i),
            ),
            files: filesIn(fake, window.offset, end - 1),
          },
    piece: piece === undefined || piece >= length ? null : pieceDetail(fake, source, piece),
    ofFile: (at) => fileAvailability(fake, source, at),
  };
}

function fileAvailability(fake: FakePieces, source: PieceSource, at: number): FileRow["availability"] {
  if (source.counts === undefined) return null;
  const [first, last] = span(fake, at);
  let missing = Number.POSITIVE_INFINITY;
  let all = Number.POSITIVE_INFINITY;
  for (let piece = first; piece <= last; piece++) {
    all = Math.min(all, availabilityOf(source, piece));
    if (!source.have.has(piece)) missing = Math.min(missing, availabilityOf(source, piece));
  }
  return Number.isFinite(missing) ? missing : all;
}

function sourceOf(fake: FakePieces): PieceSource {
  const pieceCount = fake.have.length;
  const have = fieldOf(fake.have);
  const needed = new Bitfield(pieceCount);
  const isLive = fake.state === "downloading" || fake.state === "seeding";
  const counts = isLive ? new Uint16Array(pieceCount) : undefined;
  const spans = fake.files.map((_, at) => span(fake, at));
  const wanted = new Uint8Array(pieceCount).fill(fake.files.every(({ priority }) => priority !== "skip") ? 1 : 0);
  spans.forEach(([first, last], at) => {
    if (fake.files[at]?.priority !== "skip") wanted.fill(1, first, last + 1);
  });
  for (let piece = 0; piece < pieceCount; piece++) {
    if (!have.has(piece) && wanted[piece] === 1) needed.set(piece);
    if (counts === undefined) continue;
    let count = 0;
    for (const one of fake.neighbours) count += one.have[piece] ?? 0;
    counts[piece] = count;
  }
  return {
    pieceCount,
    have,
    needed,
    counts,
    seeds: 0,
    neighbours: fake.neighbours.length,
    active: () => fake.active.keys(),
  };
}

function span({ files, have }: FakePieces, at: number): readonly [first: number, last: number] {
  const first = Math.floor((at * have.length) / files.length);
  return [first, Math.max(first, Math.ceil(((at + 1) * have.length) / files.length) - 1)];
}

function filesIn(fake: FakePieces, first: number, last: number): readonly PieceFile[] {
  return fake.files.flatMap(({ path, priority }, at) => {
    const [from, to] = span(fake, at);
    return to < first || from > last ? [] : [{ path, priority, first: from, last: to }];
  });
}

function fieldOf(have: Uint8Array): Bitfield {
  const field = new Bitfield(have.length);
  for (let piece = 0; piece < have.length; piece++) if (have[piece] === 1) field.set(piece);
  return field;
}

function endpointOf({ endpoint }: NeighbourRow): Endpoint {
  const { host, port } = parseHostPort(endpoint);
  return { address: host, port };
}

function pieceRow(fake: FakePieces, source: PieceSource, piece: number): PieceRow {
  const blocks = Math.ceil(fake.pieceLength / blockLength);
  const isOurs = source.have.has(piece);
  const got = fake.active.get(piece);
  const received = isOurs ? blocks : Math.min(blocks, Math.floor((got ?? 0) / blockLength));
  const isNeeded = source.needed.has(piece);
  return {
    state: isOurs ? "ours" : !isNeeded ? "skipped" : got === undefined ? "missing" : "active",
    length: fake.pieceLength,
    availability: availabilityOf(source, piece),
    blocks,
    received,
    requested: isOurs || got === undefined ? 0 : Math.min(blocks - received, 9),
  };
}

function pieceDetail(fake: FakePieces, source: PieceSource, index: number): PieceDetail {
  const row = pieceRow(fake, source, index);
  const isOurs = row.state === "ours";
  const has = fake.neighbours.map(({ have }) => have[index] === 1);
  const workers = fake.neighbours.filter(({ row: { peerChoking } }, i) => has[i] === true && !peerChoking).slice(0, 3);
  const rest = row.blocks - row.received - row.requested;
  const asked = workers.length === 0 ? 0 : row.requested;
  const workerOf = (block: number): number => workers[Math.floor(block / 5) % workers.length]?.row.id ?? 0;
  const blockPeers = Array.from({ length: row.blocks }, (_, i) => (i < row.received + asked ? workerOf(i) : 0));
  const neighbours = fake.neighbours
    .map(({ row: one }, i): PieceNeighbourRow => {
      const { id, endpoint, client, peerChoking, amChoking, isSnubbed, downRate, upRate } = one;
      const mine = blockPeers.map((peer, block) => (peer === id ? block : -1)).filter((block) => block >= 0);
      return {
        ...{ id, endpoint, client, peerChoking, amChoking, isSnubbed },
        hasPiece: has[i] === true,
        downRate: Math.round(downRate),
        upRate: Math.round(upRate),
        asked: isOurs ? 0 : mine.filter((block) => block >= row.received).length,
        sent: isOurs ? 0 : mine.filter((block) => block < row.received).length,
      };
    })
    .filter(({ hasPiece }) => isOurs || hasPiece)
    .sort((a, b) =>
      isOurs
        ? Number(a.hasPiece) - Number(b.hasPiece)
        : b.asked + b.sent - a.asked - a.sent || Number(a.peerChoking) - Number(b.peerChoking),
    );
  const files = filesIn(fake, index, index);
  const holders = has.filter((one) => one).length;
  const open = fake.neighbours.filter(({ row: one }, i) => has[i] === true && !one.peerChoking).length;
  return {
    index,
    ...row,
    files,
    fileCount: files.length,
    blockStates: isOurs
      ? "o".repeat(row.blocks)
      : `${"r".repeat(row.received)}${"a".repeat(asked)}${"m".repeat(rest + row.requested - asked)}`,
    blockPeers: isOurs ? [] : blockPeers,
    neighbours,
    holderCount: holders,
    neighbourCount: fake.neighbours.length,
    why: pieceVerdict({
      piece: row,
      torrentState: fake.state,
      isActive: source.counts !== undefined,
      holders,
      open,
      snubbing: 0,
      lackers: fake.neighbours.length - holders,
      fileCount: files.length,
      queue: { higher: 0, rarer: 12 * row.availability, equal: 40 },
      isSequential: false,
      isNewcomer: false,
      doubled: 0,
      owner: undefined,
      isDiskBusy: false,
      isOverLimit: false,
    }),
  };
}
