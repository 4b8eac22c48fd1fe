/** The keys that a simulated swarm has besides, while one is watched: what its time does. They cannot be chosen. */
import type { Binding, CommandId } from "./commands.ts";
import type { Keymap } from "./keymap.ts";
import { everywhere } from "./torrent-keys.ts";

export type TimeCommand = "timePause" | "timeFaster" | "timeSlower" | "timeSecond" | "timeEvent";

function key(name: string, command: TimeCommand, help: string, hint?: string): Binding {
  const contexts = [...everywhere, "totals"] as const;
  return { keys: [name], command, contexts, help, group: "Program", ...(hint === undefined ? {} : { hint }) };
}

export const timeKeys: Keymap = [
  key("z", "timePause", "time: stand still, or go on", "freeze"),
  key("}", "timeFaster", "time: twice as fast", "faster"),
  key("{", "timeSlower", "time: half as fast", "slower"),
  key(".", "timeSecond", "time: one second, then stand still"),
  key(";", "timeEvent", "time: one event, then stand still"),
];

export function isTimeCommand(command: CommandId): command is TimeCommand {
  return timeKeys.some((binding) => binding.command === command);
}

/** In front: what they mean holds, whatever else was chosen for those keys. */
export function withTimeKeys(keymap: Keymap): Keymap {
  const names = new Set(timeKeys.flatMap(({ keys }) => keys));
  return [
    ...timeKeys,
    ...keymap.map((binding) => ({ ...binding, keys: binding.keys.filter((name) => !names.has(name)) })),
  ];
}
