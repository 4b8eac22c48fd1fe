import { describe, expect, test } from "vitest";
import { makeBench, refused } from "./scripted-trackers.ts";

const a = "http://a.example/announce";
const b = "http://b.example/announce";
const c = "http://c.example/announce";
const minute = 60_000;

const fine = { interval: 1800, complete: 3, incomplete: 4, peers: new Uint8Array([198, 51, 100, 7, 0x1a, 0xe1]) };

describe("an announcer with one tracker", () => {
  test("says started first, then announces once per interval without an event", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    announcer.start();
    await clock.run(3600_000);
    expect(trackers.heard.map(({ atMs, event }) => [atMs, event])).toEqual([
      [0, "started"],
      [1800_000, null],
      [3600_000, null],
    ]);
    const [first] = trackers.heard;
    expect(first?.query.get("uploaded")).toBe("10");
    expect(first?.query.get("downloaded")).toBe("20");
    expect(first?.query.get("left")).toBe("1000");
    expect(first?.query.get("port")).toBe("6881");
    expect(first?.query.get("numwant")).toBe("50");
    expect(first?.query.get("key")).toBe("DEADBEEF");
    expect(first?.query.get("compact")).toBe("1");
    expect(first?.request.headers?.["User-Agent"]).toBe("p2p-tui/test");
    await announcer.stop(1000);
  });

  test("hands out the peers it is told, and shows what it knows", async () => {
    const { clock, trackers, host, announcer } = makeBench([[a]]);
    trackers.script(a, { ...fine, "warning message": "slow down" });
    announcer.start();
    await clock.run(0);
    expect(host.peers).toEqual([{ peers: [{ address: "198.51.100.7", port: 6881 }], url: a }]);
    expect(announcer.swarm).toMatchObject({ seeds: 3, leeches: 4 });
    expect(announcer.rows()).toEqual([
      {
        url: a,
        tier: 0,
        state: "working",
        message: "slow down",
        seeds: 3,
        leeches: 4,
        downloaded: null,
        peersReceived: 1,
        nextAnnounceMs: 1800_000,
      },
    ]);
    await clock.run(1000);
    expect(announcer.rows()[0]?.nextAnnounceMs).toBe(1799_000);
    await announcer.stop(1000);
  });

  test("does not pass on peers that are more local than the tracker", async () => {
    const { clock, trackers, host, announcer } = makeBench([[a]]);
    trackers.script(a, {
      interval: 1800,
      peers: new Uint8Array([127, 0, 0, 1, 0, 80, 192, 168, 1, 1, 0, 80, 198, 51, 100, 7, 0, 80]),
    });
    announcer.start();
    await clock.run(0);
    expect(host.peers[0]?.peers).toEqual([{ address: "198.51.100.7", port: 80 }]);
    await announcer.stop(0);
  });

  test("repeats the tracker id it was given", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, { ...fine, "tracker id": "x y" });
    announcer.start();
    await clock.run(1800_000);
    expect(trackers.heard.map(({ query }) => query.get("trackerid"))).toEqual([null, "x y"]);
    await announcer.stop(0);
  });

  test("announces a placeholder port while nothing listens, as trackers refuse port 0", async () => {
    const { clock, trackers, host, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    host.port = 0;
    announcer.start();
    await clock.run(0);
    expect(trackers.heard[0]?.query.get("port")).toBe("1");
    await announcer.stop(0);
  });

  test("tells a tracker that has both families over both, also when it stops (BEP 7)", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.dualHosts.add("a.example");
    trackers.script(a, fine);
    announcer.start();
    await clock.run(0);
    expect(trackers.heard.map(({ request, event }) => [request.family, event])).toEqual([
      [undefined, "started"],
      [6, "started"],
    ]);
    await announcer.stop(1000);
    expect(trackers.heard.slice(2).map(({ request, event }) => [request.family, event])).toEqual([
      [4, "stopped"],
      [6, "stopped"],
    ]);
  });
});

