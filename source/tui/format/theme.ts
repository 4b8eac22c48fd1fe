/**
 * The colours and what they mean. Text is the terminal's own colour, so both dark and light backgrounds work; every colour
 * has a letter or shape beside it, so none is needed to understand the screen.
 */
import type { Capabilities } from "./capabilities.ts";
import { asciiGlyphs, type Glyphs, unicodeGlyphs } from "./glyphs.ts";
import { type Colour, mix, type Paint, type StyleId, StyleTable } from "./styles.ts";

const colour = (rgb: number, ansi: number, index?: number): Colour =>
  index === undefined ? { rgb, ansi } : { rgb, ansi, index };

const palette = {
  grey: colour(0x848d97, 8),
  rule: colour(0x4a525c, 8),
  blue: colour(0x58a6ff, 12),
  cyan: colour(0x39c5cf, 6),
  violet: colour(0xb58cf5, 5),
  green: colour(0x3fb950, 2),
  amber: colour(0xd9a22b, 3),
  orange: colour(0xe0823d, 3),
  red: colour(0xf4645f, 9),
  black: colour(0x0d1117, 0),
  white: colour(0xf0f6fc, 15),
  own: colour(0x2f9e46, 2),
  ownDark: colour(0x14532b, 2),
  ownBright: colour(0x4ade80, 2),
  selection: colour(0x24406b, 4, 24),
  panel: colour(0x1c2430, 0, 235),
  panelText: colour(0xd5dde6, 7),
};

/** Availability 0, 1, 2, 3 … and the last for as many or more. */
const availabilityBackground: readonly Colour[] = [
  colour(0xc42b22, 1),
  colour(0x8f4512, 3),
  colour(0x5f4a17, 3),
  colour(0x34483a, 4, 237),
  colour(0x22404e, 4, 23),
  colour(0x1f3b5c, 4, 17),
  colour(0x1e3566, 4, 17),
];
/** The digit on it: the rarer, the louder. */
const availabilityForeground: readonly Colour[] = [
  colour(0xffffff, 15),
  colour(0xffb877, 11),
  colour(0xe0bd62, 3),
  colour(0x8fae7c, 12),
  colour(0x6b95a8, 12),
  colour(0x5f83b8, 12),
  colour(0x5e78bd, 12),
];

const gradientSteps = 8;
const ownSteps = 5;

export interface Theme {
  readonly capabilities: Capabilities;
  readonly table: StyleTable;
  readonly glyphs: Glyphs;
  readonly text: StyleId;
  readonly strong: StyleId;
  readonly dim: StyleId;
  readonly rule: StyleId;
  readonly title: StyleId;
  readonly accent: StyleId;
  readonly accentStrong: StyleId;
  readonly down: StyleId;
  readonly downStrong: StyleId;
  readonly up: StyleId;
  readonly upStrong: StyleId;
  readonly good: StyleId;
  readonly warn: StyleId;
  readonly bad: StyleId;
  readonly badStrong: StyleId;
  readonly tabActive: StyleId;
  readonly key: StyleId;
  readonly brand: StyleId;
  readonly barDone: StyleId;
  readonly barRest: StyleId;
  readonly downGradient: readonly StyleId[];
  readonly upGradient: readonly StyleId[];
  readonly cellHave: StyleId;
  /** Of a complete torrent, by how many neighbours have it too: darker is rarer. */
  readonly cellOwned: readonly StyleId[];
  readonly cellActive: StyleId;
  /** By availability, then by how much of the cell is ours already. */
  readonly cellMissing: readonly (readonly StyleId[])[];
  readonly dialog: StyleId;
  readonly dialogBorder: StyleId;
  readonly dialogBad: StyleId;
  readonly input: StyleId;
  readonly caret: StyleId;
  readonly selected: (style: StyleId) => StyleId;
  /** A style on a dialog's background. */
  readonly onDialog: (style: StyleId) => StyleId;
  readonly behindDialog: (style: StyleId) => StyleId;
}

