/** The account of the time of all neighbours of a torrent, added up. Reads only; see `why-account.ts`. */
import type { Torrent } from "../engine/torrent.ts";
import { downStates, upStates } from "../swarm/neighbour-time.ts";
import type { TimeOfAll } from "./insight.ts";

/** `undefined` while the torrent is not active. */
export function accountFacts({ swarm }: Torrent, nowMs: number): TimeOfAll | undefined {
  if (swarm === undefined) return undefined;
  const downMs = new Float64Array(downStates.length);
  const upMs = new Float64Array(upStates.length);
  let capped = 0;
  let givenToChoking = 0;
  for (const neighbour of swarm.neighbours.values()) {
    const { down, up } = neighbour.time;
    down.addLately(downMs, nowMs);
    up.addLately(upMs, nowMs);
    if (neighbour.pipeline.isCapped && down.lately(nowMs).waiting > 30_000) capped++;
    if (neighbour.amInterested && neighbour.peerChoking) givenToChoking += neighbour.up.rate(nowMs);
  }
  const { uninterested: _, ...useful } = named(downStates, downMs);
  const { unwanted: __, ...wanting } = named(upStates, upMs);
  const downTotal = sumOf(useful);
  const upTotal = sumOf(wanting);
  return {
    downSeconds: downTotal / 1000,
    upSeconds: upTotal / 1000,
    down: partsOf(useful, downTotal),
    up: partsOf(wanting, upTotal),
    capped,
    givenToChoking: Math.round(givenToChoking),
  };
}

function named<State extends string>(states: readonly State[], values: Float64Array): Record<State, number> {
  return Object.fromEntries(states.map((state, index) => [state, values[index] ?? 0])) as Record<State, number>;
}

function sumOf(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((sum, value) => sum + value, 0);
}

function partsOf<State extends string>(values: Readonly<Record<State, number>>, total: number): Record<State, number> {
  const entries = Object.entries<number>(values).map(([state, value]) => [state, total === 0 ? 0 : value / total]);
  return Object.fromEntries(entries) as Record<State, number>;
}
