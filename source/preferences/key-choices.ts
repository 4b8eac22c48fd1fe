/**
 * The table of keys with the user's changes. A choice gives a command other keys, in every place where the help lists the
 * command. What would make a key mean two things in one place is left out, and told.
 */
import { kebab } from "../base/kebab.ts";
import type { Binding, CommandId, Context } from "./commands.ts";
import { fixedKeys, labelOfKey, writeKeys } from "./key-text.ts";
import { type Keymap, keyTable } from "./keymap.ts";

/** A command whose keys can be chosen. */
export interface KeyCommand {
  readonly command: CommandId;
  /** How the settings call it: `pause-resume`. It stays. */
  readonly name: string;
  /** What it does; where that differs from place to place, as much of it as fits a line. */
  readonly help: string;
  /** As `readKeys` reads it. */
  readonly keys: string;
}

/** Of the help: a line of the settings file has its value before it. */
const helpLengthMax = 72;

/** In the order of the table. Answers to questions keep their keys. */
export const keyCommands: readonly KeyCommand[] = [
  ...Map.groupBy(
    keyTable.filter((binding) => binding.help !== ""),
    ({ command }) => command,
  ),
].flatMap(([command, bindings]) => {
  const own = bindings.map(({ keys }) => keys.filter((key) => !fixedKeys.has(key))).find((keys) => keys.length > 0);
  if (own === undefined) return [];
  const help = helpOf([...new Set(bindings.map((binding) => binding.help))]);
  return [{ command, name: kebab(command), help, keys: writeKeys(own) }];
});

function helpOf(helps: readonly string[]): string {
  const [first = "", ...others] = helps;
  const whole = others.reduce((text, help) => {
    const longer = `${text}; ${help}`;
    return longer.length <= helpLengthMax - 3 ? longer : text;
  }, first);
  return whole === helps.join("; ") ? whole : `${whole}; …`;
}

export interface KeyConflict {
  /** Whose choice does not hold: it has the keys of the table. */
  readonly command: CommandId;
  readonly key: string;
  /** What the key means there. */
  readonly other: CommandId;
  readonly context: Context;
}

export interface ChosenKeymap {
  readonly keymap: Keymap;
  readonly conflicts: readonly KeyConflict[];
}

/** @param choices names of keys by command. One that says what the table says changes nothing. */
export function keymapWith(choices: ReadonlyMap<CommandId, readonly string[]>): ChosenKeymap {
  const usual = new Map(keyCommands.map(({ command, keys }) => [command, keys]));
  const holding = new Map([...choices].filter(([command, keys]) => usual.get(command) !== writeKeys(keys)));
  const conflicts: KeyConflict[] = [];
  for (;;) {
    const keymap = keyTable.map((binding) => withChoice(binding, holding));
    const conflict = firstConflict(keymap, holding);
    if (conflict === undefined) return { keymap, conflicts };
    holding.delete(conflict.command);
    conflicts.push(conflict);
  }
}

function withChoice(binding: Binding, choices: ReadonlyMap<CommandId, readonly string[]>): Binding {
  const chosen = choices.get(binding.command);
  if (chosen === undefined || binding.help === "") return binding;
  const keys = [...chosen, ...binding.keys.filter((key) => fixedKeys.has(key))];
  const { label: _, ...rest } = binding;
  // Two are enough to be found by.
  const label = (chosen.length > 0 ? chosen : keys).slice(0, 2).map(labelOfKey).join(" ");
  return { ...rest, keys, label: label.length > labelLengthMax ? labelOfKey(keys[0] ?? "") : label };
}

/** The help's column of keys. */
const labelLengthMax = 9;

/** Between equals, the one that comes later in the table is at fault. */
function firstConflict(keymap: Keymap, choices: ReadonlyMap<CommandId, readonly string[]>): KeyConflict | undefined {
  if (choices.size === 0) return undefined;
  const meanings = new Map<string, CommandId>();
  for (const binding of keymap) {
    for (const context of binding.contexts) {
      for (const key of binding.keys) {
        const place = `${context} ${key}`;
        const earlier = meanings.get(place) ?? binding.command;
        meanings.set(place, earlier);
        if (earlier === binding.command) continue;
        const [command, other] = choices.has(binding.command) ? [binding.command, earlier] : [earlier, binding.command];
        return { command, key, other, context };
      }
    }
  }
  return undefined;
}

/** As a sentence, without its end, in the words of the settings file: `p means pause-resume already, in the list`. */
export function conflictText({ key, other, context }: KeyConflict): string {
  return `${writeKeys([key])} means ${kebab(other)} already, ${contextText(context)}`;
}

function contextText(context: Context): string {
  switch (context) {
    case "list":
      return "in the list";
    case "help":
      return "in the help";
    default:
      return `in the ${context} view`;
  }
}
