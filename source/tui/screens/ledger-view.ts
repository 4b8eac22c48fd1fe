/** View 7: the ledger of tit-for-tat: who gave and took what, who was ranked where, and why each slot was given. */
import type { ChokeLedgerView } from "../../control/insight.ts";
import type { TorrentDetail } from "../../control/protocol.ts";
import { type Drawing, drawCentred, drawPanel, drawSpans, fitGroups, type Span, span } from "../components/drawing.ts";
import { ledgerColumns, ledgerLines, slotStyle } from "../components/ledger-columns.ts";
import { drawOwnRounds, ownRounds } from "../components/ledger-rounds.ts";
import { drawChoker } from "../components/panels.ts";
import { drawTable } from "../components/table.ts";
import { formatClock, formatCount } from "../format/numbers.ts";
import { planLedger } from "../layout/ledger-plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawLedgerView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = planLedger(state.columns, state.rows);
  const { ledger } = detail;
  drawPanel(d, plan.panel, {
    title: [
      span("Ledger ", theme.title),
      span(formatCount(ledger?.neighbours.length ?? detail.neighbourCount), theme.accentStrong),
    ],
    note: ledger === null ? [] : roundSpans(d, ledger),
    hasBorder: plan.hasBorders,
  });
  drawChoker(d, plan.choker.x, plan.choker.y, plan.choker.width, detail, state.nowMs - open.receivedMs);
  if (ledger === null || ledger.neighbours.length === 0) {
    const text = ledger === null ? "Asking the engine…" : "Nobody gives or takes here yet.";
    drawCentred(d, plan.table, [[span(text, theme.dim)]]);
    return;
  }
  const lines = ledgerLines(ledger);
  drawTable(d, plan.table, {
    columns: ledgerColumns(theme, plan.rounds),
    rows: lines.slice(open.ledger.offset),
    total: lines.length,
    offset: open.ledger.offset,
    selected: open.ledger.cursor,
    hasHeading: true,
    isScrollbarAwaited: true,
  });
  // Few neighbours leave room for more of the selected one.
  const below = Math.min(plan.legend.y, plan.table.y + lines.length + 2);
  const legendRect = { ...plan.legend, y: below };
  const about = {
    ...plan.about,
    y: below + plan.legend.height,
    height: plan.about.height === 0 ? 0 : plan.about.height + plan.legend.y - below,
  };
  const selected = lines[open.ledger.cursor];
  if (selected !== undefined && about.height > 0) {
    drawOwnRounds(d, about, selected.account.endpoint, ownRounds(ledger, selected.account.id));
  }
  if (legendRect.height > 0) drawSpans(d, legendRect.x, legendRect.y, legend(d, legendRect.width), legendRect.width);
}

/** What the newest round went by. */
function roundSpans({ theme }: Drawing, { rounds }: ChokeLedgerView): readonly Span[] {
  const newest = rounds.at(-1);
  if (newest === undefined) return [span("no round yet", theme.dim)];
  const basis = newest.mode === "leech" ? "who gives us most" : "who takes fastest";
  return [span(`round of ${formatClock(newest.wallMs)}, by ${basis}`, theme.dim)];
}

function legend({ theme }: Drawing, width: number): readonly Span[] {
  const g = theme.glyphs;
  const groups: readonly (readonly Span[])[] = [
    [span("1", slotStyle(theme, "regular")), span(" rank, with a slot", theme.dim)],
    [span(g.slotOptimistic, slotStyle(theme, "optimistic")), span(" optimistic", theme.dim)],
    [span("7", slotStyle(theme, null)), span(" rank, no slot", theme.dim)],
    [span(g.many, slotStyle(theme, null)), span(" tenth or later", theme.dim)],
    [span(g.slotRegular, slotStyle(theme, "regular")), span(" slot given between rounds", theme.dim)],
    [span(g.none, theme.dim), span(" not ranked, or not among the first 20", theme.dim)],
  ];
  return fitGroups(groups, span("   "), width);
}
