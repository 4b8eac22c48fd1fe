/** The columns of the torrent list: what it is, how far, how fast, with whom, and what it has come to. */
import { formatDuration, formatSize } from "../../base/units.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { isComplete, isKnown, shownName } from "../../control/torrent-row.ts";
import type { ListColumn, ListSort } from "../../preferences/list-columns.ts";
import { formatDate, formatPercent, formatRatio, shortRateOrNothing } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { type ListColumnsOptions, planListColumns, type ShownColumn } from "../layout/list-columns-plan.ts";
import { drawThinBar } from "./bars.ts";
import { clean, drawSpans, span } from "./drawing.ts";
import type { Column } from "./table.ts";
import { barStyle, shownFraction, stateLook } from "./torrent-state.ts";

type TorrentColumn = Column<TorrentRow>;
/** What of a column is not its place. */
type Look = Pick<TorrentColumn, "title" | "alignment" | "text" | "style" | "draw">;

export interface TorrentColumnOptions extends ListColumnsOptions {
  readonly sort: ListSort;
  readonly isDescending: boolean;
}

export function torrentColumns(theme: Theme, options: TorrentColumnOptions): readonly TorrentColumn[] {
  const order = options.isDescending ? "descending" : "ascending";
  return planListColumns(options).map(({ column }) => ({
    ...column,
    ...lookOf(theme, column.id),
    order: column.id === options.sort ? order : undefined,
  }));
}

/** How the heading calls it. */
export function columnTitle(theme: Theme, column: ListColumn): string {
  return lookOf(theme, column).title;
}

function lookOf(theme: Theme, column: ShownColumn): Look {
  switch (column) {
    case "sign":
      return words(
        "",
        (row) => stateLook(theme, row).sign,
        (row) => stateLook(theme, row).style,
      );
    case "name":
      return nameLook(theme);
    case "labels":
      return words(
        "Labels",
        (row) => row.labels.map(clean).join(", "),
        () => theme.accent,
      );
    case "state":
      return words(
        "State",
        (row) => stateLook(theme, row).word,
        (row) => stateLook(theme, row).style,
      );
    case "tracker":
      return words(
        "Tracker",
        (row) => clean(row.trackerHosts[0] ?? ""),
        () => theme.dim,
      );
    case "path":
      return pathLook(theme);
    case "added":
      return words(
        "Added",
        (row) => formatDate(row.addedWallMs),
        () => theme.dim,
      );
    case "completed":
      return words(
        "Completed",
        (row) => dateOrNothing(row.completedWallMs),
        () => theme.dim,
      );
    case "bar":
      return barLook(theme);
    case "progress":
      return {
        title: "Done",
        alignment: "right",
        text: (row) => formatPercent(shownFraction(row), 1),
        style: (row) => (isComplete(row) ? theme.good : theme.text),
      };
    default:
      return figureLook(theme, column);
  }
}

type FigureColumn = Exclude<
  ShownColumn,
  "sign" | "name" | "labels" | "state" | "tracker" | "path" | "added" | "completed" | "bar" | "progress"
>;

function figureLook(theme: Theme, column: FigureColumn): Look {
  const g = theme.glyphs;
  switch (column) {
    case "queue":
      return figures(theme, "#", (row) => count(row.queuePosition), theme.dim);
    case "size":
      return figures(theme, "Size", (row) => (isKnown(row) ? formatSize(row.totalLength) : ""), theme.dim);
    case "left":
      return figures(theme, "Left", (row) => sizeOrNothing(row.leftLength), theme.text);
    case "down":
      return figures(theme, `${g.down}/s`, (row) => shortRateOrNothing(row.downRate), theme.down);
    case "up":
      return figures(theme, `${g.up}/s`, (row) => shortRateOrNothing(row.upRate), theme.up);
    case "eta":
      return figures(theme, "ETA", etaText, theme.text);
    case "seeds":
      return figures(theme, "Seeds", (row) => count(row.neighbourSeeds), theme.good);
    case "peers":
      return figures(theme, "Peers", (row) => count(row.neighbours), theme.text);
    case "swarm":
      return figures(theme, "Swarm", swarmText, theme.dim);
    case "ratio":
      return figures(theme, "Ratio", (row) => formatRatio(row.uploaded, row.downloaded), theme.dim);
    case "downloaded":
      return figures(theme, `${g.down} all`, (row) => sizeOrNothing(row.downloaded), theme.dim);
    case "uploaded":
      return figures(theme, `${g.up} all`, (row) => sizeOrNothing(row.uploaded), theme.dim);
    case "wasted":
      return figures(theme, "Wasted", (row) => sizeOrNothing(row.wasted), theme.warn);
  }
}

function words(title: string, text: (row: TorrentRow) => string, style: (row: TorrentRow) => StyleId): Look {
  return { title, alignment: "left", text, style };
}

/** On the right; what is nothing is a faint dot. */
function figures(theme: Theme, title: string, text: (row: TorrentRow) => string, style: StyleId): Look {
  return {
    title,
    alignment: "right",
    text: (row) => text(row) || theme.glyphs.none,
    style: (row) => (text(row) === "" ? theme.rule : style),
  };
}

function nameLook(theme: Theme): Look {
  return {
    title: "Name",
    alignment: "left",
    text: () => "",
    draw: (d, x, y, width, row) => {
      const reason = clean(row.reason);
      const spans = [span(shownName(row), row.state === "paused" ? theme.dim : theme.text)];
      if (reason !== "") spans.push(span(`  ${reason}`, row.state === "failed" ? theme.bad : theme.warn));
      drawSpans(d, x, y, spans, width);
    },
  };
}

function pathLook(theme: Theme): Look {
  return {
    title: "Folder",
    alignment: "left",
    text: () => "",
    draw: (d, x, y, width, row) => {
      d.canvas.put(x, y, truncateMiddle(clean(row.savePath), width, theme.glyphs.ellipsis), theme.dim, width);
    },
  };
}

function barLook(theme: Theme): Look {
  return {
    title: "",
    alignment: "left",
    text: () => "",
    draw: (d, x, y, width, row) => drawThinBar(d, x, y, width, shownFraction(row), barStyle(theme, row)),
  };
}

const count = (value: number): string => (value === 0 ? "" : String(value));
const sizeOrNothing = (bytes: number): string => (bytes === 0 ? "" : formatSize(bytes));
const dateOrNothing = (wallMs: number | null): string => (wallMs === null ? "" : formatDate(wallMs));

function etaText({ state, etaSeconds }: TorrentRow): string {
  return state === "downloading" && etaSeconds !== null ? formatDuration(etaSeconds) : "";
}

/** Seeds and leeches, as the trackers say. */
function swarmText({ swarmSeeds, swarmLeeches }: TorrentRow): string {
  if (swarmSeeds === null && swarmLeeches === null) return "";
  return `${swarmSeeds ?? "?"}/${swarmLeeches ?? "?"}`;
}
