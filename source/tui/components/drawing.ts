/** What every component draws with, and the small parts they share: text runs, rules, panels, scroll bars. */

import { sanitise, shownPath } from "../../base/sanitise.ts";
import type { GraphSpan } from "../../control/insight.ts";
import type { CommandId } from "../../preferences/commands.ts";
import type { Keymap } from "../../preferences/keymap.ts";
import type { Canvas, Rect } from "../format/canvas.ts";
import type { StyleId } from "../format/styles.ts";
import { displayWidth, truncate } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { PieceLevel } from "../layout/pieces-plan.ts";

export interface Drawing {
  readonly canvas: Canvas;
  readonly theme: Theme;
  /** For the keys that a text names: see `keyFor`. */
  readonly keymap: Keymap;
  /** Filled, where it is given: what can be clicked. What comes later lies on top. */
  readonly zones?: Zone[];
}

/** A part of the screen that means something when it is clicked. */
export interface Zone {
  readonly rect: Rect;
  readonly target:
    | { readonly kind: "command"; readonly command: CommandId }
    /** A row of the screen's table (or dialog's list), by its index among all. */
    | { readonly kind: "row"; readonly index: number }
    | { readonly kind: "neighbour"; readonly id: number }
    /** In the Pieces view: a piece, or a neighbour that has it. */
    | { readonly kind: "inPieces"; readonly level: PieceLevel; readonly index: number }
    | { readonly kind: "graphSpan"; readonly span: GraphSpan }
    /** The title of a table's column. */
    | { readonly kind: "heading"; readonly column: string }
    /** A piece map whose cells are selected one by one. */
    | { readonly kind: "cells"; readonly cellWidth: number; readonly perRow: number };
}

/** A stretch of text in one style. */
export interface Span {
  readonly text: string;
  readonly style: StyleId;
}

export function span(text: string, style: StyleId = 0): Span {
  return { text, style };
}

/** A path or a name of files, safe to draw: see `shownPath`. */
export function cleanPath(path: string): string {
  return clean(shownPath(path));
}

/** Texts from outside that are on the screen again and again. */
const cleanMemoMax = 4_000;
const cleaned = new Map<string, string>();

/** Text from outside, safe to draw. */
export function clean(text: string): string {
  let result = cleaned.get(text);
  if (result === undefined) {
    result = sanitise(text).trim();
    if (cleaned.size >= cleanMemoMax) cleaned.clear();
    cleaned.set(text, result);
  }
  return result;
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, part) => sum + displayWidth(part.text), 0);
}

/** Draws spans one after the other in at most `width` columns; the last one that fits in part is cut. @returns the next column. */
export function drawSpans(d: Drawing, x: number, y: number, spans: readonly Span[], width: number): number {
  const end = x + width;
  let column = x;
  for (const part of spans) {
    if (column >= end) break;
    column = d.canvas.put(
      column,
      y,
      truncate(part.text, end - column, d.theme.glyphs.ellipsis),
      part.style,
      end - column,
    );
  }
  return column;
}

/** As `drawSpans`, ending at `end`. Nothing is drawn where they are wider than `width`. @returns the first column. */
export function drawSpansRight(d: Drawing, end: number, y: number, spans: readonly Span[], width: number): number {
  const needed = spansWidth(spans);
  if (needed > width || needed === 0) return end;
  drawSpans(d, end - needed, y, spans, needed);
  return end - needed;
}

/** Joins groups of spans, leaving out from the end those that do not fit `width`. */
export function fitGroups(groups: readonly (readonly Span[])[], separator: Span, width: number): readonly Span[] {
  const out: Span[] = [];
  let used = 0;
  for (const group of groups) {
    if (group.length === 0) continue;
    const extra = spansWidth(group) + (out.length === 0 ? 0 : displayWidth(separator.text));
    if (used + extra > width) break;
    if (out.length > 0) out.push(separator);
    out.push(...group);
    used += extra;
  }
  return out;
}

export interface PanelOptions {
  readonly title: readonly Span[];
  /** At the right end of the title line, where there is room. */
  readonly note?: readonly Span[];
  /** A line of its own round the content, or only a line above it. */
  readonly hasBorder: boolean;
}

/** Draws a titled panel and says where its content goes. */
export function drawPanel(d: Drawing, rect: Rect, options: PanelOptions): Rect {
  if (rect.height <= 0 || rect.width <= 0) return { ...rect, width: 0, height: 0 };
  const { canvas, theme } = d;
  const g = theme.glyphs;
  const right = rect.x + rect.width;
  canvas.fill({ ...rect, height: 1 }, g.horizontal, theme.rule);
  const titleX = rect.x + (options.hasBorder ? 2 : 0);
  const titleEnd = right - (options.hasBorder ? 2 : 0);
  let column = titleX;
  if (options.title.length > 0) {
    column = drawSpans(d, titleX, rect.y, [span(" "), ...options.title, span(" ")], titleEnd - titleX);
  }
  if (options.note !== undefined && options.note.length > 0) {
    drawSpansRight(d, titleEnd, rect.y, [span(" "), ...options.note, span(" ")], titleEnd - column - 1);
  }
  if (!options.hasBorder) return { x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 1 };
  const bottom = rect.y + rect.height - 1;
  canvas.put(rect.x, rect.y, g.topLeft, theme.rule);
  canvas.put(right - 1, rect.y, g.topRight, theme.rule);
  if (rect.height > 1) {
    canvas.fill({ x: rect.x, y: bottom, width: rect.width, height: 1 }, g.horizontal, theme.rule);
    canvas.put(rect.x, bottom, g.bottomLeft, theme.rule);
    canvas.put(right - 1, bottom, g.bottomRight, theme.rule);
    canvas.fill({ x: rect.x, y: rect.y + 1, width: 1, height: rect.height - 2 }, g.vertical, theme.rule);
    canvas.fill({ x: right - 1, y: rect.y + 1, width: 1, height: rect.height - 2 }, g.vertical, theme.rule);
  }
  return {
    x: rect.x + 2,
    y: rect.y + 1,
    width: Math.max(0, rect.width - 4),
    height: Math.max(0, rect.height - 2),
  };
}

/** A thumb in the column `x`, where there is more than the window shows. */
export function drawScrollbar(d: Drawing, x: number, y: number, height: number, offset: number, total: number): void {
  if (total <= height || height <= 1) return;
  const size = Math.max(1, Math.floor((height * height) / total));
  const start = Math.min(height - size, Math.round((offset / Math.max(1, total - height)) * (height - size)));
  for (let i = 0; i < height; i++) {
    const isThumb = i >= start && i < start + size;
    d.canvas.put(x, y + i, isThumb ? d.theme.glyphs.thumb : d.theme.glyphs.track, isThumb ? d.theme.dim : d.theme.rule);
  }
}

/** A message in the middle of an area, each line cut to fit. */
export function drawCentred(d: Drawing, rect: Rect, lines: readonly (readonly Span[])[]): void {
  const top = rect.y + Math.max(0, Math.floor((rect.height - lines.length) / 2));
  lines.forEach((line, i) => {
    if (top + i >= rect.y + rect.height) return;
    const width = Math.min(rect.width, spansWidth(line));
    drawSpans(d, rect.x + Math.floor((rect.width - width) / 2), top + i, line, width);
  });
}
