/** The settings as the program uses them, and how they are found by their key. */
import { assert } from "../base/assert.ts";
import { kebab } from "../base/kebab.ts";
import { Setting, settingsTable } from "./settings-table.ts";
import type { Places, SettingValue } from "./value-types.ts";

type Values<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : Values<Table[Name]>;
};

/**
 * All settings, whole and in range: `settings.limits.alternative.down`. What each means, its unit and its default are in
 * settings-table.ts. Paths are absolute, rates bytes a second, times minutes.
 */
export type Settings = Values<typeof settingsTable>;

type PartOf<Table> = {
  readonly [Name in keyof Table]?: Table[Name] extends SettingValue ? Table[Name] | undefined : PartOf<Table[Name]>;
};

/** Some settings: what is undefined is not meant. */
export type PartialSettings = PartOf<Settings>;

export interface SettingEntry {
  /** As in the file: `limits.alternative.down`. */
  readonly key: string;
  /** Of these, the table: `limits.alternative`. */
  readonly group: string;
  /** And the name in it: `down`. */
  readonly name: string;
  /** In `Settings`. */
  readonly path: readonly string[];
  readonly setting: Setting<SettingValue>;
}

/** All settings in the order of the table. */
export const settingEntries: readonly SettingEntry[] = entriesOf(settingsTable, []);

const entryByKey = new Map(settingEntries.map((entry) => [entry.key, entry]));

/** @returns `undefined` where there is no such setting. */
export function settingEntry(key: string): SettingEntry | undefined {
  return entryByKey.get(key);
}

export function defaultSettings(places: Places): Settings {
  return makeSettings(({ setting }) => setting.defaultIn(places));
}

/** @param choose gives a value in the range of the entry's type. */
export function makeSettings(choose: (entry: SettingEntry) => SettingValue): Settings {
  return nested(choose) as Settings;
}

function nested(choose: (entry: SettingEntry) => SettingValue | undefined): object {
  const root: Record<string, unknown> = {};
  for (const entry of settingEntries) {
    let group = root;
    for (const name of entry.path.slice(0, -1)) {
      group[name] ??= {};
      group = group[name] as Record<string, unknown>;
    }
    group[entry.path.at(-1) ?? ""] = choose(entry);
  }
  return root;
}

/** The value of one setting. `undefined` only where the settings are partial. */
export function valueIn(settings: Settings, entry: SettingEntry): SettingValue;
export function valueIn(settings: PartialSettings, entry: SettingEntry): SettingValue | undefined;
export function valueIn(settings: PartialSettings, { path }: SettingEntry): SettingValue | undefined {
  let value: unknown = settings;
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  return value as SettingValue | undefined;
}

/** `settings`, but for what `overrides` has. */
export function withOverrides(settings: Settings, overrides: PartialSettings): Settings {
  return makeSettings((entry) => {
    const value = valueIn(overrides, entry);
    return value === undefined ? valueIn(settings, entry) : value;
  });
}

/** `overrides`, but for what these settings say. */
export function withoutOverrides(overrides: PartialSettings, gone: ReadonlySet<SettingEntry>): PartialSettings {
  return nested((entry) => (gone.has(entry) ? undefined : valueIn(overrides, entry)));
}

export function isSameValue(a: SettingValue, b: SettingValue): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function entriesOf(table: object, above: readonly string[]): readonly SettingEntry[] {
  return Object.entries(table).flatMap(([name, node]: readonly [string, unknown]) => {
    const path = [...above, name];
    if (!(node instanceof Setting)) {
      assert(typeof node === "object" && node !== null, "a table of settings");
      return entriesOf(node, path);
    }
    const keys = path.map(kebab);
    return [{ key: keys.join("."), group: keys.slice(0, -1).join("."), name: kebab(name), path, setting: node }];
  });
}
