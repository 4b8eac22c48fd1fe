/**
 * What came of a simulated swarm, in numbers. The bound is that of the plan: u_s is what those can send that have the
 * content at first, whether they stay or not, and N are all that want it, whether they give anything or not. Who joins
 * later counts from then on; for such swarms the bound is a yardstick, since those who came before can help.
 */
import {
  clientServerSeconds,
  type DistributionInput,
  type DistributionTerms,
  distributionTerms,
  peerToPeerSeconds,
} from "./bounds.ts";
import { type CrowdResults, crowdResultsOf } from "./crowd-results.ts";
import type { EngineNode } from "./engine-node.ts";
import {
  type Blame,
  blameOf,
  type Deviation,
  exchangeOf,
  type FirstCompletion,
  firstCompletionOf,
  isPoisoner,
} from "./fairness.ts";
import { contentLength, type NodePlan, type SwarmPlan } from "./swarm-plan.ts";
import type { SwarmSimulation } from "./swarm-simulation.ts";

/** Seconds are counted from each one's joining. */
export interface GroupResults {
  readonly group: string;
  readonly nodes: number;
  readonly completed: number;
  /** Of those that completed; `null` where nobody did. */
  readonly firstSeconds: number | null;
  readonly meanSeconds: number | null;
  readonly lastSeconds: number | null;
  /** Bytes a second, until it was complete or gone. */
  readonly meanDownRate: number;
  /** Copies of the content that one of it took and gave on average. */
  readonly meanDownloaded: number;
  readonly meanUploaded: number;
  /** Of the bytes that came to them, the part that nobody could use. */
  readonly wasted: number;
}

export interface SwarmResults {
  readonly scenario: string;
  readonly seed: number;
  /** Those that wanted the content. */
  readonly peers: number;
  /** D_p2p: what the initial seeds and all peers could do at best, had all been there from the start. */
  readonly boundSeconds: number;
  /** D_cs: what the initial seeds could do alone. */
  readonly clientServerSeconds: number;
  /** D_p2p term by term: F/u_s, F/d_min, N·F/(u_s + Σu_i). */
  readonly terms: DistributionTerms;
  /** Of the peers that completed so far, each from its joining; `null` where nobody did. */
  readonly lastSeconds: number | null;
  readonly meanSeconds: number | null;
  readonly medianSeconds: number | null;
  readonly firstSeconds: number | null;
  /** last/bound, `null` where not everybody completed that stayed. */
  readonly ratio: number | null;
  readonly meanRatio: number | null;
  readonly completed: number;
  /** Left before they were complete. */
  readonly leftBefore: number;
  /** Copies that the initial seeds sent. */
  readonly seedCopies: number;
  /** Of all bytes that came, the part that nobody could use. */
  readonly wasted: number;
  readonly groups: readonly GroupResults[];
  /** Peers without engines around them. */
  readonly crowds: readonly CrowdResults[];
  readonly firstCompletion: FirstCompletion | null;
  /** Bytes taken for each byte given among equals, by each from its joining until it was complete. */
  readonly exchange: Deviation;
  /** `null` where nobody poisons. */
  readonly blame: Blame | null;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
  readonly events: number;
  readonly traceHash: string;
}

/** @param wallMs what it took. */
export function resultsOf(simulation: SwarmSimulation, wallMs: number): SwarmResults {
  const { plan, nodes, world } = simulation;
  const length = contentLength(plan);
  const peers = nodes.filter((node) => !node.plan.isSeed);
  const times = secondsOf(peers);
  const input = distributionOf(plan);
  const boundSeconds = peerToPeerSeconds(input);
  const leftBefore = peers.filter((node) => node.isGone && node.completedMs === undefined).length;
  const wanted = plan.nodes.filter((node) => !node.isSeed).length;
  const isWhole = times.length > 0 && times.length + leftBefore === wanted;
  const lastSeconds = times.at(-1) ?? null;
  const meanSeconds = mean(times);
  return {
    scenario: plan.scenario,
    seed: plan.seed,
    peers: wanted,
    boundSeconds,
    clientServerSeconds: clientServerSeconds(input),
    terms: distributionTerms(input),
    lastSeconds,
    meanSeconds,
    medianSeconds: times[Math.floor(times.length / 2)] ?? null,
    firstSeconds: times[0] ?? null,
    ratio: isWhole && lastSeconds !== null ? lastSeconds / boundSeconds : null,
    meanRatio: isWhole && meanSeconds !== null ? meanSeconds / boundSeconds : null,
    completed: times.length,
    leftBefore,
    seedCopies: sum(nodes.filter((node) => isSource(node.plan)).map((node) => node.host.uplink.sentBytes)) / length,
    wasted: wastedPart(nodes),
    groups: [...Map.groupBy(nodes, (node) => node.plan.group)].map(([group, all]) =>
      groupResults(group, all, length, simulation.nowMs),
    ),
    crowds: crowdResultsOf(simulation),
    firstCompletion: firstCompletionOf(simulation),
    exchange: exchangeOf(simulation),
    blame: nodes.some(isPoisoner) ? blameOf(nodes) : null,
    virtualSeconds: simulation.nowMs / 1000,
    wallSeconds: wallMs / 1000,
    events: world.events,
    traceHash: world.trace.text,
  };
}

/** It has the content at first, and gives it. */
function isSource({ isSeed, manner }: NodePlan): boolean {
  return isSeed && (manner?.spoils ?? 0) === 0;
}

/** Of the initial seeds and all that want the content. */
export function distributionOf(plan: SwarmPlan): DistributionInput {
  const seeds = plan.nodes.filter(isSource);
  const peers = plan.nodes.filter((node) => !node.isSeed);
  return {
    length: contentLength(plan),
    seedUp: sum(seeds.map((node) => node.link.upBytesPerSecond)),
    peerUps: peers.map((node) => node.link.upBytesPerSecond),
    peerDowns: peers.map((node) => node.link.downBytesPerSecond),
  };
}

function groupResults(group: string, nodes: readonly EngineNode[], length: number, nowMs: number): GroupResults {
  const times = secondsOf(nodes);
  const downRates = nodes.map(({ plan, totals, completedMs, leftMs }) => {
    const ms = (completedMs ?? leftMs ?? nowMs) - plan.joinsMs;
    return ms > 0 ? (1000 * totals.downloaded) / ms : 0;
  });
  return {
    group,
    nodes: nodes.length,
    completed: times.length,
    firstSeconds: times[0] ?? null,
    meanSeconds: mean(times),
    lastSeconds: times.at(-1) ?? null,
    meanDownRate: sum(downRates) / nodes.length,
    meanDownloaded: sum(nodes.map((node) => node.totals.downloaded)) / length / nodes.length,
    meanUploaded: sum(nodes.map((node) => node.totals.uploaded)) / length / nodes.length,
    wasted: wastedPart(nodes),
  };
}

function wastedPart(nodes: readonly EngineNode[]): number {
  const moved = nodes.map((node) => node.totals);
  const came = sum(moved.map(({ downloaded, wasted }) => downloaded + wasted));
  return came === 0 ? 0 : sum(moved.map(({ wasted }) => wasted)) / came;
}

/** How long each took that has completed, in ascending order. */
function secondsOf(nodes: readonly EngineNode[]): number[] {
  return nodes
    .flatMap(({ completedMs, plan }) => (completedMs === undefined ? [] : [(completedMs - plan.joinsMs) / 1000]))
    .sort((a, b) => a - b);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}
