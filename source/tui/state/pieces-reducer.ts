/**
 * The Pieces view: one cursor, a piece, that map and list share, and how deep one has gone. Cells, and so the size of the
 * terminal, are no part of the state.
 */
import { cellOfPiece, piecesOfCell } from "../../control/protocol.ts";
import { heatmapGrid } from "../layout/heatmap-area.ts";
import { type PieceLevel, type PiecesPlan, planPieces } from "../layout/pieces-plan.ts";
import { clampIndex, offsetFor } from "../layout/scroll.ts";
import type { AppState, OpenTorrent, PiecesState, ScrollState } from "./app-state.ts";
import { type Move, moveIndex } from "./list-reducer.ts";
import { type CellKind, cellKind } from "./piece-cells.ts";

export function piecesPlan(state: AppState, open: OpenTorrent, level = open.pieces.level): PiecesPlan {
  const row = open.detail?.row ?? state.list.rows.get(open.infoHash);
  return planPieces(state.columns, state.rows, level, row?.pieceCount ?? 0);
}

function withPieces(state: AppState, open: OpenTorrent, changes: Partial<PiecesState>): AppState {
  const next = { ...open, pieces: { ...open.pieces, ...changes } };
  return { ...state, open: { ...next, pieces: settledPieces(state, next) } };
}

/** Windows round their cursors. */
export function settledPieces(state: AppState, open: OpenTorrent): PiecesState {
  const { pieces, detail } = open;
  if (detail === null) return pieces;
  const { pieceCount } = detail.pieces;
  const plan = piecesPlan(state, open);
  const piece = clampIndex(pieces.piece, pieceCount);
  return {
    ...pieces,
    piece,
    offset: offsetFor(piece, pieces.offset, plan.listPage, pieceCount),
    holders: scrolled(pieces.holders.cursor, pieces.holders, plan.holdersPage, detail.piece?.neighbours.length ?? 0),
  };
}

function scrolled(to: number, { offset }: ScrollState, page: number, total: number): ScrollState {
  const cursor = clampIndex(to, total);
  return { cursor, offset: offsetFor(cursor, offset, page, total) };
}

export function moveInPieces(state: AppState, open: OpenTorrent, move: Move): AppState {
  switch (open.pieces.level) {
    case "map":
      return moveCell(state, open, move);
    case "list":
      return moveInPieceList(state, open, move);
    case "blocks":
      return moveInBlocks(state, open, move);
  }
}

function moveCell(state: AppState, open: OpenTorrent, move: Move): AppState {
  const map = open.detail?.pieces;
  if (map === undefined || map.cellCount === 0) return state;
  const { map: area } = piecesPlan(state, open);
  const { perRow } = heatmapGrid(area, map.pieceCount);
  const page = perRow * Math.max(1, Math.floor(area.height / 2));
  const steps: Record<Move, number> = {
    left: -1,
    right: 1,
    up: -perRow,
    down: perRow,
    pageUp: -page,
    pageDown: page,
    first: -map.cellCount,
    last: map.cellCount,
  };
  return toCell(state, open, cellOfPiece(map, open.pieces.piece) + steps[move]);
}

/** To the first piece of a cell. */
function toCell(state: AppState, open: OpenTorrent, cell: number): AppState {
  const map = open.detail?.pieces;
  if (map === undefined || map.cellCount === 0) return state;
  const before = cellOfPiece(map, open.pieces.piece);
  const to = clampIndex(cell, map.cellCount);
  return to === before ? state : jumpToPiece(state, open, piecesOfCell(map, to).first);
}

function toPiece(state: AppState, open: OpenTorrent, piece: number): AppState {
  return withPieces(state, open, { piece, holders: { cursor: 0, offset: 0 } });
}

/** From afar: with some of what comes before it. */
function jumpToPiece(state: AppState, open: OpenTorrent, piece: number): AppState {
  const offset = Math.max(0, piece - Math.floor(piecesPlan(state, open).listPage / 4));
  return withPieces(state, open, { piece, offset, holders: { cursor: 0, offset: 0 } });
}

function moveInPieceList(state: AppState, open: OpenTorrent, move: Move): AppState {
  const map = open.detail?.pieces;
  if (map === undefined) return state;
  if (move === "left" || move === "right") {
    return toCell(state, open, cellOfPiece(map, open.pieces.piece) + (move === "left" ? -1 : 1));
  }
  const { listPage } = piecesPlan(state, open);
  return toPiece(state, open, moveIndex(open.pieces.piece, move, listPage, map.pieceCount));
}

