import { beforeEach, describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes } from "../../../source/base/hex.ts";
import { randomBytes, SeededRandom } from "../../../source/base/random.ts";
import { BloomFilter } from "../../../source/discovery/dht/bloom-filter.ts";
import { ExternalAddress } from "../../../source/discovery/dht/external-address.ts";
import { ItemStore } from "../../../source/discovery/dht/item-store.ts";
import {
  immutableTarget,
  isSignedRight,
  itemIn,
  mutableTarget,
  signedBytes,
  signItem,
} from "../../../source/discovery/dht/items.ts";
import { type NodeId, randomId, randomIdSharing } from "../../../source/discovery/dht/node-id.ts";
import { PeerStore } from "../../../source/discovery/dht/peer-store.ts";
import { RateGate } from "../../../source/discovery/dht/rate-gate.ts";
import { Tokens } from "../../../source/discovery/dht/tokens.ts";
import { VerifiedAddresses } from "../../../source/discovery/dht/verified-addresses.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { NodeSignatures } from "../../../source/platform/node-signatures.ts";

const minute = 60_000;
const hasher = new NodeHasher();
const signatures = new NodeSignatures();
const own = new Uint8Array(20) as NodeId;
const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
let random: SeededRandom;
beforeEach(() => {
  random = new SeededRandom(7);
});

describe("tokens (BEP 5)", () => {
  it("are good for one address and one target, for at least five and at most ten minutes", () => {
    const [a, b] = [randomId(random), randomId(random)];
    const tokens = new Tokens(hasher, random, 0);
    const token = tokens.give("192.0.2.1", a, 4 * minute);
    expect(tokens.isGood(token, "192.0.2.1", a, 4 * minute)).toBe(true);
    expect(tokens.isGood(token, "192.0.2.2", a, 4 * minute)).toBe(false);
    expect(tokens.isGood(token, "192.0.2.1", b, 4 * minute)).toBe(false);
    expect(tokens.isGood(token.subarray(1), "192.0.2.1", a, 4 * minute)).toBe(false);
    expect(tokens.isGood(new Uint8Array(0), "192.0.2.1", a, 4 * minute)).toBe(false);
    expect(tokens.isGood(token, "192.0.2.1", a, 9 * minute)).toBe(true);
    expect(tokens.isGood(token, "192.0.2.1", a, 10 * minute)).toBe(false);
  });

  it("are not those of another node, nor of the same after a long pause", () => {
    const target = randomId(random);
    const tokens = new Tokens(hasher, random, 0);
    const token = tokens.give("192.0.2.1", target, 0);
    expect(new Tokens(hasher, random, 0).isGood(token, "192.0.2.1", target, 0)).toBe(false);
    expect(tokens.isGood(token, "192.0.2.1", target, 60 * minute)).toBe(false);
  });
});

describe("a gate", () => {
  it("lets through a burst, then the pace, for each key", () => {
    const gate = new RateGate(random, { perSecond: 10, burst: 5, places: 4096 });
    const admitted = (key: string, nowMs: number) =>
      Array.from({ length: 100 }, () => gate.admits(key, nowMs)).filter(Boolean).length;
    expect([admitted("a", 1000), admitted("a", 1000), admitted("b", 1000)]).toEqual([5, 0, 5]);
    expect(gate.waitMs("a", 1000)).toBeCloseTo(100);
    expect(admitted("a", 1300)).toBe(3);
    expect(admitted("a", 99_000)).toBe(5);
    expect(gate.waitMs("c", 0)).toBe(0);
  });
});

describe("verified addresses", () => {
  it("are so for ten minutes, and no more than some thousands", () => {
    const verified = new VerifiedAddresses();
    verified.add("192.0.2.1", 0);
    expect(verified.has("192.0.2.1", 9 * minute)).toBe(true);
    expect(verified.has("192.0.2.1", 10 * minute)).toBe(false);
    for (let i = 0; i < 5000; i++) verified.add(`10.0.${i >> 8}.${i & 255}`, 0);
    expect(verified.has("192.0.2.1", 0)).toBe(false);
    expect(verified.has("10.0.19.100", 0)).toBe(true);
  });
});

describe("our own address (BEP 42)", () => {
  it("is believed when eight networks say the same, and most of those that say anything", () => {
    const external = new ExternalAddress();
    for (let i = 1; i < 8; i++) expect(external.vote(`192.0.2.${i}`, "198.51.100.7")).toBe(false);
    // One voter has one vote, however often it speaks.
    for (let i = 0; i < 20; i++) expect(external.vote("192.0.2.1", "198.51.100.7")).toBe(false);
    expect(external.vote("192.0.2.9", "198.51.100.7")).toBe(true);
    expect(external.address).toBe("198.51.100.7");
    for (let i = 1; i < 8; i++) expect(external.vote(`203.0.113.${i}`, "198.51.100.8")).toBe(false);
    // As many as say otherwise are not most.
    expect(external.vote("203.0.113.8", "198.51.100.8")).toBe(false);
    expect(external.vote("203.0.113.9", "198.51.100.8")).toBe(true);
    expect(external.address).toBe("198.51.100.8");
  });

  it("is never a local one", () => {
    const external = new ExternalAddress();
    for (let i = 1; i < 30; i++) expect(external.vote(`192.0.2.${i}`, "192.168.1.7")).toBe(false);
  });
});

