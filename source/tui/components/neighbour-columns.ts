/** The columns of a neighbours table: who it is, what flows, what is asked, what has flowed, and its slot. */
import { formatDuration, formatSize } from "../../base/units.ts";
import type { NeighbourRow, NeighbourSort } from "../../control/protocol.ts";
import { formatMs, formatPercent, shortRateOrNothing } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { NeighbourColumnId, NeighbourColumnSize } from "../layout/neighbour-columns-plan.ts";
import { drawThinBar } from "./bars.ts";
import { clean } from "./drawing.ts";
import type { Column } from "./table.ts";
import { downParts, drawTimeBar, upParts } from "./time-bars.ts";

export interface NeighbourColumnOptions {
  readonly sort: NeighbourSort;
  readonly isDescending: boolean;
  /** As placed by `planNeighbourColumns`. */
  readonly columns: readonly NeighbourColumnSize[];
  /** The time on the way up is shown, in place of that on the way down. */
  readonly isFinished: boolean;
}

type NeighbourColumn = Column<NeighbourRow>;
/** What of a column is not its place. */
type Look = Pick<NeighbourColumn, "title" | "alignment" | "text" | "style" | "draw">;

export function neighbourColumns(theme: Theme, options: NeighbourColumnOptions): readonly NeighbourColumn[] {
  const order = options.isDescending ? "descending" : "ascending";
  return options.columns.map((column) => ({
    ...column,
    ...lookOf(theme, column.id, options.isFinished),
    order: column.id === options.sort ? order : undefined,
  }));
}

function lookOf(theme: Theme, column: NeighbourColumnId, isFinished: boolean): Look {
  const g = theme.glyphs;
  const count = (value: number): string => (value === 0 ? "" : String(value));
  const size = (value: number): string => (value === 0 ? "" : formatSize(value));
  switch (column) {
    case "endpoint":
      return endpointLook(theme);
    case "client":
      return { ...words("Client", (row) => clean(row.client) || g.none), style: () => theme.dim };
    case "flags":
      return {
        ...words("Flags", (row) => clean(row.flags)),
        style: (row) => (row.isSnubbed ? theme.warn : theme.text),
      };
    case "downRate":
      return figures(theme, `${g.down}/s`, (row) => shortRateOrNothing(row.downRate), theme.down);
    case "upRate":
      return figures(theme, `${g.up}/s`, (row) => shortRateOrNothing(row.upRate), theme.up);
    case "bar":
      return {
        ...words("", () => ""),
        draw: (d, x, y, width, row) => drawThinBar(d, x, y, width, row.progress, row.isSeed ? theme.good : theme.dim),
      };
    case "progress":
      return {
        title: "Has",
        alignment: "right",
        text: (row) => (row.isSeed ? "seed" : formatPercent(row.progress)),
        style: (row) => (row.isSeed ? theme.good : theme.text),
      };
    case "requestsOut":
      return {
        title: "Asked",
        alignment: "right",
        text: (row) => (row.requestsOut === 0 && row.peerChoking ? g.none : `${row.requestsOut}/${row.requestWindow}`),
        style: (row) => (row.requestsOut > 0 ? theme.text : theme.rule),
      };
    case "requestsIn":
      return figures(theme, "Asks", (row) => count(row.requestsIn), theme.text);
    case "downloaded":
      return figures(theme, "Received", (row) => size(row.downloaded), theme.text);
    case "uploaded":
      return figures(theme, "Sent", (row) => size(row.uploaded), theme.text);
    case "roundTrip":
      return figures(theme, "Trip", (row) => (row.roundTripMs === null ? "" : formatMs(row.roundTripMs)), theme.dim);
    case "connected":
      return figures(theme, "Since", (row) => formatDuration(row.connectedSeconds), theme.dim);
    case "lost":
      return timeLook(theme, isFinished);
    case "slot":
      return slotLook(theme);
    case "reason":
      return { ...words("Why", (row) => clean(row.slotReason)), style: () => theme.dim };
  }
}

function words(title: string, text: (row: NeighbourRow) => string): Look {
  return { title, alignment: "left", text };
}

/** On the right; what is nothing is a faint dot. */
function figures(theme: Theme, title: string, text: (row: NeighbourRow) => string, style: StyleId): Look {
  return {
    title,
    alignment: "right",
    text: (row) => text(row) || theme.glyphs.none,
    style: (row) => (text(row) === "" ? theme.rule : style),
  };
}

function endpointLook(theme: Theme): Look {
  return {
    ...words("Address", () => ""),
    draw: (d, x, y, width, row) => {
      const isIdle = row.downRate < 1 && row.upRate < 1;
      const text = truncateMiddle(clean(row.endpoint), width, theme.glyphs.ellipsis);
      d.canvas.put(x, y, text, isIdle ? theme.dim : theme.text, width);
    },
  };
}

/** Where its last minute went, one way. */
function timeLook(theme: Theme, isFinished: boolean): Look {
  const { down, up } = theme.glyphs;
  return {
    ...words(`Minute ${isFinished ? up : down}`, () => ""),
    draw: (d, x, y, width, { time }) => {
      const parts = isFinished ? upParts(theme, time.up, undefined) : downParts(theme, time.down, undefined);
      if (parts.length > 0) drawTimeBar(d, x, y, width, parts);
    },
  };
}

function slotLook(theme: Theme): Look {
  return {
    ...words("Slot", () => ""),
    draw: (d, x, y, width, row) => {
      const text = slotText(theme, row);
      d.canvas.put(x, y, width >= 12 ? text : text.slice(0, 5), slotStyle(theme, row), width);
    },
  };
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
