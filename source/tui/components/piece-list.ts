/** Pieces one by one: state, blocks, copies, and which files they belong to. */
import { formatSize } from "../../base/units.ts";
import { type PieceFile, type PieceMap, type PieceRow, piecesOfCell } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { PiecesState } from "../state/app-state.ts";
import { type CellKind, hasNeighbours, isSpreading } from "../state/piece-cells.ts";
import { drawThinBar } from "./bars.ts";
import { cleanPath, type Drawing, drawPanel, type Span, span } from "./drawing.ts";
import { kindLook } from "./heatmap.ts";
import { runText } from "./heatmap-words.ts";
import { type Column, drawTable } from "./table.ts";

interface PieceLine {
  readonly index: number;
  readonly row: PieceRow;
}

/** What the piece is on the map. */
function kindOf(map: PieceMap, { state, availability }: PieceRow): CellKind {
  switch (state) {
    case "ours":
      return isSpreading(map)
        ? { kind: "spread", lacking: (map.neighbours ?? 0) - availability, isOnlyOurs: availability === 0 }
        : { kind: "have" };
    case "skipped":
      return { kind: "skipped" };
    case "active":
      return availability === 0 ? { kind: "missing", availability, ownFraction: 0 } : { kind: "active" };
    case "missing":
      return !hasNeighbours(map) ? { kind: "unknown" } : { kind: "missing", availability, ownFraction: 0 };
  }
}

export function stateWord(theme: Theme, { state, received, blocks }: PieceRow): { text: string; style: StyleId } {
  switch (state) {
    case "ours":
      return { text: "ours", style: theme.good };
    case "active":
      return { text: received === blocks ? "checking" : "in flight", style: theme.warn };
    case "missing":
      return { text: "missing", style: theme.text };
    case "skipped":
      return { text: "skipped", style: theme.dim };
  }
}

export function drawPieceList(
  d: Drawing,
  rect: Rect,
  options: {
    readonly map: PieceMap;
    readonly list: {
      readonly offset: number;
      readonly rows: readonly PieceRow[];
      readonly files: readonly PieceFile[];
    } | null;
    readonly pieces: PiecesState;
    readonly cell: number;
    readonly title: Span;
    readonly hasBorder: boolean;
  },
): void {
  if (rect.height < 2) return;
  const { theme } = d;
  const { map, list, pieces, cell, title, hasBorder } = options;
  const { first, last } = piecesOfCell(map, cell);
  const where =
    map.pieceCount === 0
      ? "not known yet"
      : last > first
        ? `${runText(theme, { first, last })} are the cell of the map`
        : `${formatCount(map.pieceCount)} in all`;
  const content = drawPanel(d, rect, { title: [title], note: [span(where, theme.dim)], hasBorder });
  const rows = list?.rows ?? [];
  const from = list?.offset ?? 0;
  const lines: PieceLine[] = [];
  for (let index = pieces.offset; index < pieces.offset + content.height - 1; index++) {
    const row = rows[index - from];
    // What has not come yet comes with the next frame.
    if (row === undefined) break;
    lines.push({ index, row });
  }
  if (lines.length === 0) {
    d.canvas.put(
      content.x,
      content.y,
      map.pieceCount === 0 ? "They are known once the metadata has come." : "Asking the engine…",
      theme.dim,
      content.width,
    );
    return;
  }
  drawTable(d, content, {
    columns: columnsOf(theme, map, list?.files ?? [], (index) => index >= first && index <= last),
    rows: lines,
    total: map.pieceCount,
    offset: pieces.offset,
    selected: pieces.piece,
    hasHeading: true,
    rowTarget: (index) => ({ kind: "inPieces", level: "list", index }),
  });
}

