/** What lies over the screen: help, questions, the line for adding, messages; and the line of keys at the bottom. */

import { flagLegend } from "../../control/protocol.ts";
import { clean, type Drawing, drawSpans, drawSpansRight, type Span, span } from "../components/drawing.ts";
import { formatCount } from "../format/numbers.ts";
import { truncateMiddle, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { AppState, ConfirmOverlay, PromptOverlay } from "../state/app-state.ts";
import { type Binding, bindingsFor, type Context, keyLabel } from "../state/keymap.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";

/** Which keys apply now. */
export function contextOf(state: AppState): Context {
  if (state.connection.kind === "lost") return "lost";
  switch (state.overlay?.kind) {
    case "help":
    case "why":
      return "help";
    case "palette":
    case "labels":
    case "options":
    case "move":
      return "palette";
    case "ban":
      return "confirm";
    case "confirm":
    case "quit":
      return state.overlay.kind;
    default:
      return state.open?.view ?? "list";
  }
}

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
    : ["The downloaded files stay where they are."];
  const count = `${formatCount(torrents.length)} torrents`;
  const title = isDeleted
    ? isOne
      ? "Remove and delete the data?"
      : `Remove ${count} and delete their data?`
    : isOne
      ? "Remove this torrent?"
      : `Remove ${count}?`;
  const names = reviewLines(
    torrents.map((torrent) => truncateMiddle(clean(torrent.name), inner, theme.glyphs.ellipsis)),
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

/** Leaving: whether the engine goes on. */
export function drawQuit(d: Drawing, torrents: number): void {
  const { theme } = d;
  const rect = drawDialog(d, Math.min(d.canvas.width, 58), 8, "Leave?", theme.dialogBorder);
  const things = torrents === 1 ? "The torrent" : `All ${formatCount(torrents)} torrents`;
  const lines: readonly (readonly Span[])[] = [
    [span(`${things} can go on without this screen.`)],
    [],
    [span("k", theme.key), span(" keep seeding in the background "), span("(Enter)", theme.dim)],
    [span("s", theme.key), span(" stop   "), span("Esc", theme.key), span(" stay")],
  ];
  lines.forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + 1 + i, inDialog(theme, line), rect.width);
  });
}

/** @returns where the terminal's caret would be. */
export function drawPrompt(d: Drawing, overlay: PromptOverlay): void {
  const { theme } = d;
  const width = Math.min(d.canvas.width, 84);
  const inner = width - 4;
  const rect = drawDialog(d, width, 7, "Add a torrent", theme.dialogBorder);
  drawSpans(d, rect.x, rect.y, inDialog(theme, [span("A .torrent file, or an http(s) URL of one:", theme.dim)]), inner);
  drawInput(d, { ...rect, y: rect.y + 1, height: 1 }, overlay);
  const below: readonly Span[] = overlay.isBusy
    ? [span("opening…", theme.accent)]
    : overlay.error !== ""
      ? [span(`${theme.glyphs.stateFailed} ${clean(overlay.error)}`, theme.bad)]
      : [span("Enter", theme.key), span(" add   ", theme.dim), span("Esc", theme.key), span(" cancel", theme.dim)];
  drawSpans(d, rect.x, rect.y + 3, inDialog(theme, below), inner);
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

// ── help ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type HelpLine = readonly Span[];

const labelWidth = 10;

/** What the keys do here; then what the letters and signs mean. */
export function helpColumns(theme: Theme, context: Context): readonly [readonly HelpLine[], readonly HelpLine[]] {
  const keysOf = (group: Binding["group"]): readonly HelpLine[] => {
    const bindings = bindingsFor(context).filter((binding) => binding.group === group && binding.help !== "");
    if (bindings.length === 0) return [];
    const lines = bindings.map((binding) => [
      span(asciiLabel(theme, keyLabel(binding)).padEnd(labelWidth), theme.key),
      span(binding.help),
    ]);
    return [[span(group, theme.accentStrong)], ...lines, []];
  };
  const left = [...keysOf("Move"), ...keysOf("Views")];
  const right = [...keysOf("Torrent"), ...keysOf("Program")];
  if (context === "list") return [left, right];
  const g = theme.glyphs;
  right.push([span("Flags", theme.accentStrong)]);
  for (const [letter, meaning] of flagLegend) {
    right.push([span(letter.padEnd(labelWidth), theme.strong), span(meaning, theme.dim)]);
  }
  left.push(
    [span("Slots", theme.accentStrong)],
    [span(g.slotRegular.padEnd(labelWidth), theme.good), span("regular: earned by its rate", theme.dim)],
    [span(g.slotOptimistic.padEnd(labelWidth), theme.warn), span("optimistic: drawn by lot", theme.dim)],
    [span(g.slotFree.padEnd(labelWidth), theme.dim), span("wants our pieces, has no slot", theme.dim)],
  );
  return [left, right];
}

export function asciiLabel(theme: Theme, label: string): string {
  if (theme.capabilities.hasUnicode) return label;
  return label.replace("↑", "Up").replace("↓", "Down").replace("←", "Left").replace("→", "Right").replace("⇧", "Sh-");
}

export function drawHelp(d: Drawing, context: Context, offset: number): void {
  const { theme } = d;
  const [left, right] = helpColumns(theme, context);
  const hasTwoColumns = d.canvas.width >= 110;
  const leftWidth = 44;
  const columns = hasTwoColumns ? [left, right] : [[...left, ...right]];
  const height = Math.max(...columns.map((lines) => lines.length));
  const width = Math.min(d.canvas.width, hasTwoColumns ? 116 : 74);
  const rect = drawDialog(d, width, height + 2, "Keys", theme.dialogBorder);
  const last = Math.max(0, height - rect.height);
  const from = Math.min(offset, last);
  columns.forEach((lines, i) => {
    const x = rect.x + i * leftWidth;
    const columnWidth = hasTwoColumns && i === 0 ? leftWidth - 2 : rect.x + rect.width - x;
    lines.slice(from, from + rect.height).forEach((line, row) => {
      drawSpans(d, x, rect.y + row, inDialog(theme, line), columnWidth);
    });
  });
  if (last > 0) {
    const more = from < last ? " ↓ more " : " ↑ ";
    drawSpansRight(
      d,
      rect.x + rect.width,
      rect.y + rect.height,
      [span(asciiLabel(theme, more), theme.dialogBorder)],
      rect.width,
    );
  }
}
