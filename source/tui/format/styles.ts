/**
 * Styles as small numbers. A canvas cell holds a number; the table knows the escape sequence that it stands for on this
 * terminal. Number 0 is plain text.
 */
import type { ColourDepth } from "./capabilities.ts";

export interface Colour {
  /** 0xRRGGBB. */
  readonly rgb: number;
  /** The nearest of the 16 classic colours, 0 … 15. */
  readonly ansi: number;
  /** Of the 256 colours, where the nearest one would not do. */
  readonly index?: number;
}

export interface Paint {
  readonly fg?: Colour | undefined;
  readonly bg?: Colour | undefined;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
  readonly isUnderlined?: boolean;
  readonly isInverse?: boolean;
}

export type StyleId = number;

export class StyleTable {
  readonly depth: ColourDepth;
  /** What holds where a style says nothing else. */
  readonly #base: Pick<Paint, "fg" | "bg">;
  readonly #paints: Paint[] = [];
  readonly #sequences: string[] = [];
  readonly #ids = new Map<string, StyleId>();
  readonly #layers = new Map<string, Map<StyleId, StyleId>>();

  /** @param base of style 0. Default: the terminal's own. */
  constructor(depth: ColourDepth, base: Pick<Paint, "fg" | "bg"> = {}) {
    this.depth = depth;
    this.#base = base;
    this.intern({});
  }

  intern(paint: Paint): StyleId {
    const sequence = this.#sequenceOf(paint);
    const known = this.#ids.get(sequence);
    if (known !== undefined) return known;
    const id = this.#paints.length;
    this.#paints.push(paint);
    this.#sequences.push(sequence);
    this.#ids.set(sequence, id);
    return id;
  }

  paint(id: StyleId): Paint {
    return this.#paints[id] ?? {};
  }

  /** Resets and sets everything: may be written after any other style. */
  sequence(id: StyleId): string {
    return this.#sequences[id] ?? "\x1b[0m";
  }

  /** The style `id` changed by a layer (a selection, a shade). @param name identifies `change` for the memo. */
  layered(name: string, id: StyleId, change: (paint: Paint) => Paint): StyleId {
    let memo = this.#layers.get(name);
    if (memo === undefined) {
      memo = new Map();
      this.#layers.set(name, memo);
    }
    let result = memo.get(id);
    if (result === undefined) {
      result = this.intern(change(this.paint(id)));
      memo.set(id, result);
    }
    return result;
  }

  #sequenceOf(paint: Paint): string {
    let codes = "0";
    if (paint.isBold === true) codes += ";1";
    if (paint.isDim === true) codes += ";2";
    if (paint.isUnderlined === true) codes += ";4";
    if (paint.isInverse === true) codes += ";7";
    const { fg = this.#base.fg, bg = this.#base.bg } = paint;
    if (fg !== undefined) codes += colourCode(fg, this.depth, false);
    if (bg !== undefined) codes += colourCode(bg, this.depth, true);
    return `\x1b[${codes}m`;
  }
}

function colourCode(colour: Colour, depth: ColourDepth, isBackground: boolean): string {
  switch (depth) {
    case "none":
      return "";
    case "16": {
      const base = colour.ansi < 8 ? 30 + colour.ansi : 82 + colour.ansi;
      return `;${base + (isBackground ? 10 : 0)}`;
    }
    case "256":
      return `;${isBackground ? 48 : 38};5;${colour.index ?? nearest256(colour.rgb)}`;
    case "true": {
      const { rgb } = colour;
      return `;${isBackground ? 48 : 38};2;${(rgb >> 16) & 255};${(rgb >> 8) & 255};${rgb & 255}`;
    }
  }
}

const cubeLevels = [0, 95, 135, 175, 215, 255];

/** The closest of xterm's 216 cube colours and 24 greys. */
export function nearest256(rgb: number): number {
  const parts = [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255];
  const cube = parts.map((value) => {
    let best = 0;
    for (let level = 1; level < 6; level++) {
      if (Math.abs((cubeLevels[level] ?? 0) - value) < Math.abs((cubeLevels[best] ?? 0) - value)) best = level;
    }
    return best;
  });
  const mean = ((parts[0] ?? 0) + (parts[1] ?? 0) + (parts[2] ?? 0)) / 3;
  const grey = Math.max(0, Math.min(23, Math.round((mean - 8) / 10)));
  const greyValue = 8 + grey * 10;
  let cubeError = 0;
  let greyError = 0;
  for (let i = 0; i < 3; i++) {
    cubeError += ((cubeLevels[cube[i] ?? 0] ?? 0) - (parts[i] ?? 0)) ** 2;
    greyError += (greyValue - (parts[i] ?? 0)) ** 2;
  }
  if (greyError < cubeError) return 232 + grey;
  return 16 + 36 * (cube[0] ?? 0) + 6 * (cube[1] ?? 0) + (cube[2] ?? 0);
}

/** Between two colours: 0 gives `from`, 1 gives `to`. The classic colour is that of the nearer end. */
export function mix(from: Colour, to: Colour, fraction: number): Colour {
  const at = Math.max(0, Math.min(1, fraction));
  if (at === 0) return from;
  let rgb = 0;
  for (const shift of [16, 8, 0]) {
    const a = (from.rgb >> shift) & 255;
    const b = (to.rgb >> shift) & 255;
    rgb |= Math.round(a + (b - a) * at) << shift;
  }
  return { rgb, ansi: at < 0.5 ? from.ansi : to.ansi };
}
