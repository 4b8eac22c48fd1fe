/** A simulated swarm of which one engine is watched: what is said of its time, and what keys do to it. */
import type { CommandId } from "../preferences/commands.ts";
import { isSimulationCommand, type SimulationCommand } from "../preferences/simulation-keys.ts";

export type { SimulationCommand } from "../preferences/simulation-keys.ts";

export interface SimulationStatus {
  /** Whose engine is watched. */
  readonly node: string;
  /** Since the swarm began. */
  readonly virtualMs: number;
  /** Times real time, as it is wanted. */
  readonly speed: number;
  /** What the machine makes of it. */
  readonly actualSpeed: number;
  readonly isPaused: boolean;
  /** That have happened. */
  readonly events: number;
  /** Nothing more is to come. */
  readonly isOver: boolean;
  /** Of those that wanted the content, all over the swarm. */
  readonly completed: number;
  readonly peers: number;
}

export interface SimulationDial {
  status(): SimulationStatus;
  perform(command: SimulationCommand): void;
}

/** @returns whether the command was one of these. */
export function performSimulated(dial: SimulationDial | undefined, command: CommandId): boolean {
  if (dial === undefined || !isSimulationCommand(command)) return false;
  dial.perform(command);
  return true;
}
