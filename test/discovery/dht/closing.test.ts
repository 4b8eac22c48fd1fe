/** A socket is lost, or the DHT switched off, while it is asked for something: all of that ends, and exactly once. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encode } from "../../../source/bencode/encode.ts";
import { Dht, type DhtOptions } from "../../../source/discovery/dht/dht.ts";
import { type NodeId, randomId } from "../../../source/discovery/dht/node-id.ts";
import type { SavedDht } from "../../../source/discovery/dht/saved-dht.ts";
import { findPeers, getItem, type PeersFound, putItem, scrape } from "../../../source/discovery/dht/searches.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { NodeSignatures } from "../../../source/platform/node-signatures.ts";
import { DhtWorld, type WorldNode } from "../../support/dht-world.ts";
import { settle } from "../../support/virtual-clock.ts";

const none = new Uint8Array(0);
let world: DhtWorld;
/** From which addresses, since it was emptied. */
let sent: string[];
beforeEach(() => {
  world = new DhtWorld();
  sent = [];
  world.network.latencyMs = ({ from }) => {
    sent.push(from.address);
    return 50;
  };
});
afterEach(() => world.close());

function network(count: number, family: 4 | 6 = 4): void {
  for (let i = 0; i < count; i++) world.add({ address: world.address(family) });
}

/** Each begins something at a node and calls back at its end. */
const begun: Readonly<Record<string, (at: WorldNode, target: NodeId, onDone: () => void) => void>> = {
  "a search": ({ node }, infoHash, onDone) => findPeers(node, { infoHash, onPeers: () => {}, onDone }),
  "an announcement": ({ node }, infoHash, onDone) =>
    findPeers(node, {
      infoHash,
      announce: { port: 1, isPortImplied: false, isSeed: false },
      onPeers: () => {},
      onDone,
    }),
  "a scrape": ({ node }, infoHash, onDone) => scrape(node, infoHash, onDone),
  "getting an item": ({ node }, target, onDone) => getItem(node, target, none, onDone),
  "putting an item": ({ node }, target, onDone) =>
    putItem(node, { value: encode(target), signed: undefined }, none, onDone),
  "the way to its own place": ({ node }, _, onDone) => node.findSelf([], onDone),
  // More than the pace allows at once, so that some wait to be sent.
  "many queries": ({ node }, _, onDone) => {
    let open = 400;
    for (let i = open; i > 0; i--) {
      const to = { address: world.address(), port: 1 };
      node.ask(to, { method: "ping" }, { onDone: () => --open === 0 && onDone() });
    }
  },
};

describe.each(Object.entries(begun))("%s", (_, begin) => {
  it("ends once whenever its node is closed, and nothing is sent from then on", () => {
    network(40);
    world.settle();
    let cutShort = 0;
    for (const [i, at] of world.nodes.slice(0, 30).entries()) {
      let ends = 0;
      begin(at, randomId(world.random), () => ends++);
      world.clock.advance(i * 40);
      const before = ends;
      at.node.close();
      sent.length = 0;
      world.clock.advance(1);
      expect(ends).toBe(1);
      if (before === 0) cutShort++;
      world.clock.advance(20_000);
      expect(ends).toBe(1);
      expect(sent).not.toContain(at.endpoint.address);
      expect(at.node.lookupCount).toBe(0);
    }
    expect(cutShort).toBeGreaterThan(5);
  });

  it("ends at once where its node is closed already, also when it is begun by the end of another", () => {
    network(20);
    world.settle();
    const at = world.nodes[0] as WorldNode;
    let ends = 0;
    begin(at, randomId(world.random), () => {
      ends++;
      begin(at, randomId(world.random), () => ends++);
    });
    at.node.close();
    begin(at, randomId(world.random), () => ends++);
    sent.length = 0;
    world.clock.advance(1);
    expect(ends).toBe(3);
    world.clock.advance(20_000);
    expect(ends).toBe(3);
    expect(sent).not.toContain(at.endpoint.address);
  });
});

describe("a node that is closed", () => {
  it("says what its search found until then, and that it was cut short", () => {
    network(100);
    world.settle();
    const infoHash = randomId(world.random);
    for (const { node, id } of world.nodes) {
      node.peers.announce(id, infoHash, { address: "198.51.100.1", port: 1 }, false, 0);
    }
    const at = world.nodes[0] as WorldNode;
    const found: PeersFound[] = [];
    findPeers(at.node, { infoHash, onPeers: () => {}, onDone: (each) => found.push(each) });
    world.clock.advance(120);
    at.node.close();
    expect(found).toEqual([{ peers: 1, announced: 0, asked: expect.any(Number), hops: 1, isCutShort: true }]);
  });

  it("blames nobody for the silence", () => {
    network(40);
    world.settle();
    const at = world.nodes[0] as WorldNode;
    const before = at.node.table.counts(world.clock.nowMs());
    for (let i = 0; i < 20; i++) scrape(at.node, randomId(world.random), () => {});
    at.node.close();
    world.clock.advance(1);
    expect(at.node.table.counts(world.clock.nowMs())).toEqual(before);
    expect(at.node.queries.unanswered).toBe(0);
  });
});

