/** Whole networks of DHT nodes on a virtual clock. `node test/bench/dht-lookups.ts` has larger ones. */
import { afterEach, describe, expect, it } from "vitest";
import {
  compareDistance,
  type NodeId,
  randomId,
  randomIdSharing,
  sharedBits,
} from "../../../source/discovery/dht/node-id.ts";
import { DhtWorld, type WorldNode } from "../../support/dht-world.ts";

let world: DhtWorld;
afterEach(() => world.close());

function network(count: number): DhtWorld {
  world = new DhtWorld();
  for (let i = 0; i < count; i++) world.add();
  world.settle();
  return world;
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** Announces and looks for so many torrents between nodes at random. */
async function tries(count: number, among: readonly WorldNode[]) {
  const results = [];
  for (let i = 0; i < count; i++) {
    const infoHash = randomId(world.random);
    const [from, to] = [among[(7 * i) % among.length], among[(13 * i + 5) % among.length]] as [WorldNode, WorldNode];
    const announced = await world.announce(from, infoHash);
    const found = await world.search(to, infoHash);
    results.push({
      ...found,
      announced: announced.announced,
      isFound: found.peers.some(({ address }) => address === from.endpoint.address),
    });
  }
  return results;
}

describe("a network of DHT nodes", () => {
  it("grows by nodes that know one other, each of which then finds what the others announce", async () => {
    world = new DhtWorld();
    world.join(80);
    world.clock.advance(120_000);
    const sizes = world.nodes.map(({ node }) => node.table.counts(world.clock.nowMs()).good);
    expect(Math.min(...sizes)).toBeGreaterThan(15);
    const results = await tries(40, world.nodes);
    expect(results.every(({ isFound }) => isFound)).toBe(true);
    expect(mean(results.map(({ announced }) => announced))).toBeGreaterThan(7.5);
  });

  it("of IPv6 does the same (BEP 32)", async () => {
    world = new DhtWorld();
    for (let i = 0; i < 100; i++) world.add({ address: world.address(6) });
    world.settle();
    const results = await tries(20, world.nodes);
    expect(results.every(({ isFound }) => isFound)).toBe(true);
  });

  it("stores at the nodes that are closest of all", async () => {
    network(300);
    const infoHash = randomId(world.random);
    await world.announce(world.nodes[0] as WorldNode, infoHash);
    const keepers = world.nodes.filter(({ node }) => node.peers.hashCount > 0);
    expect(new Set(keepers)).toEqual(new Set(world.closest(infoHash, 8)));
  });

  it("is crossed in hops and messages that grow as the logarithm of its size", async () => {
    const measured = [];
    for (const count of [50, 200, 800]) {
      network(count);
      const results = await tries(60, world.nodes);
      expect(results.every(({ isFound }) => isFound)).toBe(true);
      measured.push({ hops: mean(results.map(({ hops }) => hops)), asked: mean(results.map(({ asked }) => asked)) });
    }
    const [small, middle, large] = measured as [Measured, Measured, Measured];
    // Four times the nodes are one step more in the logarithm: as many hops more each time, roughly, and few messages.
    expect(middle.hops - small.hops).toBeLessThan(1);
    expect(large.hops - middle.hops).toBeLessThan(1);
    expect(large.hops).toBeGreaterThan(small.hops);
    expect(large.asked).toBeLessThan(25);
    expect(large.asked / small.asked).toBeLessThan(2);
  });

  it("finds 99 % of what is announced where a fifth of the nodes is dead and a tenth lies", async () => {
    network(600);
    const dead = world.some(120);
    for (const each of dead) world.kill(each);
    const alive = world.nodes.filter((each) => !dead.includes(each));
    const liars = alive.slice(0, 60);
    for (const each of liars) world.corrupt(each, liars);
    const results = await tries(200, alive.slice(60));
    expect(results.filter(({ isFound }) => isFound).length).toBeGreaterThanOrEqual(198);
    // Who names nodes that are not there costs queries, and few of them.
    expect(mean(results.map(({ asked }) => asked))).toBeLessThan(30);
  });

  it("is not lost in a clique that names nobody but its own", async () => {
    network(1000);
    const some = world.some(300);
    for (const each of some.slice(100)) world.kill(each);
    const clique = some.slice(0, 100);
    const named = (target: NodeId) => [...clique].sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, 8);
    for (const each of clique) world.answerWith(each, named, () => ({ token: Uint8Array.of(1) }));
    const results = await tries(
      200,
      world.nodes.filter((each) => !some.includes(each)),
    );
    expect(results.filter(({ isFound }) => isFound).length).toBeGreaterThanOrEqual(199);
  });

  it("lets an early search end as soon as it has enough", async () => {
    network(200);
    const infoHash = randomId(world.random);
    for (const from of world.some(30)) await world.announce(from, infoHash);
    const [to] = world.some(1) as [WorldNode];
    const all = await world.search(to, infoHash);
    const few = await world.search(to, infoHash, 5);
    expect(all.peers).toHaveLength(30);
    expect(few.peers.length).toBeGreaterThanOrEqual(5);
    expect(few.asked).toBeLessThan(all.asked);
  });

  it("is not pointed at somebody by a node that names one address over and over", async () => {
    network(100);
    const infoHash = randomId(world.random);
    const victim = world.address();
    let hits = 0;
    world.network.latencyMs = ({ to }) => {
      if (to.address === victim) hits++;
      return 20;
    };
    const [liar] = world.closest(infoHash, 1) as [WorldNode];
    world.answerWith(liar, () =>
      Array.from({ length: 8 }, (_, i) => ({
        id: randomIdSharing(world.random, infoHash, 140),
        endpoint: { address: victim, port: 1000 + i },
      })),
    );
    const [to] = world.some(1) as [WorldNode];
    const { ms } = await world.search(to, infoHash);
    expect(hits).toBeGreaterThan(0);
    expect(hits).toBeLessThanOrEqual(2);
    expect(ms).toBeLessThan(3_000);
  });

  it("is not led into the LAN by nodes outside", async () => {
    network(50);
    const infoHash = randomId(world.random);
    const asked: string[] = [];
    world.network.latencyMs = ({ to }) => {
      asked.push(to.address);
      return 20;
    };
    const [liar] = world.closest(infoHash, 1) as [WorldNode];
    world.answerWith(liar, () =>
      ["127.0.0.1", "192.168.1.1", "10.0.0.1"].map((address) => ({
        id: randomIdSharing(world.random, infoHash, 100),
        endpoint: { address, port: 80 },
      })),
    );
    for (const to of world.some(5)) await world.search(to, infoHash);
    expect(asked.filter((address) => /^(127|192\.168|10)\./.test(address))).toEqual([]);
  });

  it("stores with nodes whose ids follow from their addresses, beside others that are closer (BEP 42)", async () => {
    network(100);
    const infoHash = randomId(world.random);
    // Eight that chose their ids, right beside the target, and that all around it know.
    const chosen = Array.from({ length: 8 }, () => world.add({ id: randomIdSharing(world.random, infoHash, 60) }));
    for (const { node } of world.closest(infoHash, 40)) {
      for (const { id, endpoint } of chosen) node.table.answered({ id, endpoint }, world.clock.nowMs());
    }
    const came: string[] = [];
    for (const each of chosen)
      world.answerWith(
        each,
        () => chosen,
        () => ({ token: Uint8Array.of(1) }),
        came,
      );
    const { announced } = await world.announce(world.nodes[0] as WorldNode, infoHash);
    expect(announced).toBe(8);
    expect(came).toContain("get_peers");
    expect(came).not.toContain("announce_peer");
  });

  it("is looked after: who is gone is noticed, and who comes is taken in", async () => {
    world = new DhtWorld();
    world.join(40);
    world.clock.advance(60 * 60_000);
    const watcher = world.nodes[0] as WorldNode;
    const before = watcher.node.table.counts(world.clock.nowMs());
    expect(before.good).toBeGreaterThan(15);
    expect(before.bad).toBe(0);
    for (const each of world.nodes.slice(20)) {
      each.node.close();
      world.kill(each);
    }
    world.clock.advance(90 * 60_000);
    const after = watcher.node.table.counts(world.clock.nowMs());
    expect(after.good).toBeGreaterThan(10);
    const left = new Set(world.nodes.slice(0, 20).map(({ endpoint }) => endpoint.address));
    const good = watcher.node.table.closest(watcher.id, 100, world.clock.nowMs(), "good");
    expect(good.filter(({ endpoint }) => !left.has(endpoint.address))).toEqual([]);
  });

  it("is found again where all that is known of a half of it has gone, as while the machine slept", async () => {
    network(200);
    const searcher = world.nodes[0] as WorldNode;
    const infoHash = randomIdSharing(world.random, searcher.id, 0);
    const known = searcher.node.table.closest(infoHash, 100, world.clock.nowMs());
    const half = new Set(known.filter(({ id }) => sharedBits(searcher.id, id) === 0).map(({ endpoint }) => endpoint));
    for (const each of world.nodes) if (half.has(each.endpoint)) world.kill(each);
    const other = world.closest(infoHash, 50).find(({ endpoint }) => !half.has(endpoint)) as WorldNode;
    await world.announce(other, infoHash);
    const found = [];
    for (let i = 0; i < 3; i++) found.push((await world.search(searcher, infoHash)).peers.length);
    expect([half.size, ...found]).toEqual([8, 1, 1, 1]);
  });

  it("costs an idle node little", () => {
    world = new DhtWorld();
    world.join(40);
    world.clock.advance(20 * 60_000);
    const before = world.network.sent;
    world.clock.advance(30 * 60_000);
    const perNodeAndMinute = (world.network.sent - before) / 40 / 30;
    expect(perNodeAndMinute).toBeLessThan(30);
  });

  it("leaves no timers behind", () => {
    world = new DhtWorld();
    world.join(10);
    world.close();
    // What is still on its way.
    world.clock.advance(100);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

interface Measured {
  readonly hops: number;
  readonly asked: number;
}
