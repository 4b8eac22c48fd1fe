/** What the keys do here, and what letters and signs mean. */
import { flagLegend } from "../../control/protocol.ts";
import type { Binding, Context } from "../../preferences/commands.ts";
import { bindingsFor, type Keymap, keyLabel } from "../../preferences/keymap.ts";
import { type Drawing, drawSpans, drawSpansRight, type Span, span } from "../components/drawing.ts";
import { signLegend } from "../components/torrent-state.ts";
import type { Theme } from "../format/theme.ts";
import { drawDialog, inDialog } from "./dialog.ts";

type HelpLine = readonly Span[];

const labelWidth = 10;

/** What the keys do here; then what the letters and signs mean. */
export function helpColumns(
  theme: Theme,
  keymap: Keymap,
  context: Context,
): readonly [readonly HelpLine[], readonly HelpLine[]] {
  const keysOf = (group: Binding["group"]): readonly HelpLine[] => {
    const bindings = bindingsFor(keymap, context).filter((binding) => binding.group === group && binding.help !== "");
    if (bindings.length === 0) return [];
    const lines = bindings.map((binding) => [
      span(asciiLabel(theme, keyLabel(binding)).padEnd(labelWidth), theme.key),
      span(binding.help),
    ]);
    return [[span(group, theme.accentStrong)], ...lines, []];
  };
  const left = [...keysOf("Move"), ...keysOf("Views")];
  const right = [...keysOf("Torrent"), ...keysOf("Program")];
  if (context === "list") {
    left.push([span("Signs", theme.accentStrong)]);
    for (const [sign, meaning, style] of signLegend(theme)) {
      left.push([span(sign.padEnd(labelWidth), style), span(meaning, theme.dim)]);
    }
    left.push([]);
    return [left, right];
  }
  const g = theme.glyphs;
  right.push([span("Flags", theme.accentStrong)]);
  for (const [letter, meaning] of flagLegend) {
    right.push([span(letter.padEnd(labelWidth), theme.strong), span(meaning, theme.dim)]);
  }
  left.push(
    [span("Slots", theme.accentStrong)],
    [span(g.slotRegular.padEnd(labelWidth), theme.good), span("regular: earned by its rate", theme.dim)],
    [span(g.slotOptimistic.padEnd(labelWidth), theme.warn), span("optimistic: drawn by lot", theme.dim)],
    [span(g.slotFree.padEnd(labelWidth), theme.dim), span("wants our pieces, has no slot", theme.dim)],
    [],
  );
  return [left, right];
}

export function asciiLabel(theme: Theme, label: string): string {
  if (theme.capabilities.hasUnicode) return label;
  return label.replace("↑", "Up").replace("↓", "Down").replace("←", "Left").replace("→", "Right").replace("⇧", "Sh-");
}

export function drawHelp(d: Drawing, context: Context, offset: number): void {
  const { theme } = d;
  const [left, right] = helpColumns(theme, d.keymap, context);
  const hasTwoColumns = d.canvas.width >= 110;
  const leftWidth = 44;
  const columns = hasTwoColumns ? [left, right] : [[...left, ...right]];
  const height = Math.max(...columns.map((lines) => lines.length));
  const width = Math.min(d.canvas.width, hasTwoColumns ? 116 : 74);
  const rect = drawDialog(d, width, height + 2, "Keys", theme.dialogBorder);
  const last = Math.max(0, height - rect.height);
  const from = Math.min(offset, last);
  columns.forEach((lines, i) => {
    const x = rect.x + i * leftWidth;
    const columnWidth = hasTwoColumns && i === 0 ? leftWidth - 2 : rect.x + rect.width - x;
    lines.slice(from, from + rect.height).forEach((line, row) => {
      drawSpans(d, x, rect.y + row, inDialog(theme, line), columnWidth);
    });
  });
  if (last > 0) {
    const more = from < last ? " ↓ more " : " ↑ ";
    drawSpansRight(
      d,
      rect.x + rect.width,
      rect.y + rect.height,
      [span(asciiLabel(theme, more), theme.dialogBorder)],
      rect.width,
    );
  }
}
