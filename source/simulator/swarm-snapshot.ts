/** What everybody had exchanged at one moment, for questions of fairness. */
import type { EngineNode } from "./engine-node.ts";

export interface NodeSnapshot {
  readonly node: EngineNode;
  /** Bytes of content. */
  readonly downloaded: number;
  readonly uploaded: number;
}

export interface SwarmSnapshot {
  readonly atMs: number;
  /** Of the one that it was taken for. */
  readonly group: string;
  readonly nodes: readonly NodeSnapshot[];
  /**
   * For each neighbour of the first seed, the part of the time in which it wanted something that it was unchoked. Only of
   * those that are there since the first half of the time.
   */
  readonly seedShares: readonly number[];
}

export function takeSnapshot(nodes: readonly EngineNode[], group: string, nowMs: number): SwarmSnapshot {
  const seed = nodes.find((node) => node.plan.isSeed);
  return {
    atMs: nowMs,
    group,
    nodes: nodes.map((node) => ({ node, downloaded: node.totals.downloaded, uploaded: node.totals.uploaded })),
    seedShares: seed === undefined ? [] : sharesOf(seed, nowMs),
  };
}

function sharesOf(seed: EngineNode, nowMs: number): readonly number[] {
  const shares: number[] = [];
  for (const neighbour of seed.running?.swarm?.neighbours.values() ?? []) {
    if (neighbour.connectedMs > nowMs / 2) continue;
    const { unwanted, choking, ...served } = neighbour.time.up.totals(nowMs);
    const servedMs = Object.values(served).reduce((sum, ms) => sum + ms, 0);
    if (choking + servedMs > 0) shares.push(servedMs / (choking + servedMs));
  }
  return shares;
}
