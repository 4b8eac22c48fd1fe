/**
 * Text as columns. What is measured here is what the canvas draws: controls and zero-width characters are dropped, so
 * whatever reaches a cell occupies exactly the columns that were counted for it.
 */
import stringWidth from "string-width";

export interface Glyph {
  readonly text: string;
  readonly width: 1 | 2;
}

/** One grapheme may carry this many UTF-16 units; more (stacked marks) is cut to its base character. */
const graphemeUnitsMax = 16;
/** Distinct other texts remembered; a screen has a few hundred. */
const memoMax = 2_000;

/**
 * Texts in which every UTF-16 unit is a character one column wide: ASCII, European letters, and the punctuation, arrows, boxes
 * and shapes that we draw with. Nothing else needs to be looked at: string-width's tables alone take a tenth of a start.
 */
const plain =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03ff\u0400-\u0481\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u2319\u2500-\u25fc\u2713-\u2718]*$/;
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** By code; made when they are first drawn. */
const plainGlyphs = new Array<Glyph | undefined>(0x2719);

let segmenter: Intl.Segmenter | undefined;
const memo = new Map<string, readonly Glyph[]>();

export function isPlain(text: string): boolean {
  return plain.test(text);
}

/** The character at `index` of a plain text. */
export function plainAt(text: string, index: number): string {
  return plainGlyph(text.charCodeAt(index)).text;
}

function plainGlyph(code: number): Glyph {
  let glyph = plainGlyphs[code];
  if (glyph === undefined) {
    glyph = { text: String.fromCharCode(code), width: 1 };
    plainGlyphs[code] = glyph;
  }
  return glyph;
}

/** The text as it is drawn, left to right. */
export function glyphsOf(text: string): readonly Glyph[] {
  if (isPlain(text)) return Array.from({ length: text.length }, (_, i) => plainGlyph(text.charCodeAt(i)));
  const known = memo.get(text);
  if (known !== undefined) return known;
  segmenter ??= new Intl.Segmenter();
  const glyphs: Glyph[] = [];
  for (const { segment } of segmenter.segment(text)) {
    if (control.test(segment)) continue;
    const shown = segment.length > graphemeUnitsMax ? String.fromCodePoint(segment.codePointAt(0) ?? 0x3f) : segment;
    const width = stringWidth(shown);
    // Whatever claims more than two columns would be drawn differently by every terminal.
    if (width === 1 || width === 2) glyphs.push({ text: shown, width });
    else if (width > 2) glyphs.push({ text: "?", width: 1 });
  }
  if (memo.size >= memoMax) memo.clear();
  memo.set(text, glyphs);
  return glyphs;
}

/** Columns that `text` occupies when drawn. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const glyph of glyphsOf(text)) width += glyph.width;
  return width;
}

/** At most `width` columns, ending in `ellipsis` where something was cut. */
export function truncate(text: string, width: number, ellipsis = "…"): string {
  if (width <= 0) return "";
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const glyph of glyphsOf(text)) {
    if (used + glyph.width > width - 1) break;
    kept += glyph.text;
    used += glyph.width;
  }
  return kept + ellipsis;
}

/** As `truncate`, but keeps the end: where one types. */
export function truncateStart(text: string, width: number, ellipsis = "…"): string {
  if (width <= 0) return "";
  if (displayWidth(text) <= width) return text;
  return ellipsis + tailOf(text, width - 1).text;
}

/** As much of the end as has room. */
function tailOf(text: string, width: number): { readonly text: string; readonly width: number } {
  const glyphs = glyphsOf(text);
  let tail = "";
  let used = 0;
  for (let i = glyphs.length - 1; i >= 0; i--) {
    const glyph = glyphs[i];
    if (glyph === undefined || used + glyph.width > width) break;
    tail = glyph.text + tail;
    used += glyph.width;
  }
  return { text: tail, width: used };
}

/** As `truncate`, but cuts in the middle, so that beginning and end stay readable (paths, URLs). */
export function truncateMiddle(text: string, width: number, ellipsis = "…"): string {
  if (width <= 0) return "";
  if (displayWidth(text) <= width) return text;
  const tail = tailOf(text, Math.floor((width - 1) / 2));
  let head = "";
  let headUsed = 0;
  for (const glyph of glyphsOf(text)) {
    if (headUsed + glyph.width > width - 1 - tail.width) break;
    head += glyph.text;
    headUsed += glyph.width;
  }
  return head + ellipsis + tail.text;
}

/** Words broken into lines of at most `width` columns; a word longer than a line is cut. @param linesMax ends in an ellipsis. */
export function wrap(text: string, width: number, linesMax = 20): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (word === "") continue;
    const candidate = line === "" ? word : `${line} ${word}`;
    if (displayWidth(candidate) <= width) {
      line = candidate;
      continue;
    }
    if (line !== "") lines.push(line);
    line = truncate(word, width);
    if (lines.length >= linesMax) break;
  }
  if (line !== "") lines.push(line);
  if (lines.length <= linesMax) return lines;
  const kept = lines.slice(0, linesMax);
  kept[linesMax - 1] = truncate(`${kept[linesMax - 1] ?? ""} …`, width);
  return kept;
}
