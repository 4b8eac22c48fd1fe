import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytesToHex } from "../../../source/base/hex.ts";
import { randomBytes } from "../../../source/base/random.ts";
import { encode } from "../../../source/bencode/encode.ts";
import { immutableTarget, mutableTarget, signItem } from "../../../source/discovery/dht/items.ts";
import type { Message, Query } from "../../../source/discovery/dht/krpc.ts";
import { decodeMessage } from "../../../source/discovery/dht/krpc-decode.ts";
import { encodeAnswer, encodeQuery } from "../../../source/discovery/dht/krpc-encode.ts";
import { type NodeId, randomId } from "../../../source/discovery/dht/node-id.ts";
import { getItem, putItem, type SwarmSize, scrape } from "../../../source/discovery/dht/searches.ts";
import { isSecureId, secureIdFor } from "../../../source/discovery/dht/secure-id.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { NodeSignatures } from "../../../source/platform/node-signatures.ts";
import type { DatagramSocket } from "../../../source/ports/datagram.ts";
import { DhtWorld, type WorldNode } from "../../support/dht-world.ts";
import { anyQuery } from "./any-message.ts";

const hasher = new NodeHasher();
const signatures = new NodeSignatures();
const none = new Uint8Array(0);
let world: DhtWorld;
beforeEach(() => {
  world = new DhtWorld();
});
afterEach(() => world.close());

/** Somebody who speaks KRPC by hand. */
class Stranger {
  readonly id: NodeId;
  readonly socket: DatagramSocket;
  readonly heard: Message[] = [];
  readonly heardBytes: Uint8Array[] = [];
  /** To queries that come to it. */
  answers = true;

  constructor(address = world.address(), port = 4000) {
    this.id = secureIdFor(address, world.random);
    this.socket = world.network.bind(
      { address, port },
      {
        onDatagram: (bytes, remote) => {
          const message = decodeMessage(bytes);
          if (message?.kind === "query") {
            if (this.answers) this.socket.send(encodeAnswer(message.transaction, this.id, {}, undefined), remote);
          } else if (message !== undefined) {
            this.heard.push(message);
            this.heardBytes.push(bytes);
          }
        },
      },
    );
  }

  send(to: WorldNode, query: Query, isReadOnly = false): Uint8Array {
    const bytes = encodeQuery(Uint8Array.of(7, 7), this.id, query, isReadOnly);
    this.socket.send(bytes, to.endpoint);
    return bytes;
  }

  /** Its answer, or error code; `undefined` for silence. */
  ask(to: WorldNode, query: Query, isReadOnly = false) {
    const before = this.heard.length;
    this.send(to, query, isReadOnly);
    world.clock.advance(3_000);
    const message = this.heard[before];
    if (message?.kind === "answer") return message.answer;
    return message?.kind === "error" ? message.code : undefined;
  }
}

const getPeers = (infoHash: NodeId, more: object = {}): Query => ({
  method: "get_peers",
  infoHash,
  want: undefined,
  noSeeds: false,
  isScrape: false,
  ...more,
});

/** Announces somebody with a token that it gets first. */
function announce(stranger: Stranger, to: WorldNode, infoHash: NodeId, more: object = {}): unknown {
  const answer = stranger.ask(to, getPeers(infoHash));
  const token = typeof answer === "object" ? (answer.token ?? none) : none;
  return stranger.ask(to, {
    method: "announce_peer",
    infoHash,
    token,
    port: 9000,
    isPortImplied: false,
    isSeed: false,
    ...more,
  });
}

