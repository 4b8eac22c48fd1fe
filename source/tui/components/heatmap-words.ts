/** The piece map in words: what its signs mean, how rare the rarest is, what one cell stands for. */
import type { PieceRun } from "../../control/insight.ts";
import { type PieceMap, piecesOfCell, type TorrentRow } from "../../control/protocol.ts";
import { formatCount, plural } from "../format/numbers.ts";
import { missingStyle, type Theme } from "../format/theme.ts";
import { type CellKind, cellKind, hasNeighbours, isSpreading } from "../state/piece-cells.ts";
import { type Drawing, drawSpans, fitGroups, type Span, span, spansWidth } from "./drawing.ts";
import { countSign, kindLook } from "./heatmap.ts";

/** `7`, `3,912–3,940`. */
export function runText({ glyphs }: Theme, { first, last }: PieceRun): string {
  return first === last ? formatCount(first) : `${formatCount(first)}${glyphs.to}${formatCount(last)}`;
}

type Legend = readonly (readonly Span[])[];

/** What the signs mean, the most important first; what does not fit is said shorter, or left out. */
export function legendSpans(theme: Theme, width: number, map: PieceMap): readonly Span[] {
  const [long, short] = legendsOf(theme, map);
  const gap = span("  ");
  const needed = long.reduce((sum, group) => sum + spansWidth(group), 2 * (long.length - 1));
  return fitGroups(needed <= width ? long : short, gap, width);
}

function legendsOf(theme: Theme, map: PieceMap): readonly [long: Legend, short: Legend] {
  const g = theme.glyphs;
  const of = (cell: CellKind, neighbours = 3): Span => {
    const { glyph, style } = kindLook(theme, cell, neighbours);
    return span(glyph, style);
  };
  const named = (cell: CellKind, words: string): readonly Span[] => [of(cell), span(` ${words}`, theme.dim)];
  const skipped = map.skipped.length === 0 ? [] : [named({ kind: "skipped" }, "skipped")];
  const have = named({ kind: "have" }, "ours");
  if (isSpreading(map)) {
    const lacking = apart([1, 3, 12].map((count) => of({ kind: "spread", lacking: count, isOnlyOurs: false }, 4)));
    const only: CellKind = { kind: "spread", lacking: 3, isOnlyOurs: true };
    const nobody: CellKind = { kind: "spread", lacking: 0, isOnlyOurs: false };
    return [
      [
        named(nobody, "nobody lacks it"),
        [...lacking, span("so many neighbours lack it", theme.dim)],
        named(only, "only we have it"),
        ...skipped,
      ],
      [named(nobody, "all have it"), [...lacking, span("lack it", theme.dim)], named(only, "only ours"), ...skipped],
    ];
  }
  if (!hasNeighbours(map) && map.rarest !== null) {
    const groups: Legend = [have, named({ kind: "unknown" }, "missing: copies are not known"), ...skipped];
    return [groups, [have, named({ kind: "unknown" }, "missing"), ...skipped]];
  }
  if (map.rarest === null)
    return [
      [have, ...skipped],
      [have, ...skipped],
    ];
  return [
    [
      [span(g.have.repeat(2), theme.cellHave), span(" ours", theme.dim)],
      [span(g.inFlight.repeat(2), theme.cellActive), span(" in flight", theme.dim)],
      [span("0", missingStyle(theme, 0)), span(" nobody has it", theme.dim)],
      [...copySigns(theme, [1, 2, 3, 5, 10]), span("copies near", theme.dim)],
      ...skipped,
    ],
    [
      have,
      named({ kind: "active" }, "in flight"),
      [span("0", missingStyle(theme, 0)), span(" nobody", theme.dim)],
      [...copySigns(theme, [1, 2, 3]), span("copies", theme.dim)],
      ...skipped,
    ],
  ];
}

function copySigns(theme: Theme, counts: readonly number[]): readonly Span[] {
  return apart(counts.map((count) => span(countSign(theme, count), missingStyle(theme, count))));
}

/** Each with a space behind it: `12` would be read as one number. */
function apart(signs: readonly Span[]): readonly Span[] {
  return signs.flatMap((sign) => [sign, span(" ")]);
}

/** There is none where there are no cells. */
export function drawLegend(d: Drawing, x: number, y: number, width: number, map: PieceMap): void {
  if (map.pieceCount === 0) return;
  drawSpans(d, x, y, legendSpans(d.theme, width, map), width);
}

