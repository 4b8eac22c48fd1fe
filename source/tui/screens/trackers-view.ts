/** View 5: the trackers, and what every other source of peers has given. */
import type { PeerSource, TorrentDetail, TrackerRow } from "../../control/protocol.ts";
import { clean, type Drawing, drawPanel, drawSpans, type Span, span } from "../components/drawing.ts";
import { shortUrl, trackerCountdown, trackerLook } from "../components/panels.ts";
import { type Column, drawTable } from "../components/table.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount } from "../format/numbers.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { planTrackers } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawTrackersView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = planTrackers(state.columns, state.rows);
  drawPanel(d, plan.panel, {
    title: [span("Trackers ", theme.title), span(formatCount(detail.trackers.length), theme.accentStrong)],
    hasBorder: plan.hasBorders,
  });
  // Below the heading and the trackers, where these leave room.
  const below = plan.table.y + 1 + detail.trackers.length;
  drawSources(d, { ...plan.sources, y: Math.min(plan.sources.y, below + 1) }, detail);
  if (detail.trackers.length === 0) {
    drawSpans(d, plan.table.x, plan.table.y, [span("This torrent names no trackers.", theme.dim)], plan.table.width);
    return;
  }
  drawTable(d, plan.table, {
    columns: trackerColumns(theme, state.nowMs - open.receivedMs),
    rows: detail.trackers.slice(open.trackers.offset),
    total: detail.trackers.length,
    offset: open.trackers.offset,
    selected: open.trackers.cursor,
    hasHeading: true,
  });
}

/** In the order of how much they matter where there is no room for all, with the letter of the neighbours' flags. */
const otherSources: readonly { readonly source: PeerSource; readonly name: string; readonly letter: string }[] = [
  { source: "dht", name: "DHT", letter: "H" },
  { source: "pex", name: "PEX", letter: "X" },
  { source: "lsd", name: "LSD", letter: "L" },
  { source: "incoming", name: "Incoming", letter: "I" },
  { source: "manual", name: "By hand", letter: "" },
];

/** A line for each that gives peers besides the trackers; the first line of the area is left empty. */
function drawSources(d: Drawing, area: Rect, { row, sources }: TorrentDetail): void {
  const { theme } = d;
  otherSources.slice(0, Math.max(0, area.height - 1)).forEach(({ source, name, letter }, i) => {
    const { known = 0, connected = 0 } = sources.find((one) => one.source === source) ?? {};
    const isBarred = row.isPrivate && (source === "dht" || source === "pex" || source === "lsd");
    const counts: readonly Span[] = isBarred
      ? [span("not asked: the torrent is private", theme.dim)]
      : [
          span(formatCount(known).padStart(7), known === 0 ? theme.dim : theme.text),
          span(" known  ", theme.dim),
          span(formatCount(connected).padStart(5), connected === 0 ? theme.dim : theme.good),
          span(" connected", theme.dim),
        ];
    const head = [span(name.padEnd(9)), span(letter.padEnd(2), theme.accentStrong)];
    drawSpans(d, area.x, area.y + 1 + i, [...head, ...counts], area.width);
  });
}

function trackerColumns(theme: Theme, agoMs: number): readonly Column<TrackerRow>[] {
  const g = theme.glyphs;
  const count = (
    id: string,
    title: string,
    priority: number,
    of: (row: TrackerRow) => number | null,
  ): Column<TrackerRow> => ({
    id,
    title,
    alignment: "right",
    widthMin: Math.max(5, title.length),
    widthMax: Math.max(7, title.length),
    priority,
    text: (row) => {
      const value = of(row);
      return value === null ? g.none : formatCount(value);
    },
  });
  return [
    {
      id: "tier",
      title: "Tier",
      alignment: "right",
      widthMin: 4,
      widthMax: 4,
      priority: 6,
      text: (row) => String(row.tier + 1),
      style: () => theme.dim,
    },
    {
      id: "url",
      title: "Tracker",
      alignment: "left",
      widthMin: 22,
      widthMax: 60,
      priority: 0,
      text: () => "",
      draw: (d, x, y, width, row) => {
        d.canvas.put(x, y, truncateMiddle(shortUrl(row.url), width, g.ellipsis), theme.text, width);
      },
    },
    {
      id: "state",
      title: "State",
      alignment: "left",
      widthMin: 11,
      widthMax: 11,
      priority: 1,
      text: (row) => trackerLook(theme, row).word,
      style: (row) => trackerLook(theme, row).style,
    },
    {
      id: "next",
      title: "Next",
      alignment: "right",
      widthMin: 7,
      widthMax: 7,
      priority: 2,
      text: (row) => trackerCountdown(row, agoMs) || g.none,
    },
    count("seeds", "Seeds", 4, (row) => row.seeds),
    count("leeches", "Leeches", 5, (row) => row.leeches),
    count("downloaded", "Completed", 7, (row) => row.downloaded),
    count("peers", "Peers", 5, (row) => row.peersReceived),
    {
      id: "message",
      title: "Says",
      alignment: "left",
      widthMin: 12,
      widthMax: 100,
      priority: 3,
      text: (row) => clean(row.message),
      style: (row) => (row.state === "failed" ? theme.bad : theme.warn),
    },
  ];
}