describe("announced peers", () => {
  let store: PeerStore;
  const hash = randomIdSharing(new SeededRandom(9), own, 3);
  const at = (i: number, port = 6881) => ({ address: `198.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`, port });
  beforeEach(() => {
    store = new PeerStore(hasher, random);
  });

  it("are one for each address, as it last said (BEP 33)", () => {
    store.announce(own, hash, at(1), false, 0);
    store.announce(own, hash, at(1, 7000), true, 0);
    expect(store.peersOf(hash, 100, false, 0)).toEqual([at(1, 7000)]);
    expect(store.peersOf(hash, 100, true, 0)).toEqual([]);
    expect([store.hashCount, store.peerCount]).toEqual([1, 1]);
  });

  it("are told apart by their ports on loopback", () => {
    for (const port of [1, 2]) store.announce(own, hash, { address: "127.0.0.1", port }, false, 0);
    expect(store.peersOf(hash, 100, false, 0)).toHaveLength(2);
  });

  it("are given out at random, each once", () => {
    for (let i = 0; i < 50; i++) store.announce(own, hash, at(i), i % 2 === 0, 0);
    const [a, b] = [store.peersOf(hash, 10, false, 0), store.peersOf(hash, 10, false, 0)];
    expect(a).not.toEqual(b);
    expect(new Set(a.map(({ address }) => address)).size).toBe(10);
    expect(store.peersOf(hash, 100, true, 0)).toHaveLength(25);
  });

  it("are forgotten after three quarters of an hour", () => {
    store.announce(own, hash, at(1), false, 0);
    store.announce(own, hash, at(2), false, 30 * minute);
    expect(store.peersOf(hash, 100, false, 46 * minute)).toEqual([at(2)]);
    store.expire(46 * minute);
    expect([store.hashCount, store.peerCount]).toEqual([1, 1]);
    store.expire(76 * minute);
    expect([store.hashCount, store.peerCount]).toEqual([0, 0]);
  });

  it("are at most 500 of a torrent, those that announced last", () => {
    for (let i = 0; i < 600; i++) store.announce(own, hash, at(i), false, i);
    expect(store.peerCount).toBe(500);
    const addresses = new Set(store.peersOf(hash, 1000, false, 600).map(({ address }) => address));
    expect([addresses.has(at(0).address), addresses.has(at(100).address)]).toEqual([false, true]);
  });

  it("are at most 200 of one host, in all torrents", () => {
    for (let i = 0; i < 300; i++) store.announce(own, randomId(random), at(1), false, 0);
    expect(store.peerCount).toBe(200);
    expect(store.announce(own, hash, at(1), false, 0)).toBe(false);
    store.expire(60 * minute);
    expect(store.announce(own, hash, at(1), false, 60 * minute)).toBe(true);
  });

  it("make room for torrents that are closer to us, and for no others", () => {
    for (let i = 0; i < 4100; i++) store.announce(own, randomIdSharing(random, own, 2), at(i), false, 0);
    expect(store.hashCount).toBe(4000);
    expect(store.announce(own, randomIdSharing(random, own, 0), at(9000), false, 0)).toBe(false);
    expect(store.announce(own, randomIdSharing(random, own, 9), at(9001), false, 0)).toBe(true);
    expect([store.hashCount, store.peerCount]).toEqual([4000, 4000]);
  });

  it("are counted by filters, seeds apart (BEP 33)", () => {
    expect(store.filtersOf(hash, 0)).toBeUndefined();
    for (let i = 0; i < 60; i++) store.announce(own, hash, at(i), i < 20, 0);
    const filters = store.filtersOf(hash, 0);
    expect(new BloomFilter(filters?.seeds).count).toBeCloseTo(20, -1);
    expect(new BloomFilter(filters?.peers).count).toBeCloseTo(40, -1);
  });

  it("are sampled by their torrents, the same for ten minutes (BEP 51)", () => {
    expect(store.sample(20, 0).hashes).toEqual([]);
    for (let i = 0; i < 100; i++) store.announce(own, randomId(random), at(i), false, 0);
    const first = store.sample(20, 10 * minute);
    expect([first.hashes.length, first.seconds]).toEqual([20, 600]);
    expect(store.sample(5, 15 * minute)).toEqual({ hashes: first.hashes.slice(0, 5), seconds: 300 });
    expect(store.sample(20, 20 * minute).hashes).not.toEqual(first.hashes);
  });
});

