import { describe, expect, test } from "vitest";
import { infoHashFromHex, peerIdFromBytes } from "../../source/base/ids.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { Tracker, type TrackerAnnounce, type TrackerOptions } from "../../source/tracker/tracker.ts";

const hash = infoHashFromHex("ab".repeat(20));

function peerId(name: string) {
  return peerIdFromBytes(new TextEncoder().encode(name.padEnd(20, "-")));
}

function make(options: TrackerOptions = {}) {
  const tracker = new Tracker(new SeededRandom(7), options);
  const announce = (from: string, more: Partial<TrackerAnnounce> = {}, nowMs = 0) => {
    const result = tracker.announce(
      {
        infoHash: hash,
        peerId: peerId(`${from}${more.port ?? 6881}`),
        port: 6881,
        left: 100,
        event: undefined,
        numwant: undefined,
        ip: undefined,
        ...more,
      },
      { address: from, port: 50_000 },
      nowMs,
    );
    if (result.kind === "failure") return { reason: result.reason, addresses: [] as string[] };
    return {
      ...result,
      reason: "",
      addresses: result.peers.map(({ endpoint }) => `${endpoint.address}:${endpoint.port}`).sort(),
    };
  };
  return { tracker, announce };
}

describe("the embedded tracker", () => {
  test("names a torrent's peers to each other, and nobody to himself", () => {
    const { announce } = make();
    expect(announce("198.51.100.1").addresses).toEqual([]);
    expect(announce("198.51.100.2").addresses).toEqual(["198.51.100.1:6881"]);
    expect(announce("198.51.100.1").addresses).toEqual(["198.51.100.2:6881"]);
    expect(announce("198.51.100.3", { infoHash: infoHashFromHex("cd".repeat(20)) }).addresses).toEqual([]);
  });

  test("names IPv4 peers and IPv6 peers to both", () => {
    const { announce } = make();
    announce("198.51.100.1");
    expect(announce("2001:db8::1").addresses).toEqual(["198.51.100.1:6881"]);
    expect(announce("198.51.100.2").addresses).toEqual(["198.51.100.1:6881", "2001:db8::1:6881"]);
  });

  test("counts seeds and leeches, and downloads once each", () => {
    const { announce, tracker } = make();
    announce("198.51.100.1", { left: 0 });
    announce("198.51.100.2");
    announce("198.51.100.2", { left: 0, event: "completed" });
    announce("198.51.100.2", { left: 0, event: "completed" });
    expect(announce("198.51.100.3")).toMatchObject({ seeds: 2, leeches: 1, completions: 1 });
    expect(tracker.scrape([hash, infoHashFromHex("cd".repeat(20))], 0)).toEqual([
      { infoHash: hash, seeds: 2, leeches: 1, completions: 1 },
    ]);
    expect(tracker.statistics).toMatchObject({ torrents: 1, peers: 3, seeds: 2, announces: 5, scrapes: 1 });
  });

  test("gives few seeds to seeds: some clients say that nothing is left while they have but a magnet link", () => {
    const { announce } = make();
    for (let i = 1; i <= 20; i++) announce(`198.51.100.${i}`, { left: 0 });
    announce("198.51.100.102");
    const { addresses } = announce("198.51.100.103", { left: 0 });
    expect(addresses).toContain("198.51.100.102:6881");
    expect(addresses).toHaveLength(6);
  });

  test("forgets who says stopped, only that one, and names it nobody", () => {
    const { announce } = make();
    announce("198.51.100.1");
    announce("198.51.100.1", { port: 7000 });
    expect(announce("198.51.100.1", { event: "stopped" })).toMatchObject({ addresses: [], leeches: 1 });
    expect(announce("198.51.100.2").addresses).toEqual(["198.51.100.1:7000"]);
    expect(announce("198.51.100.9", { event: "stopped" })).toMatchObject({ leeches: 2 });
  });

  test("forgets who is silent for two and a half intervals, and then the torrent", () => {
    const { announce, tracker } = make({ intervalSeconds: 100 });
    announce("198.51.100.1", {}, 0);
    announce("198.51.100.2", {}, 200_000);
    expect(announce("198.51.100.3", {}, 250_001).addresses).toEqual(["198.51.100.2:6881"]);
    tracker.expire(600_000);
    expect(tracker.statistics).toMatchObject({ torrents: 0, peers: 0 });
  });

  test("gives as many as are wanted, at most 200, 50 where nothing is said, all different", () => {
    const { announce } = make();
    for (let i = 0; i < 500; i++) announce("198.51.100.1", { port: 1000 + i });
    expect(announce("198.51.100.2", { numwant: 0 }).addresses).toHaveLength(0);
    expect(announce("198.51.100.2", { numwant: 7 }).addresses).toHaveLength(7);
    expect(announce("198.51.100.2").addresses).toHaveLength(50);
    const most = announce("198.51.100.2", { numwant: 100_000 }).addresses;
    expect(most).toHaveLength(200);
    expect(new Set(most).size).toBe(200);
  });

  test("draws them at random, so that nobody is known to few", () => {
    const { announce } = make();
    const named = new Map<string, number>();
    for (let i = 0; i < 100; i++) announce("198.51.100.1", { port: 1000 + i });
    for (let i = 0; i < 400; i++) {
      for (const address of announce("198.51.100.2", { numwant: 10 }).addresses) {
        named.set(address, (named.get(address) ?? 0) + 1);
      }
    }
    expect(named.size).toBe(100);
    // 40 times each on average; six standard deviations are 36.
    expect(Math.max(...named.values())).toBeLessThan(80);
    expect(Math.min(...named.values())).toBeGreaterThan(4);
  });

  test("does not name local peers to askers from further away", () => {
    const { announce } = make();
    announce("127.0.0.1");
    announce("192.168.1.2");
    announce("198.51.100.1");
    expect(announce("127.0.0.2").addresses).toEqual(["127.0.0.1:6881", "192.168.1.2:6881", "198.51.100.1:6881"]);
    expect(announce("192.168.1.3").addresses).toEqual(["192.168.1.2:6881", "198.51.100.1:6881"]);
    expect(announce("198.51.100.2").addresses).toEqual(["198.51.100.1:6881"]);
  });

  test("believes `ip` from its own machine, and from nowhere else", () => {
    const { announce } = make();
    announce("127.0.0.1", { ip: "192.168.1.9" });
    announce("198.51.100.1", { ip: "203.0.113.5" });
    announce("127.0.0.1", { ip: "224.0.0.1", port: 7001 });
    expect(announce("127.0.0.2").addresses).toEqual(["127.0.0.1:7001", "192.168.1.9:6881", "198.51.100.1:6881"]);
  });

  test("tracks only what is allowed, and that can change", () => {
    const allowed = new Set([hash]);
    const { announce, tracker } = make({ allowed });
    expect(announce("198.51.100.1").reason).toBe("");
    allowed.clear();
    expect(announce("198.51.100.1").reason).toMatch(/does not track/);
    expect(tracker.statistics.failures).toBe(1);
  });

  test("stays within its limits, and what it knows stays", () => {
    const { announce, tracker } = make({ torrentsMax: 3, peersPerTorrentMax: 5, peersMax: 8 });
    const torrent = (n: number) => infoHashFromHex(n.toString(16).padStart(40, "0"));
    for (let i = 0; i < 50; i++) announce("198.51.100.1", { infoHash: torrent(1), port: 1000 + i });
    for (let i = 0; i < 50; i++) announce("198.51.100.1", { infoHash: torrent(2), port: 1000 + i });
    announce("198.51.100.1", { infoHash: torrent(3) });
    expect(announce("198.51.100.1", { infoHash: torrent(4) }).reason).toMatch(/no room/);
    expect(tracker.statistics).toMatchObject({ torrents: 3, peers: 8 });
    // Whoever finds no room is still told who is there.
    expect(announce("198.51.100.2", { infoHash: torrent(1) }).addresses).toHaveLength(5);
    announce("198.51.100.1", { infoHash: torrent(1), port: 1000, event: "stopped" });
    announce("198.51.100.3", { infoHash: torrent(1) });
    expect(tracker.statistics.peers).toBe(8);
  });

  test("keeps its counts right through any sequence of announces", () => {
    const random = new SeededRandom(3);
    const { announce, tracker } = make({ intervalSeconds: 60, peersMax: 60, peersPerTorrentMax: 25 });
    const torrents = [1, 2, 3, 4].map((n) => infoHashFromHex(n.toString(16).padStart(40, "0")));
    let nowMs = 0;
    for (let i = 0; i < 5000; i++) {
      nowMs += random.uint32() % 5000;
      const kind = random.uint32() % 4;
      announce(
        `198.51.100.${random.uint32() % 30}`,
        {
          infoHash: torrents[random.uint32() % 4] ?? hash,
          port: 1000 + (random.uint32() % 3),
          left: random.uint32() % 2,
          event: kind === 0 ? "stopped" : kind === 1 ? "completed" : undefined,
        },
        nowMs,
      );
      if (i % 100 !== 0) continue;
      const rows = tracker.scrape(torrents, nowMs);
      const sum = rows.reduce((total, row) => total + row.seeds + row.leeches, 0);
      expect(tracker.statistics.peers).toBe(sum);
      expect(sum).toBeLessThanOrEqual(60);
      expect(rows.every((row) => row.seeds >= 0 && row.leeches >= 0)).toBe(true);
    }
  });
});
