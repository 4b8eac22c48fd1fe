/** Pieces one by one, and one of them down to its blocks and the neighbours who have it. Reads only. */
import type { PieceIndex } from "../base/ids.ts";
import { formatEndpoint } from "../base/ip-address.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { MetainfoFile } from "../metainfo/metainfo.ts";
import type { ActivePiece } from "../swarm/block-ledger.ts";
import type { Neighbour } from "../swarm/neighbour.ts";
import { randomFirstPieces } from "../swarm/piece-picker.ts";
import { clientName } from "../wire/peer-id.ts";
import { pieceFilesMax, pieceNeighboursMax, windowLimitMax } from "./limits.ts";
import type { PieceDetail, PieceFile, PieceList, PieceNeighbourRow, PieceRow, PieceState } from "./piece-rows.ts";
import { availabilityOf, type PieceSource } from "./piece-source.ts";
import { type PieceFacts, pieceVerdict } from "./piece-why.ts";
import type { Window } from "./protocol.ts";

export function pieceList(torrent: Torrent, source: PieceSource, { offset, limit }: Window): PieceList {
  const end = Math.min(source.pieceCount, offset + limit);
  const rows: PieceRow[] = [];
  for (let piece = offset; piece < end; piece++) rows.push(pieceRow(torrent, source, torrent.geometry.piece(piece)));
  const files = end > offset ? filesOf(torrent, offset, end - 1, windowLimitMax).files : [];
  return { offset, rows, files };
}

function pieceRow(torrent: Torrent, source: PieceSource, piece: PieceIndex): PieceRow {
  const active = torrent.swarm?.ledger.get(piece);
  const blocks = torrent.geometry.blockCountOf(piece);
  const isOurs = source.have.has(piece);
  const received = isOurs ? blocks : (active?.receivedCount ?? 0);
  return {
    state: stateOf(source, piece, active),
    length: torrent.geometry.lengthOf(piece),
    availability: availabilityOf(source, piece),
    blocks,
    received,
    requested: isOurs || active === undefined ? 0 : blocks - received - active.freeCount,
  };
}

function stateOf(source: PieceSource, piece: PieceIndex, active: ActivePiece | undefined): PieceState {
  if (source.have.has(piece)) return "ours";
  if (!source.needed.has(piece)) return "skipped";
  return active === undefined ? "missing" : "active";
}

/** With bytes in pieces `first` … `last`: the first `filesMax` of them, and how many there are. */
function filesOf(
  { metainfo, geometry, choices }: Torrent,
  first: number,
  last: number,
  filesMax: number,
): { readonly files: readonly PieceFile[]; readonly count: number } {
  const files: PieceFile[] = [];
  let count = 0;
  const all = metainfo?.files ?? [];
  const end = (last + 1) * geometry.pieceLength;
  for (let index = firstEndingAfter(all, first * geometry.pieceLength); index < all.length; index++) {
    const file = all[index];
    if (file === undefined || file.offset >= end) break;
    if (file.isPadding || file.length === 0) continue;
    count++;
    if (files.length >= filesMax) continue;
    files.push({
      path: file.path.join("/"),
      priority: choices.priorities[index] ?? "normal",
      first: Math.floor(file.offset / geometry.pieceLength),
      last: Math.floor((file.offset + file.length - 1) / geometry.pieceLength),
    });
  }
  return { files, count };
}

