/** A network of DHT nodes on a virtual clock: as large as one likes, with hosts that are dead, and hosts that lie. */
import type { Endpoint } from "../../source/base/ip-address.ts";
import { pick, randomBelow, SeededRandom, shuffle } from "../../source/base/random.ts";
import type { Contact } from "../../source/discovery/dht/contact.ts";
import { DhtNode, type DhtNodeOptions } from "../../source/discovery/dht/dht-node.ts";
import type { Answer, Query } from "../../source/discovery/dht/krpc.ts";
import { decodeMessage } from "../../source/discovery/dht/krpc-decode.ts";
import { encodeAnswer } from "../../source/discovery/dht/krpc-encode.ts";
import { compareDistance, idBits, type NodeId, randomId, sharedBits } from "../../source/discovery/dht/node-id.ts";
import { bucketSize } from "../../source/discovery/dht/routing-table.ts";
import { findPeers, type PeersFound } from "../../source/discovery/dht/searches.ts";
import { secureIdFor } from "../../source/discovery/dht/secure-id.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { NodeSignatures } from "../../source/platform/node-signatures.ts";
import type { DatagramSocket } from "../../source/ports/datagram.ts";
import { MemoryDatagrams } from "./memory-datagrams.ts";
import { VirtualClock } from "./virtual-clock.ts";

const hasher = new NodeHasher();
const signatures = new NodeSignatures();
const port = 6881;

export interface WorldNode extends Contact {
  readonly node: DhtNode;
  readonly socket: DatagramSocket;
}

export class DhtWorld {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly network: MemoryDatagrams;
  readonly nodes: WorldNode[] = [];
  readonly #addresses = new Set<string>();

  /** Ways take 10 to 90 ms. */
  constructor(seed = 1) {
    this.random = new SeededRandom(seed);
    this.network = new MemoryDatagrams(this.clock, () => 10 + randomBelow(this.random, 81));
  }

  /** A node at an address of its own, with an id that follows from it. */
  add(more: Partial<DhtNodeOptions> & { readonly address?: string } = {}): WorldNode {
    const { address = this.address(), ...options } = more;
    const random = this.random.fork();
    const id = options.id ?? secureIdFor(address, random);
    const node = new DhtNode(
      { clock: this.clock, random, hasher, signatures },
      {
        family: address.includes(":") ? 6 : 4,
        send: (bytes, remote) => socket.send(bytes, remote),
        gatePlaces: 16,
        ...options,
        id,
      },
    );
    const endpoint = { address, port };
    const socket = this.network.bind(endpoint, { onDatagram: (bytes, remote) => node.receive(bytes, remote) });
    const added = { node, socket, id, endpoint };
    this.nodes.push(added);
    return added;
  }

  /** A public one that nobody has. */
  address(family: 4 | 6 = 4): string {
    for (;;) {
      if (family === 6) {
        const groups = [0x2001, ...Array.from({ length: 7 }, () => 0x1000 + randomBelow(this.random, 0xf000))];
        return groups.map((group) => group.toString(16)).join(":");
      }
      const parts = [20 + randomBelow(this.random, 70), ...[1, 2, 3].map(() => randomBelow(this.random, 256))];
      const address = parts.join(".");
      if (this.#addresses.has(address)) continue;
      this.#addresses.add(address);
      return address;
    }
  }

  /** Nodes that join one after another by a node that is there, as real ones do. */
  join(count: number): void {
    for (let i = 0; i < count; i++) {
      const from = pick(this.random, this.nodes);
      const { node } = this.add();
      node.start();
      if (from !== undefined) node.findSelf([from.endpoint], () => {});
      this.clock.advance(2_000);
    }
  }

  /** Fills all tables at once with what they would have after a long life: up to eight nodes for each shared bit. */
  settle(): void {
    const sorted = [...this.nodes].sort((a, b) => compare(a.id, b.id));
    for (const { node } of this.nodes) {
      for (let bits = 0; bits < idBits; bits++) {
        const [low, high] = subtree(sorted, node.id, bits);
        const some = new Set<WorldNode>();
        if (high - low <= bucketSize) for (const each of sorted.slice(low, high)) some.add(each);
        else while (some.size < bucketSize) some.add(sorted[low + randomBelow(this.random, high - low)] as WorldNode);
        for (const { id, endpoint } of some) node.table.answered({ id, endpoint }, this.clock.nowMs());
        // Nobody is closer than who shares all these bits.
        const [first, last] = subtree(sorted, node.id, bits, true);
        if (last - first <= 1) break;
      }
    }
  }

  /** It answers nobody from now on. */
  kill({ socket }: WorldNode): void {
    void socket.close();
  }

  /** It answers with lies from now on. @param accomplices who lie, too. */
  corrupt(liar: WorldNode, accomplices: readonly WorldNode[]): void {
    const kind = randomBelow(this.random, 3);
    // A made-up peer, and in a third of cases no token.
    const token = kind === 0 ? {} : { token: Uint8Array.of(1) };
    const answer = () => ({ peers: [{ address: this.address(), port: 1 }], ...token });
    this.answerWith(liar, (target) => this.#lie(kind, target, accomplices), answer);
  }

  /** It names these nodes to whoever asks, whatever there is. @param asked grows by what it is asked. */
  answerWith(
    { socket, endpoint, id }: WorldNode,
    named: (target: NodeId) => readonly Contact[],
    more: () => Answer = () => ({}),
    asked: string[] = [],
  ): void {
    void socket.close();
    const liar = this.network.bind(endpoint, {
      onDatagram: (bytes, remote) => {
        const message = decodeMessage(bytes);
        if (message?.kind !== "query") return;
        asked.push(message.query.method);
        const target = targetOf(message.query);
        const answer = { ...more(), nodes4: target === undefined ? [] : named(target) };
        liar.send(encodeAnswer(message.transaction, id, answer, undefined), remote);
      },
    });
  }

  /** Announces one peer, and waits for the end of it. */
  async announce(by: WorldNode, infoHash: NodeId): Promise<PeersFound> {
    return this.#finish((onDone) =>
      findPeers(by.node, {
        infoHash,
        announce: { port, isPortImplied: false, isSeed: false },
        onPeers: () => {},
        onDone,
      }),
    );
  }

  /** @returns the peers that it finds, and how long that took and how long it was until the first. */
  async search(by: WorldNode, infoHash: NodeId, enough?: number) {
    const beganMs = this.clock.nowMs();
    const peers: Endpoint[] = [];
    let firstMs = Number.NaN;
    const found = await this.#finish<PeersFound>((onDone) =>
      findPeers(by.node, {
        infoHash,
        ...(enough === undefined ? {} : { enough }),
        onPeers: (some) => {
          if (peers.length === 0) firstMs = this.clock.nowMs() - beganMs;
          peers.push(...some);
        },
        onDone,
      }),
    );
    return { ...found, peers, firstMs, ms: this.clock.nowMs() - beganMs };
  }

