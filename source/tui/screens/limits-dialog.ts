/** The limits of all torrents together: what holds now, and a line for each. */
import { clean, type Drawing, drawSpans, fitGroups, type Span, span } from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import { formatDate } from "../format/numbers.ts";
import type { Theme } from "../format/theme.ts";
import type { AppState } from "../state/app-state.ts";
import { type LimitsOverlay, limitFields, shownFields } from "../state/limits.ts";
import { rateText } from "../state/rate-text.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";
import { drawFieldList } from "./field-list.ts";
import { asciiLabel } from "./help.ts";

export function drawLimits(d: Drawing, state: AppState, overlay: LimitsOverlay): void {
  const { canvas, theme } = d;
  const width = Math.min(canvas.width, 76);
  const fields = shownFields(state);
  const rect = drawDialog(d, width, fields.length + 5, "Limits of all torrents", theme.dialogBorder);
  drawSpans(d, rect.x, rect.y, inDialog(theme, nowSpans(theme, state)), rect.width);
  const list = { ...rect, y: rect.y + 1, height: Math.min(fields.length, rect.height - 2) };
  drawFieldList(d, list, {
    fields,
    cursor: overlay.cursor,
    inputWidth: 20,
    drawField: (i, field) => drawLimit(d, field, overlay, i),
  });
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, belowSpans(theme, overlay, rect.width)), rect.width);
}

function drawLimit(d: Drawing, field: Rect, overlay: LimitsOverlay, i: number): void {
  const { theme } = d;
  const isHere = i === overlay.cursor;
  const text = overlay.texts[i] ?? "";
  const isSwitch = limitFields[i]?.kind === "switch";
  if (isHere && !isSwitch) {
    drawInput(d, field, { text, caret: overlay.caret });
    return;
  }
  const isChanged = text !== overlay.before[i];
  const style = isChanged ? theme.accentStrong : isHere ? theme.strong : theme.text;
  const shown = isSwitch && isHere ? asciiLabel(theme, `← ${text} →`) : text === "" ? "none" : text;
  drawSpans(d, field.x, field.y, inDialog(theme, [span(clean(shown), style)]), field.width);
}

/** What holds, and until when. */
function nowSpans(theme: Theme, { session }: AppState): readonly Span[] {
  if (session === null) return [];
  const { maxDownRate, maxUpRate, alternative } = session;
  const { isOn, isByHand, nextSwitchWallMs } = alternative;
  const g = theme.glyphs;
  const spans = [span(`now ${g.down} ${rateText(maxDownRate)}  ${g.up} ${rateText(maxUpRate)}`, theme.dim)];
  const until = nextSwitchWallMs === null ? "" : ` until ${formatDate(nextSwitchWallMs)}`;
  if (isOn) spans.push(span(`   alternative limits${isByHand ? ", by hand," : ""}${until}`, theme.warn));
  else if (isByHand) spans.push(span(`   alternative limits off, by hand,${until}`, theme.dim));
  else if (until !== "") spans.push(span(`   the usual ones${until}`, theme.dim));
  return spans;
}

function belowSpans(theme: Theme, { error, isBusy }: LimitsOverlay, width: number): readonly Span[] {
  if (error !== "") return [span(`${theme.glyphs.stateFailed} ${clean(error)}`, theme.bad)];
  if (isBusy) return [span(`changing them${theme.glyphs.ellipsis}`, theme.accent)];
  const key = (label: string, text: string): readonly Span[] => [
    span(asciiLabel(theme, label), theme.key),
    span(` ${text}`, theme.dim),
  ];
  const keys = [key("Enter", "change"), key("+ -", "more, less"), key("↑↓", "another line"), key("Esc", "cancel")];
  return fitGroups(keys, span("   "), width);
}
