/** The last line: what is being filtered, or the keys that apply and a message beside them; a click on a key presses it. */

import type { Binding, CommandId } from "../../preferences/commands.ts";
import { bindingsFor, keyLabel } from "../../preferences/keymap.ts";
import {
  clean,
  type Drawing,
  drawSpans,
  drawSpansRight,
  fitGroups,
  type Span,
  span,
  spansWidth,
} from "../components/drawing.ts";
import { drawTime } from "../components/time-status.ts";
import type { Rect } from "../format/canvas.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateStart } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { type AppState, isReconnecting, type Tone, targetRows } from "../state/app-state.ts";
import { contextOf, screenContext } from "../state/context.ts";
import { filterOf } from "../state/filter.ts";
import type { Overlay } from "../state/overlay.ts";
import type { Toast } from "../state/toasts.ts";
import { asciiLabel } from "./help.ts";

/** Beside a simulated swarm's time, columns for keys and for messages. */
const keysWidth = 30;
const messageWidth = 60;

const withOwnKeys: ReadonlySet<Overlay["kind"]> = new Set(["add", "limits", "move", "options", "rename"]);

export function drawHints(d: Drawing, whole: Rect, state: AppState): void {
  const { simulation } = state;
  const rect =
    simulation === null ? whole : drawTime(d, whole, simulation, state.toasts.length > 0 ? messageWidth : keysWidth);
  if (state.overlay?.kind === "filter") {
    drawFilter(d, rect, filterOf(state));
    return;
  }
  const [toast] = state.toasts;
  const end = toast === undefined ? rect.x + rect.width - 1 : drawToast(d, rect, toast, state.toasts.length - 1) - 2;
  let x = rect.x + 1;
  for (const { command, spans, width } of fittingHints(hintsOf(d, state), end - x, toast === undefined)) {
    drawSpans(d, x, rect.y, spans, width);
    d.zones?.push({ rect: { x, y: rect.y, width, height: 1 }, target: { kind: "command", command } });
    x += width + hintGap;
  }
}

interface Hint {
  readonly command: CommandId;
  readonly spans: readonly Span[];
  readonly width: number;
}

const hintGap = 2;

function hintsOf(d: Drawing, state: AppState): readonly Hint[] {
  return bindingsFor(d.keymap, contextOf(state)).flatMap((binding): Hint[] => {
    const { command } = binding;
    // A dialog with a line of keys of its own knows better what Enter does there.
    if (command === "confirm" && state.overlay !== null && withOwnKeys.has(state.overlay.kind)) return [];
    if (binding.hint === undefined || binding.keys.length === 0) return [];
    if (command === "reconnect" && isReconnecting(state)) return [];
    const spans = hint(d.theme, binding, state);
    return [{ command, spans, width: spansWidth(spans) }];
  });
}

/** Those before it make room for the help, which knows all the others. @param keepsHelp whether they do. */
function fittingHints(hints: readonly Hint[], width: number, keepsHelp: boolean): readonly Hint[] {
  const widthOf = (some: readonly Hint[]): number => some.reduce((sum, each) => sum + each.width + hintGap, -hintGap);
  const fitting = (some: readonly Hint[], room: number): readonly Hint[] => {
    const first = some.findIndex((_, i) => widthOf(some.slice(0, i + 1)) > room);
    return first < 0 ? some : some.slice(0, first);
  };
  const usual = fitting(hints, width);
  const help = hints.find(({ command }) => command === "help");
  if (!keepsHelp || help === undefined || usual.includes(help)) return usual;
  return [...fitting(usual, width - help.width - hintGap), help];
}

/** The end of what is typed stays in sight. */
function drawFilter(d: Drawing, rect: Rect, filter: string): void {
  const { theme } = d;
  const { cursor, ellipsis } = theme.glyphs;
  const width = rect.width - 2;
  const spans = [
    span("/", theme.key),
    span(truncateStart(clean(filter), width - 2, ellipsis), theme.strong),
    span(cursor, theme.accent),
  ];
  const keys = span("   Enter keeps it, Esc shows all", theme.dim);
  drawSpans(d, rect.x + 1, rect.y, fitGroups([spans, [keys]], span(""), width), width);
}

/**
 * At the right end, so that keys beside it stay where they were; a long one takes the whole line.
 * @param waiting how many come after it. @returns its first column.
 */
function drawToast(d: Drawing, rect: Rect, toast: Toast, waiting: number): number {
  const { theme } = d;
  const { glyphs } = theme;
  const styles: Record<Tone, StyleId> = { info: theme.accent, good: theme.good, warn: theme.warn, bad: theme.bad };
  const signs: Record<Tone, string> = {
    info: glyphs.dot,
    good: glyphs.ok,
    warn: glyphs.warning,
    bad: glyphs.stateFailed,
  };
  const after: Span[] = [];
  if (toast.hint !== "") after.push(span(`  ${toast.hint}`, theme.key));
  if (waiting > 0) after.push(span(`  +${waiting}`, theme.dim));
  const end = drawSpansRight(d, rect.x + rect.width - 1, rect.y, after, rect.width - 2);
  const text = [span(`${signs[toast.tone]} ${clean(toast.text)}`, styles[toast.tone])];
  const width = Math.min(spansWidth(text), end - rect.x - 1);
  drawSpans(d, end - width, rect.y, text, width);
  return end - width;
}

/** In the words of the dialog's own line of keys. */
function cancelWord(overlay: Overlay): string | undefined {
  if (overlay.kind !== "add") return withOwnKeys.has(overlay.kind) ? "cancel" : undefined;
  const { stage } = overlay;
  if (stage.kind === "typing") return "cancel";
  return stage.kind === "opening" || stage.isAdding ? "not now" : "back";
}

function hint(theme: Theme, binding: Binding, state: AppState): readonly Span[] {
  let word = binding.hint ?? "";
  if (binding.command === "pauseResume") {
    const rows = targetRows(state);
    if (rows.length > 0 && rows.every((row) => row.state === "paused" || row.state === "failed")) word = "resume";
  }
  if (binding.command === "timePause" && state.simulation?.isPaused === true) word = "go on";
  if (binding.command === "back" && state.open?.isClose === true) word = "table";
  if (state.open?.view === "why") {
    if (binding.command === "why") word = "back";
    if (binding.command === "back") word = state.open.whyFrom ?? "list";
  }
  if (binding.command === "back" && state.open?.view === "pieces" && state.open.pieces.level !== "map") word = "up";
  if (binding.command === "cancel" && state.overlay !== null) word = cancelWord(state.overlay) ?? word;
  if (binding.command === "quit" && screenContext(state) !== "list") word = "back";
  return [span(asciiLabel(theme, keyLabel(binding)), theme.key), span(` ${word}`, theme.dim)];
}
