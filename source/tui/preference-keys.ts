/** What keys do to the preferences, and to settings in general: on the screen at once, then kept. */
import { messageOf } from "../base/errors.ts";
import type { Command } from "../control/protocol.ts";
import type { SettingRow } from "../control/settings-protocol.ts";
import type { CommandId } from "../preferences/commands.ts";
import { keyFor } from "../preferences/keymap.ts";
import type { ListColumn } from "../preferences/list-columns.ts";
import { themeNames } from "../preferences/look.ts";
import type { SettingsLink } from "./settings-link.ts";
import type { AppState, Tone } from "./state/app-state.ts";
import { chosenColumns, columnsRefusal } from "./state/columns-dialog.ts";
import type { SettingsMode, SettingsOverlay } from "./state/overlay.ts";
import { usualPreferences } from "./state/preferences.ts";
import { backText, editing, nextWord, shownSettings, typedValue } from "./state/settings-dialog.ts";
import type { Store } from "./state/store.ts";

export interface PreferenceKeysOptions {
  readonly store: Store;
  readonly settings: SettingsLink;
  readonly say: (text: string, tone: Tone) => void;
  /** What was done, and what takes it back. */
  readonly remember: (text: string, back: readonly Command[]) => void;
}

export class PreferenceKeys {
  readonly #options: PreferenceKeysOptions;

  constructor(options: PreferenceKeysOptions) {
    this.#options = options;
  }

  /** @returns whether the command was one of these. */
  perform(command: CommandId): boolean {
    const { store, say } = this.#options;
    const before = store.state;
    switch (command) {
      case "theme":
        this.#nextTheme(before);
        return true;
      case "mouse":
        store.dispatch({ type: "command", command });
        say(mouseText(before), "info");
        return true;
      case "dialogToggle":
      case "dialogEarlier":
      case "dialogLater":
      case "dialogReset":
        if (before.overlay?.kind === "settings") this.#changeAtOnce(before.overlay, command);
        else {
          const whyNot = before.overlay?.kind === "columns" ? columnsRefusal(before.overlay, command) : "";
          store.dispatch({ type: "command", command });
          this.#keepColumns();
          if (whyNot !== "") say(whyNot, "info");
        }
        return true;
      case "confirm":
        if (before.overlay?.kind !== "settings") return false;
        this.#confirm(before.overlay);
        return true;
      default:
        return false;
    }
  }

  #nextTheme({ preferences, session }: AppState): void {
    const { settings, say } = this.#options;
    const theme = themeNames[(themeNames.indexOf(preferences.theme) + 1) % themeNames.length] ?? "auto";
    settings.prefer({ theme }, { key: "ui.theme", text: theme === usualPreferences.theme ? "" : theme });
    say(`theme: ${theme}${session?.settingsRevision === null ? ", until you leave" : ""}`, "info");
  }

  #keepColumns(): void {
    const { overlay, preferences } = this.#options.store.state;
    if (overlay?.kind !== "columns") return;
    const columns = chosenColumns(overlay);
    if (isSame(columns, preferences.columns)) return;
    const text = columns.length === 0 ? "" : JSON.stringify(columns);
    this.#options.settings.prefer({ columns }, { key: "ui.columns", text });
  }

  // ── the dialog of all settings ─────────────────────────────────────────────────────────────────────────────────

  #changeAtOnce(overlay: SettingsOverlay, command: CommandId): void {
    const row = this.#current(overlay);
    if (row === undefined) return;
    if (command === "dialogReset") {
      if (row.source === "default") this.#options.say(`${row.key} is as usual already`, "info");
      else void this.#change(row, "", { kind: "list" });
    } else if (command === "dialogToggle") {
      if (row.words.length === 0) this.#mode(editing(row));
      else void this.#change(row, nextWord(row, typedValue(row), 1), { kind: "list" });
    }
  }

  #confirm(overlay: SettingsOverlay): void {
    const { mode } = overlay;
    const row = this.#current(overlay);
    if (mode.kind === "filter") this.#mode({ kind: "list" });
    else if (mode.kind === "list") {
      if (row !== undefined) this.#mode(editing(row));
    } else if (row !== undefined && !mode.isBusy) {
      this.#mode({ ...mode, isBusy: true });
      void this.#change(row, mode.text.trim(), { ...mode, isBusy: false });
    }
  }

  /** @param failed how it goes on where it is refused, with the reason. */
  async #change(row: SettingRow, text: string, failed: SettingsMode): Promise<void> {
    const { settings, say, remember } = this.#options;
    const { key, needsRestart } = row;
    try {
      await settings.change([{ key, text }]);
      remember(`changed ${key}`, [{ name: "set", changes: [{ key, text: backText(row) }] }]);
      this.#mode({ kind: "list" });
      if (needsRestart) say(`${key} holds from the next start of the engine on`, "info");
    } catch (error) {
      const reason = messageOf(error);
      if (failed.kind === "edit") this.#mode({ ...failed, error: reason });
      else say(reason, "bad");
    }
  }

  #current({ filter, cursor, mode }: SettingsOverlay): SettingRow | undefined {
    const { settings } = this.#options.store.state;
    if (mode.kind === "edit") return settings?.settings.find(({ key }) => key === mode.key);
    return shownSettings(settings, filter)[cursor];
  }

  #mode(mode: SettingsMode): void {
    this.#options.store.dispatch({ type: "settingsMode", mode });
  }
}

/** @param before the switch. */
function mouseText({ hasMouse, preferences }: AppState): string {
  if (!hasMouse) return "the mouse clicks here now";
  const key = keyFor(preferences.keymap, "list", "mouse");
  return `the mouse selects text now${key === "" ? "" : `; ${key} takes it back`}`;
}

function isSame(a: readonly ListColumn[], b: readonly ListColumn[]): boolean {
  return a.length === b.length && a.every((column, i) => column === b[i]);
}
