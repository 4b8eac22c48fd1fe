import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { infoHashFromBytes, infoHashFromHex, peerIdFromBytes } from "../../source/base/ids.ts";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { SeededRandom } from "../../source/base/random.ts";
import {
  encodeConnect,
  encodeUdpAnnounce,
  encodeUdpScrape,
  parseConnectAnswer,
  parseUdpAnnounceAnswer,
  parseUdpError,
  parseUdpScrapeAnswer,
  udpAnswerHead,
} from "../../source/discovery/udp-tracker-codec.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { Tracker, type TrackerOptions } from "../../source/tracker/tracker.ts";
import { TrackerUdp } from "../../source/tracker/tracker-udp.ts";

const hash = infoHashFromHex("00ff7e2061".repeat(4));
const peerId = peerIdFromBytes(new TextEncoder().encode("-XX0000-abcdefghijkl"));
const query = { infoHash: hash, peerId, port: 6881, uploaded: 0, downloaded: 0, left: 1, numwant: 50, key: 1 };
const nobody = new Uint8Array(0);

function make(options: TrackerOptions = {}) {
  const random = new SeededRandom(1);
  const tracker = new Tracker(random, options);
  const door = new TrackerUdp(tracker, { random, hasher: new NodeHasher() });
  const at = (address: string, port = 40_000): Endpoint => ({ address, port });
  const connect = (address: string, nowMs = 0): bigint => {
    const answer = door.answer(encodeConnect(7), at(address), nowMs) ?? nobody;
    expect(udpAnswerHead(answer)).toEqual({ action: 0, transactionId: 7 });
    return parseConnectAnswer(answer) ?? 0n;
  };
  const announce = (address: string, more: Partial<Parameters<typeof encodeUdpAnnounce>[2]> = {}, nowMs = 0) => {
    const request = encodeUdpAnnounce(connect(address, nowMs), 8, { ...query, ...more }, "/announce");
    return door.answer(request, at(address), nowMs) ?? nobody;
  };
  const peersOf = (address: string, more = {}) =>
    parseUdpAnnounceAnswer(announce(address, more), address.includes(":") ? 6 : 4)?.peers ?? [];
  return { tracker, door, at, connect, announce, peersOf };
}

describe("the embedded tracker over UDP", () => {
  test("names peers to each other, each family to its own", () => {
    const { announce, peersOf } = make();
    announce("198.51.100.1", { left: 0 });
    announce("2001:db8::1", { left: 0 });
    const answer = parseUdpAnnounceAnswer(announce("198.51.100.2"), 4);
    expect(answer).toMatchObject({ intervalMs: 300_000, seeds: 2, leeches: 1 });
    expect(answer?.peers).toEqual([{ address: "198.51.100.1", port: 6881 }]);
    expect(peersOf("2001:db8::2")).toEqual([{ address: "2001:db8::1", port: 6881 }]);
    expect(peersOf("198.51.100.3", { numwant: 0 })).toEqual([]);
  });

  test("knows what it is told over HTTP, and of whom has left", () => {
    const { announce, tracker } = make();
    announce("198.51.100.1", { event: "started" });
    announce("198.51.100.1", { left: 0, event: "completed" });
    expect(tracker.scrape([hash], 0)).toEqual([{ infoHash: hash, seeds: 1, leeches: 0, completions: 1 }]);
    announce("198.51.100.1", { event: "stopped" });
    expect(tracker.statistics.peers).toBe(0);
  });

  test("is scraped of many torrents at once, zeros for those it does not know", () => {
    const { announce, door, at, connect } = make();
    announce("198.51.100.1", { left: 0 });
    const others = Array.from({ length: 73 }, (_, i) => infoHashFromBytes(new Uint8Array(20).fill(i + 1)));
    const asked = [...others, hash];
    const request = encodeUdpScrape(connect("198.51.100.9"), 9, asked);
    const answer = door.answer(request, at("198.51.100.9"), 0) ?? nobody;
    const rows = parseUdpScrapeAnswer(answer, asked);
    expect(rows?.get(hash)).toEqual({ seeds: 1, leeches: 0, completions: 0 });
    expect([...(rows?.values() ?? [])].filter(({ seeds }) => seeds === 0)).toHaveLength(73);
  });

  test("names as many peers as a datagram carries whole", () => {
    const { announce, peersOf } = make();
    for (let i = 0; i < 250; i++) {
      announce("198.51.100.1", { port: 1000 + i });
      announce("2001:db8::1", { port: 1000 + i });
    }
    expect(peersOf("198.51.100.2", { numwant: 200 })).toHaveLength(200);
    expect(peersOf("2001:db8::2", { numwant: 200 })).toHaveLength(76);
    expect(announce("2001:db8::3", { numwant: 200 }).length).toBeLessThanOrEqual(1400);
  });

  test("refuses in words: a port of 0, a torrent that is not tracked, a scrape of nothing", () => {
    const { announce, door, at, connect } = make({ allowed: new Set([hash]) });
    expect(parseUdpError(announce("198.51.100.1", { port: 0 }))).toMatch(/port/);
    const other = announce("198.51.100.1", { infoHash: infoHashFromHex("ab".repeat(20)) });
    expect(udpAnswerHead(other)).toEqual({ action: 3, transactionId: 8 });
    expect(parseUdpError(other)).toMatch(/does not track/);
    const nothing = door.answer(encodeUdpScrape(connect("198.51.100.1"), 9, []), at("198.51.100.1"), 0);
    expect(parseUdpError(nothing ?? nobody)).toMatch(/names its torrents/);
  });

  test("believes an address that is claimed only of who runs beside it, as over HTTP", () => {
    const { door, at, connect, peersOf } = make();
    for (const address of ["127.0.0.1", "198.51.100.1"]) {
      const request = encodeUdpAnnounce(connect(address), 8, query, "");
      request.set([203, 0, 113, 7], 84);
      door.answer(request, at(address), 0);
    }
    const named = peersOf("198.51.100.2").map(({ address }) => address);
    expect(named.sort()).toEqual(["198.51.100.1", "203.0.113.7"]);
  });
});