/** Files lie one behind the other. @returns `files.length` where none ends after `offset`. */
function firstEndingAfter(files: readonly MetainfoFile[], offset: number): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const file = files[middle];
    if (file !== undefined && file.offset + file.length <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @returns `null` where there is no such piece. */
export function pieceDetail(torrent: Torrent, source: PieceSource, index: number, nowMs: number): PieceDetail | null {
  const piece = torrent.geometry.pieceIndex(index);
  if (piece === undefined) return null;
  const row = pieceRow(torrent, source, piece);
  const active = torrent.swarm?.ledger.get(piece);
  const all = [...(torrent.swarm?.neighbours.values() ?? [])];
  const { files, count: fileCount } = filesOf(torrent, piece, piece, pieceFilesMax);
  const { states, peers, asked } = blocksOf(torrent, row, active, all);
  const rows = all.map((neighbour) => neighbourRow(neighbour, piece, active, asked, nowMs));
  const holders = rows.filter(({ hasPiece }) => hasPiece);
  const shown = row.state === "ours" ? rows : holders;
  return {
    index,
    ...row,
    files,
    fileCount,
    blockStates: states,
    blockPeers: peers.some((id) => id !== 0) ? peers : [],
    neighbours: shown.sort(row.state === "ours" ? byLack : byWork).slice(0, pieceNeighboursMax),
    holderCount: holders.length,
    neighbourCount: rows.length,
    why: pieceVerdict(factsOf(torrent, source, { row, piece, active, all, fileCount })),
  };
}

/** Who was asked for how many of its blocks, by id. */
type Asked = ReadonlyMap<number, number>;

function blocksOf(
  { swarm }: Torrent,
  row: PieceRow,
  active: ActivePiece | undefined,
  neighbours: readonly Neighbour[],
): { readonly states: string; readonly peers: readonly number[]; readonly asked: Asked } {
  const asked = new Map<number, number>();
  if (row.state === "ours" || active === undefined || swarm === undefined) {
    return { states: (row.state === "ours" ? "o" : "m").repeat(row.blocks), peers: [], asked };
  }
  const peers = Array.from(active.senders);
  let states = "";
  /** Of each block that is asked for, how many of those who are asked are yet to be found. */
  const open = new Map<number, number>();
  for (let block = 0; block < row.blocks; block++) {
    const requesters = active.requesters[block] ?? 0;
    states += active.has(block) ? "r" : requesters > 0 ? "a" : "m";
    if (requesters > 0) open.set(block, requesters);
  }
  for (const neighbour of neighbours) {
    if (open.size === 0) break;
    if (neighbour.isIdle || !neighbour.field.has(active.piece)) continue;
    for (const { block } of neighbour.pipeline.of(active)) {
      const left = open.get(block);
      if (left === undefined) continue;
      asked.set(neighbour.id, (asked.get(neighbour.id) ?? 0) + 1);
      if (peers[block] === 0) peers[block] = neighbour.id;
      if (left === 1) open.delete(block);
      else open.set(block, left - 1);
    }
  }
  return { states, peers, asked };
}

function neighbourRow(
  neighbour: Neighbour,
  piece: PieceIndex,
  active: ActivePiece | undefined,
  asked: Asked,
  nowMs: number,
): PieceNeighbourRow {
  const { id, info } = neighbour;
  let sent = 0;
  for (const sender of active?.senders ?? []) if (sender === id) sent++;
  return {
    id,
    endpoint: formatEndpoint(info.endpoint),
    client: neighbour.extensions.client || clientName(info.peerId),
    hasPiece: neighbour.field.has(piece),
    peerChoking: neighbour.peerChoking,
    amChoking: neighbour.amChoking,
    isSnubbed: neighbour.isSnubbed,
    downRate: Math.round(neighbour.down.rate(nowMs)),
    upRate: Math.round(neighbour.up.rate(nowMs)),
    asked: asked.get(id) ?? 0,
    sent,
  };
}

function byWork(a: PieceNeighbourRow, b: PieceNeighbourRow): number {
  return (
    b.asked + b.sent - a.asked - a.sent ||
    Number(a.peerChoking) - Number(b.peerChoking) ||
    b.downRate - a.downRate ||
    a.id - b.id
  );
}

function byLack(a: PieceNeighbourRow, b: PieceNeighbourRow): number {
  return Number(a.hasPiece) - Number(b.hasPiece) || b.upRate - a.upRate || a.id - b.id;
}

function factsOf(
  torrent: Torrent,
  source: PieceSource,
  seen: {
    readonly row: PieceRow;
    readonly piece: PieceIndex;
    readonly active: ActivePiece | undefined;
    readonly all: readonly Neighbour[];
    readonly fileCount: number;
  },
): PieceFacts {
  const { swarm, state, choices } = torrent;
  const { row, piece, active, all, fileCount } = seen;
  const holders = all.filter(({ field }) => field.has(piece));
  const open = holders.filter((one) => !one.peerChoking || one.allowedToUs.has(piece));
  const owner = active?.owner === undefined ? undefined : swarm?.neighbours.get(active.owner);
  let doubled = 0;
  for (const count of active?.requesters ?? []) if (count > 1) doubled++;
  return {
    piece: row,
    torrentState: state,
    isActive: swarm !== undefined,
    holders: holders.length,
    open: open.length,
    snubbing: open.filter(({ isSnubbed }) => isSnubbed).length,
    lackers: all.length - holders.length,
    fileCount,
    queue: swarm?.availability.queueOf(piece),
    isSequential: choices.isSequential,
    isNewcomer: source.have.count < randomFirstPieces,
    doubled,
    owner: owner === undefined ? undefined : formatEndpoint(owner.info.endpoint),
    isDiskBusy: swarm?.isCongested ?? false,
    isOverLimit: open.length > 0 && open.every(({ time }) => time.down.state === "limited"),
  };
}