describe("a DHT node that is asked", () => {
  it("answers pings with its id, and where it saw them come from (BEP 42)", () => {
    const asked = world.add();
    const stranger = new Stranger();
    expect(stranger.ask(asked, { method: "ping" })).toEqual({ nodes4: [], nodes6: [], peers: [] });
    expect(stranger.heard[0]).toMatchObject({ id: asked.id, seenAs: stranger.socket.local });
  });

  it("names the eight closest of its nodes", () => {
    for (let i = 0; i < 30; i++) world.add();
    world.settle();
    const asked = world.nodes[0] as WorldNode;
    const target = randomId(world.random);
    const answer = new Stranger().ask(asked, { method: "find_node", target, want: undefined });
    const known = asked.node.table.closest(target, 8, world.clock.nowMs());
    expect(typeof answer === "object" && answer.nodes4?.map(({ id }) => bytesToHex(id))).toEqual(
      known.map(({ id }) => bytesToHex(id)),
    );
  });

  it("gives peers to whoever asks, once they were announced with a token", () => {
    const asked = world.add();
    const infoHash = randomId(world.random);
    const [a, b] = [new Stranger(), new Stranger()];
    expect(announce(a, asked, infoHash)).toEqual({ nodes4: [], nodes6: [], peers: [] });
    expect(announce(b, asked, infoHash, { isPortImplied: true })).toBeTypeOf("object");
    const answer = new Stranger().ask(asked, getPeers(infoHash));
    const ports = typeof answer === "object" ? answer.peers?.map(({ port }) => port).sort() : [];
    expect(ports).toEqual([4000, 9000]);
    expect(new Stranger().ask(asked, getPeers(randomId(world.random)))).toMatchObject({ peers: [] });
  });

  it("takes no announcement without a token, or with that of another address or torrent", () => {
    const asked = world.add();
    const infoHash = randomId(world.random);
    const [a, b] = [new Stranger(), new Stranger()];
    const answer = a.ask(asked, getPeers(infoHash));
    const token = typeof answer === "object" ? (answer.token ?? none) : none;
    expect(announce(b, asked, infoHash, { token })).toBe(203);
    expect(announce(a, asked, randomId(world.random), { token })).toBe(203);
    expect(announce(a, asked, infoHash, { token: none })).toBe(203);
    expect(asked.node.peers.peerCount).toBe(0);
  });

  it("says what it does not know, and is silent about what is no message", () => {
    const asked = world.add();
    const stranger = new Stranger();
    const send = (message: object | Uint8Array): unknown => {
      const before = stranger.heard.length;
      stranger.socket.send(message instanceof Uint8Array ? message : encode(message as never), asked.endpoint);
      world.clock.advance(1000);
      const heard = stranger.heard[before];
      return heard?.kind === "error" ? heard.code : heard;
    };
    const a = { id: stranger.id };
    expect(send({ t: "aa", y: "q", q: "vote", a })).toBe(204);
    expect(send({ t: "aa", y: "q", q: "get_peers", a })).toBe(203);
    expect(send({ t: "aa", y: "q", q: "ping", a: { id: "short" } })).toBe(203);
    for (const noise of [new Uint8Array(0), Uint8Array.of(0x64, 0x65), randomBytes(world.random, 200)]) {
      expect(send(noise)).toBeUndefined();
    }
    expect(send({ t: "aa", y: "r", r: a })).toBeUndefined(); // an answer to nothing
    expect(asked.node.traffic.malformed).toBe(3);
  });

  it("answers nobody in read-only mode, says so itself, and takes nobody into its table who does (BEP 43)", () => {
    const reader = world.add({ isReadOnly: () => true });
    const asked = world.add();
    expect(new Stranger().ask(reader, { method: "ping" })).toBeUndefined();
    reader.node.meet(asked.endpoint);
    world.clock.advance(3_000);
    expect(reader.node.table.size).toBe(1);
    expect(asked.node.table.size).toBe(0);
    new Stranger().ask(asked, { method: "ping" });
    expect(asked.node.table.size).toBe(1);
  });

  it("learns of nodes that ask it by asking back, and of none that do not answer", () => {
    const asked = world.add();
    new Stranger().ask(asked, { method: "ping" });
    const silent = new Stranger();
    silent.answers = false;
    silent.ask(asked, { method: "ping" });
    expect(asked.node.table.size).toBe(1);
  });

  it("answers an address at its pace, and others meanwhile", () => {
    const asked = world.add({ gatePlaces: 4096 });
    const [flooder, honest] = [new Stranger(), new Stranger()];
    for (let i = 0; i < 500; i++) flooder.send(asked, { method: "ping" });
    expect(honest.ask(asked, { method: "ping" })).toBeTypeOf("object");
    expect(flooder.heard.length).toBeGreaterThan(50);
    expect(flooder.heard.length).toBeLessThan(80);
    expect(asked.node.traffic.dropped).toBeGreaterThan(400);
  });

  it("hears answers to its own queries in any flood, from the same address even", () => {
    const asked = world.add();
    const [flooder, friend] = [new Stranger(), new Stranger()];
    for (let i = 0; i < 50; i++) {
      const other = new Stranger(world.address());
      for (let j = 0; j < 40; j++) other.send(asked, { method: "ping" });
    }
    const outcomes: string[] = [];
    const ask = (to: Stranger) =>
      asked.node.ask(to.socket.local, { method: "ping" }, { onDone: ({ kind }) => outcomes.push(kind) });
    ask(flooder);
    ask(friend);
    world.clock.advance(3_000);
    expect(outcomes).toEqual(["answer", "answer"]);
  });

  it("takes answers only from where it asked, with what it sent along", () => {
    const asked = world.add();
    const [friend, forger] = [new Stranger(), new Stranger()];
    friend.answers = false;
    let kind = "";
    let transaction: Uint8Array = none;
    world.network.latencyMs = ({ from, bytes }) => {
      const message = decodeMessage(bytes);
      if (from.address === asked.endpoint.address && message?.kind === "query") transaction = message.transaction;
      return 10;
    };
    asked.node.ask(friend.socket.local, { method: "ping" }, { onDone: (outcome) => (kind = outcome.kind) });
    const forged = (t: Uint8Array) => encodeAnswer(t, friend.id, {}, undefined);
    forger.socket.send(forged(transaction), asked.endpoint);
    const guess = transaction.map((byte) => byte ^ 1);
    world.network.send({ bytes: forged(guess), from: friend.socket.local, to: asked.endpoint });
    world.clock.advance(1_000);
    expect(kind).toBe("");
    friend.socket.send(forged(transaction), asked.endpoint);
    world.clock.advance(1_000);
    expect(kind).toBe("answer");
  });
});