describe("errors", () => {
  test("are retried for ever, ever less often, up to half an hour", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    announcer.start();
    await clock.run(24 * 60 * minute);
    const times = trackers.heard.map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
    expect(gaps[0]).toBeGreaterThanOrEqual(12_000);
    expect(gaps[0]).toBeLessThanOrEqual(18_000);
    expect(Math.max(...gaps)).toBeLessThan(30 * minute + 1);
    expect(gaps.slice(-10).every((gap) => gap >= 24 * minute)).toBe(true);
    expect(times.length).toBeGreaterThan(45);
    await announcer.stop(0);
  });

  test("do not lose started: it is said until it was heard", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    announcer.start();
    await clock.run(20_000);
    trackers.script(a, { "failure reason": "maintenance" });
    await clock.run(60_000);
    expect(announcer.rows()[0]).toMatchObject({ state: "failed", message: "maintenance" });
    trackers.script(a, fine);
    await clock.run(10 * minute);
    expect(new Set(trackers.heard.map(({ event }) => event))).toEqual(new Set(["started"]));
    await clock.run(1800_000);
    expect(trackers.heard.at(-1)?.event).toBe(null);
    await announcer.stop(0);
  });

  test("are spread in time, so that a thousand torrents do not come back at once", async () => {
    const times = await Promise.all(
      [1, 2, 3, 4].map(async (seed) => {
        const { clock, trackers, announcer } = makeBench([[a]], {}, seed);
        announcer.start();
        await clock.run(20_000);
        await announcer.stop(0);
        return trackers.heard[1]?.atMs;
      }),
    );
    expect(new Set(times).size).toBe(4);
  });

  test("a tracker that names a time to retry is not asked before (BEP 31)", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, { "failure reason": "busy", "retry in": "20" });
    announcer.start();
    await clock.run(20 * minute - 1);
    expect(trackers.heard).toHaveLength(1);
    await clock.run(minute);
    expect(trackers.heard).toHaveLength(2);
    await announcer.stop(0);
  });

  test("a tracker that says never is asked again by hand alone (BEP 31)", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, { "failure reason": "unknown torrent", "retry in": "never" });
    announcer.start();
    await clock.run(48 * 60 * minute);
    expect(trackers.heard).toHaveLength(1);
    expect(announcer.rows()[0]).toMatchObject({ state: "failed", message: "unknown torrent", nextAnnounceMs: null });
    trackers.script(a, fine);
    announcer.reannounce();
    await clock.run(0);
    expect(announcer.rows()[0]?.state).toBe("working");
    await announcer.stop(0);
  });

  test("garbage in every shape is an error like any other", async () => {
    const { clock, trackers, announcer, host } = makeBench([[a], [b]]);
    trackers.script(a, { interval: -1, peers: 5, "min interval": "x", complete: -3 });
    announcer.start();
    await clock.run(0);
    expect(host.peers).toEqual([]);
    expect(announcer.rows()[0]?.state).not.toBe("announcing");
    await announcer.stop(0);
  });
});

