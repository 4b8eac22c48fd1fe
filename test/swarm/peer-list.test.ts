import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { peerIdFromBytes } from "../../source/base/ids.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { type KnownPeer, PeerList } from "../../source/swarm/peer-list.ts";
import { sourcesIn } from "../../source/swarm/peer-source.ts";

const at = (host: number, port = 6881) => ({ address: `20.${host >> 16}.${(host >> 8) & 255}.${host & 255}`, port });
const peerId = (value: number) => peerIdFromBytes(new Uint8Array(20).fill(value));

function listOf(count: number): PeerList {
  const list = new PeerList(new SeededRandom(1));
  for (let i = 0; i < count; i++) list.add(at(i), "tracker", 0);
  return list;
}

function known(list: PeerList, host: number): KnownPeer {
  const peer = list.get(at(host));
  if (peer === undefined) throw new Error(`peer ${host} is not known`);
  return peer;
}

describe("the peer list", () => {
  it("keeps an address once, and none that cannot be dialled", () => {
    const list = listOf(1);
    expect(list.add(at(0), "tracker", 0)).toBe(false);
    expect(list.add(at(0, 6882), "tracker", 0)).toBe(true);
    for (const address of ["0.0.0.0", "224.0.0.1", "255.255.255.255", "ff02::1", "::", "nonsense"]) {
      expect(list.add({ address, port: 6881 }, "tracker", 0)).toBe(false);
    }
    expect(list.add(at(1, 0), "tracker", 0)).toBe(false);
    expect(list.size).toBe(2);
  });

  it("waits 15 s after a failure, twice as long after each further one, half an hour at most", () => {
    const list = listOf(1);
    const peer = known(list, 0);
    let expectedMs = 15_000;
    for (let failures = 1; failures <= 20; failures++) {
      list.connected(peer);
      list.disconnected(peer, false, 0);
      expect(peer.failures).toBe(failures);
      expect(peer.nextDialMs).toBeGreaterThanOrEqual(0.75 * expectedMs);
      expect(peer.nextDialMs).toBeLessThanOrEqual(1.25 * expectedMs);
      expectedMs = Math.min(1_800_000, expectedMs * 2);
    }
  });

  it("waits a minute at most for one that was named by hand", () => {
    const list = listOf(1);
    const peer = known(list, 0);
    list.add(peer.endpoint, "manual", 0);
    for (let failures = 1; failures <= 20; failures++) list.disconnected(peer, false, 0);
    expect(peer.nextDialMs).toBeGreaterThanOrEqual(0.75 * 60_000);
    expect(peer.nextDialMs).toBeLessThanOrEqual(1.25 * 60_000);
  });

  it("tries one that was of use again soon, its failures forgotten", () => {
    const list = listOf(1);
    const peer = known(list, 0);
    for (let i = 0; i < 5; i++) list.disconnected(peer, false, 0);
    list.disconnected(peer, true, 1000);
    expect(peer.failures).toBe(0);
    expect(peer.nextDialMs).toBeLessThanOrEqual(1000 + 1.25 * 15_000);
  });

  it("names the peer with the fewest failures, of those the longest due, and none before its time", () => {
    const list = listOf(4);
    const dialAt = (host: number, failures: number, nextDialMs: number) =>
      Object.assign(known(list, host), { failures, nextDialMs });
    dialAt(0, 1, 0);
    dialAt(1, 0, 500);
    dialAt(2, 0, 300);
    dialAt(3, 0, 2000);
    expect(list.next(1000, false)).toBe(known(list, 2));
    list.connected(known(list, 2));
    expect(list.next(1000, false)).toBe(known(list, 1));
    list.connected(known(list, 1));
    expect(list.next(1000, false)).toBe(known(list, 0));
    list.connected(known(list, 0));
    expect(list.next(1000, false)).toBeUndefined();
    expect(list.next(2000, false)).toBe(known(list, 3));
  });

  it("names no seed to a seed", () => {
    const list = listOf(1);
    known(list, 0).isSeed = true;
    expect(list.next(0, true)).toBeUndefined();
    expect(list.next(0, false)).toBe(known(list, 0));
  });

  it("dials at once what is given by hand, whatever was before", () => {
    const list = listOf(1);
    for (let i = 0; i < 9; i++) list.disconnected(known(list, 0), false, 0);
    list.add(at(0), "manual", 5000);
    expect(list.next(5000, false)).toBe(known(list, 0));
  });

  it("knows all who have named a peer, and the first of them", () => {
    const list = listOf(3);
    list.add(at(0), "dht", 0);
    list.add(at(0), "pex", 0);
    list.add(at(9), "lsd", 0);
    expect([known(list, 0).source, sourcesIn(known(list, 0).namedBy)]).toEqual(["tracker", ["tracker", "dht", "pex"]]);
    expect([...list.countsBySource()].filter(([, count]) => count > 0)).toEqual([
      ["tracker", 3],
      ["dht", 1],
      ["pex", 1],
      ["lsd", 1],
    ]);
  });

  it("holds at most 2000, making room only by those that failed three times", () => {
    const list = listOf(2500);
    expect(list.size).toBe(2000);
    expect(list.get(at(2400))).toBeUndefined();
    for (let i = 0; i < 3; i++) list.disconnected(known(list, 7), false, 0);
    expect(list.add(at(2400), "tracker", 0)).toBe(true);
    expect(list.get(at(7))).toBeUndefined();
    expect(list.add(at(2401), "tracker", 0)).toBe(false);
    expect(list.size).toBe(2000);
  });

  it("makes room for what others name by what only neighbours have named and nobody has tried", () => {
    const list = new PeerList(new SeededRandom(1));
    for (let i = 0; i < 2500; i++) list.add(at(i), "pex", 0);
    list.add(at(0), "tracker", 0);
    list.connected(known(list, 1));
    list.disconnected(known(list, 1), true, 0);
    list.connected(known(list, 2));
    expect(list.add(at(3000), "tracker", 0)).toBe(true);
    expect([0, 1, 2, 3, 4].filter((i) => list.get(at(i)) === undefined)).toEqual([3]);
    expect(list.add(at(3001), "pex", 0)).toBe(false);
    expect(list.size).toBe(2000);
  });

  it("does not make room by one that is connected", () => {
    const list = listOf(2000);
    const peer = known(list, 7);
    peer.failures = 9;
    list.connected(peer);
    expect(list.add(at(5000), "tracker", 0)).toBe(false);
  });

  it("bans an address whatever its port and id, and never names it", () => {
    const list = listOf(2);
    list.ban(at(0), peerId(1));
    expect(list.isBanned(at(0, 9999), peerId(2))).toBe(true);
    expect(list.isBanned(at(1), peerId(1))).toBe(false);
    expect(list.next(0, false)).toBe(known(list, 1));
  });

  it("bans on loopback only the one program, by its id and its port", () => {
    const list = new PeerList(new SeededRandom(1));
    const local = { address: "127.0.0.1", port: 5000 };
    list.ban(local, peerId(1));
    expect(list.isBanned({ address: "127.0.0.1", port: 5001 }, peerId(1))).toBe(true);
    expect(list.isBanned(local, undefined)).toBe(true);
    expect(list.isBanned({ address: "127.0.0.1", port: 5001 }, peerId(2))).toBe(false);
  });

  it("stays within its bounds and never names what is connected, banned or not due", () => {
    const step = fc.record({
      what: fc.constantFrom("add", "add", "dial", "fail", "leave", "ban", "forget", "manual"),
      host: fc.nat({ max: 30 }),
      ms: fc.nat({ max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.nat(), (steps, seed) => {
        const list = new PeerList(new SeededRandom(seed));
        const banned = new Set<number>();
        let nowMs = 0;
        for (const { what, host, ms } of steps) {
          nowMs += ms;
          const peer = list.get(at(host));
          if (what === "add") list.add(at(host), "tracker", nowMs);
          else if (what === "manual") list.add(at(host), "manual", nowMs);
          else if (what === "ban") {
            banned.add(host);
            list.ban(at(host), peerId(host));
          } else if (what === "forget") list.forget(at(host));
          else if (peer !== undefined && what === "dial") list.connected(peer);
          else if (peer?.isConnected === true) list.disconnected(peer, what === "leave", nowMs);
          const next = list.next(nowMs, false);
          if (next === undefined) continue;
          expect(next.isConnected).toBe(false);
          expect(next.nextDialMs).toBeLessThanOrEqual(nowMs);
          expect([...banned].map((each) => at(each).address)).not.toContain(next.endpoint.address);
        }
        expect(list.size).toBeLessThanOrEqual(31);
      }),
    );
  });

  it("does not name who is held, whatever else is said of it, before its time or a word by hand", () => {
    const list = listOf(2);
    list.connected(known(list, 1));
    list.hold(at(0), false, 600_000);
    list.seedsAreWanted(1000);
    list.forgive(1000);
    expect(list.next(599_999, false)).toBeUndefined();
    expect(list.next(600_000, false)).toBe(known(list, 0));
    list.hold(at(0), false, 900_000);
    list.add(at(0), "manual", 700_000);
    expect(list.next(700_000, false)).toBe(known(list, 0));
  });

  it("holds the whole address of one that came to us, but for loopback", () => {
    const list = listOf(1);
    list.add({ address: "127.0.0.1", port: 7 }, "tracker", 0);
    list.hold({ address: "127.0.0.1", port: 50_000 }, true, 1000);
    list.hold(at(0, 50_000), true, 1000);
    expect(list.next(0, false)?.endpoint.address).toBe("127.0.0.1");
    list.forget({ address: "127.0.0.1", port: 7 });
    expect(list.next(0, false)).toBeUndefined();
    expect(list.next(1000, false)).toBe(known(list, 0));
  });

  it("holds no more than it could ever need", () => {
    const list = listOf(1);
    list.hold(at(0), false, 1000);
    for (let i = 1; i <= 500; i++) list.hold(at(i), false, 1000);
    expect(list.next(0, false)).toBe(known(list, 0));
  });
});
