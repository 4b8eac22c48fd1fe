/**
 * The colours of each theme. Every text keeps a contrast of 4.5 to what it stands on, every shape one of 3 (WCAG 2.2, 1.4.3
 * and 1.4.11); `high-contrast` 7 for texts. What is on the terminal's own background is reckoned with `ground` instead.
 */
import type { Colour } from "./styles.ts";

/** What nobody has, one neighbour, two … and the last for as many or more. */
export interface AvailabilityColour {
  readonly bg: Colour;
  /** The digit on it: the rarer, the louder. */
  readonly digit: Colour;
}

export interface Palette {
  /** What it all stands on, and the plain text on it. */
  readonly ground: Colour;
  readonly text: Colour;
  /** The loudest text on `ground`. */
  readonly ink: Colour;
  readonly grey: Colour;
  readonly rule: Colour;
  readonly blue: Colour;
  readonly cyan: Colour;
  readonly violet: Colour;
  readonly green: Colour;
  readonly amber: Colour;
  readonly red: Colour;
  /** Pieces that are ours. */
  readonly own: Colour;
  readonly activeBlock: Colour;
  readonly activeGround: Colour;
  readonly selection: Colour;
  readonly selectionText: Colour;
  /** How much of `selectionText` is in a coloured text that is selected, 0 … 1. */
  readonly selectionShare: number;
  readonly panel: Colour;
  readonly panelText: Colour;
  readonly availability: readonly AvailabilityColour[];
}

const colour = (rgb: number, ansi: number, index?: number): Colour =>
  index === undefined ? { rgb, ansi } : { rgb, ansi, index };

export const darkPalette: Palette = {
  ground: colour(0x0d1117, 0),
  text: colour(0xd5dde6, 7),
  ink: colour(0xf0f6fc, 15),
  grey: colour(0x8b949e, 8),
  rule: colour(0x67717c, 8),
  blue: colour(0x58a6ff, 12),
  cyan: colour(0x39c5cf, 6),
  violet: colour(0xb58cf5, 5),
  green: colour(0x3fb950, 2),
  amber: colour(0xd9a22b, 3),
  red: colour(0xf4645f, 9),
  own: colour(0x2f9e46, 2),
  activeBlock: colour(0x85590a, 0),
  activeGround: colour(0xf0b93a, 3),
  selection: colour(0x24406b, 4, 18),
  selectionText: colour(0xf0f6fc, 15),
  selectionShare: 0.35,
  panel: colour(0x1c2430, 0, 235),
  panelText: colour(0xd5dde6, 7),
  availability: [
    { bg: colour(0xc42b22, 1), digit: colour(0xffffff, 15) },
    { bg: colour(0x8f4512, 3), digit: colour(0xffd0a3, 11, 230) },
    { bg: colour(0x5f4a17, 3), digit: colour(0xecca70, 3) },
    { bg: colour(0x34483a, 4, 237), digit: colour(0xa9cf93, 12) },
    { bg: colour(0x22404e, 4, 23), digit: colour(0xa6d0e2, 12, 159) },
    { bg: colour(0x1f3b5c, 4, 17), digit: colour(0xa5c4f0, 12) },
    { bg: colour(0x1e3566, 4, 17), digit: colour(0xafc1f8, 12) },
  ],
};

export const lightPalette: Palette = {
  ground: colour(0xfcfcfa, 15),
  text: colour(0x24292f, 0),
  ink: colour(0x0b1016, 0),
  grey: colour(0x5a636d, 8),
  rule: colour(0x7f8790, 8),
  blue: colour(0x0a5fc4, 4),
  cyan: colour(0x0b6e7f, 6),
  violet: colour(0x7a3fd0, 5, 92),
  green: colour(0x1a7533, 2, 22),
  amber: colour(0x835500, 3),
  red: colour(0xc4202a, 1),
  own: colour(0x2b8a3e, 2),
  activeBlock: colour(0x8f5a00, 3),
  activeGround: colour(0xffd873, 11),
  selection: colour(0xcfe2ff, 6, 189),
  selectionText: colour(0x0b1016, 0),
  selectionShare: 0.35,
  panel: colour(0xe9eef4, 7, 255),
  panelText: colour(0x24292f, 0),
  availability: [
    { bg: colour(0xc4202a, 1), digit: colour(0xffffff, 15) },
    { bg: colour(0xffb98a, 3), digit: colour(0x6b2600, 1) },
    { bg: colour(0xf7dd93, 3), digit: colour(0x5a4300, 3, 235) },
    { bg: colour(0xdcead2, 7), digit: colour(0x2f5416, 2) },
    { bg: colour(0xd2e6ee, 7), digit: colour(0x164f66, 6) },
    { bg: colour(0xd2e2f8, 7), digit: colour(0x1c4c87, 4) },
    { bg: colour(0xd9e0fb, 7), digit: colour(0x33468f, 4, 18) },
  ],
};

export const highContrastPalette: Palette = {
  ground: colour(0x000000, 0),
  text: colour(0xffffff, 15),
  ink: colour(0xffffff, 15),
  grey: colour(0xd0d0d0, 7),
  rule: colour(0x9a9a9a, 7),
  blue: colour(0x8cc8ff, 12),
  cyan: colour(0x40f0ff, 14),
  violet: colour(0xdcb8ff, 13),
  green: colour(0x5cff78, 10),
  amber: colour(0xffd84a, 11),
  red: colour(0xff9a94, 9),
  own: colour(0x22c948, 10),
  activeBlock: colour(0x6a4a00, 0),
  activeGround: colour(0xffd84a, 11),
  selection: colour(0xffe45c, 11),
  selectionText: colour(0x000000, 0),
  selectionShare: 1,
  panel: colour(0x141414, 0, 233),
  panelText: colour(0xffffff, 15),
  availability: [
    { bg: colour(0xd00000, 9), digit: colour(0xffffff, 15) },
    { bg: colour(0x7a3300, 3), digit: colour(0xffe0c2, 15, 230) },
    { bg: colour(0x4d3b00, 3), digit: colour(0xffe58a, 11) },
    { bg: colour(0x143314, 2), digit: colour(0xc4ffb0, 10) },
    { bg: colour(0x0a2e3d, 6), digit: colour(0xb0ecff, 14) },
    { bg: colour(0x0a244d, 4), digit: colour(0xb8d8ff, 12) },
    { bg: colour(0x10195c, 4), digit: colour(0xc4ceff, 12) },
  ],
};
