/** What lies over the screen: how it is opened, and what keys and text do in it. Pure; part of `reducer.ts`. */

import type { DataFate } from "../../control/protocol.ts";
import type { CommandId } from "../../preferences/commands.ts";
import { planListDialog } from "../layout/list-dialog-plan.ts";
import { clampIndex } from "../layout/scroll.ts";
import { addKey, addPaste } from "./add-keys.ts";
import { type AppState, targetRows } from "./app-state.ts";
import { moveColumnsCursor, openColumns, reduceColumns } from "./columns-dialog.ts";
import { filterOf, withFilter } from "./filter.ts";
import { labelChoices, openLabels } from "./labels.ts";
import { limitsKey, withLimit } from "./limits.ts";
import { moveInList } from "./list-reducer.ts";
import { openMove } from "./moving.ts";
import { optionTexts } from "./options.ts";
import type { ColumnsOverlay, OptionsOverlay, SettingsOverlay } from "./overlay.ts";
import { paletteChoices } from "./palette.ts";
import { closeChoice, typedPath } from "./path-dialogs.ts";
import { pathKey, pathPaste } from "./path-input.ts";
import {
  moveSettingsCursor,
  openedSettings,
  reduceSettings,
  settingsKey,
  withSettingsInput,
} from "./settings-dialog.ts";
import { editKey, insertText } from "./text-input.ts";
import { moveInTorrent } from "./torrent-reducer.ts";

/** The help may be longer than the screen. */
export function reduceScrolling(state: AppState, command: CommandId): AppState {
  const { overlay } = state;
  if (overlay?.kind !== "help") return state;
  const to = (value: number): AppState => ({ ...state, overlay: { ...overlay, offset: Math.max(0, value) } });
  switch (command) {
    case "up":
      return to(overlay.offset - 1);
    case "down":
      return to(overlay.offset + 1);
    case "pageUp":
      return to(overlay.offset - 10);
    case "pageDown":
      return to(overlay.offset + 10);
    case "first":
      return to(0);
    case "last":
      return to(100);
    default:
      return { ...state, overlay: null };
  }
}

/** Those with a list in them that keys move in. */
export function reduceListDialog(
  state: AppState,
  overlay: ColumnsOverlay | SettingsOverlay,
  command: CommandId,
): AppState {
  const { pageSize } = planListDialog(state.columns, state.rows, overlay.kind);
  const next =
    overlay.kind === "columns"
      ? reduceColumns(overlay, command, pageSize)
      : reduceSettings(overlay, command, state.settings, pageSize);
  return { ...state, overlay: next ?? null };
}

export function overlayKey(state: AppState, key: string): AppState {
  if (state.overlay?.kind === "settings") {
    return { ...state, overlay: settingsKey(state.overlay, state.settings, key) };
  }
  if (state.overlay?.kind === "add") return addKey(state, key);
  if (state.overlay?.kind === "move") return moveKey(state, key);
  if (state.overlay?.kind === "limits" && key !== "escape") {
    return { ...state, overlay: limitsKey(state, state.overlay, key) };
  }
  if (state.overlay?.kind === "filter") {
    if (key === "enter") return { ...state, overlay: null };
    if (key === "escape") return withFilter({ ...state, overlay: null }, "");
    if (key === "up" || key === "down") return state.open === null ? moveInList(state, key) : moveInTorrent(state, key);
  }
  if (state.overlay?.kind === "palette" || state.overlay?.kind === "labels" || state.overlay?.kind === "options") {
    if (key === "up" || key === "ctrl+p" || key === "shift+tab") return moveOverlay(state, state.overlay.cursor - 1);
    if (key === "down" || key === "ctrl+n" || key === "tab") return moveOverlay(state, state.overlay.cursor + 1);
  }
  if (state.overlay?.kind !== "filter" && key === "escape") return { ...state, overlay: null };
  return withInput(state, (input) => editKey(input, key) ?? input);
}

function moveKey(state: AppState, key: string): AppState {
  const typed = typedPath(state);
  if (typed === undefined) return state;
  if (key !== "escape") return typed.put(pathKey(typed.input, key, typed.isLive) ?? typed.input);
  const closed = closeChoice(state);
  return closed === state ? { ...state, overlay: null } : closed;
}

