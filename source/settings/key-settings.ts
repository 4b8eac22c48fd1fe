/** The settings of keys, taken together: a key must not mean two things in one place. */
import { conflictText, keyCommands, keymapWith } from "../preferences/key-choices.ts";
import { readKeys } from "../preferences/key-text.ts";
import { type SettingEntry, type Settings, settingEntries } from "./settings.ts";

export interface SettingConflict {
  readonly entry: SettingEntry;
  /** One sentence, without its end. */
  readonly message: string;
}

const entryByCommand = new Map(
  settingEntries.filter(({ group }) => group === "ui.keys").map((entry) => [entry.path.at(-1), entry]),
);

/** Those settings of keys that cannot hold beside the others. With the default in their place, all can. */
export function keyConflicts({ ui }: Settings): readonly SettingConflict[] {
  const choices = new Map(
    keyCommands.map(({ command, keys }) => {
      const read = readKeys(ui.keys[command] ?? keys);
      return [command, "keys" in read ? read.keys : []];
    }),
  );
  return keymapWith(choices).conflicts.flatMap((conflict) => {
    const entry = entryByCommand.get(conflict.command);
    return entry === undefined ? [] : [{ entry, message: `${entry.key}: ${conflictText(conflict)}` }];
  });
}
