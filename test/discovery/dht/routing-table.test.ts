import { beforeEach, describe, expect, it } from "vitest";
import { SeededRandom } from "../../../source/base/random.ts";
import type { Contact } from "../../../source/discovery/dht/contact.ts";
import { type NodeId, randomId, randomIdSharing, sharedBits } from "../../../source/discovery/dht/node-id.ts";
import { RoutingTable } from "../../../source/discovery/dht/routing-table.ts";
import { isSecureId, secureIdFor } from "../../../source/discovery/dht/secure-id.ts";

const minute = 60_000;
const own = new Uint8Array(20) as NodeId;
let random: SeededRandom;
let table: RoutingTable;
let hosts = 0;

beforeEach(() => {
  random = new SeededRandom(1);
  table = new RoutingTable(own, 0);
  hosts = 0;
});

/** Somebody at an address of the LAN, where every id will do, who shares exactly so many bits with us. */
function somebody(bits: number): Contact {
  hosts++;
  return {
    id: randomIdSharing(random, own, bits),
    endpoint: { address: `10.0.${hosts >> 8}.${hosts & 255}`, port: 6881 },
  };
}
function fill(bits: number, count: number, nowMs = 0): Contact[] {
  const all = Array.from({ length: count }, () => somebody(bits));
  for (const each of all) table.answered(each, nowMs);
  return all;
}
const ids = (contacts: readonly Contact[]) => contacts.map(({ id }) => id);
const fails = (contact: Contact, nowMs: number) => {
  table.silent(contact, nowMs);
  table.silent(contact, nowMs);
};

describe("ids", () => {
  it("that are drawn share as many bits as was asked for", () => {
    for (let bits = 0; bits < 160; bits++) {
      const id = randomId(random);
      expect(sharedBits(id, randomIdSharing(random, id, bits))).toBe(bits);
    }
  });
});

