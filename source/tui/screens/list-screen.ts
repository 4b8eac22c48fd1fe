/** The home screen: all torrents, the totals, the port. */

import { formatDuration, formatRate, formatSize } from "../../base/units.ts";
import type { SessionRow, TorrentRow } from "../../control/protocol.ts";
import { filterProblem, isFilterTerm, splitTerms } from "../../control/torrent-filter.ts";
import { shownName } from "../../control/torrent-row.ts";
import type { CommandId } from "../../preferences/commands.ts";
import { keyFor } from "../../preferences/keymap.ts";
import { drawSparkline } from "../components/bars.ts";
import {
  clean,
  type Drawing,
  drawCentred,
  drawSpans,
  fitGroups,
  type Span,
  span,
  spansWidth,
} from "../components/drawing.ts";
import { drawTable } from "../components/table.ts";
import { torrentColumns } from "../components/torrent-columns.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount, plural } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { displayWidth, truncateMiddle, truncateStart, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { planList } from "../layout/plan.ts";
import type { AppState, ListState } from "../state/app-state.ts";
import { listColumnsOptions } from "../state/list-reducer.ts";
import { reviewMarks } from "../state/marks.ts";
import { drawRatesOfAll, drawTotals } from "./graphs-view.ts";

export function drawListScreen(d: Drawing, state: AppState): void {
  const { list } = state;
  const plan = planList(state.columns, state.rows);
  drawTitle(d, plan.header, state);
  if (state.home === "totals" && state.session !== null) {
    drawTotals(d, state, state.session);
    return;
  }
  if (plan.rates.height > 0 && state.session !== null) {
    d.zones?.push({ rect: plan.rates, target: { kind: "command", command: "totals" } });
    drawRatesOfAll(d, plan.rates, state, state.session);
  }
  if (list.rows.size === 0) {
    drawCentred(d, plan.table, list.isLoaded ? emptyLines(d, state) : [[span(waitingText(state), d.theme.dim)]]);
    return;
  }
  if (list.order.length === 0) {
    drawCentred(d, plan.table, [
      ...wrap(nothingFits(list.filter), plan.table.width - 4, 3).map((text) => [span(text, d.theme.dim)]),
      [span("Esc", d.theme.key), span(" shows all again.", d.theme.dim)],
    ]);
    return;
  }
  const rows: TorrentRow[] = [];
  for (const infoHash of list.order.slice(list.offset, list.offset + plan.pageSize)) {
    const row = list.rows.get(infoHash);
    if (row !== undefined) rows.push(row);
  }
  drawTable(d, plan.table, {
    columns: torrentColumns(d.theme, {
      ...listColumnsOptions(state),
      sort: list.sort,
      isDescending: list.isDescending,
    }),
    rows,
    total: list.order.length,
    offset: list.offset,
    selected: list.selected === null ? -1 : list.order.indexOf(list.selected),
    hasHeading: true,
    isScrollbarAwaited: true,
    isMarked: (row) => list.marked.has(row.infoHash),
  });
}

function nothingFits(filter: string): string {
  const words = splitTerms(filter);
  const problem = filterProblem(words);
  if (problem !== undefined) return `Nothing fits: ${clean(problem)}.`;
  const isName = words.length === 1 && !words.some((word) => isFilterTerm(word) || word.startsWith("-"));
  return isName ? `No torrent's name has “${clean(filter)}” in it.` : `No torrent fits all of “${clean(filter)}”.`;
}

function waitingText(state: AppState): string {
  return state.connection.kind === "connecting" ? "Waiting for the engine…" : "Asking the engine…";
}

function emptyLines({ theme, keymap }: Drawing, { session, addsTo }: AppState): readonly (readonly Span[])[] {
  const line = (command: CommandId, text: string): readonly Span[] => [
    span(keyFor(keymap, "list", command).padEnd(3), theme.key),
    span(text.padEnd(34)),
  ];
  const disks = session?.disks ?? [];
  const disk = addsTo === null ? disks[0] : disks.find(({ folder }) => folder === addsTo);
  const folder = addsTo ?? disk?.folder;
  const where: readonly (readonly Span[])[] =
    folder === undefined
      ? []
      : [
          [],
          [
            span("downloads go to ", theme.dim),
            span(clean(folder)),
            ...(disk === undefined ? [] : [span(`, ${formatSize(disk.freeBytes)} free`, theme.dim)]),
          ],
        ];
  return [
    [span("No torrents yet", theme.strong)],
    [],
    line("add", "add a .torrent file or its URL"),
    line("help", "see all keys"),
    line("quit", "leave"),
    [],
    [span("or start with one:  ", theme.dim), span("p2p-tui file.torrent")],
    [span("or watch a swarm:   ", theme.dim), span("p2p-tui demo        ")],
    ...where,
  ];
}

