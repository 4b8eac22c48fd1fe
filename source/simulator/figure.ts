/**
 * The lectures' figure: the least time in which N peers can have a file, from a server, from a swarm at best, and what
 * swarms of this client take. F/u is the unit, u_s = 10 u, and no peer's line down is slower than the seed's up.
 */
import { clientServerSeconds, peerToPeerSeconds } from "./bounds.ts";
import { distributionOf, type SwarmResults } from "./results.ts";
import { type ParameterValues, type ScenarioParameters, valuesOf } from "./scenario.ts";
import { lecture } from "./scenarios/lecture.ts";
import type { SwarmPlan } from "./swarm-plan.ts";

export interface FigurePoint {
  /** N. */
  readonly peers: number;
  readonly clientServerSeconds: number;
  readonly boundSeconds: number;
}

export interface SimulatedPoint extends FigurePoint {
  /** `null` where not everybody completed. */
  readonly lastSeconds: number | null;
  readonly meanSeconds: number | null;
  /** last/bound. */
  readonly ratio: number | null;
  readonly traceHash: string;
}

export interface Figure {
  readonly seed: number;
  /** F/u. */
  readonly unitSeconds: number;
  /** u_s/u. */
  readonly seedFactor: number;
  /** For each N from 1 on. */
  readonly bounds: readonly FigurePoint[];
  /** For some of them, in ascending order. */
  readonly simulated: readonly SimulatedPoint[];
}

const simulatedPeers = [1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 35, 50, 70, 100, 150, 200, 300, 500, 700, 1000];

/** Those N that are simulated: closer together where the curves bend, and the last. */
export function figurePeers(peersMax: number): readonly number[] {
  return [...simulatedPeers.filter((peers) => peers < peersMax), peersMax];
}

/** What the swarms of the figure have in common. @throws OperationalError as `valuesOf`. */
export class FigurePlans {
  readonly seed: number;
  readonly #values: ParameterValues<ScenarioParameters>;

  constructor(seed: number, set: ReadonlyMap<string, number>) {
    this.seed = seed;
    this.#values = valuesOf(lecture, set);
  }

  of(peers: number): SwarmPlan {
    return lecture.plan({ ...this.#values, peers }, this.seed);
  }

  figure(peersMax: number, simulated: readonly SimulatedPoint[]): Figure {
    return {
      seed: this.seed,
      unitSeconds: 3600 * (this.#values["hours"] ?? 1),
      seedFactor: this.#values["us"] ?? 1,
      bounds: Array.from({ length: peersMax }, (_, i) => this.#pointOf(i + 1)),
      simulated,
    };
  }

  #pointOf(peers: number): FigurePoint {
    const input = distributionOf(this.of(peers));
    return { peers, clientServerSeconds: clientServerSeconds(input), boundSeconds: peerToPeerSeconds(input) };
  }
}

export function simulatedPoint(results: SwarmResults): SimulatedPoint {
  const isWhole = results.ratio !== null;
  return {
    peers: results.peers,
    clientServerSeconds: results.clientServerSeconds,
    boundSeconds: results.boundSeconds,
    lastSeconds: isWhole ? results.lastSeconds : null,
    meanSeconds: isWhole ? results.meanSeconds : null,
    ratio: results.ratio,
    traceHash: results.traceHash,
  };
}