/** Rarest and copies, in words, the most important first. */
export function raritySpans(theme: Theme, map: PieceMap, width: number): readonly Span[] {
  const groups: (readonly Span[])[] = [];
  if (map.pieceCount === 0) return fitGroups([[span("not known yet", theme.dim)]], span(""), width);
  if (map.rarest === null) {
    groups.push([span(map.skipped.length === 0 ? "all pieces are ours" : "all that is wanted is ours", theme.good)]);
  } else if (!hasNeighbours(map)) {
    groups.push([span(`${plural(map.rarest.count, "piece")} missing`, theme.dim)]);
  } else if (map.rarest.availability === 0) {
    const { count } = map.rarest;
    groups.push([span(`${formatCount(count)} ${count === 1 ? "piece that" : "pieces that"} nobody has`, theme.bad)]);
  } else {
    const { availability, count } = map.rarest;
    groups.push([
      span("rarest ", theme.dim),
      span(
        availability === 1 ? "1 copy" : `${formatCount(availability)} copies`,
        availability === 1 ? theme.warn : theme.text,
      ),
      span(` ${theme.glyphs.times}${formatCount(count)}`, theme.dim),
    ]);
  }
  if (hasNeighbours(map)) groups.push([span(map.copies.toFixed(2)), span(" copies near", theme.dim)]);
  return fitGroups(groups, span(` ${theme.glyphs.dot} `, theme.rule), width);
}

/** How many of the pieces are ours; nothing where it is not known how many there are. */
export function piecesTitle(theme: Theme, { verifiedPieces, pieceCount }: TorrentRow): readonly Span[] {
  if (pieceCount === 0) return [];
  return [
    span(` ${formatCount(verifiedPieces)}`, theme.accentStrong),
    span(` of ${formatCount(pieceCount)}`, theme.dim),
  ];
}

/** What the marked cell stands for. */
export function cellInWords(theme: Theme, map: PieceMap, index: number, width: number): readonly Span[] {
  if (index < 0 || index >= map.cellCount) return [];
  const { first, last } = piecesOfCell(map, index);
  const count = last - first + 1;
  const isOne = count === 1;
  const name = `${isOne ? "piece" : "pieces"} ${runText(theme, { first, last })}`;
  const groups = [
    [span(`${theme.glyphs.arrowRight} `, theme.accent), span(name, theme.strong)],
    ...cellGroups(theme, map, index, isOne),
  ];
  return fitGroups(groups, span(` ${theme.glyphs.dot} `, theme.rule), width);
}

function cellGroups(theme: Theme, map: PieceMap, index: number, isOne: boolean): readonly (readonly Span[])[] {
  const cell = cellKind(map, index);
  const have = map.have[index] ?? 0;
  const active = map.active[index] ?? 0;
  const skipped = map.skipped[index] ?? 0;
  const availability = map.minAvailability[index] ?? 0;
  const who =
    availability === 0
      ? "nobody has it"
      : `${plural(availability, "neighbour")} ${availability === 1 ? "has" : "have"} it`;
  const skippedGroup = skipped === 0 || isOne ? [] : [[span(`${formatCount(skipped)} skipped`, theme.dim)]];
  const ours = [span(isOne ? "ours" : "all ours", theme.good)];
  switch (cell.kind) {
    case "have":
      return !hasNeighbours(map)
        ? [ours]
        : [ours, [span(isOne ? who : `the rarest: ${who}`, availability === 0 ? theme.text : theme.dim)]];
    case "spread":
      return [
        skipped === 0 ? ours : [span(`${formatCount(have)} ours`, theme.good)],
        ...skippedGroup,
        [
          cell.lacking === 0
            ? span("nobody lacks it", theme.dim)
            : cell.isOnlyOurs
              ? span(isOne ? "only we have it" : "some of it only we have", theme.warn)
              : span(
                  `${plural(cell.lacking, "neighbour")} ${cell.lacking === 1 ? "lacks" : "lack"} ${isOne ? "it" : "some"}`,
                ),
        ],
      ];
    case "skipped":
      return isOne
        ? [[span("skipped", theme.dim)], ...(hasNeighbours(map) ? [[span(who, theme.dim)]] : [])]
        : [[span(`${formatCount(have)} ours`, theme.good)], ...skippedGroup];
    case "unknown":
      return isOne
        ? [[span("missing")]]
        : [[span(`${formatCount(have)} ours`, theme.good)], ...skippedGroup, [span("the rest is missing")]];
    case "active":
    case "missing": {
      // The rarest first: it is what the cell shows, and what has room on every screen.
      const rarest = [span(isOne ? who : `rarest missing: ${who}`, availability === 0 ? theme.bad : theme.text)];
      if (isOne) return [[active > 0 ? span("in flight", theme.warn) : span("missing")], rarest];
      return [
        rarest,
        [span(`${formatCount(have)} ours`, theme.good)],
        ...(active > 0 ? [[span(`${formatCount(active)} in flight`, theme.warn)]] : []),
        ...skippedGroup,
      ];
    }
  }
}