function drawTitle(d: Drawing, rect: Rect, state: AppState): void {
  const { theme } = d;
  const { session, list } = state;
  const g = theme.glyphs;
  const right = rect.x + rect.width - 1;
  const sparkWidth = Math.max(0, Math.min(30, Math.floor((rect.width - 76) / 2)));
  const besideSpark = sparkWidth > 3 ? sparkWidth + 1 : 0;
  const upStart = right - ratesWidth;
  const upSpark = upStart - besideSpark;
  const downStart = upSpark - 2 - ratesWidth;
  const downSpark = downStart - besideSpark;
  // What is typed into the filter must not push away what flows.
  const room = session === null ? rect.width : downSpark - 2 - rect.x;
  const end = drawSpans(d, rect.x, rect.y, titleSpans(theme, state, room), rect.width);
  if (session === null) return;
  drawSpans(d, upStart, rect.y, rateSpans(theme, g.up, session.upRate, theme.up, theme.upStrong), ratesWidth);
  if (downSpark > end + 1) {
    drawSpans(
      d,
      downStart,
      rect.y,
      rateSpans(theme, g.down, session.downRate, theme.down, theme.downStrong),
      ratesWidth,
    );
    if (sparkWidth > 3) {
      drawSparkline(d, upSpark, rect.y, sparkWidth, list.upHistory, theme.upGradient);
      drawSparkline(d, downSpark, rect.y, sparkWidth, list.downHistory, theme.downGradient);
    }
  }
  const row = list.selected === null ? undefined : list.rows.get(list.selected);
  if (list.marked.size > 0 || list.range !== null) {
    drawSpans(d, rect.x + 1, rect.y + 1, markSpans(d, list, rect.width - 2), rect.width - 2);
  } else if (row?.state === "failed") {
    // The table has little room for why.
    const reason = `${g.stateFailed} ${shownName(row)}: ${clean(row.reason)}`;
    drawSpans(d, rect.x + 1, rect.y + 1, [span(reason, theme.bad)], rect.width - 2);
  } else drawStatus(d, rect.x + 1, rect.y + 1, rect.width - 2, session);
}

/** A sign and a rate. */
const ratesWidth = 13;
const filterWidthMin = 8;

/** How many there are; of a filter the end, where one types, in what room there is. */
function titleSpans(theme: Theme, { title, isDemo, list }: AppState, room: number): readonly Span[] {
  const spans: Span[] = [span(` ${title} `, theme.brand)];
  if (isDemo) spans.push(span(" demo", theme.warn));
  const count = plural(list.rows.size, "torrent");
  if (list.filter === "") return [...spans, span(`  ${count}`)];
  const widthBeside = (text: string): number => room - spansWidth(spans) - displayWidth(text) - 1;
  const shown = formatCount(list.order.length);
  const long = `  ${shown} of ${count} with “`;
  const before = widthBeside(long) >= filterWidthMin ? long : `  ${shown} of ${formatCount(list.rows.size)} “`;
  const filter = truncateStart(clean(list.filter), Math.max(2, widthBeside(before)), theme.glyphs.ellipsis);
  return [...spans, span(`${before}${filter}”`, theme.warn)];
}

/** What is marked, and that keys mean all of it. */
function markSpans({ theme, keymap }: Drawing, list: ListState, width: number): readonly Span[] {
  const { count, totalLength, states, hidden } = reviewMarks(list);
  const what = [
    [span(`${theme.glyphs.marked} ${formatCount(count)} marked`, theme.accentStrong)],
    [span(formatSize(totalLength))],
  ];
  const words = [span(states.map(([state, many]) => `${formatCount(many)} ${state}`).join(", "), theme.dim)];
  const unseen = hidden === 0 ? [] : [span(`${formatCount(hidden)} hidden by the filter`, theme.warn)];
  const meaning =
    list.range === null
      ? [span("keys act on all of them", theme.dim)]
      : [span(keyFor(keymap, "list", "markRange"), theme.key), span(" ends, Esc takes back", theme.dim)];
  const separator = span(` ${theme.glyphs.dot} `, theme.rule);
  const whole = fitGroups([...what, words, unseen, meaning], separator, Number.POSITIVE_INFINITY);
  // Their states are the first to go.
  return spansWidth(whole) <= width ? whole : fitGroups([...what, unseen, meaning], separator, width);
}

