/** Crowds of scripted peers in a world: they join one after another, and leave together. */
import type { Endpoint } from "../base/ip-address.ts";
import type { CrowdPlan } from "./peer-script.ts";
import { type CrowdTorrent, ScriptedPeer } from "./scripted-peer.ts";
import { hostAddress } from "./virtual-network.ts";
import type { World } from "./world.ts";

export class Crowds {
  readonly peers: ScriptedPeer[] = [];
  readonly #world: World;
  readonly #torrent: CrowdTorrent;
  readonly #engines: () => readonly Endpoint[];
  #isClosed = false;

  /** @param firstNumber of the addresses that nobody has. @param engines whom they may dial. */
  constructor(
    world: World,
    plans: readonly CrowdPlan[],
    firstNumber: number,
    torrent: CrowdTorrent,
    engines: () => readonly Endpoint[],
  ) {
    this.#world = world;
    this.#torrent = torrent;
    this.#engines = engines;
    let number = firstNumber;
    for (const plan of plans) {
      const first = number;
      number += plan.count;
      if (plan.count > 0) world.clock.arrange(plan.joinsMs, () => this.#join(plan, first, 0));
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const peer of this.peers) peer.close();
  }

  #join(plan: CrowdPlan, first: number, i: number): void {
    if (this.#isClosed) return;
    const host = this.#world.network.host(hostAddress(first + i), plan.link);
    const peer = new ScriptedPeer(this.#world, plan, host, this.#torrent, this.#engines);
    this.peers.push(peer);
    peer.join(plan.dials);
    if (i + 1 < plan.count) this.#world.clock.arrange(plan.overMs / plan.count, () => this.#join(plan, first, i + 1));
  }
}
