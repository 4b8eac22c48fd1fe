/** What would be added: what it is, where it goes, how it begins, and which of its files. */

import { formatSize } from "../../base/units.ts";
import { shownName } from "../../control/torrent-row.ts";
import { clean, type Drawing, drawScrollbar, drawSpans, fitGroups, type Span, span } from "../components/drawing.ts";
import { fileColumns } from "../components/file-columns.ts";
import { drawPathChoice } from "../components/path-choice.ts";
import { type Column, drawTable } from "../components/table.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount, plural } from "../format/numbers.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { offsetFor } from "../layout/scroll.ts";
import {
  type AddPreview,
  type AddTorrent,
  type addFields,
  fieldAt,
  newTorrents,
  rowCount,
  wantedLength,
} from "../state/adding.ts";
import type { AppState } from "../state/app-state.ts";
import type { TextInput } from "../state/text-input.ts";
import type { TorrentFacts } from "../torrent-sources.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";
import { asciiLabel } from "./help.ts";

const titleWidth = 11;
/** Above the rows; and below them, with the border. */
const fixedRows = 6;
const frameRows = 4;
const widthMax = 110;
/** What is chosen about a file is seen beside it, however narrow. */
const nameWidthMin = 16;

export function drawAddPreview(d: Drawing, state: AppState, preview: AddPreview): void {
  const { canvas, theme } = d;
  const { torrents } = preview;
  const [first] = torrents;
  const width = Math.min(canvas.width, widthMax);
  const name = first !== undefined && torrents.length === 1 ? shownName(first) : plural(torrents.length, "torrent");
  const rows = Math.max(1, rowCount(preview));
  const title = `Add ${truncateMiddle(name, width - 12, theme.glyphs.ellipsis)}`;
  const rect = drawDialog(d, width, fixedRows + rows + frameRows, title, theme.dialogBorder);
  const line = (row: number, spans: readonly Span[]): void => {
    drawSpans(d, rect.x, rect.y + row, inDialog(theme, spans), rect.width);
  };
  line(0, aboutSpans(d, state, preview, rect.width));
  drawField(d, { ...rect, y: rect.y + 1 }, "Save in", preview.place, fieldAt(preview) === "place");
  line(2, [span(" ".repeat(titleWidth)), ...placeSpans(theme, state, preview)]);
  drawField(d, { ...rect, y: rect.y + 3 }, "Labels", preview.labels, fieldAt(preview) === "labels");
  line(4, switchSpans(theme, preview));
  const list = { ...rect, y: rect.y + fixedRows, height: Math.max(0, rect.height - fixedRows - 2) };
  if (preview.place.isOpen) drawPathChoice(d, { ...list, y: list.y - 1, height: list.height + 1 }, preview.place);
  else {
    line(fixedRows - 1, rowsTitle(theme, state, preview));
    drawRows(d, list, state, preview);
  }
  line(rect.height - 1, belowSpans(theme, state, preview, rect.width));
}

function drawField(d: Drawing, rect: Rect, title: string, input: TextInput, isHere: boolean): void {
  const { theme } = d;
  const marker = span(isHere ? theme.glyphs.marker : " ", theme.accentStrong);
  const label = span(` ${title}`, isHere ? theme.strong : theme.text);
  drawSpans(d, rect.x, rect.y, inDialog(theme, [marker, label]), titleWidth);
  const field = { ...rect, x: rect.x + titleWidth, width: rect.width - titleWidth, height: 1 };
  if (isHere) drawInput(d, field, input);
  else {
    const shown = input.text === "" ? span("none", theme.dim) : span(clean(input.text));
    drawSpans(d, field.x, field.y, inDialog(theme, [shown]), field.width);
  }
}

