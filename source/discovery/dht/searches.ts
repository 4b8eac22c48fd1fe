/**
 * What a node is asked for from inside: the peers of a torrent, how large its swarm is, values. Each is a lookup and what follows,
 * and each calls its `onDone` exactly once: where the node is closed meanwhile, with what was found until then.
 */
import { type Endpoint, formatEndpoint, mayName } from "../../base/ip-address.ts";
import { BloomFilter } from "./bloom-filter.ts";
import type { DhtNode } from "./dht-node.ts";
import { type Item, immutableTarget, itemIn, mutableTarget } from "./items.ts";
import type { Answer } from "./krpc.ts";
import type { Found, Lookup, LookupResult } from "./lookup.ts";
import type { NodeId } from "./node-id.ts";

/** Of one torrent, out of one lookup. */
const peersMax = 1_000;

export interface PeersFound {
  readonly peers: number;
  /** Nodes that took our announcement. */
  readonly announced: number;
  readonly asked: number;
  readonly hops: number;
  /** A node was closed before it was through: there may be more, and few have our announcement. */
  readonly isCutShort: boolean;
}

export interface PeerSearchOptions {
  readonly infoHash: NodeId;
  /** With our own port we announce ourselves; `isPortImplied`: that of our datagrams is as good (behind a NAT, better). */
  readonly announce?: { readonly port: number; readonly isPortImplied: boolean; readonly isSeed: boolean } | undefined;
  /** A seed has no use for seeds (BEP 33). */
  readonly noSeeds?: boolean;
  /** It ends when so many are found. Default: it looks on, to the closest nodes. Without effect on who announces. */
  readonly enough?: number;
  /** Each peer once. */
  readonly onPeers: (peers: readonly Endpoint[]) => void;
  readonly onDone: (found: PeersFound) => void;
}

/** BEP 5 "get_peers", and "announce_peer" to the closest. */
export function findPeers(node: DhtNode, options: PeerSearchOptions): Lookup {
  const { infoHash, announce } = options;
  const known = new Set<string>();
  const enough = announce === undefined ? (options.enough ?? peersMax) : peersMax;
  const take = (answer: Answer, from: Endpoint): void => {
    const fresh: Endpoint[] = [];
    for (const peer of answer.peers ?? []) {
      const key = formatEndpoint(peer);
      if (known.has(key) || known.size >= peersMax || !mayName(from.address, peer.address)) continue;
      known.add(key);
      fresh.push(peer);
    }
    if (fresh.length > 0) options.onPeers(fresh);
  };
  return node.lookUp({
    target: infoHash,
    query: {
      method: "get_peers",
      infoHash,
      want: undefined,
      noSeeds: options.noSeeds ?? false,
      isScrape: false,
    },
    // Who gives no token takes no announcements (BEP 33).
    ...(announce === undefined ? {} : { counts: hasToken }),
    onAnswer: (answer, { endpoint }) => {
      take(answer, endpoint);
      return announce === undefined && known.size >= enough;
    },
    onDone: ({ closest, asked, hops }) => {
      const finish = (announced: number): void =>
        options.onDone({ peers: known.size, announced, asked, hops, isCutShort: node.isClosed });
      if (announce === undefined) finish(0);
      else {
        storeAt(node, closest, (token) => ({ method: "announce_peer", infoHash, token, ...announce }), finish);
      }
    },
  });
}

export interface SwarmSize {
  readonly seeds: number;
  readonly leeches: number;
  /** Nodes that know of it. */
  readonly sources: number;
}

/** How many peers the network knows of, roughly (BEP 33). */
export function scrape(node: DhtNode, infoHash: NodeId, onDone: (size: SwarmSize) => void): Lookup {
  const seeds = new BloomFilter();
  const peers = new BloomFilter();
  const plain: Endpoint[] = [];
  let sources = 0;
  return node.lookUp({
    target: infoHash,
    query: { method: "get_peers", infoHash, want: undefined, noSeeds: false, isScrape: true },
    onAnswer: ({ seedFilter, peerFilter, peers: listed }) => {
      if (seedFilter !== undefined && peerFilter !== undefined) {
        sources++;
        seeds.unite(seedFilter);
        peers.unite(peerFilter);
      } else if (listed !== undefined && listed.length > 0) {
        sources++;
        plain.push(...listed);
      }
      return false;
    },
    onDone: () => {
      // Who lists peers without saying which are seeds: those that nobody else calls a seed are none.
      for (const { address } of plain) {
        const alone = new BloomFilter();
        alone.add(node.ports.hasher, address);
        if (!seeds.holds(alone)) peers.unite(alone.bytes);
      }
      onDone({ seeds: Math.round(seeds.count), leeches: Math.round(peers.count), sources });
    },
  });
}

/** The item that lies at a target; of a mutable one the newest (BEP 44). @param salt of the target, empty for none. */
export function getItem(
  node: DhtNode,
  target: NodeId,
  salt: Uint8Array,
  onDone: (item: Item | undefined, result: LookupResult) => void,
): Lookup {
  let best: Item | undefined;
  return node.lookUp({
    target,
    query: { method: "get", target, want: undefined, newerThan: undefined },
    onAnswer: (answer) => {
      const item = itemIn(node.ports, target, salt, answer);
      if (item === undefined) return false;
      const isNewer = (item.signed?.sequence ?? 0n) > (best?.signed?.sequence ?? -1n);
      if (best === undefined || isNewer) best = item;
      // One that cannot change is the same everywhere.
      return item.signed === undefined;
    },
    onDone: (result) => onDone(best, result),
  });
}

/** Puts an item at the closest nodes. @param onDone with how many took it. */
export function putItem(node: DhtNode, item: Item, salt: Uint8Array, onDone: (stored: number) => void): Lookup {
  const { value, signed } = item;
  const { hasher } = node.ports;
  const target = signed === undefined ? immutableTarget(hasher, value) : mutableTarget(hasher, signed.publicKey, salt);
  return node.lookUp({
    target,
    query: { method: "get", target, want: undefined, newerThan: signed?.sequence },
    counts: hasToken,
    onDone: ({ closest }) => {
      const put = signed === undefined ? undefined : { ...signed, salt, replaces: undefined };
      storeAt(node, closest, (token) => ({ method: "put", token, value, signed: put }), onDone);
    },
  });
}

function hasToken({ token }: Answer): boolean {
  return token !== undefined;
}

type Store = Parameters<DhtNode["ask"]>[1];

function storeAt(
  node: DhtNode,
  closest: readonly Found[],
  query: (token: Uint8Array) => Store,
  onDone: (stored: number) => void,
): void {
  let open = closest.length;
  let stored = 0;
  if (open === 0) onDone(0);
  for (const found of closest) {
    node.ask(found, query(found.answer.token ?? new Uint8Array(0)), {
      onDone: ({ kind }) => {
        if (kind === "answer") stored++;
        if (--open === 0) onDone(stored);
      },
    });
  }
}
