/**
 * Puts canvases on the terminal: one write a frame, inside a synchronized update, of the cells that changed. Ink owns the
 * terminal's modes and input and draws nothing; whenever it does write, the picture is written whole again.
 */
import type { Canvas } from "./format/canvas.ts";
import { difference } from "./format/difference.ts";
import type { StyleTable } from "./format/styles.ts";

const beginSynchronized = "\x1b[?2026h";
const endSynchronized = "\x1b[?2026l";
/** In the colours that were set last, where the terminal can do that. */
const erase = "\x1b[2J";

export interface PaintTarget {
  write(text: string): unknown;
}

export class Painter {
  readonly #target: PaintTarget;
  #table: StyleTable;
  #last: Canvas | undefined;
  /** What the terminal shows; `undefined`: not known. */
  #shown: Canvas | undefined;
  #isRepaintDue = false;
  #isPaused = false;
  #isClosed = false;

  constructor(target: PaintTarget, table: StyleTable) {
    this.#target = target;
    this.#table = table;
  }

  /** @param table of its styles. */
  paint(canvas: Canvas, table: StyleTable): void {
    this.#last = canvas;
    if (table !== this.#table) {
      this.#table = table;
      this.#shown = undefined;
    }
    if (this.#isClosed || this.#isPaused) return;
    const shown = this.#shown;
    const isKnown = shown !== undefined && shown.width === canvas.width && shown.height === canvas.height;
    const body = difference(isKnown ? shown : undefined, canvas, this.#table);
    this.#shown = canvas;
    if (body === "") return;
    this.#target.write(`${beginSynchronized}${isKnown ? "" : `${table.sequence(0)}${erase}`}${body}${endSynchronized}`);
  }

  /** Somebody else wrote to the terminal: writes the whole picture again before this turn of the loop ends. */
  repaintSoon(): void {
    this.#shown = undefined;
    if (this.#isRepaintDue) return;
    this.#isRepaintDue = true;
    queueMicrotask(() => {
      this.#isRepaintDue = false;
      if (this.#last !== undefined && this.#shown === undefined) this.paint(this.#last, this.#table);
    });
  }

  /** While paused the terminal is somebody else's; the newest picture is painted when it is ours again. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    if (!isPaused) this.repaintSoon();
  }

  close(): void {
    this.#isClosed = true;
  }
}