export function moveOverlay(state: AppState, cursor: number): AppState {
  const { overlay } = state;
  switch (overlay?.kind) {
    case "palette": {
      const { length } = paletteChoices(state, overlay.text);
      return { ...state, overlay: { ...overlay, cursor: clampIndex(cursor, length) } };
    }
    case "labels":
      return {
        ...state,
        overlay: { ...overlay, cursor: clampIndex(cursor, labelChoices(state, overlay).length) },
      };
    case "columns":
      return { ...state, overlay: moveColumnsCursor(overlay, cursor) };
    case "settings":
      return { ...state, overlay: moveSettingsCursor(overlay, state.settings, cursor) };
    case "options":
      return { ...state, overlay: toField(overlay, clampIndex(cursor, overlay.texts.length)) };
    default:
      return state;
  }
}

/** The caret goes behind what stands there. */
export function toField(overlay: OptionsOverlay, cursor: number): OptionsOverlay {
  return { ...overlay, cursor, caret: overlay.texts[cursor]?.length ?? 0 };
}

type Opening = Extract<
  CommandId,
  | "help"
  | "labels"
  | "options"
  | "moveData"
  | "filter"
  | "remove"
  | "removeWithData"
  | "palette"
  | "columns"
  | "settings"
>;

export function openOverlay(state: AppState, command: Opening): AppState {
  switch (command) {
    case "help":
      return { ...state, overlay: { kind: "help", offset: 0 } };
    case "labels":
      return openLabels(state);
    case "options":
      return openOptions(state);
    case "moveData":
      return openMove(state);
    case "filter":
      return { ...state, overlay: { kind: "filter" } };
    case "remove":
      return askRemoval(state, "keep");
    case "removeWithData":
      return askRemoval(state, "delete");
    case "palette":
      return { ...state, overlay: { kind: "palette", text: "", caret: 0, cursor: 0 } };
    case "columns":
      return { ...state, overlay: openColumns(state.preferences.columns) };
    case "settings":
      return { ...state, overlay: openedSettings };
  }
}

function askRemoval(state: AppState, data: DataFate): AppState {
  const torrents = targetRows(state);
  return torrents.length === 0 ? state : { ...state, overlay: { kind: "confirm", torrents, data } };
}

export function toTrash(state: AppState): AppState {
  const { overlay } = state;
  if (overlay?.kind !== "confirm" || overlay.data === "keep") return state;
  return { ...state, overlay: { ...overlay, data: "trash" } };
}

function openOptions(state: AppState): AppState {
  const torrents = targetRows(state);
  if (torrents.length === 0) return state;
  const detail = state.open?.detail ?? null;
  const choices = detail === null ? [] : [detail.choices];
  const before = optionTexts(choices);
  const overlay = {
    kind: "options",
    torrents,
    texts: before,
    before,
    choices,
    cursor: 0,
    caret: 0,
    error: "",
  } as const;
  return { ...state, overlay: toField(overlay, 0) };
}

/** @param text pasted: goes where what is typed goes. */
export function overlayPaste(state: AppState, text: string): AppState {
  if (state.overlay?.kind === "move") {
    const typed = typedPath(state);
    return typed === undefined ? state : typed.put(pathPaste(typed.input, text, typed.isLive));
  }
  if (state.overlay?.kind === "add") return addPaste(state, text);
  return withInput(state, (input) => insertText(input, text));
}

function withInput(
  state: AppState,
  edit: (input: { readonly text: string; readonly caret: number }) => { readonly text: string; readonly caret: number },
): AppState {
  const { overlay } = state;
  if (overlay?.kind === "palette" || overlay?.kind === "labels") {
    return { ...state, overlay: { ...overlay, ...edit(overlay), cursor: 0 } };
  }
  if (overlay?.kind === "rename") {
    return overlay.isBusy ? state : { ...state, overlay: { ...overlay, ...edit(overlay), error: "" } };
  }
  if (overlay?.kind === "limits") return { ...state, overlay: withLimit(overlay, edit) };
  if (overlay?.kind === "options") {
    const { text, caret } = edit({ text: overlay.texts[overlay.cursor] ?? "", caret: overlay.caret });
    return { ...state, overlay: { ...overlay, texts: overlay.texts.with(overlay.cursor, text), caret, error: "" } };
  }
  if (overlay?.kind === "settings") return { ...state, overlay: withSettingsInput(overlay, edit) };
  if (overlay?.kind === "filter") {
    const filter = filterOf(state);
    return withFilter(state, edit({ text: filter, caret: filter.length }).text);
  }
  return state;
}
