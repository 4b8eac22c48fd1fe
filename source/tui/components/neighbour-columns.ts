/** The columns of a neighbours table. */
import { formatDuration, formatSize } from "../../base/units.ts";
import type { NeighbourRow, NeighbourSort } from "../../control/protocol.ts";
import { formatMs, formatPercent, shortRateOrNothing } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { drawThinBar } from "./bars.ts";
import { clean } from "./drawing.ts";
import type { Column } from "./table.ts";

export interface NeighbourColumnOptions {
  readonly sort: NeighbourSort;
  readonly isDescending: boolean;
  /** Also totals, round trip and time: for the view that has the screen to itself. */
  readonly isWhole: boolean;
}

export function neighbourColumns(theme: Theme, options: NeighbourColumnOptions): readonly Column<NeighbourRow>[] {
  const g = theme.glyphs;
  const order = (sort: NeighbourSort): { readonly order?: "ascending" | "descending" } =>
    options.sort === sort ? { order: options.isDescending ? "descending" : "ascending" } : {};
  const quiet = (value: number, style: StyleId): StyleId => (value >= 1 ? style : theme.rule);
  const orDot = (text: string): string => (text === "" ? g.none : text);
  const columns: (Column<NeighbourRow> & { readonly onlyWhole?: boolean })[] = [
    {
      id: "endpoint",
      title: "Address",
      alignment: "left",
      widthMin: 21,
      widthMax: 24,
      priority: 0,
      text: (row) => clean(row.endpoint),
      draw: (d, x, y, width, row) => {
        const isIdle = row.downRate < 1 && row.upRate < 1;
        d.canvas.put(
          x,
          y,
          truncateMiddle(clean(row.endpoint), width, g.ellipsis),
          isIdle ? theme.dim : theme.text,
          width,
        );
      },
      ...order("endpoint"),
    },
    {
      id: "client",
      title: "Client",
      alignment: "left",
      widthMin: 9,
      widthMax: 22,
      priority: 4,
      text: (row) => (row.client === "" ? g.none : clean(row.client)),
      style: () => theme.dim,
      ...order("client"),
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
      ...order("flags"),
    },
    {
      id: "down",
      title: `${g.down}/s`,
      alignment: "right",
      widthMin: 8,
      widthMax: 9,
      priority: 0,
      text: (row) => orDot(shortRateOrNothing(row.downRate)),
      style: (row) => quiet(row.downRate, theme.down),
      ...order("downRate"),
    },
    {
      id: "up",
      title: `${g.up}/s`,
      alignment: "right",
      widthMin: 8,
      widthMax: 9,
      priority: 1,
      text: (row) => orDot(shortRateOrNothing(row.upRate)),
      style: (row) => quiet(row.upRate, theme.up),
      ...order("upRate"),
    },
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
      ...order("progress"),
    },
    {
      id: "requests",
      title: "Asked",
      alignment: "right",
      widthMin: 7,
      widthMax: 7,
      priority: 5,
      text: (row) => (row.requestsOut === 0 && row.peerChoking ? g.none : `${row.requestsOut}/${row.requestWindow}`),
      style: (row) => (row.requestsOut > 0 ? theme.text : theme.rule),
    },
    {
      id: "requestsIn",
      title: "Asks",
      alignment: "right",
      widthMin: 4,
      widthMax: 4,
      priority: 6,
      text: (row) => (row.requestsIn === 0 ? g.none : String(row.requestsIn)),
      style: (row) => quiet(row.requestsIn, theme.text),
    },
    {
      id: "downloaded",
      title: "Received",
      alignment: "right",
      widthMin: 8,
      widthMax: 9,
      priority: 9,
      onlyWhole: true,
      text: (row) => (row.downloaded === 0 ? g.none : formatSize(row.downloaded)),
      style: (row) => quiet(row.downloaded, theme.text),
      ...order("downloaded"),
    },
    {
      id: "uploaded",
      title: "Sent",
      alignment: "right",
      widthMin: 8,
      widthMax: 9,
      priority: 9,
      onlyWhole: true,
      text: (row) => (row.uploaded === 0 ? g.none : formatSize(row.uploaded)),
      style: (row) => quiet(row.uploaded, theme.text),
      ...order("uploaded"),
    },
    {
      id: "roundTrip",
      title: "Trip",
      alignment: "right",
      widthMin: 6,
      widthMax: 7,
      priority: 10,
      onlyWhole: true,
      text: (row) => (row.roundTripMs === null ? g.none : formatMs(row.roundTripMs)),
      style: (row) => (row.roundTripMs === null ? theme.rule : theme.dim),
    },
    {
      id: "time",
      title: "Since",
      alignment: "right",
      widthMin: 7,
      widthMax: 7,
      priority: 11,
      onlyWhole: true,
      text: (row) => formatDuration(row.connectedSeconds),
      style: () => theme.dim,
    },
    {
      id: "slot",
      title: "Slot",
      alignment: "left",
      widthMin: 5,
      widthMax: 12,
      priority: 2,
      text: () => "",
      draw: (d, x, y, width, row) => {
        d.canvas.put(
          x,
          y,
          width >= 12 ? slotText(theme, row) : slotText(theme, row).slice(0, 5),
          slotStyle(theme, row),
          width,
        );
      },
    },
    {
      id: "reason",
      title: "Why",
      alignment: "left",
      widthMin: 31,
      widthMax: 60,
      priority: options.isWhole ? 12 : 7,
      text: (row) => clean(row.slotReason),
      style: () => theme.dim,
    },
  ];
  return columns.filter((column) => options.isWhole || column.onlyWhole !== true);
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
