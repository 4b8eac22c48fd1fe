/** The columns of the torrent list: what it is, how far, how fast, with whom. */
import { formatDuration, formatSize } from "../../base/units.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { formatPercent, formatRatio, shortRateOrNothing } from "../format/numbers.ts";
import type { Theme } from "../format/theme.ts";
import type { TorrentSort } from "../state/app-state.ts";
import { drawThinBar } from "./bars.ts";
import { clean, drawSpans, span } from "./drawing.ts";
import { type Column, figure } from "./table.ts";
import { barStyle, shownFraction, stateLook } from "./torrent-state.ts";

type TorrentColumn = Column<TorrentRow>;

export function torrentColumns(theme: Theme, sort: TorrentSort, isDescending: boolean): readonly TorrentColumn[] {
  const columns = [
    ...identityColumns(theme),
    ...progressColumns(theme),
    ...rateColumns(theme),
    ...neighbourColumns(theme),
  ];
  const order = isDescending ? "descending" : "ascending";
  return columns.map((column) => (column.id === sort ? { ...column, order } : column));
}

function identityColumns(theme: Theme): readonly TorrentColumn[] {
  return [
    {
      id: "sign",
      title: "",
      alignment: "left",
      widthMin: 1,
      widthMax: 1,
      priority: 0,
      text: (row) => stateLook(theme, row).sign,
      style: (row) => stateLook(theme, row).style,
    },
    figure(
      theme,
      { id: "queue", title: "#", widthMin: 3, widthMax: 5, priority: 10 },
      (row) => (row.queuePosition > 0 ? String(row.queuePosition) : ""),
      theme.dim,
    ),
    {
      id: "name",
      title: "Name",
      alignment: "left",
      widthMin: 18,
      widthMax: 64,
      priority: 0,
      text: () => "",
      draw: (d, x, y, width, row) => {
        const reason = clean(row.reason);
        const spans = [span(clean(row.name), row.state === "paused" ? theme.dim : theme.text)];
        if (reason !== "") spans.push(span(`  ${reason}`, row.state === "failed" ? theme.bad : theme.warn));
        drawSpans(d, x, y, spans, width);
      },
    },
    {
      id: "labels",
      title: "Labels",
      alignment: "left",
      widthMin: 14,
      widthMax: 24,
      priority: 9,
      text: (row) => row.labels.map(clean).join(", "),
      style: () => theme.accent,
    },
    {
      id: "state",
      title: "State",
      alignment: "left",
      widthMin: 11,
      widthMax: 12,
      priority: 7,
      text: (row) => stateLook(theme, row).word,
      style: (row) => stateLook(theme, row).style,
    },
  ];
}

function progressColumns(theme: Theme): readonly TorrentColumn[] {
  return [
    figure(
      theme,
      { id: "size", title: "Size", widthMin: 8, widthMax: 8, priority: 6 },
      (row) => formatSize(row.totalLength),
      theme.dim,
    ),
    {
      id: "bar",
      title: "",
      alignment: "left",
      widthMin: 8,
      widthMax: 24,
      priority: 5,
      text: () => "",
      draw: (d, x, y, width, row) => drawThinBar(d, x, y, width, shownFraction(row), barStyle(theme, row)),
    },
    {
      id: "progress",
      title: "Done",
      alignment: "right",
      widthMin: 5,
      widthMax: 6,
      priority: 1,
      text: (row) => formatPercent(shownFraction(row), 1),
      style: (row) => (row.leftLength === 0 ? theme.good : theme.text),
    },
  ];
}

function rateColumns(theme: Theme): readonly TorrentColumn[] {
  const g = theme.glyphs;
  return [
    figure(
      theme,
      { id: "down", title: `${g.down}/s`, widthMin: 8, widthMax: 9, priority: 2 },
      (row) => shortRateOrNothing(row.downRate),
      theme.down,
    ),
    figure(
      theme,
      { id: "up", title: `${g.up}/s`, widthMin: 8, widthMax: 9, priority: 3 },
      (row) => shortRateOrNothing(row.upRate),
      theme.up,
    ),
    figure(
      theme,
      { id: "eta", title: "ETA", widthMin: 7, widthMax: 7, priority: 4 },
      (row) => (row.state === "downloading" && row.etaSeconds !== null ? formatDuration(row.etaSeconds) : ""),
      theme.text,
    ),
  ];
}

function neighbourColumns(theme: Theme): readonly TorrentColumn[] {
  const count = (value: number): string => (value === 0 ? "" : String(value));
  return [
    figure(
      theme,
      { id: "seeds", title: "Seeds", widthMin: 5, widthMax: 6, priority: 8 },
      (row) => count(row.neighbourSeeds),
      theme.good,
    ),
    figure(
      theme,
      { id: "neighbours", title: "Peers", widthMin: 5, widthMax: 6, priority: 5 },
      (row) => count(row.neighbours),
      theme.text,
    ),
    figure(
      theme,
      { id: "ratio", title: "Ratio", widthMin: 6, widthMax: 6, priority: 9 },
      (row) => formatRatio(row.uploaded, row.downloaded),
      theme.dim,
    ),
  ];
}
