/** All settings: what holds, what is usual, where it comes from, what it means; and the one that is being changed. */
import type { SettingRow } from "../../control/settings-protocol.ts";
import { clean, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import { truncateMiddle, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { planListDialog } from "../layout/list-dialog-plan.ts";
import { offsetFor } from "../layout/scroll.ts";
import type { AppState } from "../state/app-state.ts";
import type { SettingsOverlay } from "../state/overlay.ts";
import { groupOf, nameOf, shownSettings } from "../state/settings-dialog.ts";
import { drawDialog, drawDialogScrollbar, drawInput, inDialog } from "./dialog.ts";

/** What stands in the list: settings under the name of their table. */
type Line = { readonly group: string } | { readonly row: SettingRow; readonly index: number };

export function drawSettings(d: Drawing, state: AppState, overlay: SettingsOverlay): void {
  const { theme } = d;
  const plan = planListDialog(state.columns, state.rows, "settings");
  const { settings } = state;
  if (settings === null) {
    drawWithout(d, state);
    return;
  }
  const rect = drawDialog(d, plan.width, plan.height, "Settings", theme.dialogBorder);
  const rows = shownSettings(settings, overlay.filter);
  drawTop(d, { ...rect, height: 1 }, overlay, settings.path, settings.problems);
  const list = { ...rect, y: rect.y + 1, height: plan.pageSize };
  drawList(d, list, rows, overlay);
  const current = rows[overlay.cursor];
  const about = { ...rect, y: rect.y + rect.height - plan.aboutHeight, height: plan.aboutHeight };
  if (current === undefined) {
    drawSpans(d, list.x, list.y + 1, inDialog(theme, [span("no setting is like that", theme.dim)]), list.width);
  } else drawAbout(d, about, current, overlay);
}

function drawWithout(d: Drawing, { session }: AppState): void {
  const width = Math.min(d.canvas.width, 72);
  const isNone = session?.settingsRevision === null;
  const words = isNone
    ? "This engine has no settings file: it goes by the command that started it. What is chosen on the screen holds until you leave."
    : "Asking the engine…";
  const lines = wrap(words, width - 4, 5);
  const rect = drawDialog(d, width, lines.length + 4, "Settings", d.theme.dialogBorder);
  lines.forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + 1 + i, inDialog(d.theme, [span(line)]), rect.width);
  });
}

/** The filter, else what is wrong with the file, else where it is. */
function drawTop(d: Drawing, rect: Rect, overlay: SettingsOverlay, path: string, problems: readonly string[]): void {
  const { theme } = d;
  const { mode, filter } = overlay;
  if (mode.kind === "filter") {
    drawSpans(d, rect.x, rect.y, inDialog(theme, [span("/ ", theme.key)]), 2);
    drawInput(d, { ...rect, x: rect.x + 2, width: rect.width - 2 }, { text: filter, caret: mode.caret });
    return;
  }
  // Which file that is, is known here.
  const problem = problems[0]?.replace(`${path}: `, "");
  const line =
    filter !== ""
      ? [span("/ ", theme.key), span(clean(filter), theme.warn)]
      : problem !== undefined
        ? [span(`${theme.glyphs.warning} ${clean(problem)}`, theme.warn)]
        : [span(truncateMiddle(clean(path), rect.width, theme.glyphs.ellipsis), theme.dim)];
  drawSpans(d, rect.x, rect.y, inDialog(theme, line), rect.width);
}

