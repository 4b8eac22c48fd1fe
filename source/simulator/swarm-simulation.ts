/** Carries out a plan: nodes join, exchange, complete and leave, and what is worth knowing of that is kept. */
import type { PieceIndex } from "../base/ids.ts";
import { encode } from "../bencode/encode.ts";
import { Geometry } from "../metainfo/geometry.ts";
import { parseMetainfo } from "../metainfo/parse-metainfo.ts";
import { generatedPieceHashes } from "../storage/generated-content.ts";
import { Crowds } from "./crowds.ts";
import { EngineNode, type SimulatedTorrent } from "./engine-node.ts";
import { contentLength, type SwarmPlan } from "./swarm-plan.ts";
import { type SwarmSnapshot, takeSnapshot } from "./swarm-snapshot.ts";
import { arrangeTroubles } from "./trouble.ts";
import { VirtualContent } from "./virtual-content.ts";
import { hostAddress } from "./virtual-network.ts";
import { World, type WorldOptions, type WorldPorts } from "./world.ts";

/** How often departures that depend on what was sent are looked at. */
const lookMs = 1000;
/** Long enough for the last words to trackers. */
const leaveMs = 60_000;
/** Peers that the tracker has room for at least. */
const trackedMin = 10_000;

export class SwarmSimulation {
  readonly plan: SwarmPlan;
  readonly world: World;
  readonly torrent: SimulatedTorrent;
  readonly nodes: EngineNode[] = [];
  readonly crowds: Crowds;
  /** How it was when the first of those that give was complete. */
  atFirst: SwarmSnapshot | undefined;
  /** Of those that are to complete, how many have not. */
  #incomplete: number;
  #joining = 0;
  #isClosing = false;

  constructor(ports: WorldPorts, plan: SwarmPlan, options: Partial<WorldOptions> = {}) {
    this.plan = plan;
    const crowds = plan.crowds ?? [];
    const all = crowds.reduce((sum, { count }) => sum + count, plan.nodes.length);
    const tracker = { peersPerTorrentMax: Math.max(trackedMin, all), ...options.tracker };
    this.world = new World(ports, { ...options, tracker, seed: plan.seed });
    this.torrent = torrentOf(this.world, plan);
    this.#incomplete = plan.nodes.filter((node) => !node.isSeed).length;
    plan.nodes.forEach((node, number) => {
      this.world.clock.arrange(node.joinsMs, () => this.#join(number));
    });
    const { infoHash, content } = this.torrent;
    const geometry = new Geometry(plan.pieceLength, contentLength(plan));
    this.crowds = new Crowds(this.world, crowds, plan.nodes.length, { infoHash, content, geometry }, () =>
      this.nodes.filter((node) => !node.isGone).map((node) => node.endpoint),
    );
    this.#watchDepartures();
    arrangeTroubles(this.world, plan.troubles ?? [], () => this.nodes);
  }

  /** Everybody who was to complete has. */
  get isComplete(): boolean {
    return this.#incomplete === 0;
  }

  get nowMs(): number {
    return this.world.clock.nowMs();
  }

  /** Until everybody is complete, the plan's time is over, or `isEnough` says so. @param untilMs no longer than this. */
  async run(isEnough: () => boolean = () => false, untilMs: number = this.plan.endMs): Promise<void> {
    await this.world.run(Math.min(untilMs, this.plan.endMs), () => this.isComplete || isEnough());
  }

  /** Stops all engines and lets what is left of them end. Afterwards nothing may be waiting. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.crowds.close();
    const stopping = Promise.all(this.nodes.filter((node) => !node.isGone).map((node) => node.leave()));
    let isStopped = false;
    void stopping.then(() => {
      isStopped = true;
    });
    await this.world.run(this.nowMs + leaveMs, () => isStopped);
    await stopping;
  }

  #join(number: number): void {
    const plan = this.plan.nodes[number];
    if (plan === undefined || this.#isClosing) return;
    const host = this.world.network.host(hostAddress(number), plan.link);
    const node = new EngineNode(this.world, plan, host, this.torrent, {
      pieceVerified: (of, piece) => this.#verified(of, piece),
      failed: (of, message) => this.world.fail(new Error(`${of.plan.name}: ${message}`)),
    });
    this.nodes.push(node);
    this.#joining++;
    node.join().then(
      () => this.#joining--,
      (error: unknown) => this.world.fail(error),
    );
    if (plan.leaves.when === "at") this.world.clock.arrange(plan.leaves.ms - plan.joinsMs, () => this.#leave(node));
  }

  #verified(node: EngineNode, _piece: PieceIndex): void {
    if (node.pieceCount < this.plan.pieceCount) return;
    node.completed();
    this.#incomplete--;
    if (node.plan.manner?.givesNothing !== true) this.atFirst ??= takeSnapshot(this.nodes, node.plan.group, this.nowMs);
    const { leaves } = node.plan;
    if (leaves.when === "complete") this.world.clock.arrange(leaves.afterMs, () => this.#leave(node));
  }

  #leave(node: EngineNode): void {
    if (node.isGone) return;
    if (node.completedMs === undefined) this.#incomplete--;
    node.leave().catch((error: unknown) => this.world.fail(error));
  }

  #watchDepartures(): void {
    if (!this.plan.nodes.some(({ leaves }) => leaves.when === "sent")) return;
    for (const node of this.nodes) {
      const { leaves } = node.plan;
      if (leaves.when !== "sent" || node.isGone) continue;
      if (node.host.uplink.sentBytes >= leaves.copies * contentLength(this.plan)) this.#leave(node);
    }
    this.world.clock.arrange(lookMs, () => this.#watchDepartures());
  }
}

function torrentOf(world: World, plan: SwarmPlan): SimulatedTorrent {
  const length = contentLength(plan);
  const content = new VirtualContent(plan.seed, length);
  const pieces = generatedPieceHashes(content, new Geometry(plan.pieceLength, length), world.hasher);
  const info = { length, name: plan.scenario, "piece length": plan.pieceLength, pieces };
  const metainfo = encode({ announce: world.tracker.url, info });
  const { infoHash } = parseMetainfo(metainfo, world.hasher);
  return { infoHash, pieceCount: plan.pieceCount, metainfo, content };
}
