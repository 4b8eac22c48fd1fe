/** Who got what for what he gave, and who was blamed for what, in a simulated swarm. */
import type { EngineNode } from "./engine-node.ts";
import { contentLength } from "./swarm-plan.ts";
import type { SwarmSimulation } from "./swarm-simulation.ts";

/** How far values are from their median. */
export interface Deviation {
  readonly count: number;
  /** The largest, as a part of the median; `null` where there are no values. */
  readonly worst: number | null;
  /** Nine in ten are nearer. */
  readonly ninth: number | null;
}

/** How it was when the first of those that give was complete: until then everybody wants. */
export interface FirstCompletion {
  readonly seconds: number;
  /** Copies of the content that each group had on average. */
  readonly copies: Readonly<Record<string, number>>;
  /** Bytes taken for each byte given, within the group of the first: among equals. */
  readonly exchange: Deviation;
  /** Of the time in which they wanted something, how much the first seed gave its neighbours. */
  readonly seedTime: Deviation;
}

export interface Blame {
  /** Pairs of an honest node and a poisoner that sent it something wrong, and of those the banned ones. */
  readonly poisoned: number;
  readonly banned: number;
  /** Wrong pieces that one poisoner had a part in at one node, at most. */
  readonly wrongPiecesMax: number;
  /** Honest nodes that an honest node has banned. */
  readonly honestBanned: number;
}

export function firstCompletionOf({ atFirst, plan }: SwarmSimulation): FirstCompletion | null {
  if (atFirst === undefined) return null;
  const length = contentLength(plan);
  const groups = Map.groupBy(atFirst.nodes, ({ node }) => node.plan.group);
  const copies: Record<string, number> = {};
  for (const [group, all] of groups) {
    copies[group] = all.reduce((sum, { downloaded }) => sum + downloaded, 0) / all.length / length;
  }
  const equals = atFirst.nodes.filter(({ node }) => node.plan.group === atFirst.group);
  return {
    seconds: atFirst.atMs / 1000,
    copies,
    exchange: deviationOf(equals.filter(({ uploaded }) => uploaded > 0).map((one) => one.downloaded / one.uploaded)),
    seedTime: deviationOf(atFirst.seedShares),
  };
}

/**
 * Bytes taken for each byte given, of each of the first's group from its joining until it was complete: among equals, and over
 * all that each wanted.
 */
export function exchangeOf({ atFirst, nodes, plan }: SwarmSimulation): Deviation {
  const given = nodes.filter((node) => node.plan.group === atFirst?.group).map((node) => node.givenWhenComplete ?? 0);
  return deviationOf(given.filter((bytes) => bytes > 0).map((bytes) => contentLength(plan) / bytes));
}

export function blameOf(nodes: readonly EngineNode[]): Blame {
  const poisoners = nodes.filter(isPoisoner);
  const honest = nodes.filter((node) => !isPoisoner(node));
  let poisoned = 0;
  let banned = 0;
  let wrongPiecesMax = 0;
  let honestBanned = 0;
  for (const node of honest) {
    const peers = node.running?.swarm?.peers;
    const isBanned = (other: EngineNode) => peers?.isBanned(other.endpoint, other.session.peerId) === true;
    for (const poisoner of poisoners) {
      const pieces = node.badPieces.get(poisoner.host.address) ?? 0;
      wrongPiecesMax = Math.max(wrongPiecesMax, pieces);
      if (pieces === 0) continue;
      poisoned++;
      if (isBanned(poisoner)) banned++;
    }
    honestBanned += honest.filter((other) => other !== node && isBanned(other)).length;
  }
  return { poisoned, banned, wrongPiecesMax, honestBanned };
}

export function isPoisoner({ plan }: Pick<EngineNode, "plan">): boolean {
  return (plan.manner?.spoils ?? 0) > 0;
}

export function deviationOf(values: readonly number[]): Deviation {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined || median === 0) return { count: sorted.length, worst: null, ninth: null };
  const far = sorted.map((value) => Math.abs(value / median - 1)).sort((a, b) => a - b);
  return { count: far.length, worst: far.at(-1) ?? null, ninth: far[Math.ceil(0.9 * far.length) - 1] ?? null };
}
