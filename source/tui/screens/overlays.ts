/** What lies over the screen: help, questions, the line for adding, messages; and the line of keys at the bottom. */

import { flagLegend } from "../../control/protocol.ts";
import {
  clean,
  type Drawing,
  drawPanel,
  drawSpans,
  drawSpansRight,
  fitGroups,
  type Span,
  span,
} from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { displayWidth, truncateMiddle, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { AppState, ConfirmOverlay, PromptOverlay, Tone } from "../state/app-state.ts";
import { type Binding, bindingsFor, type Context, keyLabel } from "../state/keymap.ts";

/** Which keys apply now. */
export function contextOf(state: AppState): Context {
  if (state.connection.kind === "lost") return "lost";
  if (state.overlay?.kind === "help") return "help";
  if (state.overlay?.kind === "confirm" || state.overlay?.kind === "quit") return state.overlay.kind;
  return state.open?.view ?? "list";
}

/** A box in the middle, over everything else. @returns its content area. */
function drawDialog(d: Drawing, width: number, height: number, title: string, borderStyle: StyleId): Rect {
  const { canvas, theme } = d;
  const w = Math.min(width, canvas.width);
  // The line of keys below stays in sight.
  const h = Math.min(height, canvas.height - 1);
  const rect = {
    x: Math.floor((canvas.width - w) / 2),
    y: Math.max(0, Math.floor((canvas.height - 1 - h) / 2)),
    width: w,
    height: h,
  };
  canvas.restyle({ x: 0, y: 0, width: canvas.width, height: canvas.height }, theme.behindDialog);
  canvas.fill(rect, " ", theme.dialog);
  const content = drawPanel(d, rect, { title: [span(title, theme.title)], hasBorder: true });
  const onDialog = (style: StyleId): StyleId => theme.onDialog(style);
  canvas.restyle(rect, onDialog);
  canvas.restyle({ ...rect, height: 1 }, () => borderStyle);
  canvas.restyle({ ...rect, y: rect.y + h - 1, height: 1 }, () => borderStyle);
  canvas.restyle({ ...rect, width: 1 }, () => borderStyle);
  canvas.restyle({ ...rect, x: rect.x + w - 1, width: 1 }, () => borderStyle);
  return content;
}

/** Spans in the colours of a dialog. */
function inDialog(theme: Theme, spans: readonly Span[]): readonly Span[] {
  return spans.map((part) => span(part.text, theme.onDialog(part.style)));
}

export function drawConfirm(d: Drawing, overlay: ConfirmOverlay): void {
  const { theme } = d;
  const width = Math.min(d.canvas.width, 72);
  const inner = width - 4;
  const consequence = overlay.withData
    ? wrap(`Its files in ${clean(overlay.savePath)} are deleted. That cannot be undone.`, inner, 4)
    : ["The downloaded files stay where they are."];
  const title = overlay.withData ? "Remove and delete the data?" : "Remove this torrent?";
  const rect = drawDialog(
    d,
    width,
    consequence.length + 7,
    title,
    overlay.withData ? theme.dialogBad : theme.dialogBorder,
  );
  drawSpans(
    d,
    rect.x,
    rect.y + 1,
    inDialog(theme, [span(truncateMiddle(clean(overlay.name), inner, theme.glyphs.ellipsis), theme.strong)]),
    inner,
  );
  consequence.forEach((line, i) => {
    drawSpans(
      d,
      rect.x,
      rect.y + 2 + i,
      inDialog(theme, [span(line, overlay.withData ? theme.bad : theme.dim)]),
      inner,
    );
  });
  const yes = overlay.withData ? " remove and delete   " : " remove   ";
  drawSpans(
    d,
    rect.x,
    rect.y + 3 + consequence.length,
    inDialog(theme, [span("y", theme.key), span(yes), span("n", theme.key), span(" keep it")]),
    inner,
  );
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
  d.canvas.fill({ x: rect.x, y: rect.y + 1, width: inner, height: 1 }, " ", theme.input);
  // The end of what is before the caret stays visible.
  let before = overlay.text.slice(0, overlay.caret);
  while (displayWidth(before) > inner - 2) before = before.slice(Math.max(1, Math.floor(before.length / 8)));
  const x = d.canvas.put(rect.x, rect.y + 1, before, theme.input, inner - 1);
  const under = [...overlay.text.slice(overlay.caret)][0] ?? " ";
  const next = d.canvas.put(x, rect.y + 1, under, theme.caret);
  d.canvas.put(next, rect.y + 1, overlay.text.slice(overlay.caret + under.length), theme.input, rect.x + inner - next);
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

function asciiLabel(theme: Theme, label: string): string {
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

// ── the last line ────────────────────────────────────────────────────────────────────────────────────────────────

export function drawHints(d: Drawing, rect: Rect, state: AppState): void {
  const { theme } = d;
  if (state.overlay?.kind === "filter") {
    drawSpans(
      d,
      rect.x + 1,
      rect.y,
      [
        span("/", theme.key),
        span(clean(state.list.filter), theme.strong),
        span(theme.glyphs.cursor, theme.accent),
        span("   Enter keeps it, Esc shows all", theme.dim),
      ],
      rect.width - 2,
    );
    return;
  }
  const toast = state.toasts[state.toasts.length - 1];
  if (toast !== undefined) {
    const styles: Record<Tone, StyleId> = { info: theme.accent, good: theme.good, warn: theme.warn, bad: theme.bad };
    const signs: Record<Tone, string> = {
      info: theme.glyphs.dot,
      good: theme.glyphs.ok,
      warn: theme.glyphs.warning,
      bad: theme.glyphs.stateFailed,
    };
    drawSpans(
      d,
      rect.x + 1,
      rect.y,
      [span(`${signs[toast.tone]} ${clean(toast.text)}`, styles[toast.tone])],
      rect.width - 2,
    );
    return;
  }
  const groups = bindingsFor(contextOf(state))
    .filter((binding) => binding.hint !== undefined)
    .map((binding) => hint(theme, binding, state));
  drawSpans(d, rect.x + 1, rect.y, fitGroups(groups, span("  "), rect.width - 2), rect.width - 2);
}

function hint(theme: Theme, binding: Binding, state: AppState): readonly Span[] {
  let word = binding.hint ?? "";
  if (binding.command === "pauseResume") {
    const row =
      state.open === null
        ? state.list.selected === null
          ? undefined
          : state.list.rows.get(state.list.selected)
        : state.open.detail?.row;
    if (row?.state === "paused" || row?.state === "failed") word = "resume";
  }
  if (binding.command === "quit" && state.open !== null) word = "back";
  return [span(asciiLabel(theme, keyLabel(binding)), theme.key), span(` ${word}`, theme.dim)];
}