describe("a DHT in both families", () => {
  let dht: Dht;
  let infoHash: NodeId;
  let found: PeersFound[];
  let peers: number;
  const resolved: string[] = [];

  function make(saved: SavedDht, bootstrap: readonly string[] = []): Dht {
    const ports = {
      clock: world.clock,
      random: world.random,
      hasher: new NodeHasher(),
      signatures: new NodeSignatures(),
    };
    const options: DhtOptions = {
      bootstrap: () => bootstrap,
      isReadOnly: () => false,
      isBlocked: () => false,
      resolve: async (host) => {
        resolved.push(host);
        return [];
      },
    };
    return new Dht(ports, options, saved);
  }

  function open(family: 4 | 6): void {
    const local = { address: world.address(family), port: 6881 };
    const node = dht.open(family, local, (bytes, remote) => socket.send(bytes, remote));
    const socket = world.network.bind(local, { onDatagram: (bytes, remote) => node.receive(bytes, remote) });
    for (const { id, endpoint } of world.nodes) {
      if (endpoint.address.includes(":") === (family === 6)) node.table.answered({ id, endpoint }, world.clock.nowMs());
    }
  }

  function search(): void {
    dht.findPeers({
      infoHash,
      announce: { port: 1, isPortImplied: false, isSeed: false },
      onPeers: (some) => {
        peers += some.length;
      },
      onDone: (each) => found.push(each),
    });
  }

  beforeEach(() => {
    network(20);
    network(20, 6);
    infoHash = randomId(world.random);
    for (const { node, id } of world.nodes) {
      const address = node.family === 4 ? "198.51.100.1" : "2001:db8::7";
      node.peers.announce(id, infoHash, { address, port: 1 }, true, 0);
    }
    found = [];
    peers = 0;
    resolved.length = 0;
    dht = make({});
    open(4);
    open(6);
  });
  afterEach(() => dht.closeAll());

  it("finds in one what it would find, and announces there, when the other is lost meanwhile", () => {
    search();
    world.clock.advance(20);
    dht.close(6);
    world.clock.advance(20_000);
    expect(found).toMatchObject([{ peers: 1, announced: 8, isCutShort: true }]);
    expect(peers).toBe(1);
  });

  it("counts what was found in the one that is lost, and ends when both are", () => {
    search();
    world.clock.advance(120);
    dht.close(6);
    expect(found).toEqual([]);
    dht.close(4);
    world.clock.advance(1);
    expect(found).toMatchObject([{ peers: 2, announced: 0, isCutShort: true }]);
  });

  it("ends the searches of an address when it gets another one, and searches by that", () => {
    search();
    world.clock.advance(20);
    open(6);
    search();
    world.clock.advance(20_000);
    expect(found).toMatchObject([
      { peers: 1, announced: 8, isCutShort: true },
      { peers: 2, announced: 16, isCutShort: false },
    ]);
  });

  it("knows nothing of a node any more when it tells of its end: what begins then goes the other way", () => {
    let families: readonly number[] = [];
    const node = dht.node(6);
    if (node === undefined) throw new Error("there is one");
    scrape(node, infoHash, () => {
      families = dht.nodes.map(({ family }) => family);
      search();
    });
    dht.close(6);
    expect(families).toEqual([4]);
    world.clock.advance(20_000);
    expect(found).toMatchObject([{ peers: 1, announced: 8, isCutShort: false }]);
  });

  it("says how large a swarm is, by what it has heard, when one is lost, or both", async () => {
    const sizes: { seeds: number; sources: number }[] = [];
    const ask = () => void dht.scrape(infoHash).then((size) => sizes.push(size));
    ask();
    world.clock.advance(20);
    dht.close(6);
    world.clock.advance(20_000);
    await settle();
    expect(sizes).toMatchObject([{ seeds: 1 }]);
    expect(sizes[0]?.sources).toBeGreaterThan(7);
    ask();
    dht.closeAll();
    await settle();
    expect(sizes.slice(1)).toMatchObject([{ seeds: 0, sources: 0 }]);
  });

  it("looks up no names after it was closed on its way into the network", async () => {
    const nobody = { id: randomId(world.random), endpoint: { address: world.address(), port: 1 } };
    dht.closeAll();
    dht = make({ 4: { id: randomId(world.random), nodes: [nobody] } }, ["router.example:6881"]);
    const local = { address: world.address(), port: 6881 };
    dht.open(4, local, () => {});
    dht.tick();
    expect(dht.isJoining).toBe(true);
    dht.close(4);
    await settle();
    world.clock.advance(20_000);
    await settle();
    expect(resolved).toEqual([]);
    // Where nobody closes it, it does.
    dht.open(4, local, () => {});
    dht.tick();
    world.clock.advance(20_000);
    await settle();
    expect(resolved).toEqual(["router.example"]);
  });
});
