/** The columns of a neighbours table: who it is, what flows, what is asked, what has flowed, and its slot. */
import { formatDuration, formatSize } from "../../base/units.ts";
import type { NeighbourRow, NeighbourSort } from "../../control/protocol.ts";
import { formatMs, formatPercent, shortRateOrNothing } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { drawThinBar } from "./bars.ts";
import { clean } from "./drawing.ts";
import { type Column, figure } from "./table.ts";

export interface NeighbourColumnOptions {
  readonly sort: NeighbourSort;
  readonly isDescending: boolean;
  /** Also totals, round trip and time: for the view that has the screen to itself. */
  readonly isWhole: boolean;
}

type NeighbourColumn = Column<NeighbourRow>;

export function neighbourColumns(theme: Theme, options: NeighbourColumnOptions): readonly NeighbourColumn[] {
  const columns = [
    ...identityColumns(theme, options),
    ...rateColumns(theme),
    ...progressColumns(theme),
    ...requestColumns(theme),
    ...(options.isWhole ? historyColumns(theme) : []),
    ...slotColumns(theme, options.isWhole),
  ];
  const order = options.isDescending ? "descending" : "ascending";
  return columns.map((column) => (column.id === options.sort ? { ...column, order } : column));
}

function identityColumns(theme: Theme, options: NeighbourColumnOptions): readonly NeighbourColumn[] {
  const g = theme.glyphs;
  return [
    {
      id: "endpoint",
      title: "Address",
      alignment: "left",
      widthMin: 21,
      widthMax: 21,
      priority: 0,
      text: () => "",
      draw: (d, x, y, width, row) => {
        const isIdle = row.downRate < 1 && row.upRate < 1;
        const text = truncateMiddle(clean(row.endpoint), width, g.ellipsis);
        d.canvas.put(x, y, text, isIdle ? theme.dim : theme.text, width);
      },
    },
    {
      id: "client",
      title: "Client",
      alignment: "left",
      widthMin: 9,
      widthMax: options.isWhole ? 22 : 14,
      priority: 4,
      text: (row) => (row.client === "" ? g.none : clean(row.client)),
      style: () => theme.dim,
    },
    {
      id: "flags",
      title: "Flags",
      alignment: "left",
      widthMin: 5,
      widthMax: 7,
      priority: 1,
      text: (row) => clean(row.flags),
      style: (row) => (row.isSnubbed ? theme.warn : theme.text),
    },
  ];
}

function rateColumns(theme: Theme): readonly NeighbourColumn[] {
  const g = theme.glyphs;
  const size = { widthMin: 8, widthMax: 9 };
  return [
    figure(
      theme,
      { id: "downRate", title: `${g.down}/s`, ...size, priority: 0 },
      (row) => shortRateOrNothing(row.downRate),
      theme.down,
    ),
    figure(
      theme,
      { id: "upRate", title: `${g.up}/s`, ...size, priority: 1 },
      (row) => shortRateOrNothing(row.upRate),
      theme.up,
    ),
  ];
}

function progressColumns(theme: Theme): readonly NeighbourColumn[] {
  return [
    {
      id: "bar",
      title: "",
      alignment: "left",
      widthMin: 8,
      widthMax: 14,
      priority: 8,
      text: () => "",
      draw: (d, x, y, width, row) => drawThinBar(d, x, y, width, row.progress, row.isSeed ? theme.good : theme.dim),
    },
    {
      id: "progress",
      title: "Has",
      alignment: "right",
      widthMin: 4,
      widthMax: 5,
      priority: 3,
      text: (row) => (row.isSeed ? "seed" : formatPercent(row.progress)),
      style: (row) => (row.isSeed ? theme.good : theme.text),
    },
  ];
}

function requestColumns(theme: Theme): readonly NeighbourColumn[] {
  return [
    {
      id: "requestsOut",
      title: "Asked",
      alignment: "right",
      widthMin: 7,
      widthMax: 7,
      priority: 5,
      text: (row) =>
        row.requestsOut === 0 && row.peerChoking ? theme.glyphs.none : `${row.requestsOut}/${row.requestWindow}`,
      style: (row) => (row.requestsOut > 0 ? theme.text : theme.rule),
    },
    figure(
      theme,
      { id: "requestsIn", title: "Asks", widthMin: 4, widthMax: 4, priority: 6 },
      (row) => (row.requestsIn === 0 ? "" : String(row.requestsIn)),
      theme.text,
    ),
  ];
}

function historyColumns(theme: Theme): readonly NeighbourColumn[] {
  const size = { widthMin: 8, widthMax: 9, priority: 9 };
  return [
    figure(
      theme,
      { id: "downloaded", title: "Received", ...size },
      (row) => (row.downloaded === 0 ? "" : formatSize(row.downloaded)),
      theme.text,
    ),
    figure(
      theme,
      { id: "uploaded", title: "Sent", ...size },
      (row) => (row.uploaded === 0 ? "" : formatSize(row.uploaded)),
      theme.text,
    ),
    figure(
      theme,
      { id: "roundTrip", title: "Trip", widthMin: 6, widthMax: 7, priority: 10 },
      (row) => (row.roundTripMs === null ? "" : formatMs(row.roundTripMs)),
      theme.dim,
    ),
    figure(
      theme,
      { id: "connected", title: "Since", widthMin: 7, widthMax: 7, priority: 11 },
      (row) => formatDuration(row.connectedSeconds),
      theme.dim,
    ),
  ];
}

function slotColumns(theme: Theme, isWhole: boolean): readonly NeighbourColumn[] {
  return [
    {
      id: "slot",
      title: "Slot",
      alignment: "left",
      widthMin: 5,
      // The word in full, or its short form: nothing between.
      widthMax: isWhole ? 12 : 5,
      priority: 2,
      text: () => "",
      draw: (d, x, y, width, row) => {
        const text = slotText(theme, row);
        d.canvas.put(x, y, width >= 12 ? text : text.slice(0, 5), slotStyle(theme, row), width);
      },
    },
    {
      id: "reason",
      title: "Why",
      alignment: "left",
      widthMin: 22,
      widthMax: 60,
      // The view of neighbours tells it of the selected one in full.
      priority: isWhole ? 12 : 7,
      text: (row) => clean(row.slotReason),
      style: () => theme.dim,
    },
  ];
}

export function slotText(theme: Theme, row: NeighbourRow): string {
  switch (row.slot) {
    case "regular":
      return `${theme.glyphs.slotRegular} regular`;
    case "optimistic":
      return `${theme.glyphs.slotOptimistic} optimistic`;
    case null:
      return row.peerInterested ? theme.glyphs.slotFree : "";
  }
}

export function slotStyle(theme: Theme, row: NeighbourRow): StyleId {
  switch (row.slot) {
    case "regular":
      return theme.good;
    case "optimistic":
      return theme.warn;
    case null:
      return theme.rule;
  }
}
