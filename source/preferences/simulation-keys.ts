/** The keys that a simulated swarm has besides, while one is watched: its time, and who of it is looked at. They cannot be chosen. */
import type { Binding, CommandId } from "./commands.ts";
import type { Keymap } from "./keymap.ts";
import { everywhere } from "./torrent-keys.ts";

export type SimulationCommand =
  | "timePause"
  | "timeFaster"
  | "timeSlower"
  | "timeSecond"
  | "timeEvent"
  | "peerNext"
  | "peerPrevious";

function key(name: string, command: SimulationCommand, help: string, hint?: string): Binding {
  const contexts = [...everywhere, "totals"] as const;
  return { keys: [name], command, contexts, help, group: "Program", ...(hint === undefined ? {} : { hint }) };
}

export const simulationKeys: Keymap = [
  key("z", "timePause", "time: stand still, or go on", "freeze"),
  key("}", "timeFaster", "time: twice as fast", "faster"),
  key("{", "timeSlower", "time: half as fast", "slower"),
  key(".", "timeSecond", "time: one second, then stand still"),
  key(";", "timeEvent", "time: one event, then stand still"),
  key(")", "peerNext", "through the eyes of the next peer", "next peer"),
  key("(", "peerPrevious", "through the eyes of the peer before"),
];

export function isSimulationCommand(command: CommandId): command is SimulationCommand {
  return simulationKeys.some((binding) => binding.command === command);
}

/** In front: what they mean holds, whatever else was chosen for those keys. */
export function withSimulationKeys(keymap: Keymap): Keymap {
  const names = new Set(simulationKeys.flatMap(({ keys }) => keys));
  return [
    ...simulationKeys,
    ...keymap.map((binding) => ({ ...binding, keys: binding.keys.filter((name) => !names.has(name)) })),
  ];
}