describe("a connection id of the embedded tracker", () => {
  test("is another for each address and minute, and each tracker", () => {
    const { connect } = make();
    const ids = ["198.51.100.1", "198.51.100.2", "2001:db8::1"].flatMap((address) => [
      connect(address, 0),
      connect(address, 60_000),
      connect(address, 120_000),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(connect("198.51.100.1", 59_000)).toBe(connect("198.51.100.1", 1_000));
  });

  test("holds for a minute at the least and two at the most, for the address that got it alone", () => {
    const { door, at, connect } = make();
    for (const issuedMs of [0, 30_000, 59_999]) {
      const id = connect("198.51.100.1", issuedMs);
      const isTaken = (address: string, nowMs: number) =>
        door.answer(encodeUdpScrape(id, 9, [hash]), at(address), nowMs) !== undefined;
      expect(isTaken("198.51.100.1", issuedMs + 60_000)).toBe(true);
      expect(isTaken("198.51.100.1", issuedMs + 120_000)).toBe(false);
      expect(isTaken("198.51.100.2", issuedMs)).toBe(false);
      expect(isTaken("2001:db8::1", issuedMs)).toBe(false);
    }
  });
});

describe("whoever writes another's address on his datagrams", () => {
  test("gets that one no more than he sends, and tells the tracker nothing", () => {
    const { tracker, door, at } = make();
    const requestLike = fc
      .tuple(
        fc.oneof(fc.constant(0x417_2710_1980n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
        fc.oneof(fc.integer({ min: 0, max: 4 }), fc.nat()),
        fc.uint8Array({ maxLength: 1500 }),
      )
      .map(([first, action, rest]) => {
        const bytes = new Uint8Array(16 + rest.length);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, first);
        view.setUint32(8, action);
        bytes.set(rest, 16);
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(requestLike, fc.uint8Array({ maxLength: 200 })), fc.nat(), (bytes, nowMs) => {
        const answer = door.answer(bytes, at("198.51.100.1"), nowMs);
        expect(answer?.length ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 3000 },
    );
    expect(tracker.statistics).toMatchObject({ torrents: 0, peers: 0, announces: 0, scrapes: 0, failures: 0 });
  });

  test("is not answered where nothing can be sent", () => {
    const { door, at } = make();
    expect(door.answer(encodeConnect(1), at("198.51.100.1", 0), 0)).toBeUndefined();
  });

  test("nothing that comes by a right id breaks it", () => {
    const { door, at, connect } = make();
    const id = connect("198.51.100.1");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 2000 }), (action, rest) => {
        const bytes = new Uint8Array(16 + rest.length);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, id);
        view.setUint32(8, action);
        bytes.set(rest, 16);
        const answer = door.answer(bytes, at("198.51.100.1"), 0);
        expect(answer?.length ?? 0).toBeLessThanOrEqual(1400);
      }),
      { numRuns: 3000 },
    );
  });
});