describe("items of BEP 44", () => {
  const value = ascii("12:Hello World!");
  const publicKey = hexToBytes("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");

  it("lie where its test vectors say", () => {
    expect(bytesToHex(immutableTarget(hasher, value))).toBe("e5f96f6f38320f0f33959cb4d3d656452117aadb");
    expect(bytesToHex(mutableTarget(hasher, publicKey, new Uint8Array(0)))).toBe(
      "4a533d47ec9c7d95b1ad75f576cffc641853b750",
    );
    expect(bytesToHex(mutableTarget(hasher, publicKey, ascii("foobar")))).toBe(
      "411eba73b6f087ca51a3795d9c8c938d365e32c1",
    );
  });

  const signatureOf: Readonly<Record<string, string>> = {
    "": "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01",
    foobar:
      "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08",
  };

  it("are signed as its test vectors say, without a salt and with one", () => {
    expect(String.fromCharCode(...signedBytes(new Uint8Array(0), 1n, value))).toBe("3:seqi1e1:v12:Hello World!");
    expect(String.fromCharCode(...signedBytes(ascii("foobar"), 1n, value))).toBe(
      "4:salt6:foobar3:seqi1e1:v12:Hello World!",
    );
    for (const [salt, hex] of Object.entries(signatureOf)) {
      const signed = { publicKey, sequence: 1n, signature: hexToBytes(hex) };
      expect(isSignedRight(signatures, signed, ascii(salt), value)).toBe(true);
      expect(isSignedRight(signatures, { ...signed, sequence: 2n }, ascii(salt), value)).toBe(false);
      expect(isSignedRight(signatures, signed, ascii("other"), value)).toBe(false);
      expect(isSignedRight(signatures, signed, ascii(salt), ascii("12:Hello World?"))).toBe(false);
    }
    const noPoint = { publicKey: new Uint8Array(32).fill(0xff), sequence: 1n, signature: new Uint8Array(64) };
    expect(isSignedRight(signatures, noPoint, new Uint8Array(0), value)).toBe(false);
  });

  it("are believed only where they lie at the target", () => {
    const ports = { hasher, signatures };
    const none = new Uint8Array(0);
    const target = immutableTarget(hasher, value);
    expect(itemIn(ports, target, none, { value })?.value).toEqual(value);
    expect(itemIn(ports, target, none, { value: ascii("2:no") })).toBeUndefined();
    const keys = signatures.keyPair(randomBytes(random, 32));
    const { signed } = signItem(keys, ascii("salt"), 5n, value);
    const place = mutableTarget(hasher, keys.publicKey, ascii("salt"));
    expect(itemIn(ports, place, ascii("salt"), { value, ...signed })?.signed?.sequence).toBe(5n);
    expect(itemIn(ports, place, none, { value, ...signed })).toBeUndefined();
    expect(itemIn(ports, target, ascii("salt"), { value, ...signed })).toBeUndefined();
    expect(itemIn(ports, place, ascii("salt"), { value: ascii("2:no"), ...signed })).toBeUndefined();
  });
});

describe("stored items (BEP 44)", () => {
  const keys = signatures.keyPair(new Uint8Array(32).fill(3));
  const none = new Uint8Array(0);
  const from = (i: number) => ({ address: `198.51.${i >> 8}.${i & 255}`, port: 1 });
  const target = mutableTarget(hasher, keys.publicKey, none);
  const version = (sequence: bigint, text = `1:${sequence}`) => signItem(keys, none, sequence, ascii(text));
  let store: ItemStore;
  beforeEach(() => {
    store = new ItemStore();
  });
  const put = (sequence: bigint, replaces?: bigint, text?: string, nowMs = 0) =>
    store.put(own, target, version(sequence, text), replaces, from(1), nowMs);

  it("are replaced by newer ones only", () => {
    expect([put(5n), put(4n), put(5n, undefined, "1:x"), put(6n)]).toEqual([undefined, 302, 302, undefined]);
    expect(store.get(target, 0)?.signed?.sequence).toBe(6n);
  });

  it("are replaced only if they are those that were meant (CAS)", () => {
    expect(put(1n, 7n)).toBeUndefined(); // nothing is there to compare with
    expect([put(2n, 3n), put(2n, 1n)]).toEqual([301, undefined]);
  });

  it("live two hours from when they were last put", () => {
    put(1n);
    put(1n, undefined, undefined, 60 * minute);
    expect(store.get(target, 179 * minute)).toBeDefined();
    expect(store.get(target, 180 * minute)).toBeUndefined();
    store.expire(180 * minute);
    expect(store.size).toBe(0);
  });

  it("are at most 50 of a host, and 1,000 of all, of which the farthest give way", () => {
    const item = { value: ascii("1:x"), signed: undefined };
    const near = (bits: number) => randomIdSharing(random, own, bits);
    const outcomes = Array.from({ length: 60 }, () => store.put(own, near(1), item, undefined, from(1), 0));
    expect(outcomes.filter((code) => code === undefined)).toHaveLength(50);
    for (let i = 0; i < 1000; i++) store.put(own, near(1), item, undefined, from(2 + i), 0);
    expect(store.size).toBe(1000);
    expect(store.put(own, near(0), item, undefined, from(5000), 0)).toBe(202);
    const close = near(9);
    expect(store.put(own, close, item, undefined, from(5000), 0)).toBeUndefined();
    expect([store.size, store.get(close, 0)?.value]).toEqual([1000, item.value]);
  });
});