describe("an answer", () => {
  it("is never more than three times as long as the query of an address that has shown nothing (HOSTILE C8)", () => {
    for (let i = 0; i < 30; i++) world.add();
    world.settle();
    const asked = world.nodes[0] as WorldNode;
    const infoHash = randomId(world.random);
    const keys = signatures.keyPair(new Uint8Array(32));
    const item = signItem(keys, none, 1n, encode("x".repeat(900)));
    const target = mutableTarget(hasher, keys.publicKey, none);
    asked.node.items.put(asked.id, target, item, undefined, asked.endpoint, 0);
    for (let i = 0; i < 300; i++) {
      asked.node.peers.announce(asked.id, infoHash, { address: `198.51.${i >> 8}.${i & 255}`, port: 1 }, false, 0);
    }
    let sent = 0;
    let got = 0;
    fc.assert(
      fc.property(anyQuery, fc.boolean(), fc.boolean(), (query, isKnownTarget, isReadOnly) => {
        const victim = new Stranger();
        victim.answers = false;
        const aimed = isKnownTarget && "infoHash" in query ? { ...query, infoHash } : query;
        const bytes = victim.send(asked, isKnownTarget && "target" in aimed ? { ...aimed, target } : aimed, isReadOnly);
        world.clock.advance(2_000);
        for (const answer of victim.heardBytes) expect(answer.length).toBeLessThanOrEqual(3 * bytes.length);
        sent += bytes.length;
        got += victim.heardBytes.reduce((sum, { length }) => sum + length, 0);
        void victim.socket.close();
      }),
      { numRuns: 300 },
    );
    expect(got).toBeGreaterThan(sent / 2);
  });

  it("has room for eight nodes and a token in the smallest queries of other clients", () => {
    for (let i = 0; i < 30; i++) world.add();
    world.settle();
    const asked = world.nodes[0] as WorldNode;
    const heard: Message[] = [];
    const socket = world.network.bind(
      { address: world.address(), port: 1 },
      {
        onDatagram: (bytes) => {
          const message = decodeMessage(bytes);
          if (message !== undefined && message.kind !== "query") heard.push(message);
        },
      },
    );
    const id = randomId(world.random);
    for (const [q, key] of [
      ["find_node", "target"],
      ["get_peers", "info_hash"],
    ] as const) {
      socket.send(encode({ t: "aa", y: "q", q, a: { id, [key]: randomId(world.random) } }), asked.endpoint);
    }
    world.clock.advance(1_000);
    const counts = heard.map((message) => message.kind === "answer" && message.answer.nodes4?.length);
    expect(counts).toEqual([8, 8]);
  });

  it("that cannot be cut waits until the address has answered a ping, or is given up on", () => {
    const asked = world.add();
    const value = encode("y".repeat(900));
    const target = immutableTarget(hasher, value);
    asked.node.items.put(asked.id, target, { value, signed: undefined }, undefined, asked.endpoint, 0);
    const query: Query = { method: "get", target, want: undefined, newerThan: undefined };
    const [real, mute, reader] = [new Stranger(), new Stranger(), new Stranger()];
    expect(real.ask(asked, query)).toMatchObject({ value });
    expect(real.ask(asked, query)).toMatchObject({ value });
    mute.answers = false;
    expect(mute.ask(asked, query)).not.toHaveProperty("value");
    expect(mute.heard).toHaveLength(1);
    // Who says that it answers nobody is not waited for.
    expect(reader.ask(asked, query, true)).not.toHaveProperty("value");
  });

  it("is never longer than BEP 32 allows, and shares its room between nodes and peers", () => {
    for (let i = 0; i < 30; i++) world.add();
    world.settle();
    const asked = world.nodes[0] as WorldNode;
    const infoHash = randomId(world.random);
    for (let i = 0; i < 300; i++) {
      asked.node.peers.announce(asked.id, infoHash, { address: `198.51.${i >> 8}.${i & 255}`, port: 1 }, false, 0);
    }
    const stranger = new Stranger();
    const first = stranger.ask(asked, getPeers(infoHash));
    expect(typeof first === "object" && [first.nodes4?.length, first.peers?.length]).toEqual([4, 14]);
    asked.node.meet(stranger.socket.local);
    world.clock.advance(1000);
    const second = stranger.ask(asked, getPeers(infoHash));
    expect(typeof second === "object" && [second.nodes4?.length, (second.peers?.length ?? 0) > 80]).toEqual([8, true]);
    const scraped = stranger.ask(asked, getPeers(infoHash, { isScrape: true }));
    expect(typeof scraped === "object" && [scraped.peerFilter?.length, scraped.nodes4?.length]).toEqual([256, 7]);
    for (const { length } of stranger.heardBytes) expect(length).toBeLessThanOrEqual(1024);
  });

  it("to sample_infohashes has samples, their number and their age (BEP 51)", () => {
    const asked = world.add();
    const hashes = Array.from({ length: 3 }, () => randomId(world.random));
    hashes.forEach((hash, i) => {
      asked.node.peers.announce(asked.id, hash, { address: `198.51.100.${i}`, port: 1 }, false, 0);
    });
    const stranger = new Stranger();
    stranger.send(asked, { method: "sample_infohashes", target: randomId(world.random), want: undefined });
    world.clock.advance(1_000);
    const text = String.fromCharCode(...(stranger.heardBytes[0] ?? none));
    expect(text).toMatch(/8:intervali600e.*3:numi3e7:samples60:/s);
    for (const hash of hashes) expect(text).toContain(String.fromCharCode(...hash));
  });

  it("in both families names nodes of those that are wanted (BEP 32)", () => {
    let [four, six]: (WorldNode | undefined)[] = [];
    four = world.add({ sibling: () => six?.node });
    six = world.add({ address: "2001:db8:7::1", sibling: () => four?.node });
    for (let i = 1; i < 5; i++) {
      const [a, b] = [world.add(), world.add({ address: `2001:db8:${i}::9` })];
      four.node.meet(a.endpoint);
      six.node.meet(b.endpoint);
    }
    world.clock.advance(2_000);
    const stranger = new Stranger();
    four.node.meet(stranger.socket.local);
    world.clock.advance(1_000);
    const target = randomId(world.random);
    const named = (want: { nodes4: boolean; nodes6: boolean } | undefined) => {
      const answer = stranger.ask(four as WorldNode, { method: "find_node", target, want });
      return typeof answer === "object" ? [answer.nodes4?.length, answer.nodes6?.length] : answer;
    };
    expect(named(undefined)).toEqual([5, 0]);
    expect(named({ nodes4: false, nodes6: true })).toEqual([0, 4]);
    expect(named({ nodes4: true, nodes6: true })).toEqual([5, 4]);
  });
});