describe("tiers (BEP 12)", () => {
  test("the next tier is asked only when the first has failed altogether", async () => {
    const { clock, trackers, announcer } = makeBench([[a, b], [c]]);
    trackers.script(c, fine);
    announcer.start();
    await clock.run(0);
    expect(trackers.story.slice(0, 2).sort()).toEqual(["a.example started", "b.example started"]);
    expect(trackers.story[2]).toBe("c.example started");
    expect(announcer.rows().map(({ state }) => state)).toEqual(["failed", "failed", "working"]);
    await announcer.stop(0);
  });

  test("the later tiers are left alone while the first works", async () => {
    const { clock, trackers, announcer } = makeBench([[a], [b]]);
    trackers.script(a, fine);
    trackers.script(b, fine);
    announcer.start();
    await clock.run(10 * 3600_000);
    expect(new Set(trackers.heard.map(({ tracker }) => tracker))).toEqual(new Set([a]));
    expect(announcer.rows()[1]).toMatchObject({ state: "waiting", nextAnnounceMs: null });
    await announcer.stop(0);
  });

  test("the one that works moves to the front of its tier", async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { clock, trackers, announcer } = makeBench([[a, b, c]], {}, seed);
      trackers.script(b, fine);
      announcer.start();
      await clock.run(0);
      expect(announcer.rows()[0]?.url).toBe(b);
      await clock.run(1800_000);
      expect(trackers.heard.at(-1)?.tracker).toBe(b);
      await announcer.stop(0);
    }
  });

  test("the order within a tier is drawn at random, the order of tiers is kept", () => {
    const orders = new Set<string>();
    for (let seed = 1; seed < 20; seed++) {
      const rows = makeBench([[a, b], [c]], {}, seed).announcer.rows();
      expect(rows[2]?.url).toBe(c);
      orders.add(rows.map(({ url }) => url).join());
    }
    expect(orders.size).toBe(2);
  });

  test("a silent tracker holds up the next one for seconds only", async () => {
    const { clock, trackers, host, announcer } = makeBench([[a], [b]]);
    trackers.script(a, "hang");
    trackers.script(b, fine);
    announcer.start();
    await clock.run(5_000);
    expect(host.peers).toHaveLength(1);
    await clock.run(minute);
    expect(announcer.rows().map(({ state }) => state)).toEqual(["failed", "working"]);
    await announcer.stop(0);
  });

  test("the first tier gets its chance again with the next announce", async () => {
    const { clock, trackers, announcer } = makeBench([[a], [b]]);
    trackers.script(b, fine);
    announcer.start();
    await clock.run(minute);
    trackers.script(a, fine);
    await clock.run(1800_000);
    expect(trackers.story).toEqual(["a.example started", "b.example started", "a.example started"]);
    await announcer.stop(0);
  });

  test("trackers we cannot speak to are shown, and the others go on", async () => {
    const { clock, trackers, announcer } = makeBench([
      ["udp://u.example/announce", "wss://w.example", "not a url"],
      [a],
    ]);
    trackers.script(a, fine);
    announcer.start();
    await clock.run(0);
    expect(announcer.rows().map(({ state }) => state)).toEqual([
      "unsupported",
      "unsupported",
      "unsupported",
      "working",
    ]);
    expect(announcer.rows().some(({ message }) => message === "wss trackers are not supported yet")).toBe(true);
    await announcer.stop(1000);
  });

  test("without any usable tracker there is nothing to wait for", async () => {
    for (const tiers of [[], [[]], [["wss://u.example:80"]]]) {
      const { clock, announcer } = makeBench(tiers);
      announcer.start();
      announcer.complete();
      announcer.reannounce();
      announcer.needPeers();
      await clock.run(minute);
      await announcer.stop(1000);
      expect(clock.pendingTimers).toBe(0);
    }
  });

  test("a hundred thousand trackers are not all taken, nor the same one twice", () => {
    const many = Array.from({ length: 100_000 }, (_, i) => [`http://${i % 500}.example/announce`]);
    expect(makeBench(many).announcer.rows()).toHaveLength(100);
  });
});

describe("completed", () => {
  test("is said at once, and once", async () => {
    const { clock, trackers, host, announcer } = makeBench([[a]]);
    trackers.script(a, { ...fine, "min interval": 900 });
    announcer.start();
    await clock.run(minute);
    host.left = 0;
    announcer.complete();
    announcer.complete();
    await clock.run(1800_000);
    expect(trackers.heard.map(({ atMs, event }) => [atMs, event])).toEqual([
      [0, "started"],
      [minute, "completed"],
      [minute + 1800_000, null],
    ]);
    expect(trackers.heard[1]?.query.get("left")).toBe("0");
    await announcer.stop(0);
  });

  test("is said late when the tracker was down", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    announcer.start();
    await clock.run(minute);
    trackers.script(a, refused);
    announcer.complete();
    await clock.run(minute);
    trackers.script(a, fine);
    await clock.run(10 * minute);
    expect(trackers.heard.at(-1)?.event).toBe("completed");
    await clock.run(1800_000);
    expect(trackers.heard.at(-1)?.event).toBe(null);
    await announcer.stop(0);
  });

  test("comes after started, when the tracker heard neither in time", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    announcer.start();
    await clock.run(1000);
    announcer.complete();
    trackers.script(a, fine);
    await clock.run(minute);
    expect(trackers.story.slice(-2)).toEqual(["a.example started", "a.example completed"]);
    await announcer.stop(0);
  });

  test("is never said by a torrent that was complete from the start", async () => {
    const { clock, trackers, host, announcer } = makeBench([[a]]);
    host.left = 0;
    trackers.script(a, fine);
    announcer.start();
    await clock.run(3600_000);
    expect(trackers.heard.some(({ event }) => event === "completed")).toBe(false);
    await announcer.stop(0);
  });
});