function moveInBlocks(state: AppState, open: OpenTorrent, move: Move): AppState {
  const { pieces, detail } = open;
  if (move === "left") return toPiece(state, open, pieces.piece - 1);
  if (move === "right") return toPiece(state, open, pieces.piece + 1);
  const { holdersPage } = piecesPlan(state, open);
  const cursor = moveIndex(pieces.holders.cursor, move, holdersPage, detail?.piece?.neighbours.length ?? 0);
  return withPieces(state, open, { holders: { ...pieces.holders, cursor } });
}

/** By a click: a cell of the map, a piece of the list, a neighbour of the piece. */
export function selectInPieces(state: AppState, level: PieceLevel, index: number): AppState {
  const { open } = state;
  if (open === null) return state;
  const there = { ...open, pieces: { ...open.pieces, level } };
  switch (level) {
    case "map":
      return toCell({ ...state, open: there }, there, index);
    case "list":
      return toPiece(state, there, index);
    case "blocks":
      return withPieces(state, there, { holders: { ...open.pieces.holders, cursor: index } });
  }
}

const deeper: Readonly<Record<PieceLevel, PieceLevel>> = { map: "list", list: "blocks", blocks: "blocks" };

/** From the map to its pieces, from a piece to its blocks, from a neighbour that has it to that neighbour. */
export function openInPieces(state: AppState, open: OpenTorrent): AppState {
  const { level, holders } = open.pieces;
  if (level !== "blocks") return withPieces(state, open, { level: deeper[level], holders: { cursor: 0, offset: 0 } });
  const id = open.detail?.piece?.neighbours[holders.cursor]?.id;
  const at = open.detail?.neighbours.findIndex((row) => row.id === id) ?? -1;
  // Where the swarm is so large that it is not among those we know of, it cannot be shown.
  if (id === undefined || at < 0) return state;
  const neighbours = { ...open.neighbours, selectedId: id, cursor: open.neighboursFrom + at };
  return { ...state, open: { ...open, view: "neighbours", isClose: true, isCloseFromPiece: true, neighbours } };
}

/** @returns `undefined` where it is at the top already. */
export function leaveLevel(state: AppState, open: OpenTorrent): AppState | undefined {
  if (open.isClose && open.isCloseFromPiece) {
    return { ...state, open: { ...open, view: "pieces", isClose: false, isCloseFromPiece: false } };
  }
  if (open.view !== "pieces" || open.pieces.level === "map") return undefined;
  return withPieces(state, open, { level: open.pieces.level === "blocks" ? "list" : "map" });
}

/** To the Pieces view, at this piece. */
export function showPiece(state: AppState, piece: number): AppState {
  const { open } = state;
  if (open === null) return state;
  const there: OpenTorrent = { ...open, view: "pieces", isClose: false, pieces: { ...open.pieces, level: "list" } };
  return jumpToPiece(state, there, piece);
}

/** The first piece that nobody has; `undefined` where there is none, or that is not known. */
export function nowherePiece({ detail }: OpenTorrent): number | undefined {
  const { neighbours = null, rarest = null } = detail?.pieces ?? {};
  return neighbours !== null && rarest?.availability === 0 ? rarest.first : undefined;
}

/** Cells whose lowest availability is that of what the rarest are counted among. */
const hasRarest: ReadonlySet<CellKind["kind"]> = new Set(["missing", "active", "spread"]);

/**
 * To the next or previous run of the rarest pieces, round and round. The engine names the first hundred; where there are
 * more, the map knows in which cells the others are.
 */
export function stepRarest(state: AppState, step: 1 | -1): AppState {
  const { open } = state;
  const { rarity = null, pieces: map } = open?.detail ?? {};
  if (open === null || map === undefined || rarity === null) return state;
  const [first] = rarity.runs;
  if (first === undefined) return state;
  const kind = first.availability;
  const runs = rarity.runs.filter(({ availability }) => availability === kind);
  const listed = runs.reduce((sum, run) => sum + run.last - run.first + 1, 0);
  const starts = new Set(runs.map((run) => run.first));
  if (listed < (rarity.copies[kind] ?? 0)) {
    for (let cell = 0; cell < map.cellCount; cell++) {
      if (map.minAvailability[cell] !== kind || !hasRarest.has(cellKind(map, cell).kind)) continue;
      const pieces = piecesOfCell(map, cell);
      // A cell with a run that is known needs no other place to go to.
      if (pieces.first > (runs.at(-1)?.last ?? 0)) starts.add(pieces.first);
    }
  }
  const places = [...starts].sort((a, b) => a - b);
  const { piece } = open.pieces;
  const next = step > 0 ? places.find((place) => place > piece) : places.findLast((place) => place < piece);
  return jumpToPiece(state, open, next ?? (step > 0 ? places[0] : places.at(-1)) ?? piece);
}