describe("a DHT node's id", () => {
  it("changes when others see the node at an address that it does not follow from (BEP 42)", () => {
    const id = randomId(world.random);
    const moved = world.add({ id });
    expect(isSecureId(moved.node.id, moved.endpoint.address)).toBe(false);
    for (let i = 0; i < 12; i++) moved.node.meet(world.add().endpoint);
    world.clock.advance(3_000);
    expect(moved.node.external.address).toBe(moved.endpoint.address);
    expect(isSecureId(moved.node.id, moved.endpoint.address)).toBe(true);
    expect(moved.node.table.size).toBe(12);
  });

  it("stays where it follows from it", () => {
    const node = world.add();
    for (let i = 0; i < 12; i++) node.node.meet(world.add().endpoint);
    world.clock.advance(3_000);
    expect([node.node.external.address, node.node.id]).toEqual([node.endpoint.address, node.id]);
  });
});

describe("values (BEP 44)", () => {
  const waitFor = <T>(begin: (onDone: (value: T) => void) => void): T => {
    const results: T[] = [];
    begin((value) => results.push(value));
    while (results.length === 0) world.clock.advance(100);
    return results[0] as T;
  };

  it("are put at the closest nodes and found by others, and newer ones instead of older", () => {
    for (let i = 0; i < 60; i++) world.add();
    world.settle();
    const [a, b] = world.nodes as [WorldNode, WorldNode];
    const value = encode({ text: "x".repeat(900) });
    expect(waitFor<number>((done) => putItem(a.node, { value, signed: undefined }, none, done))).toBe(8);
    const found = waitFor<unknown>((done) => getItem(b.node, immutableTarget(hasher, value), none, done));
    expect(found).toEqual({ value, signed: undefined });

    const keys = signatures.keyPair(randomBytes(world.random, 32));
    const salt = new TextEncoder().encode("the salt");
    const target = mutableTarget(hasher, keys.publicKey, salt);
    for (const sequence of [1n, 2n]) {
      const item = signItem(keys, salt, sequence, encode(`version ${sequence}`));
      expect(waitFor<number>((done) => putItem(a.node, item, salt, done))).toBe(8);
      expect(waitFor<unknown>((done) => getItem(b.node, target, salt, done))).toEqual(item);
    }
    const stale = signItem(keys, salt, 1n, encode("version 1"));
    expect(waitFor<number>((done) => putItem(a.node, stale, salt, done))).toBe(0);
    expect(waitFor<unknown>((done) => getItem(b.node, randomId(world.random), none, done))).toBeUndefined();
  });

  it("are refused with the codes of BEP 44", () => {
    const asked = world.add();
    const stranger = new Stranger();
    const keys = signatures.keyPair(randomBytes(world.random, 32));
    const put = (sequence: bigint, more: object = {}): unknown => {
      const item = signItem(keys, none, sequence, encode("v"));
      const target = mutableTarget(hasher, keys.publicKey, none);
      const answer = stranger.ask(asked, { method: "get", target, want: undefined, newerThan: undefined });
      const token = typeof answer === "object" ? (answer.token ?? none) : none;
      const signed = { ...(item.signed as NonNullable<typeof item.signed>), salt: none, replaces: undefined, ...more };
      return stranger.ask(asked, { method: "put", token, value: item.value, signed });
    };
    expect(put(5n)).toBeTypeOf("object");
    expect(put(4n)).toBe(302);
    expect(put(6n, { replaces: 4n })).toBe(301);
    expect(put(6n, { signature: new Uint8Array(64) })).toBe(206);
    expect(put(6n, { replaces: 5n })).toBeTypeOf("object");
    const unsigned = { method: "put", token: none, value: encode("w"), signed: undefined } as const;
    expect(stranger.ask(asked, unsigned)).toBe(203);
  });

  it("are not sent again to who has them (BEP 44 seq)", () => {
    const asked = world.add();
    const keys = signatures.keyPair(randomBytes(world.random, 32));
    const target = mutableTarget(hasher, keys.publicKey, none);
    asked.node.items.put(asked.id, target, signItem(keys, none, 5n, encode("v")), undefined, asked.endpoint, 0);
    const stranger = new Stranger();
    const get = (newerThan: bigint) => stranger.ask(asked, { method: "get", target, want: undefined, newerThan });
    expect(get(4n)).toMatchObject({ sequence: 5n, value: encode("v") });
    expect(get(5n)).toMatchObject({ sequence: 5n });
    expect(get(5n)).not.toHaveProperty("value");
  });
});

describe("a scrape (BEP 33)", () => {
  it("counts seeds and leeches over all nodes that know some, roughly", () => {
    for (let i = 0; i < 60; i++) world.add();
    world.settle();
    const infoHash = randomId(world.random);
    // Each of the closest knows half of the swarm.
    world.closest(infoHash, 8).forEach(({ node, id }, k) => {
      for (let i = 0; i < 200; i++) {
        if ((i + k) % 2 === 0) continue;
        node.peers.announce(id, infoHash, { address: `203.0.113.${i}`, port: 1 }, i < 50, world.clock.nowMs());
      }
    });
    let size: SwarmSize | undefined;
    scrape((world.nodes[20] as WorldNode).node, infoHash, (found) => {
      size = found;
    });
    world.clock.advance(60_000);
    expect(size?.sources).toBe(8);
    expect(size?.seeds).toBeGreaterThan(45);
    expect(size?.seeds).toBeLessThan(55);
    expect(size?.leeches).toBeGreaterThan(140);
    expect(size?.leeches).toBeLessThan(160);
  });
});
