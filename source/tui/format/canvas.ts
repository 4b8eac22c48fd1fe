/**
 * A screen in memory: one glyph and one style for every cell. Everything is clipped to the canvas, and a wide glyph is
 * never cut in half, so no text, however hostile, moves a column or leaves its place.
 */

import type { StyleId } from "./styles.ts";
import { glyphsOf, isPlain, plainAt, truncate } from "./text-width.ts";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Stands in the second cell of a wide glyph. */
export const continuation = "";

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** Row by row. */
  readonly glyphs: string[];
  readonly styles: Uint16Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.glyphs = new Array<string>(width * height).fill(" ");
    this.styles = new Uint16Array(width * height);
  }

  /**
   * Draws from (x, y) to the right; what does not fit the canvas or `widthMax` columns is cut.
   * @returns the column after the last one drawn.
   */
  put(x: number, y: number, text: string, style: StyleId = 0, widthMax = Number.POSITIVE_INFINITY): number {
    if (y < 0 || y >= this.height || text === "") return x;
    const end = Math.min(this.width, x + widthMax);
    if (isPlain(text)) {
      const row = y * this.width;
      let column = x;
      for (let i = 0; i < text.length && column < end; i++, column++) {
        if (column < 0) continue;
        this.#detach(column, row);
        this.glyphs[row + column] = plainAt(text, i);
        this.styles[row + column] = style;
      }
      return Math.min(column, Math.max(x, end));
    }
    const row = y * this.width;
    let column = x;
    for (const glyph of glyphsOf(text)) {
      if (column + glyph.width > end) break;
      if (column >= 0) {
        this.#detach(column, row);
        if (glyph.width === 2) this.#detach(column + 1, row);
        this.glyphs[row + column] = glyph.text;
        this.styles[row + column] = style;
        if (glyph.width === 2) {
          this.glyphs[row + column + 1] = continuation;
          this.styles[row + column + 1] = style;
        }
      }
      column += glyph.width;
    }
    return column;
  }

  /** As `put`, but text that does not fit `width` ends in an ellipsis. @returns the column after the last one drawn. */
  putCut(x: number, y: number, text: string, style: StyleId, width: number, ellipsis: string): number {
    return this.put(x, y, truncate(text, Math.min(width, this.width - x), ellipsis), style, width);
  }

  /** The text ends before column `x`. */
  putEndingAt(x: number, y: number, text: string, style: StyleId, textWidth: number): void {
    this.put(x - textWidth, y, text, style);
  }

  fill(rect: Rect, glyph: string, style: StyleId): void {
    const right = Math.min(this.width, rect.x + rect.width);
    const bottom = Math.min(this.height, rect.y + rect.height);
    for (let y = Math.max(0, rect.y); y < bottom; y++) {
      const row = y * this.width;
      for (let x = Math.max(0, rect.x); x < right; x++) {
        this.#detach(x, row);
        this.glyphs[row + x] = glyph;
        this.styles[row + x] = style;
      }
    }
  }

  /** Changes only the styles. */
  restyle(rect: Rect, change: (style: StyleId) => StyleId): void {
    const right = Math.min(this.width, rect.x + rect.width);
    const bottom = Math.min(this.height, rect.y + rect.height);
    for (let y = Math.max(0, rect.y); y < bottom; y++) {
      for (let at = y * this.width + Math.max(0, rect.x); at < y * this.width + right; at++) {
        this.styles[at] = change(this.styles[at] ?? 0);
      }
    }
  }

  /** The row's text without styles, as wide as the canvas. */
  line(y: number): string {
    return this.glyphs.slice(y * this.width, (y + 1) * this.width).join("");
  }

  lines(): readonly string[] {
    return Array.from({ length: this.height }, (_, y) => this.line(y));
  }

  /** Before a cell is overwritten: half of a wide glyph must not stay behind. */
  #detach(column: number, row: number): void {
    const at = row + column;
    if (this.glyphs[at] === continuation && column > 0) this.glyphs[at - 1] = " ";
    if (column + 1 < this.width && this.glyphs[at + 1] === continuation) this.glyphs[at + 1] = " ";
  }
}
