/** Checks of what is said of settings, both ways. See `validate.ts`. */
import { amount, arrayOf, boolean, type Check, literal, object, oneOf, refuse, text } from "./check.ts";
import { pathLengthMax, settingItemsMax, settingKeyLengthMax, settingsMax, settingTextLengthMax } from "./limits.ts";
import type { Command } from "./protocol.ts";
import type { SettingChange, SettingRow, SettingsReport, SettingValue } from "./settings-protocol.ts";

type CommandOf<Name extends Command["name"]> = Extract<Command, { readonly name: Name }>;

const words = text(settingTextLengthMax);
const texts = arrayOf(words, settingItemsMax);
const key = text(settingKeyLengthMax);

const settingValue: Check<SettingValue> = (value, path) => {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return words(value, path);
  if (typeof value === "number") return Number.isFinite(value) ? value : refuse(path, "a number");
  return texts(value, path);
};

export const settingsCommand: Check<CommandOf<"settings">> = object<CommandOf<"settings">>({
  name: literal("settings"),
});

export const setCommand: Check<CommandOf<"set">> = object<CommandOf<"set">>({
  name: literal("set"),
  changes: arrayOf(object<SettingChange>({ key, text: words }), settingsMax),
});

export const settingsReport: Check<SettingsReport> = object<SettingsReport>({
  path: text(pathLengthMax),
  revision: amount,
  settings: arrayOf(
    object<SettingRow>({
      key,
      help: words,
      expected: words,
      words: texts,
      value: settingValue,
      default: settingValue,
      valueText: words,
      defaultText: words,
      source: oneOf("default", "file", "option"),
      needsRestart: boolean,
    }),
    settingsMax,
  ),
  problems: texts,
});
