/** What goes wrong in a world, and when: as plain data, part of the plan. */
import { pick, randomFraction } from "../base/random.ts";
import type { SessionRules } from "../engine/session-rules.ts";
import type { EngineNode } from "./engine-node.ts";
import type { NetworkCut } from "./virtual-network.ts";
import type { World } from "./world.ts";

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What is wrong with a disk; see `VirtualDisk`. */
export type DiskTrouble =
  | { readonly how: "slow"; readonly readMs: number; readonly writeMs: number }
  | { readonly how: "full" }
  /** Of the blocks that are read, this part comes back wrong, 0 … 1. */
  | { readonly how: "misreads"; readonly part: number }
  /** Of the pieces that are written, this part is wrong from then on, 0 … 1; nobody looks until they are checked again. */
  | { readonly how: "miswrites"; readonly part: number };

export type Trouble = Span &
  (
    | {
        /** Nothing passes between these nodes and all others: connections end, dials are not answered. */
        readonly kind: "partition";
        readonly names: readonly string[];
      }
    | {
        /** Connections are reset, whichever it hits. */
        readonly kind: "resets";
        /** Milliseconds between two of them on average. */
        readonly everyMs: number;
      }
    | {
        readonly kind: "tracker";
        /** It answers nobody, or with addresses where nobody is. */
        readonly how: "dead" | "lies";
      }
    | ({ readonly kind: "disk"; readonly names: readonly string[] } & DiskTrouble)
    /** Their users pause the torrent. */
    | { readonly kind: "pause"; readonly names: readonly string[] }
    /** Their users set other limits; afterwards those of the plan count again. */
    | { readonly kind: "limits"; readonly names: readonly string[]; readonly limits: Partial<SessionRules["limits"]> }
  );

/** @param nodes those that are there at the moment. */
export function arrangeTroubles(world: World, troubles: readonly Trouble[], nodes: () => readonly EngineNode[]): void {
  for (const trouble of troubles) {
    let end = () => {};
    world.clock.arrange(trouble.fromMs, () => {
      end = begin(world, trouble, nodes);
    });
    world.clock.arrange(trouble.untilMs, () => end());
  }
}

/** @returns what ends it. */
function begin(world: World, trouble: Trouble, nodes: () => readonly EngineNode[]): () => void {
  switch (trouble.kind) {
    case "partition":
      return cutOff(world, new Set(trouble.names), nodes);
    case "resets":
      return resetNowAndThen(world, trouble.everyMs);
    case "tracker":
      world.tracker.state = trouble.how;
      return () => {
        world.tracker.state = "alive";
      };
    case "disk": {
      const hit = named(trouble.names, nodes());
      for (const { disk } of hit) disk.befall(trouble);
      return () => {
        for (const { disk } of hit) disk.recover(trouble);
      };
    }
    case "pause":
      return pause(world, named(trouble.names, nodes()));
    case "limits": {
      const hit = named(trouble.names, nodes());
      for (const node of hit) node.setLimits(trouble.limits);
      return () => {
        for (const node of hit) if (!node.isGone) node.setLimits({});
      };
    }
  }
}

function named(names: readonly string[], nodes: readonly EngineNode[]): readonly EngineNode[] {
  return nodes.filter((node) => !node.isGone && names.includes(node.plan.name));
}

function pause(world: World, hit: readonly EngineNode[]): () => void {
  const fail = (error: unknown) => world.fail(error);
  for (const { running } of hit) running?.pause().catch(fail);
  return () => {
    for (const { running, isGone } of hit) if (!isGone) running?.resume().catch(fail);
  };
}

function cutOff(world: World, names: ReadonlySet<string>, nodes: () => readonly EngineNode[]): () => void {
  const { network } = world;
  const isInside = (address: string) =>
    nodes().some((node) => node.host.address === address && names.has(node.plan.name));
  const cut: NetworkCut = (a, b) => isInside(a.address) !== isInside(b.address);
  network.cuts.add(cut);
  for (const line of [...network.lines]) {
    if (line.other !== undefined && cut(line.host, line.other.host)) network.reset(line, "timeout");
  }
  return () => network.cuts.delete(cut);
}

function resetNowAndThen(world: World, everyMs: number): () => void {
  const random = world.random.fork();
  let isOver = false;
  const next = () =>
    world.clock.arrange(-Math.log(1 - randomFraction(random)) * everyMs, () => {
      if (isOver) return;
      const line = pick(random, [...world.network.lines]);
      if (line !== undefined) world.network.reset(line, "reset");
      next();
    });
  next();
  return () => {
    isOver = true;
  };
}
