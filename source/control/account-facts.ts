/** The account of the time of all neighbours of a torrent, added up. Reads only; see `why-account.ts`. */
import type { Torrent } from "../engine/torrent.ts";
import { type DownState, downStates, type UpState, upStates } from "../swarm/neighbour-time.ts";
import type { TimeOfAll } from "./insight.ts";

/** `undefined` while the torrent is not active. */
export function accountFacts({ swarm }: Torrent, nowMs: number): TimeOfAll | undefined {
  if (swarm === undefined) return undefined;
  const down = Object.fromEntries(downStates.map((state) => [state, 0])) as Record<DownState, number>;
  const up = Object.fromEntries(upStates.map((state) => [state, 0])) as Record<UpState, number>;
  let capped = 0;
  let givenToChoking = 0;
  for (const neighbour of swarm.neighbours.values()) {
    const downMs = neighbour.time.down.lately(nowMs);
    const upMs = neighbour.time.up.lately(nowMs);
    for (const state of downStates) down[state] += downMs[state];
    for (const state of upStates) up[state] += upMs[state];
    if (downMs.waiting > 30_000 && neighbour.pipeline.isCapped) capped++;
    if (neighbour.amInterested && neighbour.peerChoking) givenToChoking += neighbour.up.rate(nowMs);
  }
  const { uninterested: _, ...useful } = down;
  const { unwanted: __, ...wanting } = up;
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

function sumOf(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((sum, value) => sum + value, 0);
}

function partsOf<State extends string>(values: Readonly<Record<State, number>>, total: number): Record<State, number> {
  const entries = Object.entries<number>(values).map(([state, value]) => [state, total === 0 ? 0 : value / total]);
  return Object.fromEntries(entries) as Record<State, number>;
}
