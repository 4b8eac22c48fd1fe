/** What this user has chosen of the UI, as the settings have it. Pure. */
import type { SettingsReport, SettingValue } from "../../control/settings-protocol.ts";
import type { CommandId } from "../../preferences/commands.ts";
import { keyCommands, keymapWith } from "../../preferences/key-choices.ts";
import { readKeys } from "../../preferences/key-text.ts";
import { type Keymap, keyTable } from "../../preferences/keymap.ts";
import { type ListColumn, type ListSort, listColumns, listSorts } from "../../preferences/list-columns.ts";
import { type AutoSwitch, autoSwitches, type ThemeName, themeNames } from "../../preferences/look.ts";

/** A column in the order that its heading has it first, or the other way round. */
export interface ListOrder {
  readonly sort: ListSort;
  readonly isReversed: boolean;
}

export interface Preferences {
  readonly theme: ThemeName;
  readonly ascii: AutoSwitch;
  readonly mouse: AutoSwitch;
  /** Of the list. Empty: those that matter most. */
  readonly columns: readonly ListColumn[];
  readonly order: ListOrder;
  /** Of what happens while nobody looks: see `alerts.ts`. */
  readonly bell: boolean;
  readonly notify: boolean;
  readonly keymap: Keymap;
}

export const usualPreferences: Preferences = {
  theme: "auto",
  ascii: "auto",
  mouse: "auto",
  columns: [],
  order: { sort: "added", isReversed: false },
  bell: false,
  notify: false,
  keymap: keyTable,
};

/** By key, as in the settings file: `ui.theme`. */
export type SettingValues = ReadonlyMap<string, SettingValue>;

export function valuesOf({ settings }: SettingsReport): SettingValues {
  return new Map(settings.map(({ key, value }) => [key, value]));
}

/** What is missing or strange is as usual. */
export function readPreferences(values: SettingValues): Preferences {
  const word = <Word extends string>(key: string, words: readonly Word[], usual: Word): Word =>
    words.find((each) => each === values.get(key)) ?? usual;
  return {
    theme: word("ui.theme", themeNames, usualPreferences.theme),
    ascii: word("ui.ascii", autoSwitches, usualPreferences.ascii),
    mouse: word("ui.mouse", autoSwitches, usualPreferences.mouse),
    columns: readColumns(values.get("ui.columns")),
    order: readOrder(values.get("ui.sort")),
    bell: values.get("ui.bell") === true,
    notify: values.get("ui.notify") === true,
    keymap: readKeymap(values),
  };
}

function readColumns(value: SettingValue | undefined): readonly ListColumn[] {
  const names: readonly unknown[] = Array.isArray(value) ? value : [];
  // In the order of the choice, each once.
  return [...new Set(names)].flatMap((name) => listColumns.filter((column) => column === name));
}

function readOrder(value: SettingValue | undefined): ListOrder {
  const text = typeof value === "string" ? value : "";
  const isReversed = text.startsWith("-");
  const sort = listSorts.find((each) => each === (isReversed ? text.slice(1) : text));
  return sort === undefined ? usualPreferences.order : { sort, isReversed };
}

function readKeymap(values: SettingValues): Keymap {
  const choices = new Map<CommandId, readonly string[]>();
  for (const { command, name } of keyCommands) {
    const value = values.get(`ui.keys.${name}`);
    const read = typeof value === "string" ? readKeys(value) : undefined;
    if (read !== undefined && "keys" in read) choices.set(command, read.keys);
  }
  return keymapWith(choices).keymap;
}

export function isMouseOn(choice: AutoSwitch, auto: boolean): boolean {
  return choice === "auto" ? auto : choice === "on";
}
