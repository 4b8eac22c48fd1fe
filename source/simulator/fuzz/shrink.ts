/** Cuts a plan that fails down to a small one that fails by the same rule: what is left is what the bug needs. */
import { type NodePlan, type SwarmPlan, usualLink } from "../swarm-plan.ts";
import type { Trouble } from "../trouble.ts";

/** @returns whether it still fails. */
export type StillFails = (plan: SwarmPlan) => Promise<boolean>;

/**
 * Takes away one thing after another, for good where the rest still fails, until nothing more can go.
 * @param triesMax runs at most. @returns the smallest that fails; `plan` itself at worst.
 */
export async function shrink(plan: SwarmPlan, stillFails: StillFails, triesMax: number): Promise<SwarmPlan> {
  let smallest = plan;
  let tries = 0;
  let hasShrunk = true;
  while (hasShrunk && tries < triesMax) {
    hasShrunk = false;
    for (const candidate of smallerOnes(smallest)) {
      if (++tries > triesMax) break;
      if (!(await stillFails(candidate))) continue;
      smallest = candidate;
      hasShrunk = true;
      break;
    }
  }
  return smallest;
}

/** Each with one thing less, the largest cuts first. */
function* smallerOnes(plan: SwarmPlan): Generator<SwarmPlan> {
  const { nodes, troubles = [], crowds = [], pieceCount } = plan;
  for (let i = nodes.length - 1; i >= 0 && nodes.length > 2; i--) {
    const others = nodes.filter((_, at) => at !== i);
    if (others.some(({ isSeed }) => isSeed)) yield withoutName({ ...plan, nodes: others }, nodes[i]?.name);
  }
  for (let i = troubles.length - 1; i >= 0; i--) yield { ...plan, troubles: troubles.filter((_, at) => at !== i) };
  for (let i = 0; i < crowds.length; i++) {
    yield { ...plan, crowds: crowds.filter((_, at) => at !== i) };
    const crowd = crowds[i];
    if (crowd !== undefined && crowd.count > 1)
      yield { ...plan, crowds: crowds.with(i, { ...crowd, count: crowd.count >> 1 }) };
  }
  for (const count of new Set([1, Math.ceil(pieceCount / 2), pieceCount - 1])) {
    if (count >= 1 && count < pieceCount) yield { ...plan, pieceCount: count };
  }
  if (plan.lastPieceLength !== undefined && plan.lastPieceLength !== plan.pieceLength) {
    yield { ...plan, lastPieceLength: plan.pieceLength };
  }
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    if (node === undefined) continue;
    for (const simpler of simplerNodes(node)) yield { ...plan, nodes: nodes.with(i, simpler) };
  }
}

function withoutName(plan: SwarmPlan, name: string | undefined): SwarmPlan {
  const left = (plan.troubles ?? []).map(
    (trouble): Trouble =>
      "names" in trouble ? { ...trouble, names: trouble.names.filter((one) => one !== name) } : trouble,
  );
  return { ...plan, troubles: left };
}

/** Each with one peculiarity less. */
function* simplerNodes(node: NodePlan): Generator<NodePlan> {
  const { manner, limits, connectionsPerTorrent, ...plain } = node;
  if (manner !== undefined) yield { ...without(node, "manner") };
  if (limits !== undefined) yield { ...without(node, "limits") };
  if (connectionsPerTorrent !== undefined) yield { ...without(node, "connectionsPerTorrent") };
  if (plain.leaves.when !== "never") yield { ...node, leaves: { when: "never" } };
  if (node.joinsMs > 0) yield { ...node, joinsMs: 0 };
  const { upBytesPerSecond, ...link } = node.link;
  const { upBytesPerSecond: _, ...usual } = usualLink;
  if (JSON.stringify(link) === JSON.stringify({ ...usual, downBytesPerSecond: link.downBytesPerSecond })) return;
  yield { ...node, link: { ...usual, upBytesPerSecond, downBytesPerSecond: 10_000_000 } };
  if (link.jitterMs > 0) yield { ...node, link: { ...node.link, jitterMs: 0 } };
  if (link.lossRate > 0) yield { ...node, link: { ...node.link, lossRate: 0 } };
  if (!link.isReachable) yield { ...node, link: { ...node.link, isReachable: true } };
}

function without<Key extends "manner" | "limits" | "connectionsPerTorrent">(node: NodePlan, key: Key): NodePlan {
  const { [key]: _, ...rest } = node;
  return rest as NodePlan;
}
