/** The ledger of tit-for-tat as a table: what each gave and took, its rank round by round, and its slot. */
import { formatSize } from "../../base/units.ts";
import type { ChokeLedgerView, LedgerRowView, ReciprocityRow } from "../../control/insight.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { clean, type Drawing } from "./drawing.ts";
import { type Column, figure } from "./table.ts";

/** A rank and a slot in one round; `undefined` where it was not among those listed. */
export type LedgerMark = Pick<LedgerRowView, "rank" | "slot"> | undefined;

export interface LedgerLine {
  readonly account: ReciprocityRow;
  /** A round each, the newest last. */
  readonly marks: readonly LedgerMark[];
  readonly slot: LedgerRowView["slot"];
  readonly reason: string;
}

/** A line for each neighbour: who has a slot now first, by rank; then as the engine orders them. */
export function ledgerLines({ rounds, neighbours }: ChokeLedgerView): readonly LedgerLine[] {
  const marks = new Map<number, LedgerMark[]>();
  const slots = new Map<number, Pick<LedgerRowView, "slot" | "reason">>();
  const order = new Map<number, number>();
  rounds.forEach((round, i) => {
    const isNewest = i === rounds.length - 1;
    const mark = (id: number, rank: number | null, slot: LedgerRowView["slot"]): void => {
      let strip = marks.get(id);
      if (strip === undefined) {
        strip = new Array<LedgerMark>(rounds.length).fill(undefined);
        marks.set(id, strip);
      }
      strip[i] = { rank: rank ?? strip[i]?.rank ?? null, slot };
    };
    for (const { id, rank, slot, reason } of round.rows) {
      mark(id, rank, slot);
      if (!isNewest) continue;
      slots.set(id, { slot, reason });
      if (slot !== null) order.set(id, order.size);
    }
    for (const { id, slot, reason } of round.grants) {
      mark(id, null, slot);
      if (!isNewest) continue;
      slots.set(id, { slot, reason });
      if (slot !== null && !order.has(id)) order.set(id, order.size);
    }
  });
  const none = new Array<LedgerMark>(rounds.length).fill(undefined);
  return neighbours
    .map((account) => ({
      account,
      marks: marks.get(account.id) ?? none,
      slot: slots.get(account.id)?.slot ?? null,
      reason: slots.get(account.id)?.reason ?? "",
    }))
    .sort((a, b) => (order.get(a.account.id) ?? order.size) - (order.get(b.account.id) ?? order.size));
}

/** @param rounds columns of the strip. */
export function ledgerColumns(theme: Theme, rounds: number): readonly Column<LedgerLine>[] {
  const g = theme.glyphs;
  const size = { widthMin: 8, widthMax: 9 };
  return [
    {
      id: "endpoint",
      title: "Address",
      alignment: "left",
      widthMin: 15,
      widthMax: 22,
      priority: 0,
      text: () => "",
      draw: (d, x, y, width, { account, slot }) => {
        const text = truncateMiddle(clean(account.endpoint), width, g.ellipsis);
        d.canvas.put(x, y, text, slot === null ? theme.dim : theme.text, width);
      },
    },
    figure(
      theme,
      { id: "given", title: `Given ${g.up}`, ...size, priority: 1 },
      ({ account }) => (account.given === 0 ? "" : formatSize(account.given)),
      theme.up,
    ),
    figure(
      theme,
      { id: "taken", title: `Taken ${g.down}`, ...size, priority: 1 },
      ({ account }) => (account.taken === 0 ? "" : formatSize(account.taken)),
      theme.down,
    ),
    figure(
      theme,
      { id: "ratio", title: "Ratio", widthMin: 5, widthMax: 6, priority: 5 },
      ({ account }) => (account.ratio === null ? "" : account.ratio.toFixed(account.ratio < 100 ? 2 : 0)),
      theme.text,
    ),
    ...roundColumns(theme),
    {
      id: "marks",
      title: rounds >= 30 ? `Rank by round, now ${g.arrowRight}` : `Rank, now ${g.arrowRight}`,
      alignment: "right",
      widthMin: Math.min(12, rounds),
      widthMax: rounds,
      priority: 2,
      text: () => "",
      draw: (d, x, y, width, { marks }) => drawMarks(d, x, y, width, marks),
    },
    {
      id: "slot",
      title: "Slot",
      alignment: "left",
      widthMin: 5,
      // The word in full, or its short form: nothing between.
      widthMax: rounds >= 30 ? 12 : 5,
      priority: 3,
      text: () => "",
      draw: (d, x, y, width, { slot }) => {
        if (slot === null) return;
        const text = `${slotSign(theme, slot)} ${slot}`;
        d.canvas.put(x, y, width >= 12 ? text : text.slice(0, 5), slotStyle(theme, slot), width);
      },
    },
    {
      id: "reason",
      title: "Why",
      alignment: "left",
      widthMin: 12,
      widthMax: 70,
      priority: 4,
      text: ({ reason }) => clean(reason),
      style: () => theme.dim,
    },
  ];
}

/** In how many rounds we served it, and it let us ask. */
function roundColumns(theme: Theme): readonly Column<LedgerLine>[] {
  const size = { widthMin: 10, widthMax: 11, priority: 6 };
  const of = (part: number, all: number): string => (all === 0 ? "" : `${part}/${all}`);
  return [
    figure(
      theme,
      { id: "served", title: "We served", ...size },
      ({ account }) => of(account.roundsServed, account.rounds),
      theme.text,
    ),
    figure(
      theme,
      { id: "open", title: "Let us ask", ...size },
      ({ account }) => of(account.roundsOpen, account.rounds),
      theme.text,
    ),
  ];
}

/** The newest at the right end. */
function drawMarks(d: Drawing, x: number, y: number, width: number, marks: readonly LedgerMark[]): void {
  const shown = marks.slice(-width);
  shown.forEach((mark, i) => {
    d.canvas.put(x + width - shown.length + i, y, markSign(d.theme, mark), slotStyle(d.theme, mark?.slot ?? null));
  });
}

function markSign(theme: Theme, mark: LedgerMark): string {
  if (mark === undefined) return theme.glyphs.none;
  if (mark.slot === "optimistic") return theme.glyphs.slotOptimistic;
  if (mark.rank === null) return mark.slot === null ? theme.glyphs.none : theme.glyphs.slotRegular;
  return mark.rank > 9 ? theme.glyphs.many : String(mark.rank);
}

export function slotSign(theme: Theme, slot: "regular" | "optimistic"): string {
  return slot === "regular" ? theme.glyphs.slotRegular : theme.glyphs.slotOptimistic;
}

export function slotStyle(theme: Theme, slot: LedgerRowView["slot"]): StyleId {
  switch (slot) {
    case "regular":
      return theme.good;
    case "optimistic":
      return theme.warn;
    case null:
      return theme.dim;
  }
}
