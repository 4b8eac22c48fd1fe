/** A box over the screen, and a line of text being edited in it. */
import { type Drawing, drawPanel, drawScrollbar, type Span, span } from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import type { StyleId } from "../format/styles.ts";
import { displayWidth } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { TextInput } from "../state/text-input.ts";

/** A box in the middle, over everything else. @returns its content area. */
export function drawDialog(d: Drawing, width: number, height: number, title: string, borderStyle: StyleId): Rect {
  const { canvas, theme } = d;
  const w = Math.min(width, canvas.width);
  // The line of keys below stays in sight.
  const h = Math.min(height, canvas.height - 1);
  // What lies behind cannot be clicked.
  d.zones?.splice(0);
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

/** In the last column of a dialog's list, where there is more than it shows. */
export function drawDialogScrollbar(d: Drawing, list: Rect, offset: number, total: number): void {
  const x = list.x + list.width - 1;
  drawScrollbar(d, x, list.y, list.height, offset, total);
  d.canvas.restyle({ ...list, x, width: 1 }, d.theme.onDialog);
}

/** Spans in the colours of a dialog. */
export function inDialog(theme: Theme, spans: readonly Span[]): readonly Span[] {
  return spans.map((part) => span(part.text, theme.onDialog(part.style)));
}

/** One line; the end of what is before the caret stays visible. */
export function drawInput(d: Drawing, rect: Rect, input: TextInput): void {
  const { canvas, theme } = d;
  const inner = rect.width;
  canvas.fill({ ...rect, height: 1 }, " ", theme.input);
  let before = input.text.slice(0, input.caret);
  while (displayWidth(before) > inner - 2) before = before.slice(Math.max(1, Math.floor(before.length / 8)));
  const x = canvas.put(rect.x, rect.y, before, theme.input, inner - 1);
  const under = [...input.text.slice(input.caret)][0] ?? " ";
  const next = canvas.put(x, rect.y, under, theme.caret);
  canvas.put(next, rect.y, input.text.slice(input.caret + under.length), theme.input, rect.x + inner - next);
}
