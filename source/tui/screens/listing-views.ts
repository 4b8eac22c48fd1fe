/** Views 4 to 6: files, trackers, log with the rates over it. */
import { formatSize } from "../../base/units.ts";
import type { FileRow, TorrentDetail, TrackerRow } from "../../control/protocol.ts";
import { drawThinBar } from "../components/bars.ts";
import { clean, type Drawing, drawCentred, drawPanel, span } from "../components/drawing.ts";
import { drawLogPanel, drawRatesPanel, shortUrl, trackerCountdown, trackerLook } from "../components/panels.ts";
import { type Column, drawTable } from "../components/table.ts";
import { formatCount, formatPercent } from "../format/numbers.ts";
import { truncateMiddle, truncatePath } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { planListing, planLog } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawFilesView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = planListing(state.columns, state.rows);
  const content = drawPanel(d, plan.panel, {
    title: [span("Files ", theme.title), span(formatCount(detail.fileCount), theme.accentStrong)],
    note: [
      span(
        truncateMiddle(clean(detail.row.savePath), Math.floor(plan.panel.width / 2), theme.glyphs.ellipsis),
        theme.dim,
      ),
    ],
    hasBorder: plan.hasBorders,
  });
  drawTable(d, content, {
    columns: fileColumns(theme),
    rows: detail.files.slice(Math.max(0, open.files.offset - open.filesFrom)),
    total: detail.fileCount,
    offset: open.files.offset,
    selected: open.files.cursor,
    hasHeading: true,
  });
}

function fileColumns(theme: Theme): readonly Column<FileRow>[] {
  return [
    {
      id: "path",
      title: "Path",
      alignment: "left",
      widthMin: 16,
      widthMax: 200,
      priority: 0,
      text: () => "",
      draw: (d, x, y, width, row) => {
        d.canvas.put(x, y, truncatePath(clean(row.path), width, theme.glyphs.ellipsis), theme.text, width);
      },
    },
    {
      id: "size",
      title: "Size",
      alignment: "right",
      widthMin: 8,
      widthMax: 9,
      priority: 1,
      text: (row) => formatSize(row.length),
      style: () => theme.dim,
    },
    {
      id: "bar",
      title: "",
      alignment: "left",
      widthMin: 10,
      widthMax: 24,
      priority: 3,
      text: () => "",
      draw: (d, x, y, width, row) => drawThinBar(d, x, y, width, row.progress, theme.barDone),
    },
    {
      id: "progress",
      title: "Done",
      alignment: "right",
      widthMin: 6,
      widthMax: 6,
      priority: 2,
      text: (row) => formatPercent(row.progress, 1),
      style: (row) => (row.progress >= 1 ? theme.good : theme.text),
    },
  ];
}

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
  drawRatesPanel(d, plan.rates, detail, plan.hasBorders);
  drawLogPanel(d, plan.log, detail.log, plan.hasBorders, open.logBack);
}