function drawList(d: Drawing, rect: Rect, rows: readonly SettingRow[], overlay: SettingsOverlay): void {
  const { canvas, theme } = d;
  const { cursor, mode } = overlay;
  const lines = linesOf(rows);
  const at = lines.findIndex((line) => "index" in line && line.index === cursor);
  // The name of the table above the first one is worth a line.
  const offset = at <= 1 ? 0 : offsetFor(at, 0, rect.height, lines.length);
  const width = rect.width - 2;
  const nameWidth = Math.min(30, Math.max(26, Math.floor(width * 0.4)));
  lines.slice(offset, offset + rect.height).forEach((line, i) => {
    const y = rect.y + i;
    if ("group" in line) {
      drawSpans(d, rect.x, y, inDialog(theme, [span(`[${line.group}]`, theme.dim)]), width);
      return;
    }
    const isCursor = line.index === cursor;
    const marker = span(isCursor ? theme.glyphs.marker : " ", theme.accentStrong);
    drawSpans(d, rect.x, y, inDialog(theme, [marker, span(` ${nameOf(line.row)}`)]), nameWidth);
    const value = { ...rect, x: rect.x + nameWidth + 1, y, width: width - nameWidth - 1, height: 1 };
    if (isCursor && mode.kind === "edit") {
      drawInput(d, value, mode);
    } else {
      drawSpans(d, value.x, y, inDialog(theme, valueSpans(theme, line.row)), value.width);
      if (isCursor) canvas.restyle({ ...rect, y, width, height: 1 }, theme.selected);
    }
    d.zones?.push({ rect: { ...rect, y, height: 1 }, target: { kind: "row", index: line.index } });
  });
  drawDialogScrollbar(d, rect, offset, lines.length);
}

function linesOf(rows: readonly SettingRow[]): readonly Line[] {
  return rows.flatMap((row, index): Line[] => {
    const before = rows[index - 1];
    const isFirst = before === undefined || groupOf(before) !== groupOf(row);
    return isFirst ? [{ group: groupOf(row) }, { row, index }] : [{ row, index }];
  });
}

const sources: Readonly<Record<SettingRow["source"], string>> = {
  default: "",
  file: "in the file",
  option: "by the command line",
};

function valueSpans(theme: Theme, row: SettingRow): readonly Span[] {
  const isUsual = row.source === "default";
  const value = span(shown(row.valueText), isUsual ? theme.text : theme.accentStrong);
  return isUsual ? [value] : [value, span(`  ${theme.glyphs.dot} ${sources[row.source]}`, theme.dim)];
}

function shown(text: string): string {
  return text === "" ? "not set" : clean(text);
}

/** What the setting under the cursor means, what it takes, or why a value cannot be. */
function drawAbout(d: Drawing, rect: Rect, row: SettingRow, { mode }: SettingsOverlay): void {
  const { theme } = d;
  const facts = `usually ${shown(row.defaultText)}${row.needsRestart ? `; holds from the next start of the engine on` : ""}`;
  const help = wrap(`${clean(row.key)}: ${clean(row.help.replace(/\n/g, " "))}`, rect.width, rect.height - 1);
  const expected = wrap(`It takes ${clean(row.expected)}; nothing is as usual.`, rect.width, rect.height - 1);
  const isEdited = mode.kind === "edit";
  const lines: (readonly Span[])[] =
    isEdited && mode.error !== ""
      ? wrap(clean(mode.error), rect.width - 2, rect.height - 1).map((line, i) => [
          span(`${i === 0 ? theme.glyphs.stateFailed : " "} ${line}`, theme.bad),
        ])
      : (isEdited ? expected : help).map((line) => [span(line)]);
  lines.push(isEdited ? editHints(theme, row) : [span(facts, row.needsRestart ? theme.warn : theme.dim)]);
  const top = rect.y + rect.height - lines.length;
  lines.forEach((line, i) => {
    drawSpans(d, rect.x, top + i, inDialog(theme, line), rect.width);
  });
}

function editHints(theme: Theme, row: SettingRow): readonly Span[] {
  const hint = (key: string, word: string): readonly Span[] => [span(key, theme.key), span(` ${word}   `, theme.dim)];
  return [
    ...hint("Enter", "change it"),
    ...(row.words.length > 0 ? hint("Tab", "next of its words") : []),
    ...hint("Esc", "leave it"),
  ];
}
