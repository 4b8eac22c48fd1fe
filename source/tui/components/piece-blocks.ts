/**
 * One piece all the way down: why it is or is not under way, its blocks (where each is, and whom it came from or is asked
 * of), and the neighbours that have it. Whoever works on it has a letter, large in the blocks that he sent, small in those
 * that he is asked for.
 */
import { formatSize } from "../../base/units.ts";
import type { PieceDetail, PieceNeighbourRow } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import { plural, shortRateOrNothing } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { blocksHeadMax } from "../layout/pieces-plan.ts";
import type { ScrollState } from "../state/app-state.ts";
import { clean, cleanPath, type Drawing, drawPanel, drawSpans, fitGroups, type Span, span } from "./drawing.ts";
import { stateWord } from "./piece-list.ts";
import { type Column, drawTable, figure } from "./table.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Who sent it has left, or there are more who work on it than letters. */
const nobodysLetter = "?";

export interface PieceBlocksOptions {
  /** The piece under the cursor. */
  readonly piece: number;
  /** What came last, maybe of another one. */
  readonly detail: PieceDetail | null;
  readonly holders: ScrollState;
  /** Whether the keys act here. */
  readonly hasFocus: boolean;
  readonly title: Span;
  readonly hasBorder: boolean;
}

export function drawPieceBlocks(d: Drawing, rect: Rect, options: PieceBlocksOptions): void {
  if (rect.height < 2) return;
  const { theme } = d;
  const { detail, piece, title, hasBorder } = options;
  const known = detail?.index === piece ? detail : null;
  const note = known === null ? [] : noteOf(theme, known);
  const content = drawPanel(d, rect, { title: [title], note, hasBorder });
  if (known === null) {
    drawSpans(d, content.x, content.y, [span("Asking the engine…", theme.dim)], content.width);
    return;
  }
  const byId = lettersOf(known.neighbours);
  const head = headLines(d, known, content, byId);
  const shown = Math.min(head.length, Math.max(2, content.height - 4), blocksHeadMax);
  head.slice(0, shown).forEach((line, i) => {
    drawSpans(d, content.x, content.y + i, line, content.width);
  });
  const table = { ...content, y: content.y + shown, height: content.height - shown };
  drawHolders(d, table, known, byId, options);
}

function noteOf(theme: Theme, piece: PieceDetail): readonly Span[] {
  const { text, style } = stateWord(theme, piece);
  const { received, blocks, state, length } = piece;
  const flight = state === "ours" ? "" : `  ${received} of ${plural(blocks, "block")}`;
  return [span(text, style), span(flight), span(`  ${formatSize(length)}`, theme.dim)];
}

/** Of those who work on it, by id: the letters do not change with the order of the rows. */
function lettersOf(neighbours: readonly PieceNeighbourRow[]): ReadonlyMap<number, string> {
  const workers = neighbours.filter(({ asked, sent }) => asked + sent > 0).sort((a, b) => a.id - b.id);
  return new Map(workers.map(({ id }, i) => [id, letters.charAt(i) || nobodysLetter]));
}

/** Why, files, blocks, and what their letters mean. */
function headLines(
  d: Drawing,
  piece: PieceDetail,
  { width, height }: Rect,
  byId: ReadonlyMap<number, string>,
): readonly (readonly Span[])[] {
  const { theme } = d;
  const { why, files, fileCount } = piece;
  const style = why.weight === "stops" ? theme.bad : why.weight === "slows" ? theme.warn : theme.text;
  const sign = why.weight === "note" ? theme.glyphs.dot : theme.glyphs.warning;
  const lines: (readonly Span[])[] = wrap(clean(why.sentence), width - 2, 2).map((text, i) => [
    span(i === 0 ? `${sign} ` : "  ", style),
    span(text, theme.strong),
  ]);
  const evidence = why.evidence.map(clean).join(` ${theme.glyphs.dot} `);
  if (evidence !== "") lines.push([span(`  ${evidence}`, theme.dim)]);
  const [file] = files;
  if (file !== undefined && height >= 8) {
    const more = fileCount > 1 ? ` and ${plural(fileCount - 1, "file")} more` : "";
    const path = truncateMiddle(cleanPath(file.path), Math.max(8, width - 5 - more.length), theme.glyphs.ellipsis);
    lines.push([span("  of ", theme.dim), span(path), span(more, theme.dim)]);
  }
  if (piece.state === "ours")
    return [...lines, [span(`  all ${plural(piece.blocks, "block")} on our disk`, theme.dim)]];
  const room = Math.max(1, Math.min(blocksHeadMax, height - 4) - lines.length - 1);
  lines.push(...blockLines(theme, piece, width - 2, room, byId));
  const legend = legendGroups(theme, piece);
  if (legend.length > 0) lines.push([span("  "), ...fitGroups(legend, span("  "), width - 2)]);
  return lines;
}

/** How far a block is: a cell that stands for several shows the one that is least far. */
const farness = "mar";

