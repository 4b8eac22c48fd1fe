/** The limits of all torrents together: what holds now, and a line for each. */
import { clean, type Drawing, drawSpans, fitGroups, type Span, span } from "../components/drawing.ts";
import { formatDate } from "../format/numbers.ts";
import type { Theme } from "../format/theme.ts";
import type { AppState } from "../state/app-state.ts";
import { type LimitsOverlay, shownFields } from "../state/limits.ts";
import { rateText } from "../state/rate-text.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";
import { asciiLabel } from "./help.ts";

const titleWidth = 22;
const inputWidth = 20;

export function drawLimits(d: Drawing, state: AppState, overlay: LimitsOverlay): void {
  const { canvas, theme } = d;
  const width = Math.min(canvas.width, 76);
  const fields = shownFields(state);
  const rect = drawDialog(d, width, fields.length + 5, "Limits of all torrents", theme.dialogBorder);
  drawSpans(d, rect.x, rect.y, inDialog(theme, nowSpans(theme, state)), rect.width);
  fields.forEach(({ title, hint, kind }, i) => {
    const y = rect.y + 1 + i;
    const isHere = i === overlay.cursor;
    const text = overlay.texts[i] ?? "";
    const marker = span(isHere ? theme.glyphs.marker : " ", theme.accentStrong);
    const name = span(` ${title}`, isHere ? theme.strong : theme.text);
    drawSpans(d, rect.x, y, inDialog(theme, [marker, name]), titleWidth);
    const field = { x: rect.x + titleWidth, y, width: inputWidth, height: 1 };
    if (isHere && kind !== "switch") drawInput(d, field, { text, caret: overlay.caret });
    else {
      const isChanged = text !== overlay.before[i];
      const style = isChanged ? theme.accentStrong : isHere ? theme.strong : theme.text;
      const shown = kind === "switch" && isHere ? asciiLabel(theme, `← ${text} →`) : text === "" ? "none" : text;
      drawSpans(d, field.x, y, inDialog(theme, [span(clean(shown), style)]), inputWidth);
    }
    const room = rect.width - titleWidth - inputWidth - 1;
    drawSpans(d, field.x + inputWidth + 1, y, inDialog(theme, [span(hint, theme.dim)]), room);
  });
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, belowSpans(theme, overlay, rect.width)), rect.width);
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
