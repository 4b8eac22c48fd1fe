/**
 * The last resort of a terminal that has only ASCII: whatever glyph is left on a canvas, of a name or of our own words,
 * becomes one that it has, in the same place.
 */
import { type Canvas, continuation } from "./canvas.ts";

const signs: ReadonlyMap<string, string> = new Map([
  ["…", "~"],
  ["≈", "~"],
  ["×", "x"],
  ["·", "-"],
  ["•", "*"],
  ["–", "-"],
  ["—", "-"],
  ["∞", "-"],
  ["‘", "'"],
  ["’", "'"],
  ["“", '"'],
  ["”", '"'],
  ["«", '"'],
  ["»", '"'],
  ["↑", "^"],
  ["↓", "v"],
  ["←", "<"],
  ["→", ">"],
  ["ß", "s"],
  ["æ", "e"],
  ["ø", "o"],
  ["ł", "l"],
]);

/** What has no sign of its own is its base letter, or else a question mark. @returns one character. */
export function asciiOf(glyph: string): string {
  const sign = signs.get(glyph);
  if (sign !== undefined) return sign;
  const [base = "?"] = glyph.normalize("NFKD");
  return isAscii(base) ? base : "?";
}

/** A wide glyph becomes two signs. */
export function toAscii({ glyphs }: Canvas): void {
  for (const [at, glyph] of glyphs.entries()) {
    if (isAscii(glyph)) continue;
    glyphs[at] = glyph === continuation ? (glyphs[at - 1] ?? "?") : asciiOf(glyph);
  }
}

function isAscii(glyph: string): boolean {
  const code = glyph.charCodeAt(0);
  return glyph.length === 1 && code >= 0x20 && code < 0x7f;
}
