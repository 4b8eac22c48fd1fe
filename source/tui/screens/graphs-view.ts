/** View 6, and the same of all torrents together: how much flowed, over minutes to a month. */
import type { Graph, GraphSpan } from "../../control/insight.ts";
import type { SessionRow, TorrentDetail } from "../../control/protocol.ts";
import { keyFor } from "../../preferences/keymap.ts";
import {
  type Drawing,
  drawCentred,
  drawPanel,
  drawSpans,
  drawSpansRight,
  type Span,
  span,
} from "../components/drawing.ts";
import { drawRateCharts, knownText } from "../components/rate-charts.ts";
import type { Rect } from "../format/canvas.ts";
import { planFrame, planListing } from "../layout/plan.ts";
import { type AppState, graphSpans } from "../state/app-state.ts";
import { contextOf } from "../state/context.ts";

const spanWords: Readonly<Record<GraphSpan, string>> = {
  "5m": "5 minutes",
  "3h": "3 hours",
  week: "week",
  month: "month",
};

export function drawGraphsView(d: Drawing, state: AppState, detail: TorrentDetail): void {
  const plan = planListing(state.columns, state.rows);
  const { row } = detail;
  drawGraphs(d, plan.panel, state, plan.hasBorders, { down: row.downRate, up: row.upRate });
}

/** @param session for what flows now. */
export function drawTotals(d: Drawing, state: AppState, session: SessionRow): void {
  const { body } = planFrame(state.columns, state.rows, 2);
  drawGraphs(d, body, state, state.columns >= 100, { down: session.downRate, up: session.upRate });
}

/** As `drawTotals`, among other things. */
export function drawRatesOfAll(d: Drawing, rect: Rect, state: AppState, session: SessionRow): void {
  drawGraphs(d, rect, state, true, { down: session.downRate, up: session.upRate });
}

function drawGraphs(
  d: Drawing,
  rect: Rect,
  state: AppState,
  hasBorder: boolean,
  now: { readonly down: number; readonly up: number },
): void {
  const { theme } = d;
  const graph = shownGraph(state);
  const content = drawPanel(d, rect, { title: [], hasBorder });
  const known = graph === null ? "" : knownText(theme, graph);
  const end = drawSpanTabs(d, content.x, rect.y, rect.width - 4, state);
  drawSpansRight(
    d,
    content.x + content.width,
    rect.y,
    known === "" ? [] : [span(` ${known} `, theme.dim)],
    content.x + content.width - end - 2,
  );
  if (graph === null) drawCentred(d, content, [[span("Asking the engine…", theme.dim)]]);
  else drawRateCharts(d, content, graph, now);
}

/** The graph that was asked for, once it has come. */
function shownGraph({ graph, open }: AppState): Graph | null {
  const { data, span: wanted } = graph;
  return data !== null && data.span === wanted && data.infoHash === (open?.infoHash ?? null) ? data : null;
}

/** `Rates  5 minutes  3 hours  week  month`, to be clicked. @returns the next column. */
function drawSpanTabs(d: Drawing, x: number, y: number, width: number, state: AppState): number {
  const { theme } = d;
  const title = state.open === null ? "Rates of all" : "Rates";
  let column = drawSpans(d, x, y, [span(` ${title} `, theme.title)], width);
  for (const each of graphSpans) {
    const isActive = each === state.graph.span;
    const word: Span = span(` ${spanWords[each]} `, isActive ? theme.tabActive : theme.text);
    const end = drawSpans(d, column, y, [word], x + width - column);
    d.zones?.push({
      rect: { x: column, y, width: end - column, height: 1 },
      target: { kind: "graphSpan", span: each },
    });
    column = end;
  }
  const key = (command: "spanShorter" | "spanLonger"): Span =>
    span(keyFor(d.keymap, contextOf(state), command), theme.key);
  const shorter = key("spanShorter");
  const keys = [span(" "), shorter, span(" "), key("spanLonger"), span(" ")];
  return x + width - column < 8 || shorter.text === "" ? column : drawSpans(d, column, y, keys, x + width - column);
}