describe("out of turn", () => {
  test("by hand is at once, where the tracker allows it", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    announcer.start();
    await clock.run(5 * minute);
    announcer.reannounce();
    await clock.run(0);
    expect(trackers.heard.map(({ atMs }) => atMs)).toEqual([0, 5 * minute]);
    await announcer.stop(0);
  });

  test("by hand waits out the min interval and says so", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, { ...fine, "min interval": 600 });
    announcer.start();
    await clock.run(minute);
    for (let i = 0; i < 10; i++) announcer.reannounce();
    await clock.run(0);
    expect(trackers.heard).toHaveLength(1);
    expect(announcer.rows()[0]?.message).toContain("in 9m 00s");
    await clock.run(9 * minute);
    expect(trackers.heard.map(({ atMs }) => atMs)).toEqual([0, 10 * minute]);
    await announcer.stop(0);
  });

  test("by hand cuts a back-off short", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    announcer.start();
    await clock.run(3600_000);
    trackers.script(a, fine);
    announcer.reannounce();
    await clock.run(0);
    expect(trackers.heard.at(-1)?.atMs).toBe(3600_000);
    expect(announcer.rows()[0]?.state).toBe("working");
    await announcer.stop(0);
  });

  test("a key held down does not flood a tracker that fails", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    announcer.start();
    for (let i = 0; i < 600; i++) {
      announcer.reannounce();
      await clock.run(100);
    }
    expect(trackers.heard.length).toBeGreaterThanOrEqual(6);
    expect(trackers.heard.length).toBeLessThanOrEqual(7);
    await announcer.stop(0);
  });

  test("after the network has changed while an announce was under way the tracker is told again, when it allows it", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    trackers.lateByMs = () => 2_000;
    announcer.start();
    await clock.run(1_000);
    announcer.networkChanged();
    await clock.run(10 * minute);
    expect(trackers.heard.map(({ atMs, event }) => [atMs, event])).toEqual([
      [0, "started"],
      [32_000, null],
    ]);
    await announcer.stop(0);
  });

  test("after the network has changed while an announce was under way that fails, it is not waited for a back-off", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.lateByMs = () => 2_000;
    announcer.start();
    await clock.run(1_000);
    announcer.networkChanged();
    await clock.run(11_000);
    expect(trackers.heard.map(({ atMs }) => atMs)).toEqual([0, 10_000]);
    await announcer.stop(0);
  });

  test("a dry swarm is asked about sooner, but within the min interval", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, { ...fine, "min interval": 300 });
    announcer.start();
    await clock.run(minute);
    announcer.needPeers();
    await clock.run(10 * minute);
    expect(trackers.heard.map(({ atMs }) => atMs)).toEqual([0, 5 * minute]);
    await announcer.stop(0);
  });

  test("a swarm that stays dry is asked about less and less", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, { interval: 1800, peers: "" });
    announcer.start();
    for (let second = 0; second < 4 * 3600; second += 10) {
      announcer.needPeers();
      await clock.run(10_000);
    }
    const times = trackers.heard.map(({ atMs }) => atMs);
    expect(times[1]).toBeLessThanOrEqual(2 * minute);
    expect(times.length).toBeLessThan(20);
    await announcer.stop(0);
  });

  test("after the machine slept through the interval it announces soon", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    announcer.start();
    await clock.run(minute);
    const wallMs = clock.wallMs.bind(clock);
    clock.wallMs = () => wallMs() + 8 * 3600_000;
    await clock.run(6 * minute);
    expect(trackers.heard).toHaveLength(2);
    await clock.run(20 * minute);
    expect(trackers.heard).toHaveLength(2);
    await announcer.stop(0);
  });
});

