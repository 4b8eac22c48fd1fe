/** Lines of a dialog in which something is typed: a title, a field, a hint. Where there is little room, they scroll. */
import { type Drawing, drawSpans, span } from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import { offsetFor } from "../layout/scroll.ts";
import { drawDialogScrollbar, inDialog } from "./dialog.ts";

const titleWidth = 22;
/** Less of a hint says nothing. */
const hintWidthMin = 8;

export interface FieldList {
  readonly fields: readonly { readonly title: string; readonly hint: string }[];
  /** Its line is always seen. */
  readonly cursor: number;
  /** Columns of a field, where there are as many. */
  readonly inputWidth: number;
  readonly drawField: (index: number, field: Rect) => void;
}

/** @param rect of all lines. */
export function drawFieldList(d: Drawing, rect: Rect, { fields, cursor, inputWidth, drawField }: FieldList): void {
  const { theme } = d;
  const isScrolling = fields.length > rect.height;
  const offset = offsetFor(cursor, 0, rect.height, fields.length);
  const room = rect.width - (isScrolling ? 2 : 0) - titleWidth;
  const fieldWidth = Math.max(0, Math.min(inputWidth, room));
  const hintWidth = room - fieldWidth - 1;
  fields.slice(offset, offset + rect.height).forEach(({ title, hint }, i) => {
    const y = rect.y + i;
    const isHere = offset + i === cursor;
    const marker = span(isHere ? theme.glyphs.marker : " ", theme.accentStrong);
    const name = span(` ${title}`, isHere ? theme.strong : theme.text);
    drawSpans(d, rect.x, y, inDialog(theme, [marker, name]), titleWidth);
    drawField(offset + i, { x: rect.x + titleWidth, y, width: fieldWidth, height: 1 });
    if (hintWidth < hintWidthMin) return;
    drawSpans(d, rect.x + titleWidth + fieldWidth + 1, y, inDialog(theme, [span(hint, theme.dim)]), hintWidth);
  });
  if (isScrolling) drawDialogScrollbar(d, rect, offset, fields.length);
}
