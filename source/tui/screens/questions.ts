/** Questions and messages in boxes: removing, leaving, an engine that is gone. */
import { shownName } from "../../control/torrent-row.ts";
import { clean, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import { formatCount } from "../format/numbers.ts";
import { truncateMiddle, wrap } from "../format/text-width.ts";
import type { ConfirmOverlay } from "../state/overlay.ts";
import { drawDialog, inDialog } from "./dialog.ts";

export function drawConfirm(d: Drawing, overlay: ConfirmOverlay): void {
  const { theme } = d;
  const width = Math.min(d.canvas.width, 72);
  const inner = width - 4;
  const { torrents } = overlay;
  const isDeleted = overlay.data === "delete";
  const isOne = torrents.length === 1;
  const places = [...new Set(torrents.map((torrent) => clean(torrent.savePath)))].join(", ");
  const consequence = isDeleted
    ? wrap(`${isOne ? "Its" : "Their"} files in ${places} are deleted. That cannot be undone.`, inner, 4)
    : wrap("The downloaded files stay where they are. It can be undone for ten minutes.", inner, 4);
  const count = `${formatCount(torrents.length)} torrents`;
  const title = isDeleted
    ? isOne
      ? "Remove and delete the data?"
      : `Remove ${count} and delete their data?`
    : isOne
      ? "Remove this torrent?"
      : `Remove ${count}?`;
  const names = reviewLines(
    torrents.map((torrent) => truncateMiddle(shownName(torrent), inner, theme.glyphs.ellipsis)),
  );
  const rect = drawDialog(
    d,
    width,
    names.length + consequence.length + 6,
    title,
    isDeleted ? theme.dialogBad : theme.dialogBorder,
  );
  names.forEach((name, i) => {
    drawSpans(d, rect.x, rect.y + 1 + i, inDialog(theme, [span(name, theme.strong)]), inner);
  });
  consequence.forEach((line, i) => {
    drawSpans(
      d,
      rect.x,
      rect.y + 1 + names.length + i,
      inDialog(theme, [span(line, isDeleted ? theme.bad : theme.dim)]),
      inner,
    );
  });
  const answers = [span("y", theme.key), span(isDeleted ? " remove and delete   " : " remove   ")];
  if (isDeleted) answers.push(span("t", theme.key), span(" to the trash   "));
  answers.push(span("n", theme.key), span(isOne ? " keep it" : " keep them"));
  drawSpans(d, rect.x, rect.y + 2 + names.length + consequence.length, inDialog(theme, answers), inner);
}

/** More torrents than this are only counted. */
const reviewRowsMax = 6;

function reviewLines(names: readonly string[]): readonly string[] {
  if (names.length <= reviewRowsMax) return names;
  return [...names.slice(0, reviewRowsMax - 1), `and ${formatCount(names.length - reviewRowsMax + 1)} more`];
}

/** Leaving: whether the engine goes on. A demo that does not is gone. */
export function drawQuit(d: Drawing, torrents: number, isDemo: boolean): void {
  const { theme } = d;
  const rect = drawDialog(d, Math.min(d.canvas.width, 58), 8, "Leave?", theme.dialogBorder);
  const things = torrents === 1 ? "The torrent" : `All ${formatCount(torrents)} torrents`;
  const lines: readonly (readonly Span[])[] = [
    [span(`${things} can go on without this screen.`)],
    [],
    [span("k", theme.key), span(" go on in the background "), span("(Enter)", theme.dim)],
    [
      span("s", theme.key),
      span(isDemo ? " stop, and remove all of the demo   " : " stop   "),
      span("Esc", theme.key),
      span(" stay"),
    ],
  ];
  lines.forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + 1 + i, inDialog(theme, line), rect.width);
  });
}

export function drawLost(d: Drawing, reason: string): void {
  const { theme } = d;
  const width = Math.min(d.canvas.width, 72);
  const lines = wrap(clean(reason), width - 4, 5);
  const rect = drawDialog(d, width, lines.length + 6, "The engine is gone", theme.dialogBad);
  lines.forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + 1 + i, inDialog(theme, [span(line)]), width - 4);
  });
  drawSpans(
    d,
    rect.x,
    rect.y + 2 + lines.length,
    inDialog(theme, [span("r", theme.key), span(" start it again   "), span("q", theme.key), span(" leave")]),
    width - 4,
  );
}

export function drawLeaving(d: Drawing): void {
  const { theme } = d;
  const rect = drawDialog(d, Math.min(d.canvas.width, 58), 6, "Leaving", theme.dialogBorder);
  drawSpans(
    d,
    rect.x,
    rect.y + 1,
    inDialog(theme, [span("Telling the trackers and saving what is verified…")]),
    rect.width,
  );
  drawSpans(
    d,
    rect.x,
    rect.y + 2,
    inDialog(theme, [span("Ctrl-C", theme.key), span(" does not wait", theme.dim)]),
    rect.width,
  );
}
