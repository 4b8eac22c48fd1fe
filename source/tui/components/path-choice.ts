/** How a path may go on, as a list to choose from. */
import type { Rect } from "../format/canvas.ts";
import { formatCount } from "../format/numbers.ts";
import { offsetFor } from "../layout/scroll.ts";
import { itemsOf, type PathInput } from "../state/path-input.ts";
import { cleanPath, type Drawing, drawSpans, span } from "./drawing.ts";

/** In the colours of a dialog. Draws nothing where there is nothing to choose from. */
export function drawPathChoice(d: Drawing, rect: Rect, input: PathInput): void {
  const { canvas, theme } = d;
  const items = itemsOf(input);
  const count = input.completion?.found.count ?? 0;
  const isCut = items.length > rect.height || count > items.length;
  const height = isCut ? rect.height - 1 : rect.height;
  if (items.length === 0 || height <= 0) return;
  const offset = offsetFor(Math.max(0, input.chosen), 0, height, items.length);
  items.slice(offset, offset + height).forEach(({ name, isFolder }, i) => {
    const y = rect.y + i;
    const isChosen = offset + i === input.chosen;
    const style = theme.onDialog(isFolder ? theme.accent : theme.text);
    const marker = span(isChosen ? theme.glyphs.marker : " ", theme.onDialog(theme.accentStrong));
    drawSpans(d, rect.x, y, [marker, span(` ${cleanPath(name)}${isFolder ? "/" : ""}`, style)], rect.width);
    if (isChosen) canvas.restyle({ ...rect, y, height: 1 }, theme.selected);
    d.zones?.push({ rect: { ...rect, y, height: 1 }, target: { kind: "row", index: offset + i } });
  });
  const rest = count - Math.min(count, offset + height);
  if (isCut && rest > 0) {
    const more = span(`  and ${formatCount(rest)} more`, theme.onDialog(theme.dim));
    drawSpans(d, rect.x, rect.y + height, [more], rect.width);
  }
}