describe("stopping", () => {
  test("tells the trackers that heard started, and no others", async () => {
    const { clock, trackers, announcer } = makeBench([[a], [b], [c]]);
    trackers.script(b, fine);
    announcer.start();
    await clock.run(minute);
    await announcer.stop(5000);
    expect(trackers.story).toEqual(["a.example started", "b.example started", "b.example stopped"]);
    expect(trackers.heard.at(-1)?.query.get("numwant")).toBe("0");
    expect(clock.pendingTimers).toBe(0);
    expect(announcer.rows().every(({ nextAnnounceMs }) => nextAnnounceMs === null)).toBe(true);
  });

  test("is over at the deadline when a tracker is silent", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    announcer.start();
    await clock.run(minute);
    trackers.script(a, "hang");
    let isOver = false;
    void announcer.stop(3000).then(() => {
      isOver = true;
    });
    await clock.run(2999);
    expect(isOver).toBe(false);
    await clock.run(1);
    expect(isOver).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  test("does not overtake a started that is under way", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    announcer.start();
    const stopped = announcer.stop(5000);
    await clock.run(0);
    await stopped;
    expect(trackers.story).toEqual(["a.example started", "a.example stopped"]);
  });

  test("over both families does not overtake what is under way over the second, nor wait for it over the first", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.dualHosts.add("a.example");
    trackers.script(a, fine);
    trackers.lateByMs = ({ request }) => (request.family === 6 ? 500 : 0);
    announcer.start();
    await clock.run(100);
    const stopped = announcer.stop(3000);
    await clock.run(0);
    const said = () => trackers.heard.map(({ request, event }) => `${event} ${request.family ?? "any"}`);
    expect(said()).toEqual(["started any", "started 6", "stopped 4"]);
    await clock.run(1000);
    await stopped;
    expect(said()).toEqual(["started any", "started 6", "stopped 4", "stopped 6"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("is not overtaken by the next announcer of the torrent, as of a magnet's whose metadata has come", async () => {
    const { clock, trackers, host, announcer, next } = makeBench([[a], [b]]);
    trackers.script(a, fine);
    trackers.script(b, fine);
    trackers.lateByMs = ({ tracker }) => (tracker === a ? 2000 : 0);
    announcer.start();
    await clock.run(1000);
    const stopped = announcer.stop(3000);
    const after = next();
    after.start();
    await clock.run(minute);
    await stopped;
    const atA = trackers.heard.filter(({ tracker }) => tracker === a).map(({ event }) => event);
    expect(atA).toEqual(["started", "stopped", "started"]);
    expect(after.rows()[0]?.state).toBe("working");
    expect(host.lines.length).toBeGreaterThan(0);
    await after.stop(0);
  });

  test("holds the next announcer of the torrent up no longer than its deadline", async () => {
    const { clock, trackers, announcer, next } = makeBench([[a]]);
    trackers.script(a, "hang");
    announcer.start();
    await clock.run(1000);
    void announcer.stop(3000);
    trackers.script(a, fine);
    const after = next();
    after.start();
    await clock.run(2999);
    expect(after.rows()[0]?.state).toBe("announcing");
    await clock.run(1);
    expect(after.rows()[0]?.state).toBe("working");
    await after.stop(0);
  });

  test("wants no peers that come while it stops", async () => {
    const { clock, trackers, host, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    announcer.start();
    const stopped = announcer.stop(5000);
    await clock.run(0);
    await stopped;
    expect(host.peers).toEqual([]);
  });

  test("before starting, or twice, is no trouble", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    await announcer.stop(1000);
    trackers.script(a, fine);
    announcer.start();
    await clock.run(0);
    await Promise.all([announcer.stop(1000), announcer.stop(1000)]);
    expect(trackers.story).toEqual(["a.example started", "a.example stopped"]);
  });

  test("can be followed by another start, which says started again, in order", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    trackers.script(a, fine);
    announcer.start();
    await clock.run(minute);
    const stopped = announcer.stop(1000);
    announcer.start();
    await clock.run(0);
    await stopped;
    await clock.run(0);
    expect(trackers.story).toEqual(["a.example started", "a.example stopped", "a.example started"]);
    await announcer.stop(0);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("all tiers (a setting)", () => {
  const tiers = [[a], [b], [c]];

  test("each tier is announced to, and goes by its own tracker's interval", async () => {
    const { clock, trackers, announcer } = makeBench(tiers, { isAllTiers: true });
    trackers.script(a, fine);
    trackers.script(b, { ...fine, interval: 600 });
    announcer.start();
    await clock.run(0);
    expect(new Set(trackers.story)).toEqual(new Set(["a.example started", "b.example started", "c.example started"]));
    expect(announcer.rows().map(({ state }) => state)).toEqual(["working", "working", "failed"]);
    trackers.script(c, fine);
    await clock.run(1800_000);
    const times = (name: string) =>
      trackers.heard.filter(({ tracker }) => tracker.includes(name)).map(({ atMs }) => atMs / 1000);
    expect(times("a.example")).toEqual([0, 1800]);
    expect(times("b.example")).toEqual([0, 600, 1200, 1800]);
    expect(announcer.rows()[2]?.state).toBe("working");
    announcer.complete();
    await clock.run(0);
    expect(trackers.story.slice(-3).sort()).toEqual([
      "a.example completed",
      "b.example completed",
      "c.example completed",
    ]);
    await announcer.stop(1000);
    expect(trackers.story.slice(-3).sort()).toEqual(["a.example stopped", "b.example stopped", "c.example stopped"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("within a tier one tracker is enough", async () => {
    const { clock, trackers, announcer } = makeBench([[a, b], [c]], { isAllTiers: true });
    for (const url of [a, b, c]) trackers.script(url, fine);
    announcer.start();
    await clock.run(0);
    expect(trackers.heard).toHaveLength(2);
    await announcer.stop(0);
  });

  test("what is known of the swarm is what the tracker says that knows most of it", async () => {
    const { clock, trackers, announcer } = makeBench(tiers, { isAllTiers: true });
    trackers.script(a, fine);
    trackers.script(b, { ...fine, complete: 100, incomplete: 50 });
    announcer.start();
    await clock.run(0);
    expect(announcer.swarm).toMatchObject({ seeds: 100, leeches: 50 });
    await announcer.stop(0);
  });

  test("can be wanted while it runs, and not any more: nobody hears started twice", async () => {
    const { clock, trackers, announcer } = makeBench(tiers);
    for (const url of [a, b, c]) trackers.script(url, fine);
    announcer.start();
    await clock.run(1000);
    expect(trackers.story).toEqual(["a.example started"]);
    announcer.setAllTiers(true);
    await clock.run(1000);
    expect(trackers.story).toEqual(["a.example started", "b.example started", "c.example started"]);
    announcer.setAllTiers(false);
    await clock.run(1799_000);
    expect(trackers.story.slice(3)).toEqual(["a.example -"]);
    await announcer.stop(1000);
    expect(trackers.story.slice(4).sort()).toEqual(["a.example stopped", "b.example stopped", "c.example stopped"]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("the second family", () => {
  test("that came to nothing is left alone for an hour, by all torrents of that tracker", async () => {
    const { clock, trackers, announcer } = makeBench([[a]]);
    let tries = 0;
    const get = trackers.get.bind(trackers);
    trackers.get = (request) => {
      if (request.family === 6) tries++;
      return get(request);
    };
    trackers.script(a, { ...fine, interval: 600 });
    announcer.start();
    await clock.run(50 * minute);
    expect(tries).toBe(1);
    await clock.run(20 * minute);
    expect(tries).toBe(2);
    await announcer.stop(0);
  });
});