function aboutSpans({ theme }: Drawing, state: AppState, preview: AddPreview, width: number): readonly Span[] {
  const { torrents } = preview;
  const [first] = torrents;
  const separator = span(` ${theme.glyphs.dot} `, theme.rule);
  if (torrents.length === 1 && first !== undefined) {
    const there = state.list.rows.get(first.infoHash);
    if (there !== undefined) {
      const word = `${theme.glyphs.warning} it is there already (${there.state}): nothing is changed`;
      return [span(word, theme.warn)];
    }
    return first.facts === null
      ? [span("a magnet link: its peers know what it is", theme.dim)]
      : fitGroups(factGroups(theme, first.facts), separator, width);
  }
  const fresh = newTorrents(preview, state).length;
  const there = torrents.filter(({ infoHash }) => state.list.rows.has(infoHash)).length;
  const groups: (readonly Span[])[] = [
    [span(formatSize(wantedLength(preview, state)), theme.strong)],
    [span(`${formatCount(fresh)} to be added`)],
  ];
  if (there > 0) groups.push([span(`${formatCount(there)} there already`, theme.warn)]);
  if (preview.problems.length > 0) {
    const [problem = ""] = preview.problems;
    groups.push([
      span(
        `${theme.glyphs.stateFailed} ${formatCount(preview.problems.length)} left out: ${clean(problem)}`,
        theme.bad,
      ),
    ]);
  }
  return fitGroups(groups, separator, width);
}

function factGroups(theme: Theme, facts: TorrentFacts): readonly (readonly Span[])[] {
  const { totalLength, fileCount, pieceCount, pieceLength, isPrivate, trackers, comment } = facts;
  const [tracker] = trackers;
  const more = trackers.length > 1 ? ` and ${trackers.length - 1} more` : "";
  const groups: (readonly Span[])[] = [
    [span(formatSize(totalLength), theme.strong)],
    [span(plural(fileCount, "file"))],
    [span(`${plural(pieceCount, "piece")} of ${formatSize(pieceLength)}`, theme.dim)],
  ];
  if (isPrivate) groups.push([span("private", theme.warn)]);
  groups.push([span(tracker === undefined ? "no tracker" : `${clean(tracker)}${more}`, theme.dim)]);
  if (comment !== "") groups.push([span(clean(comment), theme.dim)]);
  return groups;
}

/** Whether there is room, as far as that is known. */
function placeSpans(theme: Theme, state: AppState, preview: AddPreview): readonly Span[] {
  const { placeFacts, place } = preview;
  if (placeFacts?.of !== place.text) return [span(theme.glyphs.ellipsis, theme.dim)];
  const { isThere, freeBytes, problem } = placeFacts.facts;
  if (problem !== "") return [span(`${theme.glyphs.stateFailed} ${clean(problem)}`, theme.bad)];
  const spans: Span[] = [];
  if (freeBytes !== null) {
    const wanted = wantedLength(preview, state);
    spans.push(span(`${formatSize(freeBytes)} free`, theme.dim));
    if (wanted > freeBytes)
      spans.push(span(`  ${theme.glyphs.warning} ${formatSize(wanted - freeBytes)} short`, theme.warn));
    else if (wanted > 0) spans.push(span(`  ${theme.glyphs.ok} it fits`, theme.good));
  }
  if (!isThere) spans.push(span("  a new folder", theme.accent));
  return spans;
}

function switchSpans(theme: Theme, preview: AddPreview): readonly Span[] {
  const here = fieldAt(preview);
  const one = (field: (typeof addFields)[number], isOn: boolean, text: string): readonly Span[] => {
    const isHere = here === field;
    const box = span(`[${isOn ? theme.glyphs.marked : " "}]`, isOn ? theme.good : isHere ? theme.strong : theme.dim);
    const marker = span(isHere ? theme.glyphs.marker : " ", theme.accentStrong);
    return [marker, box, span(` ${text}  `, isHere ? theme.strong : theme.text)];
  };
  return [
    span(" "),
    ...one("paused", preview.isPaused, "start paused"),
    ...one("order", preview.isSequential, "in order"),
    ...one("top", preview.isTop, "top of queue"),
  ];
}

function rowsTitle(theme: Theme, state: AppState, preview: AddPreview): readonly Span[] {
  const { torrents, tree } = preview;
  if (torrents.length > 1) return [span("Torrents", theme.accentStrong)];
  if (tree.files.length === 0) return [];
  const wanted = tree.files.filter(({ priority }) => priority !== "skip").length;
  const isAll = wanted === tree.files.length;
  const text = isAll ? "all wanted" : `${formatCount(wanted)} of ${formatCount(tree.files.length)} wanted, `;
  const size = isAll ? "" : formatSize(wantedLength(preview, state));
  return [span("Files  ", theme.accentStrong), span(text + size, isAll ? theme.dim : theme.warn)];
}

