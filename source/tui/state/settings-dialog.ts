/** All settings in a dialog: found, looked at, changed in place. Pure. */
import type { SettingRow, SettingsReport } from "../../control/settings-protocol.ts";
import type { CommandId } from "../../preferences/commands.ts";
import { clampIndex } from "../layout/scroll.ts";
import { moveIndex } from "./list-reducer.ts";
import type { SettingsMode, SettingsOverlay } from "./overlay.ts";
import { editKey, type TextInput } from "./text-input.ts";

export const openedSettings: SettingsOverlay = { kind: "settings", filter: "", cursor: 0, mode: { kind: "list" } };

/** Those that have every word of the filter in their key, value or explanation. */
export function shownSettings(report: SettingsReport | null, filter: string): readonly SettingRow[] {
  const words = filter.toLowerCase().split(/\s+/);
  return (report?.settings ?? []).filter(({ key, help, valueText }) => {
    const text = `${key} ${valueText} ${help}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function groupOf({ key }: SettingRow): string {
  return key.slice(0, key.lastIndexOf("."));
}

export function nameOf({ key }: SettingRow): string {
  return key.slice(key.lastIndexOf(".") + 1);
}

/** The value as one types it: as the file has it, but without the quotes of a single text. */
export function typedValue({ value, valueText }: SettingRow): string {
  if (value === null) return "";
  if (!valueText.startsWith('"')) return valueText;
  try {
    return String(JSON.parse(valueText));
  } catch {
    return valueText;
  }
}

/** What takes a change of it back, as the engine's `set` has it. */
export function backText(row: SettingRow): string {
  return row.source === "default" ? "" : typedValue(row);
}

/** Of those that are one of a few words; "" for all others. */
export function nextWord({ words }: SettingRow, current: string, step: 1 | -1): string {
  const at = words.indexOf(current);
  return words[(at + step + words.length) % Math.max(1, words.length)] ?? "";
}

/** @returns `undefined` where the dialog closes. */
export function reduceSettings(
  overlay: SettingsOverlay,
  command: CommandId,
  report: SettingsReport | null,
  pageSize: number,
): SettingsOverlay | undefined {
  switch (command) {
    case "up":
    case "down":
    case "pageUp":
    case "pageDown":
    case "first":
    case "last": {
      const { length } = shownSettings(report, overlay.filter);
      return { ...overlay, cursor: moveIndex(overlay.cursor, command, pageSize, length) };
    }
    case "dialogFilter":
      return report === null ? overlay : { ...overlay, mode: { kind: "filter", caret: overlay.filter.length } };
    case "cancel":
      return undefined;
    default:
      return overlay;
  }
}

export function moveSettingsCursor(
  overlay: SettingsOverlay,
  report: SettingsReport | null,
  cursor: number,
): SettingsOverlay {
  if (overlay.mode.kind === "edit") return overlay;
  return { ...overlay, cursor: clampIndex(cursor, shownSettings(report, overlay.filter).length) };
}

/** A key while something is typed, but for Enter. */
export function settingsKey(overlay: SettingsOverlay, report: SettingsReport | null, key: string): SettingsOverlay {
  const { mode } = overlay;
  if (key === "escape") {
    const filter = mode.kind === "filter" ? "" : overlay.filter;
    return { ...overlay, filter, cursor: filter === overlay.filter ? overlay.cursor : 0, mode: { kind: "list" } };
  }
  const step = key === "down" || key === "tab" ? 1 : key === "up" || key === "shift+tab" ? -1 : undefined;
  if (mode.kind === "filter" && step !== undefined) return moveSettingsCursor(overlay, report, overlay.cursor + step);
  if (mode.kind === "edit" && step !== undefined) {
    const row = report?.settings.find((each) => each.key === mode.key);
    return row === undefined || row.words.length === 0
      ? overlay
      : { ...overlay, mode: edited(mode, typed(nextWord(row, mode.text, step))) };
  }
  return withSettingsInput(overlay, (input) => editKey(input, key) ?? input);
}

export function withSettingsInput(overlay: SettingsOverlay, edit: (input: TextInput) => TextInput): SettingsOverlay {
  const { mode, filter } = overlay;
  switch (mode.kind) {
    case "list":
      return overlay;
    case "filter": {
      const { text, caret } = edit({ text: filter, caret: mode.caret });
      return { ...overlay, filter: text, cursor: text === filter ? overlay.cursor : 0, mode: { ...mode, caret } };
    }
    case "edit":
      return mode.isBusy ? overlay : { ...overlay, mode: edited(mode, edit(mode)) };
  }
}

/** Begins to change a setting. */
export function editing(row: SettingRow): SettingsMode {
  return { kind: "edit", key: row.key, ...typed(typedValue(row)), error: "", isBusy: false };
}

function typed(text: string): TextInput {
  return { text, caret: text.length };
}

function edited(mode: Extract<SettingsMode, { readonly kind: "edit" }>, input: TextInput): SettingsMode {
  return { ...mode, text: input.text, caret: input.caret, error: "" };
}