function columnsOf(
  theme: Theme,
  map: PieceMap,
  files: readonly PieceFile[],
  isInCell: (index: number) => boolean,
): readonly Column<PieceLine>[] {
  const isSpread = isSpreading(map);
  return [
    {
      id: "index",
      title: "Piece",
      alignment: "right",
      widthMin: 7,
      widthMax: 9,
      priority: 0,
      text: ({ index }) => formatCount(index),
      style: ({ index }) => (isInCell(index) ? theme.strong : theme.dim),
    },
    {
      id: "sign",
      title: "",
      alignment: "left",
      widthMin: 1,
      widthMax: 1,
      priority: 0,
      text: () => "",
      draw: (d, x, y, _width, { row }) => {
        const { glyph, style } = kindLook(theme, kindOf(map, row), map.neighbours ?? 0);
        d.canvas.put(x, y, glyph, style);
      },
    },
    {
      id: "state",
      title: "State",
      alignment: "left",
      widthMin: 9,
      widthMax: 9,
      priority: 1,
      text: ({ row }) => stateWord(theme, row).text,
      style: ({ row }) => stateWord(theme, row).style,
    },
    ...blockColumns(theme),
    {
      id: "copies",
      title: "Copies",
      alignment: "right",
      widthMin: 6,
      widthMax: 6,
      priority: 1,
      text: ({ row }) => (map.neighbours === null ? theme.glyphs.none : formatCount(row.availability)),
      style: ({ row }) => copiesStyle(theme, map, row),
    },
    ...(isSpread ? [lackColumn(theme, map)] : []),
    {
      id: "length",
      title: "Size",
      alignment: "right",
      widthMin: 8,
      widthMax: 9,
      priority: 5,
      text: ({ row }) => formatSize(row.length),
      style: () => theme.dim,
    },
    {
      id: "files",
      title: "Of",
      alignment: "left",
      widthMin: 14,
      widthMax: 200,
      priority: 3,
      text: () => "",
      draw: (d, x, y, width, { index }) => {
        d.canvas.put(x, y, filesText(files, index, width, theme), theme.dim, width);
      },
    },
  ];
}

function blockColumns(theme: Theme): readonly Column<PieceLine>[] {
  return [
    {
      id: "blocks",
      title: "Blocks",
      alignment: "right",
      widthMin: 9,
      widthMax: 11,
      priority: 2,
      text: ({ row }) => `${row.received}/${row.blocks}`,
      style: ({ row }) => (row.received === 0 ? theme.rule : theme.text),
    },
    {
      id: "bar",
      title: "",
      alignment: "left",
      widthMin: 8,
      widthMax: 16,
      priority: 6,
      text: () => "",
      draw: (d, x, y, width, { row }) =>
        drawThinBar(d, x, y, width, row.received / Math.max(1, row.blocks), stateWord(theme, row).style || theme.dim),
    },
  ];
}

function lackColumn(theme: Theme, map: PieceMap): Column<PieceLine> {
  return {
    id: "lack",
    title: "Lack it",
    alignment: "right",
    widthMin: 7,
    widthMax: 7,
    priority: 2,
    text: ({ row }) => formatCount((map.neighbours ?? 0) - row.availability),
    style: () => theme.text,
  };
}

function copiesStyle(theme: Theme, map: PieceMap, { state, availability }: PieceRow): StyleId {
  if (map.neighbours === null) return theme.rule;
  if (state !== "missing" && state !== "active") return theme.dim;
  return availability === 0 ? theme.badStrong : availability === 1 ? theme.warn : theme.text;
}

/** The first file that the piece is part of, and how many more. */
export function filesText(files: readonly PieceFile[], piece: number, width: number, theme: Theme): string {
  const mine = files.filter(({ first, last }) => first <= piece && piece <= last);
  const [one] = mine;
  if (one === undefined) return "";
  const more = mine.length > 1 ? ` and ${mine.length - 1} more` : "";
  const skipped = one.priority === "skip" ? " (skipped)" : "";
  return `${truncateMiddle(cleanPath(one.path), width - more.length - skipped.length, theme.glyphs.ellipsis)}${skipped}${more}`;
}
