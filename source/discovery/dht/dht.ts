/**
 * The DHT as the engine uses it: a node in each address family that it has a socket for, how they come into the network, and
 * searches in both at once. Without I/O: sockets are opened, and datagrams carried, by whoever owns this.
 */
import { canonicalAddress, type Endpoint, localityOf } from "../../base/ip-address.ts";
import type { NamedNode } from "../../metainfo/metainfo-nodes.ts";
import { Bootstrap } from "./bootstrap.ts";
import { DhtNode, type DhtPorts } from "./dht-node.ts";
import type { NodeId } from "./node-id.ts";
import { type SavedDht, type SavedNode, savedNode } from "./saved-dht.ts";
import { findPeers, type PeerSearchOptions, type PeersFound, type SwarmSize, scrape } from "./searches.ts";

export interface DhtOptions {
  /** `HOST:PORT`, to come into the network by. */
  readonly bootstrap: () => readonly string[];
  /** BEP 43. */
  readonly isReadOnly: () => boolean;
  /** Whether anything may be sent to, or heard from, an address. */
  readonly isBlocked: (address: string) => boolean;
  /** A host name's addresses. May fail. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
}

interface Member {
  readonly node: DhtNode;
  readonly bootstrap: Bootstrap;
  readonly isLoopback: boolean;
}

export class Dht {
  readonly #ports: DhtPorts;
  readonly #options: DhtOptions;
  readonly #members = new Map<4 | 6, Member>();
  /** Of nodes that are closed, or of an earlier run. */
  #saved: SavedDht;

  constructor(ports: DhtPorts, options: DhtOptions, saved: SavedDht) {
    this.#ports = ports;
    this.#options = options;
    this.#saved = saved;
  }

  get nodes(): readonly DhtNode[] {
    return [...this.#members.values()].map(({ node }) => node);
  }

  node(family: 4 | 6): DhtNode | undefined {
    return this.#members.get(family)?.node;
  }

  /** Nodes that are known to be there. */
  get goodCount(): number {
    const now = this.#ports.clock.nowMs();
    return this.nodes.reduce((sum, { table }) => sum + table.counts(now).good, 0);
  }

  get isJoining(): boolean {
    return [...this.#members.values()].some(({ bootstrap }) => bootstrap.isUnderWay);
  }

  /** Why it knows nobody, "" where it does, or may soon. */
  get problem(): string {
    if (this.goodCount > 0) return "";
    for (const { bootstrap } of this.#members.values()) if (bootstrap.problem !== "") return bootstrap.problem;
    return "";
  }

  /** A socket of this family is there. @param local where. Bound to loopback, only this machine can be reached. */
  open(family: 4 | 6, local: Endpoint, send: (bytes: Uint8Array, remote: Endpoint) => void): DhtNode {
    this.close(family);
    const isLoopback = localityOf(local.address) === "loopback";
    const mayReach = ({ address, port }: Endpoint): boolean => {
      if (isBlocked(address) || (isLoopback && localityOf(address) !== "loopback")) return false;
      return address !== local.address || port !== local.port;
    };
    const saved = this.#saved[family];
    const { bootstrap, isReadOnly, isBlocked, resolve } = this.#options;
    const node = new DhtNode(this.#ports, {
      family,
      id: saved?.id,
      send,
      isReadOnly,
      sibling: () => this.node(family === 4 ? 6 : 4),
      mayReach,
    });
    const options = { saved: saved?.nodes ?? [], hosts: bootstrap, mayResolve: !isLoopback, resolve };
    this.#members.set(family, { node, bootstrap: new Bootstrap(node, options), isLoopback });
    node.start();
    return node;
  }

  /** Its socket is gone. What it knew is there for the next; what it was asked for ends, in the other family it goes on. */
  close(family: 4 | 6): void {
    const node = this.node(family);
    if (node === undefined) return;
    this.#saved = { ...this.#saved, [family]: this.#toSave(family, node) };
    // First, so that whoever is told of an end does not find it here.
    this.#members.delete(family);
    node.close();
  }

  closeAll(): void {
    this.close(4);
    this.close(6);
  }

  /** About once a second. */
  tick(): void {
    for (const { bootstrap } of this.#members.values()) bootstrap.tick();
  }

  networkChanged(): void {
    for (const { node, bootstrap } of this.#members.values()) {
      node.networkChanged();
      bootstrap.networkChanged();
    }
  }

  /** Somebody has told us of a node. */
  meet(endpoint: Endpoint): void {
    for (const node of this.nodes) if (node.mayReach(endpoint)) node.meet(endpoint);
  }

  /** Those that a torrent names. Names are looked up where more than this machine can be reached. */
  meetHosts(named: readonly NamedNode[]): void {
    const mayResolve = [...this.#members.values()].some(({ isLoopback }) => !isLoopback);
    for (const { host, port } of named) {
      const address = canonicalAddress(host);
      if (address !== undefined) this.meet({ address, port });
      else if (mayResolve) {
        this.#options.resolve(host).then(
          (addresses) => {
            for (const each of addresses) this.meet({ address: each, port });
          },
          // A name that is not there names nobody.
          () => {},
        );
      }
    }
  }

  /** In both families at once. @param options as for one; `onDone` is called once, with the sums. */
  findPeers(options: PeerSearchOptions): void {
    const nodes = this.nodes;
    let open = nodes.length;
    let sum: PeersFound = { peers: 0, announced: 0, asked: 0, hops: 0, isCutShort: false };
    if (open === 0) options.onDone(sum);
    for (const node of nodes) {
      findPeers(node, {
        ...options,
        onDone: ({ peers, announced, asked, hops, isCutShort }) => {
          sum = {
            peers: sum.peers + peers,
            announced: sum.announced + announced,
            asked: sum.asked + asked,
            hops: Math.max(sum.hops, hops),
            isCutShort: sum.isCutShort || isCutShort,
          };
          if (--open === 0) options.onDone(sum);
        },
      });
    }
  }

  /** Of both families together: where one is closed meanwhile, what it had found. */
  scrape(infoHash: NodeId): Promise<SwarmSize> {
    const each = this.nodes.map((node) => new Promise<SwarmSize>((resolve) => scrape(node, infoHash, resolve)));
    return Promise.all(each).then((sizes) =>
      sizes.reduce(
        (sum, { seeds, leeches, sources }) => ({
          seeds: sum.seeds + seeds,
          leeches: sum.leeches + leeches,
          sources: sum.sources + sources,
        }),
        { seeds: 0, leeches: 0, sources: 0 },
      ),
    );
  }

  /** To be known again after a restart. */
  save(): SavedDht {
    let saved = this.#saved;
    for (const [family, { node }] of this.#members) saved = { ...saved, [family]: this.#toSave(family, node) };
    return saved;
  }

  /** A node that never came into the network has nothing better than what it was to begin with. */
  #toSave(family: 4 | 6, node: DhtNode): SavedNode {
    const saved = savedNode(node);
    return saved.nodes.length > 0 ? saved : { id: node.id, nodes: this.#saved[family]?.nodes ?? [] };
  }
}
