/** Views 5 and 9: trackers, log. */
import type { TorrentDetail, TrackerRow } from "../../control/protocol.ts";
import { clean, type Drawing, drawCentred, drawPanel, span } from "../components/drawing.ts";
import { drawLogPanel, shortUrl, trackerCountdown, trackerLook } from "../components/panels.ts";
import { type Column, drawTable } from "../components/table.ts";
import { formatCount } from "../format/numbers.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { planListing, planLog } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawTrackersView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = planListing(state.columns, state.rows);
  const content = drawPanel(d, plan.panel, {
    title: [span("Trackers ", theme.title), span(formatCount(detail.trackers.length), theme.accentStrong)],
    hasBorder: plan.hasBorders,
  });
  if (detail.trackers.length === 0) {
    drawCentred(d, content, [[span("This torrent names no trackers.", theme.dim)]]);
    return;
  }
  drawTable(d, content, {
    columns: trackerColumns(theme, state.nowMs - open.receivedMs),
    rows: detail.trackers.slice(open.trackers.offset),
    total: detail.trackers.length,
    offset: open.trackers.offset,
    selected: open.trackers.cursor,
    hasHeading: true,
  });
}

function trackerColumns(theme: Theme, agoMs: number): readonly Column<TrackerRow>[] {
  const g = theme.glyphs;
  const known = (value: number | null): string => (value === null ? g.none : formatCount(value));
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
    {
      id: "seeds",
      title: "Seeds",
      alignment: "right",
      widthMin: 5,
      widthMax: 7,
      priority: 4,
      text: (row) => known(row.seeds),
    },
    {
      id: "leeches",
      title: "Leeches",
      alignment: "right",
      widthMin: 7,
      widthMax: 7,
      priority: 5,
      text: (row) => known(row.leeches),
    },
    {
      id: "peers",
      title: "Peers",
      alignment: "right",
      widthMin: 5,
      widthMax: 7,
      priority: 5,
      text: (row) => formatCount(row.peersReceived),
    },
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

export function drawLogView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const plan = planLog(state.columns, state.rows);
  drawLogPanel(d, plan.log, detail.log, plan.hasBorders, open.logBack);
}
