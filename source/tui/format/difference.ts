/**
 * Two screens → the bytes that turn one into the other. Only cells that differ are written, in runs that bridge short
 * equal stretches. After every glyph that terminals might measure differently the cursor is placed anew, so a terminal
 * that disagrees about one emoji shows that one wrongly and nothing else.
 */
import type { Canvas } from "./canvas.ts";
import type { StyleTable } from "./styles.ts";

const plain = "\x1b[0m";
/** Equal cells between two changes that are cheaper to write again than to jump over. */
const bridgeMax = 6;

/** @param before `undefined`, or of another size: everything is written. */
export function difference(before: Canvas | undefined, after: Canvas, table: StyleTable): string {
  const { width, height } = after;
  const previous = before !== undefined && before.width === width && before.height === height ? before : undefined;
  let out = "";
  let style = -1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let x = 0;
    while (x < width) {
      if (previous !== undefined && isSame(previous, after, row + x)) {
        x++;
        continue;
      }
      let end = x + 1;
      for (let at = end, equal = 0; at < width && equal <= bridgeMax; at++) {
        if (previous !== undefined && isSame(previous, after, row + at)) equal++;
        else {
          equal = 0;
          end = at + 1;
        }
      }
      // A wide glyph is written from its first cell.
      while (x > 0 && after.glyphs[row + x] === "") x--;
      out += `\x1b[${y + 1};${x + 1}H`;
      for (; x < end; x++) {
        const glyph = after.glyphs[row + x] ?? " ";
        if (glyph === "") continue;
        const id = after.styles[row + x] ?? 0;
        if (id !== style) {
          out += table.sequence(id);
          style = id;
        }
        out += glyph;
        if (!isCertain(glyph) && x + 1 < width) {
          const next = after.glyphs[row + x + 1] === "" ? x + 2 : x + 1;
          if (next < width) out += `\x1b[${next + 1}G`;
        }
      }
    }
  }
  return style >= 0 && table.sequence(style) !== plain ? `${out}${plain}` : out;
}

function isSame(before: Canvas, after: Canvas, at: number): boolean {
  return before.glyphs[at] === after.glyphs[at] && before.styles[at] === after.styles[at];
}

/** One column on every terminal: ASCII, Latin-1, arrows and the box, block and shape signs that we draw ourselves. */
function isCertain(glyph: string): boolean {
  if (glyph.length !== 1) return false;
  const code = glyph.charCodeAt(0);
  return code < 0x7f || (code >= 0xa1 && code <= 0xff && code !== 0xad) || (code >= 0x2500 && code <= 0x259f);
}