function rateSpans(theme: Theme, sign: string, rate: number, style: StyleId, strong: StyleId): readonly Span[] {
  return [span(`${sign} `, style), span(formatRate(rate).padStart(11), rate >= 1 ? strong : theme.dim)];
}

function drawStatus(d: Drawing, x: number, y: number, width: number, session: SessionRow): void {
  const { theme } = d;
  const limit = (sign: string, rate: number): readonly Span[] =>
    rate === 0 ? [] : [span(`${sign} at most `, theme.dim), span(formatRate(rate))];
  const groups: readonly (readonly Span[])[] = [
    portSpans(theme, session),
    diskSpans(theme, session),
    ...freeSpans(theme, session, width),
    dhtSpans(theme, session),
    [span(plural(session.neighbours, "neighbour"), theme.dim)],
    limit(theme.glyphs.down, session.maxDownRate),
    limit(theme.glyphs.up, session.maxUpRate),
    session.alternative.isOn ? [span("alternative limits", theme.warn)] : [],
    [span(`engine up ${formatDuration(session.upSeconds)}`, theme.dim)],
    [
      span("in all ", theme.dim),
      span(`${theme.glyphs.down} ${formatSize(session.lifetime.downloaded)} `),
      span(`${theme.glyphs.up} ${formatSize(session.lifetime.uploaded)}`),
    ],
    [span(`version ${clean(session.version)}`, theme.dim)],
  ];
  drawSpans(d, x, y, fitGroups(groups, span(` ${theme.glyphs.dot} `, theme.rule), width), width);
}

/** What it says of itself: nothing where it is switched off. `ctl dht` and why tell more. */
function dhtSpans(theme: Theme, { dhtNodes, dhtProblem }: SessionRow): readonly Span[] {
  if (dhtNodes === null) return [];
  if (dhtNodes > 0) return [span("DHT ", theme.dim), span(plural(dhtNodes, "node"))];
  if (dhtProblem === "") return [span("DHT joining", theme.dim)];
  return [span(`${theme.glyphs.warning} DHT knows nobody`, theme.warn)];
}

function diskSpans(theme: Theme, { shortDisk }: SessionRow): readonly Span[] {
  if (shortDisk === null) return [];
  const { missingBytes, fullSeconds } = shortDisk;
  const when = fullSeconds === null ? "" : `, full in ${formatDuration(fullSeconds)}`;
  return [span(`${theme.glyphs.warning} disk: ${formatSize(missingBytes)} short${when}`, theme.warn)];
}

/** Less than this is soon gone. */
const littleSpace = 2 ** 30;
const disksShownMax = 3;

/** How much is free, and where that is not one disk alone, or there is room, on which. */
function freeSpans(theme: Theme, { disks }: SessionRow, width: number): readonly (readonly Span[])[] {
  const isNamed = disks.length > 1 || width >= 120;
  return disks
    .slice(0, disksShownMax)
    .map(({ folder, freeBytes }) => [
      span(`${formatSize(freeBytes)} free`, freeBytes < littleSpace ? theme.warn : theme.text),
      span(isNamed ? ` at ${truncateMiddle(clean(folder), 24, theme.glyphs.ellipsis)}` : "", theme.dim),
    ]);
}

function portSpans(theme: Theme, session: SessionRow): readonly Span[] {
  if (session.listenPort === null) {
    const problem = clean(session.listenProblem);
    return [span(`${theme.glyphs.stateFailed} not listening${problem === "" ? "" : `: ${problem}`}`, theme.bad)];
  }
  const port = span(`port ${session.listenPort}`);
  return session.hasIncoming
    ? [span(`${theme.glyphs.ok} `, theme.good), port, span(" reachable", theme.good)]
    : [span(`${theme.glyphs.slotFree} `, theme.dim), port, span(" nobody came in yet", theme.dim)];
}
