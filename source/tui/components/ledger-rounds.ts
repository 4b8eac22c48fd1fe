/** One neighbour in the ledger: what was given and taken round by round, its rank in each, and why it had a slot. */
import { formatSize } from "../../base/units.ts";
import type { ChokeLedgerView, LedgerRowView } from "../../control/insight.ts";
import type { Rect } from "../format/canvas.ts";
import { formatClock } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { clean, type Drawing, drawPanel, drawSpans, type Span, span } from "./drawing.ts";
import { slotSign, slotStyle } from "./ledger-columns.ts";

/** A round as it was for one neighbour; figures are `null` where it was not among those listed. */
export interface OwnRound {
  readonly wallMs: number;
  readonly rank: number | null;
  readonly given: number | null;
  readonly taken: number | null;
  readonly slot: LedgerRowView["slot"];
  readonly reason: string;
}

/** The newest last. */
export function ownRounds({ rounds }: ChokeLedgerView, id: number): readonly OwnRound[] {
  return rounds.map(({ wallMs, rows, grants }) => {
    const row = rows.find((each) => each.id === id);
    // A slot that fell free was given to it before the next round.
    const grant = grants.find((each) => each.id === id);
    return {
      wallMs,
      rank: row?.rank ?? null,
      given: row?.given ?? null,
      taken: row?.taken ?? null,
      slot: grant?.slot ?? row?.slot ?? null,
      reason: grant?.reason ?? row?.reason ?? "",
    };
  });
}

const labelWidth = 9;
/** Rows of each curve where there is much room. */
const curveHeight = 5;

export function drawOwnRounds(d: Drawing, rect: Rect, endpoint: string, rounds: readonly OwnRound[]): void {
  if (rect.height < 3) return;
  const { theme } = d;
  const content = drawPanel(d, rect, {
    title: [span(clean(endpoint), theme.title), span(" round by round", theme.dim)],
    hasBorder: false,
  });
  const isTall = content.height >= 2 * (curveHeight + 1);
  const given = {
    name: `given ${theme.glyphs.up}`,
    values: rounds.map((round) => round.given),
    gradient: theme.upGradient,
  };
  const taken = {
    name: `taken ${theme.glyphs.down}`,
    values: rounds.map((round) => round.taken),
    gradient: theme.downGradient,
  };
  const height = isTall ? curveHeight : 1;
  const width = Math.min(rounds.length, content.width - labelWidth - sizeWidth);
  [given, taken].forEach(({ name, values, gradient }, i) => {
    const y = content.y + i * (isTall ? curveHeight + 1 : 1);
    drawSpans(d, content.x, y, [span(name, theme.dim)], labelWidth);
    drawBars(d, { x: content.x + labelWidth, y, width, height }, values.slice(-width), gradient);
    const last = values.at(-1) ?? null;
    const text = last === null ? "not listed" : formatSize(last);
    drawSpans(d, content.x + labelWidth + width + 1, y, [span(text), span(" last", theme.dim)], sizeWidth);
  });
  const listX = isTall ? content.x + labelWidth + width + sizeWidth : content.x;
  const listY = isTall ? content.y : content.y + 2;
  const listHeight = content.y + content.height - listY;
  [...rounds]
    .reverse()
    .slice(0, listHeight)
    .forEach((round, i) => {
      drawSpans(d, listX, listY + i, roundSpans(d, round), content.x + content.width - listX);
    });
}

/** `1.20 MiB last`, and room round it. */
const sizeWidth = 17;

function roundSpans({ theme }: Drawing, { wallMs, rank, given, taken, slot, reason }: OwnRound): readonly Span[] {
  const g = theme.glyphs;
  const place = rank === null ? "no rank " : `rank ${String(rank).padEnd(3)}`;
  const size = (value: number | null): string => (value === null ? g.none : formatSize(value)).padStart(9);
  const sign = slot === null ? g.none : slotSign(theme, slot);
  return [
    span(`${formatClock(wallMs)}  `, theme.dim),
    span(`${place} `),
    span(g.up, theme.up),
    span(`${size(given)}  `),
    span(g.down, theme.down),
    span(`${size(taken)}  `),
    span(`${sign} ${slot ?? "no slot"}`.padEnd(13), slotStyle(theme, slot)),
    span(clean(reason), theme.dim),
  ];
}

/** A column for each round; where nothing is known of one, a faint dot. */
function drawBars(d: Drawing, rect: Rect, values: readonly (number | null)[], gradient: readonly StyleId[]): void {
  const { canvas, theme } = d;
  const peak = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 1);
  const bottom = rect.y + rect.height - 1;
  values.forEach((value, i) => {
    const x = rect.x + i;
    const levels = value === null || value === 0 ? 0 : Math.max(1, Math.round((value / peak) * rect.height * 8));
    if (levels === 0)
      canvas.put(x, bottom, value === null ? theme.glyphs.none : (theme.glyphs.lowerEighths[0] ?? "."), theme.rule);
    for (let row = 0; row * 8 < levels; row++) {
      const here = Math.min(8, levels - row * 8);
      const style = gradient[Math.floor((row / Math.max(1, rect.height - 1)) * (gradient.length - 1))] ?? 0;
      const low = rect.height === 1 ? (gradient[here - 1] ?? 0) : style;
      canvas.put(x, bottom - row, theme.glyphs.lowerEighths[here - 1] ?? "#", low);
    }
  });
}
