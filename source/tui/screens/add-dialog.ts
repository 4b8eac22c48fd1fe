/** Adding torrents: the line in which one says what, with what it may become below it; then what would be added. */
import { clean, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import { drawPathChoice } from "../components/path-choice.ts";
import { wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { AddOverlay } from "../state/adding.ts";
import type { AppState } from "../state/app-state.ts";
import { itemsOf } from "../state/path-input.ts";
import { drawAddPreview } from "./add-preview.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";
import { asciiLabel } from "./help.ts";

/** Rows of what there is to choose from. */
const choicesMax = 12;

export function drawAdd(d: Drawing, state: AppState, { source, stage }: AddOverlay): void {
  if (stage.kind === "preview") {
    drawAddPreview(d, state, stage);
    return;
  }
  const { theme } = d;
  const width = Math.min(d.canvas.width, 84);
  const inner = width - 4;
  const error = stage.kind === "typing" ? stage.error : "";
  const lines = wrap(clean(error), inner - 2, 3);
  const rect = drawDialog(d, width, choicesMax + 7, "Add torrents", theme.dialogBorder);
  const what = "A .torrent file, a folder of them, a URL, a magnet link or an info hash";
  drawSpans(d, rect.x, rect.y, inDialog(theme, [span(what, theme.dim)]), inner);
  drawInput(d, { ...rect, y: rect.y + 1, height: 1 }, source);
  const below = { ...rect, y: rect.y + 3, height: rect.height - 4 };
  if (stage.kind === "opening") {
    drawSpans(
      d,
      below.x,
      below.y,
      inDialog(theme, [span(`${stage.note}${theme.glyphs.ellipsis}`, theme.accent)]),
      inner,
    );
  } else if (error !== "") {
    lines.forEach((text, i) => {
      const sign = i === 0 ? `${theme.glyphs.stateFailed} ` : "  ";
      drawSpans(d, below.x, below.y + i, inDialog(theme, [span(`${sign}${text}`, theme.bad)]), inner);
    });
    const rest = lines.length + 1;
    drawPathChoice(d, { ...below, y: below.y + rest, height: below.height - rest }, source);
  } else drawPathChoice(d, below, source);
  const hasChoice = stage.kind === "typing" && itemsOf(source).length > 0;
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, keySpans(theme, stage.kind, hasChoice)), inner);
}

function keySpans(theme: Theme, stage: "typing" | "opening", hasChoice: boolean): readonly Span[] {
  if (stage === "opening") return [span("Esc", theme.key), span(" not now", theme.dim)];
  const choice = hasChoice
    ? [
        ...[span("Tab", theme.key), span(" complete   ", theme.dim)],
        ...[span(asciiLabel(theme, "↑↓"), theme.key), span(" choose   ", theme.dim)],
      ]
    : [];
  return [
    ...[span("Enter", theme.key), span(" look at it   ", theme.dim)],
    ...choice,
    ...[span("Esc", theme.key), span(" cancel", theme.dim)],
  ];
}