function drawRows(d: Drawing, rect: Rect, state: AppState, preview: AddPreview): void {
  const { theme } = d;
  const { torrents, tree } = preview;
  const at = fieldAt(preview);
  const selected = typeof at === "number" ? at : -1;
  const total = rowCount(preview);
  const offset = offsetFor(Math.max(0, selected), 0, rect.height, total);
  const window = { total, offset, selected: -1, hasHeading: false };
  if (torrents.length > 1) {
    drawTable(d, rect, {
      ...window,
      columns: torrentColumns(theme, state),
      rows: torrents.slice(offset, offset + rect.height),
    });
  } else {
    const columns = fileColumns(theme, tree, rect.width)
      .filter(({ id }) => id === "path" || id === "priority" || id === "size")
      .map((column) => (column.id === "path" ? { ...column, widthMin: nameWidthMin } : column));
    drawTable(d, rect, { ...window, columns, rows: tree.lines.slice(offset, offset + rect.height) });
  }
  d.canvas.restyle(rect, (style) => theme.onDialog(style));
  if (total > rect.height) drawScrollbar(d, rect.x + rect.width - 1, rect.y, rect.height, offset, total);
  const y = rect.y + selected - offset;
  if (selected < 0 || y >= rect.y + rect.height) return;
  d.canvas.put(rect.x, y, theme.glyphs.marker, theme.onDialog(theme.accentStrong));
  d.canvas.restyle({ ...rect, y, height: 1 }, theme.selected);
}

function torrentColumns(theme: Theme, { list }: AppState): readonly Column<AddTorrent>[] {
  const isThere = ({ infoHash }: AddTorrent): boolean => list.rows.has(infoHash);
  const isOut = (torrent: AddTorrent): boolean => isThere(torrent) || !torrent.isWanted;
  return [
    {
      ...{ id: "name", title: "Name", alignment: "left", widthMin: 20, widthMax: 120, priority: 0 },
      text: (torrent) => shownName(torrent),
      style: (torrent) => (isOut(torrent) ? theme.dim : theme.text),
    },
    {
      ...{ id: "state", title: "", alignment: "left", widthMin: 13, widthMax: 13, priority: 1 },
      text: (torrent) =>
        isThere(torrent) ? "there already" : torrent.isWanted ? "" : `${theme.glyphs.times} not wanted`,
      style: () => theme.warn,
    },
    {
      ...{ id: "size", title: "Size", alignment: "right", widthMin: 8, widthMax: 9, priority: 2 },
      text: ({ facts }) => (facts === null ? "?" : formatSize(facts.totalLength)),
      style: () => theme.dim,
    },
  ];
}

function belowSpans(theme: Theme, state: AppState, preview: AddPreview, width: number): readonly Span[] {
  const { error, note, isAdding } = preview;
  if (error !== "") return [span(`${theme.glyphs.stateFailed} ${clean(error)}`, theme.bad)];
  const key = (label: string, text: string): readonly Span[] => [
    span(asciiLabel(theme, label), theme.key),
    span(` ${text}`, theme.dim),
  ];
  if (isAdding) return [span(clean(note), theme.accent), span("   "), ...key("Esc", "not now")];
  if (note !== "") {
    return fitGroups([key("Enter", "add"), [span(clean(note), theme.accent)], key("Esc", "back")], span("   "), width);
  }
  const isNew = newTorrents(preview, state).length > 0;
  const at = fieldAt(preview);
  const here =
    at === "place"
      ? [key("Tab", "complete")]
      : at === "labels"
        ? []
        : typeof at === "string"
          ? [key("Space", "switch")]
          : preview.torrents.length > 1
            ? [key("Space", "leave out")]
            : [key("Space", "skip"), key("+ -", "want more, less")];
  const enter = isNew ? "add" : preview.torrents.length === 1 ? "show it" : "";
  const groups = [...(enter === "" ? [] : [key("Enter", enter)]), ...here, key("↑↓", "move"), key("Esc", "back")];
  return fitGroups(groups, span("   "), width);
}