describe("the routing table (BEP 5)", () => {
  it("takes eight nodes of each distance, and splits only the bucket that we are in", () => {
    fill(0, 20);
    fill(1, 20);
    fill(9, 20);
    expect(table.counts(0)).toEqual({ good: 24, questionable: 0, bad: 0 });
  });

  it("knows all of a small network", () => {
    for (const bits of [0, 1, 2, 3]) fill(bits, 8);
    fill(40, 8);
    expect(table.size).toBe(40);
  });

  it("keeps good nodes, whoever comes", () => {
    const first = fill(0, 8);
    fill(0, 8, 14 * minute);
    expect(ids(table.closest(own, 100, 14 * minute)).sort()).toEqual(ids(first).sort());
  });

  it("calls a node good for 15 minutes after an answer, or after it has asked us", () => {
    const [a, b] = fill(0, 2) as [Contact, Contact];
    table.asked(b, 10 * minute);
    expect(table.counts(14 * minute)).toEqual({ good: 2, questionable: 0, bad: 0 });
    expect(table.counts(16 * minute)).toEqual({ good: 1, questionable: 1, bad: 0 });
    expect(table.stalest(16 * minute)?.id).toBe(a.id);
    table.answered(a, 16 * minute);
    expect(table.stalest(16 * minute)).toBeUndefined();
  });

  it("does not know who only asks", () => {
    table.asked(somebody(0), 0);
    expect(table.size).toBe(0);
  });

  it("calls a node bad after two queries in a row without an answer, and good again after one answer", () => {
    const [a] = fill(0, 1) as [Contact];
    table.silent(a, 0);
    expect(table.counts(0).questionable).toBe(1);
    table.silent(a, 0);
    expect(table.counts(0).bad).toBe(1);
    table.answered(a, 0);
    expect(table.counts(0).good).toBe(1);
  });

  it("has the node asked that was there last longest ago, when somebody comes for its place", () => {
    const first = fill(0, 8);
    first.forEach((each, i) => {
      table.answered(each, i * 1000);
    });
    const late = 20 * minute;
    const newcomer = somebody(0);
    expect(table.answered(newcomer, late)?.id).toBe(first[0]?.id);
    fails(first[0] as Contact, late);
    expect(ids(table.closest(own, 100, late))).toContain(newcomer.id);
    expect(ids(table.closest(own, 100, late))).not.toContain(first[0]?.id);
  });

  it("gives a bad node's place to the freshest spare, and keeps it where there is none", () => {
    const first = fill(0, 8) as [Contact, ...Contact[]];
    fails(first[0], 0);
    expect(table.size).toBe(8);
    table.answered(first[0], 0);
    const [, fresher] = fill(0, 2, minute);
    fails(first[0], 2 * minute);
    expect(ids(table.closest(own, 100, 2 * minute))).toContain(fresher?.id);
    expect(table.size).toBe(8);
  });

  it("gives a bad node's place to whoever comes", () => {
    const first = fill(0, 8) as [Contact, ...Contact[]];
    fill(1, 8);
    fails(first[3] as Contact, 0);
    const newcomer = somebody(0);
    expect(table.isWorthAsking(newcomer, 0)).toBe(true);
    table.answered(newcomer, 0);
    expect(table.isWorthAsking(somebody(0), 0)).toBe(false);
    expect(ids(table.closest(own, 100, 0))).toContain(newcomer.id);
  });

  it("has one node of each address, whatever ids and ports it has", () => {
    const [a] = fill(0, 1) as [Contact];
    const { address } = a.endpoint;
    table.answered({ id: randomIdSharing(random, own, 1), endpoint: { address, port: 7000 } }, 0);
    expect(ids(table.closest(own, 100, 0))).toEqual([a.id]);
    expect(table.isWorthAsking({ id: randomId(random), endpoint: { address, port: 7001 } }, 0)).toBe(false);
  });

  it("has one node of each network of IPv6", () => {
    const at = (address: string) => ({ id: secureIdFor(address, random), endpoint: { address, port: 1 } });
    for (const address of ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]) table.answered(at(address), 0);
    expect(table.size).toBe(2);
  });

  it("tells programs on loopback apart by their ports", () => {
    for (const port of [1, 2, 3]) table.answered({ id: randomId(random), endpoint: { address: "127.0.0.1", port } }, 0);
    expect(table.size).toBe(3);
  });

  it("follows a node that has taken another id", () => {
    const [a] = fill(0, 1) as [Contact];
    const renamed = { id: randomIdSharing(random, own, 3), endpoint: a.endpoint };
    table.answered(renamed, 0);
    expect(ids(table.closest(own, 100, 0))).toEqual([renamed.id]);
  });

  it("lets nobody take another's id while that one answers", () => {
    const [a] = fill(0, 1) as [Contact];
    const thief = { id: a.id, endpoint: { address: "10.9.9.9", port: 1 } };
    table.answered(thief, 0);
    expect(table.closest(own, 100, 0).map(({ endpoint }) => endpoint)).toEqual([a.endpoint]);
    fails(a, 0);
    table.answered(thief, 0);
    expect(table.closest(own, 100, 0).map(({ endpoint }) => endpoint)).toEqual([thief.endpoint]);
  });

  it("gives places of nodes that chose their ids to such whose ids follow from their addresses (BEP 42)", () => {
    const at = (isSecure: boolean): Contact => {
      for (;;) {
        const address = `203.0.${hosts >> 8}.${hosts++ & 255}`;
        const id = isSecure ? secureIdFor(address, random) : randomIdSharing(random, own, 0);
        if (sharedBits(id, own) === 0 && isSecureId(id, address) === isSecure)
          return { id, endpoint: { address, port: 1 } };
      }
    };
    for (let i = 0; i < 8; i++) table.answered(at(false), 0);
    const secure = at(true);
    table.answered(secure, 0);
    expect(ids(table.closest(own, 100, 0))).toContain(secure.id);
    expect(table.size).toBe(8);
    table.answered(at(false), 0);
    expect(ids(table.closest(own, 100, 0))).toContain(secure.id);
  });

  it("never has ourselves in it", () => {
    table.answered({ id: own, endpoint: { address: "10.0.0.1", port: 1 } }, 0);
    expect(table.size).toBe(0);
  });

  it("finds the closest, closest first, of the standing that is asked for", () => {
    for (let bits = 0; bits < 12; bits++) fill(bits, 4);
    const target = randomIdSharing(random, own, 5);
    const closest = ids(table.closest(target, 8, 0));
    const bits = closest.map((id) => sharedBits(id, target));
    expect(bits).toEqual([...bits].sort((a, b) => b - a));
    expect(closest).toEqual(ids(table.closest(target, 100, 0)).slice(0, 8));
    const [nearest] = table.closest(target, 1, 0) as [Contact];
    fails(nearest, 0);
    expect(ids(table.closest(target, 8, 0, "questionable"))).not.toContain(nearest.id);
    expect(ids(table.closest(target, 8, 0))).toContain(nearest.id);
  });

  it("has buckets refreshed in which nothing has happened for 15 minutes, each once", () => {
    fill(0, 8);
    fill(1, 8);
    fill(2, 4, 10 * minute);
    const targets = [1, 2, 3].map(() => table.staleTarget(random, 16 * minute));
    expect(targets.map((target) => target && sharedBits(target, own))).toEqual([0, 1, undefined]);
  });

  it("has buckets with room looked for once, but for the last", () => {
    fill(0, 8);
    fill(1, 3);
    fill(2, 2);
    fill(5, 8);
    const targets = [1, 2, 3].map(() => table.staleTarget(random, minute));
    expect(targets.map((target) => target && sharedBits(target, own))).toEqual([1, 2, undefined]);
  });

  it("keeps its nodes when we take another id", () => {
    for (let bits = 0; bits < 6; bits++) fill(bits, 8);
    const moved = table.rehomed(randomId(random), 0);
    expect(moved.size).toBeGreaterThan(16);
    expect(moved.counts(0).good).toBe(moved.size);
  });

  it("forgets failures that were our own network's", () => {
    const all = fill(0, 3);
    for (const each of all) fails(each, 0);
    expect(table.counts(0).bad).toBe(3);
    table.forgive();
    expect(table.counts(0).good).toBe(3);
  });
});