  async #finish<T>(begin: (onDone: (value: T) => void) => void): Promise<T> {
    let result: { readonly value: T } | undefined;
    begin((value) => {
      result = { value };
    });
    const isDone = () => result !== undefined;
    while (!isDone()) this.clock.advance(10);
    return (result as unknown as { readonly value: T }).value;
  }

  #lie(kind: number, target: NodeId, accomplices: readonly WorldNode[]): readonly Contact[] {
    const nowhere = () => ({ address: this.address(), port });
    if (kind === 0) {
      // Ids of nobody, right beside the target.
      return Array.from({ length: bucketSize }, () => {
        const id = randomId(this.random);
        id.set(target.subarray(0, 4));
        return { id, endpoint: nowhere() };
      });
    }
    if (kind === 1) {
      // The same, but with addresses that the ids follow from: the best of a few.
      const made = Array.from({ length: 64 }, () => {
        const endpoint = nowhere();
        return { id: secureIdFor(endpoint.address, this.random), endpoint };
      });
      return made.sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, bucketSize);
    }
    return [...accomplices].sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, bucketSize);
  }

  close(): void {
    for (const { node, socket } of this.nodes) {
      node.close();
      void socket.close();
    }
  }

  /** So many of the nodes, at random. */
  some(count: number): readonly WorldNode[] {
    return shuffle(this.random, [...this.nodes]).slice(0, count);
  }

  /** Those that really are the closest to a target. */
  closest(target: NodeId, count: number): readonly WorldNode[] {
    return [...this.nodes].sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, count);
  }
}

function targetOf(query: Query): NodeId | undefined {
  if (query.method === "get_peers") return query.infoHash;
  return "target" in query ? query.target : undefined;
}

function compare(a: NodeId, b: NodeId): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
  return 0;
}

/** Where those lie in the sorted list that share exactly so many bits with an id. @param orMore or more. */
function subtree(sorted: readonly WorldNode[], id: NodeId, bits: number, orMore = false): readonly [number, number] {
  const from = (isPast: (each: NodeId) => boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isPast((sorted[middle] as WorldNode).id)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const whole = orMore ? bits + 1 : bits;
  const shares = (each: NodeId, count: number) => sharedBits(id, each) >= count;
  // All that share at least `whole` bits lie together; of these the half that has the next bit as `id` has it does not count.
  const first = from((each) => shares(each, whole) || compare(each, id) > 0);
  const last = from((each) => !shares(each, whole) && compare(each, id) > 0);
  if (orMore) return [first, last];
  const ownFirst = from((each) => shares(each, whole + 1) || compare(each, id) > 0);
  const ownLast = from((each) => !shares(each, whole + 1) && compare(each, id) > 0);
  return ownFirst === first ? [ownLast, last] : [first, ownFirst];
}