/** @param linesMax 1 or more. With more blocks than room a cell stands for several. */
function blockLines(
  theme: Theme,
  { blockStates, blockPeers }: PieceDetail,
  width: number,
  linesMax: number,
  byId: ReadonlyMap<number, string>,
): readonly (readonly Span[])[] {
  const count = blockStates.length;
  const cells = Math.min(count, width * linesMax);
  const perLine = Math.ceil(cells / Math.ceil(cells / Math.max(1, width)));
  const lines: Span[][] = [];
  for (let cell = 0; cell < cells; cell++) {
    const first = Math.floor((cell * count) / cells);
    const end = Math.floor(((cell + 1) * count) / cells);
    let worst = first;
    for (let block = first; block < end; block++) {
      if (farness.indexOf(blockStates.charAt(block)) < farness.indexOf(blockStates.charAt(worst))) worst = block;
    }
    const letter = byId.get(blockPeers[worst] ?? 0) ?? nobodysLetter;
    if (cell % perLine === 0) lines.push([span("  ")]);
    lines.at(-1)?.push(blockLook(theme, blockStates.charAt(worst), letter));
  }
  return lines;
}

function blockLook(theme: Theme, state: string, letter: string): Span {
  switch (state) {
    case "r":
      return span(letter, theme.good);
    case "a":
      return span(letter.toLowerCase(), theme.warn);
    default:
      return span(theme.glyphs.skipped, theme.dim);
  }
}

function legendGroups(theme: Theme, { blockStates }: PieceDetail): readonly (readonly Span[])[] {
  const groups: (readonly Span[])[] = [];
  if (blockStates.includes("r")) groups.push([span("A", theme.good), span(" sent by A", theme.dim)]);
  if (blockStates.includes("a")) groups.push([span("a", theme.warn), span(" asked of A", theme.dim)]);
  if (groups.length > 0 && blockStates.includes("m")) {
    groups.push([span(`${theme.glyphs.skipped} `, theme.dim), span("not asked for", theme.dim)]);
  }
  return groups;
}

function drawHolders(
  d: Drawing,
  rect: Rect,
  piece: PieceDetail,
  byId: ReadonlyMap<number, string>,
  { holders, hasFocus }: PieceBlocksOptions,
): void {
  const { theme } = d;
  if (piece.neighbours.length === 0) {
    const words =
      piece.neighbourCount === 0
        ? "nobody is connected"
        : `none of ${plural(piece.neighbourCount, "neighbour")} has it`;
    drawSpans(d, rect.x, rect.y, [span(words, theme.dim)], rect.width);
    return;
  }
  drawTable(d, rect, {
    columns: holderColumns(theme, piece, byId),
    rows: piece.neighbours.slice(holders.offset),
    total: piece.neighbours.length,
    offset: holders.offset,
    selected: hasFocus ? holders.cursor : -1,
    hasHeading: true,
    rowTarget: (index) => ({ kind: "inPieces", level: "blocks", index }),
  });
}

function holderColumns(
  theme: Theme,
  { state }: PieceDetail,
  byId: ReadonlyMap<number, string>,
): readonly Column<PieceNeighbourRow>[] {
  const isOurs = state === "ours";
  const rate = { widthMin: 8, widthMax: 9 };
  const count = { widthMin: 5, widthMax: 5, priority: 2 };
  return [
    {
      id: "letter",
      title: "",
      alignment: "left",
      widthMin: 1,
      widthMax: 1,
      priority: 0,
      text: ({ id }) => byId.get(id) ?? "",
      style: () => theme.good,
    },
    {
      id: "endpoint",
      title: isOurs ? "Who has and lacks it" : "Who has it",
      alignment: "left",
      widthMin: 21,
      widthMax: 21,
      priority: 0,
      text: ({ endpoint }) => truncateMiddle(clean(endpoint), 21, theme.glyphs.ellipsis),
    },
    {
      id: "client",
      title: "Client",
      alignment: "left",
      widthMin: 9,
      widthMax: 18,
      priority: 4,
      text: ({ client }) => (client === "" ? theme.glyphs.none : clean(client)),
      style: () => theme.dim,
    },
    isOurs ? hasColumn(theme) : openColumn(theme),
    isOurs
      ? figure(
          theme,
          { id: "up", title: `${theme.glyphs.up}/s`, ...rate, priority: 1 },
          ({ upRate }) => shortRateOrNothing(upRate),
          theme.up,
        )
      : figure(
          theme,
          { id: "down", title: `${theme.glyphs.down}/s`, ...rate, priority: 1 },
          ({ downRate }) => shortRateOrNothing(downRate),
          theme.down,
        ),
    ...(isOurs
      ? []
      : [
          figure<PieceNeighbourRow>(
            theme,
            { id: "asked", title: "Asked", ...count },
            ({ asked }) => (asked === 0 ? "" : String(asked)),
            theme.warn,
          ),
          figure<PieceNeighbourRow>(
            theme,
            { id: "sent", title: "Sent", ...count },
            ({ sent }) => (sent === 0 ? "" : String(sent)),
            theme.good,
          ),
        ]),
  ];
}

function openColumn(theme: Theme): Column<PieceNeighbourRow> {
  const look = ({ peerChoking, isSnubbed }: PieceNeighbourRow): readonly [string, StyleId] => {
    if (isSnubbed) return ["snubs us", theme.warn];
    return peerChoking ? ["chokes us", theme.dim] : ["lets us ask", theme.good];
  };
  return {
    id: "open",
    title: "",
    alignment: "left",
    widthMin: 11,
    widthMax: 11,
    priority: 1,
    text: (row) => look(row)[0],
    style: (row) => look(row)[1],
  };
}

function hasColumn(theme: Theme): Column<PieceNeighbourRow> {
  return {
    id: "has",
    title: "",
    alignment: "left",
    widthMin: 8,
    widthMax: 8,
    priority: 0,
    text: ({ hasPiece }) => (hasPiece ? "has it" : "lacks it"),
    style: ({ hasPiece }) => (hasPiece ? theme.dim : theme.warn),
  };
}
