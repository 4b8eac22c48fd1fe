/**
 * The colours and what they mean. Every colour has a letter or shape beside it, so none is needed to understand the screen.
 */
import type { Capabilities, ColourDepth } from "./capabilities.ts";
import { asciiGlyphs, type Glyphs, unicodeGlyphs } from "./glyphs.ts";
import { darkPalette, type Palette } from "./palettes.ts";
import { type Colour, mix, type Paint, type StyleId, StyleTable } from "./styles.ts";

const gradientSteps = 8;
const ownSteps = 5;
const lackingSteps = 5;

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
  /** Of what is ours, by the part of the neighbours that lacks it: see `lackingStyle`. */
  readonly cellLacking: readonly StyleId[];
  /** Of what nobody but us has. */
  readonly cellOnlyOurs: StyleId;
  /** Where the cursor is. */
  readonly cellCursor: StyleId;
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

export interface ThemeOptions {
  /** Default: dark. */
  readonly palette?: Palette;
  /** Whether the palette's background is painted; else plain text and background are the terminal's own. Default false. */
  readonly isPainted?: boolean;
}

export function makeTheme(capabilities: Capabilities, options: ThemeOptions = {}): Theme {
  const { palette = darkPalette } = options;
  const isMono = capabilities.colours === "none";
  const isRich = capabilities.colours === "256" || capabilities.colours === "true";
  const isPainted = options.isPainted === true && isRich;
  const table = new StyleTable(capabilities.colours, isPainted ? { fg: palette.text, bg: palette.ground } : {});
  const of = (paint: Paint): StyleId => table.intern(paint);
  const fg = (value: Colour, isBold = false): StyleId => of({ fg: value, isBold });
  const on = (value: Colour, bg: Colour, isBold = false): StyleId => of({ fg: value, bg, isBold });
  // Of the 16 colours, bright black is anything between invisible and grey.
  const dim = isRich ? fg(palette.grey) : of({ isDim: true });
  const inverse = of({ isInverse: true, isBold: true });
  return {
    capabilities,
    table,
    glyphs: capabilities.hasUnicode ? unicodeGlyphs : asciiGlyphs,
    text: 0,
    strong: of({ isBold: true }),
    dim,
    rule: isMono ? dim : fg(palette.rule),
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
    tabActive: isMono ? inverse : on(palette.selectionText, palette.selection, true),
    key: fg(palette.blue, true),
    brand: isMono ? inverse : on(palette.ground, palette.blue, true),
    barDone: fg(palette.green),
    barRest: isMono ? dim : fg(palette.rule),
    downGradient: gradient(palette, palette.cyan, isRich).map((step) => fg(step)),
    upGradient: gradient(palette, palette.violet, isRich).map((step) => fg(step)),
    ...cellStyles(palette, of, capabilities.colours),
    dialog: isRich ? on(palette.panelText, palette.panel) : 0,
    dialogBorder: isRich ? on(palette.blue, palette.panel) : fg(palette.blue),
    dialogBad: isRich ? on(palette.red, palette.panel, true) : fg(palette.red, true),
    input: isMono ? of({ isUnderlined: true }) : on(palette.selectionText, palette.selection),
    caret: of({ isInverse: true }),
    ...layers(table, palette, isRich),
  };
}

/** From faint to full. */
function gradient(palette: Palette, to: Colour, isRich: boolean): readonly Colour[] {
  const from = isRich ? mix(to, palette.ground, 0.2) : to;
  return Array.from({ length: gradientSteps }, (_, i) => mix(from, to, i / (gradientSteps - 1)));
}

type CellStyles = Pick<
  Theme,
  "cellHave" | "cellLacking" | "cellOnlyOurs" | "cellCursor" | "cellActive" | "cellMissing"
>;

function cellStyles(palette: Palette, of: (paint: Paint) => StyleId, depth: ColourDepth): CellStyles {
  const isMono = depth === "none";
  const isRich = depth === "256" || depth === "true";
  const { own, ink, ground, activeBlock, activeGround, amber, availability } = palette;
  const [, rare = { bg: amber, digit: ink }, scarce = rare] = availability;
  const marked = of({ isInverse: true, isBold: true });
  return {
    cellHave: isMono ? 0 : of({ fg: own }),
    cellLacking: Array.from({ length: lackingSteps }, (_, step) => {
      if (isMono) return 0;
      const part = step / (lackingSteps - 1);
      // From a shade of what is ours to that of what is scarce.
      const bg = mix(mix(own, ground, 0.6), scarce.bg, part);
      return of(isRich ? { fg: mix(ink, scarce.digit, part), bg } : { fg: part < 0.5 ? own : amber });
    }),
    cellOnlyOurs: isMono ? marked : of({ fg: rare.digit, isBold: true, ...(isRich ? { bg: rare.bg } : {}) }),
    cellCursor: isRich ? of({ fg: ground, bg: ink, isBold: true }) : marked,
    cellActive: isMono ? of({ isBold: true }) : of(isRich ? { fg: activeBlock, bg: activeGround } : { fg: amber }),
    cellMissing: availability.map(({ bg, digit }, i) =>
      Array.from({ length: ownSteps }, (_, step) => {
        if (isMono) return of({ isInverse: i === 0, isBold: i === 0, isDim: i > 3 });
        if (!isRich) return of(i === 0 ? { fg: digit, bg, isBold: true } : { fg: digit });
        // The rarer, the less may green soften it; what nobody has stays red. 256 colours have no steps so small.
        const softest = i === 0 || depth === "256" ? 0 : i < 3 ? 0.2 : 0.35;
        const share = (softest * step) / (ownSteps - 1);
        return of({ bg: mix(bg, own, share), fg: mix(digit, palette.ink, 2 * share), isBold: i === 0 });
      }),
    ),
  };
}

/** What lies over other styles. */
function layers(
  table: StyleTable,
  palette: Palette,
  isRich: boolean,
): Pick<Theme, "onDialog" | "selected" | "behindDialog"> {
  const { ground, rule, panel, panelText, selection: bg, selectionText, selectionShare } = palette;
  return {
    onDialog: (style) =>
      table.layered("dialog", style, (paint) =>
        isRich && paint.bg === undefined ? { ...paint, fg: paint.fg ?? panelText, bg: panel } : paint,
      ),
    selected: (style) =>
      table.layered("selected", style, (paint) => {
        if (!isRich) return { isInverse: true, isBold: paint.isBold === true };
        const fg = paint.fg === undefined ? selectionText : mix(paint.fg, selectionText, selectionShare);
        return { ...paint, bg, fg, isDim: false };
      }),
    behindDialog: (style) =>
      table.layered("behind", style, (paint) =>
        isRich
          ? {
              fg: paint.fg === undefined ? rule : mix(paint.fg, rule, 0.75),
              ...(paint.bg === undefined ? {} : { bg: mix(paint.bg, ground, 0.6) }),
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

/** The style of a cell of ours that this part of the neighbours lacks, 0 … 1. */
export function lackingStyle({ cellLacking, cellHave }: Theme, part: number): StyleId {
  const last = cellLacking.length - 1;
  return cellLacking[Math.max(0, Math.min(last, Math.round(part * last)))] ?? cellHave;
}