export function makeTheme(capabilities: Capabilities): Theme {
  const table = new StyleTable(capabilities.colours);
  const isMono = capabilities.colours === "none";
  const isRich = capabilities.colours === "256" || capabilities.colours === "true";
  const of = (paint: Paint): StyleId => table.intern(paint);
  const fg = (value: Colour, isBold = false): StyleId => of({ fg: value, isBold });
  const gradient = (to: Colour): readonly StyleId[] =>
    Array.from({ length: gradientSteps }, (_, i) =>
      isRich ? fg(mix(mix(to, palette.black, 0.5), to, i / (gradientSteps - 1))) : fg(to),
    );
  const dim = isMono ? of({ isDim: true }) : fg(palette.grey);
  return {
    capabilities,
    table,
    glyphs: capabilities.hasUnicode ? unicodeGlyphs : asciiGlyphs,
    text: 0,
    strong: of({ isBold: true }),
    dim,
    rule: isMono ? of({ isDim: true }) : fg(palette.rule),
    title: of({ isBold: true }),
    accent: fg(palette.blue),
    accentStrong: fg(palette.blue, true),
    down: fg(palette.cyan),
    downStrong: fg(palette.cyan, true),
    up: fg(palette.violet),
    upStrong: fg(palette.violet, true),
    good: fg(palette.green),
    warn: fg(palette.amber),
    bad: fg(palette.red),
    badStrong: fg(palette.red, true),
    tabActive: isMono
      ? of({ isInverse: true, isBold: true })
      : of({ fg: palette.white, bg: palette.selection, isBold: true }),
    key: fg(palette.blue, true),
    brand: isMono ? of({ isInverse: true, isBold: true }) : of({ fg: palette.black, bg: palette.blue, isBold: true }),
    barDone: fg(palette.green),
    barRest: isMono ? of({ isDim: true }) : fg(palette.rule),
    downGradient: gradient(palette.cyan),
    upGradient: gradient(palette.violet),
    cellHave: isMono ? 0 : fg(palette.own),
    cellOwned: Array.from({ length: availabilityBackground.length }, (_, i) =>
      isRich ? fg(mix(palette.ownDark, palette.ownBright, i / (availabilityBackground.length - 1))) : fg(palette.own),
    ),
    cellActive: isMono
      ? of({ isBold: true })
      : isRich
        ? of({ fg: colour(0x8f6210, 0), bg: colour(0xf0b93a, 3) })
        : fg(palette.amber),
    cellMissing: availabilityBackground.map((bg, i) =>
      Array.from({ length: ownSteps }, (_, step) => {
        const fgHere = availabilityForeground[i] ?? palette.white;
        if (isMono) return of({ isInverse: i === 0, isBold: i === 0, isDim: i > 3 });
        if (!isRich) return of(i === 0 ? { bg, fg: palette.white, isBold: true } : { fg: fgHere });
        // The rarer, the less may green soften it; what nobody has stays red.
        const softest = i === 0 ? 0 : i < 3 ? 0.3 : 0.65;
        const share = (softest * step) / (ownSteps - 1);
        return of({ bg: mix(bg, palette.own, share), fg: mix(fgHere, palette.white, share / 3), isBold: i === 0 });
      }),
    ),
    dialog: isRich ? of({ fg: palette.panelText, bg: palette.panel }) : 0,
    dialogBorder: isRich ? of({ fg: palette.blue, bg: palette.panel }) : fg(palette.blue),
    dialogBad: isRich ? of({ fg: palette.red, bg: palette.panel, isBold: true }) : fg(palette.red, true),
    input: isMono ? of({ isUnderlined: true }) : of({ fg: palette.white, bg: palette.selection }),
    caret: of({ isInverse: true }),
    onDialog: (style) =>
      table.layered("dialog", style, (paint) =>
        isRich && paint.bg === undefined ? { ...paint, fg: paint.fg ?? palette.panelText, bg: palette.panel } : paint,
      ),
    selected: (style) =>
      table.layered("selected", style, (paint) =>
        isRich
          ? {
              ...paint,
              bg: palette.selection,
              fg: paint.fg === undefined ? palette.white : mix(paint.fg, palette.white, 0.35),
              isDim: false,
            }
          : { isInverse: true, isBold: paint.isBold === true },
      ),
    behindDialog: (style) =>
      table.layered("behind", style, (paint) =>
        isRich
          ? {
              fg: paint.fg === undefined ? palette.rule : mix(paint.fg, palette.rule, 0.75),
              ...(paint.bg === undefined ? {} : { bg: mix(paint.bg, palette.black, 0.6) }),
            }
          : { ...paint, isDim: true, isBold: false },
      ),
  };
}

/** The style of a cell in which something is missing that `availability` neighbours have. @param ownFraction 0 … 1. */
export function missingStyle(theme: Theme, availability: number, ownFraction = 0): StyleId {
  const steps = theme.cellMissing[Math.max(0, Math.min(theme.cellMissing.length - 1, availability))] ?? [];
  return steps[Math.max(0, Math.min(steps.length - 1, Math.floor(ownFraction * steps.length)))] ?? 0;
}
