import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EngineTarget } from "../../source/control/engine-target.ts";
import { torrentStates } from "../../source/control/torrent-filter.ts";
import { verdictsOf, type WhyFacts } from "../../source/control/why.ts";
import type { Session } from "../../source/engine/session.ts";
import { SessionWorld, type WorldTorrent } from "../support/session-world.ts";
import { torrentRow, torrentTopic } from "./fake-target.ts";

type Parts = { readonly [Key in keyof WhyFacts]?: Partial<WhyFacts[Key]> | WhyFacts[Key] };

/** A download that goes well, but for what a test says. */
function facts(parts: Parts = {}): WhyFacts {
  const usual: WhyFacts = {
    row: torrentRow(1, { state: "downloading", downRate: 50_000, neighbours: 4, knownPeers: 9 }),
    failureCode: "",
    wantsNothing: false,
    isComplete: false,
    trackers: { count: 2, working: 1, failed: 1, unsupported: 0, errors: ["t.example: no answer"] },
    peers: { unreachable: 2 },
    neighbours: { useful: 4, open: 2, snubbing: 0, wanting: 2, served: 2 },
    missing: { count: 10, nowhere: 0, runs: [] },
    limits: { down: 0, ownDown: 0, up: 0, ownUp: 0, isAlternative: false, allDownRate: 0, allUpRate: 0 },
    disk: { missingBytes: 0, freeBytes: 0, fullSeconds: null },
    homeProblem: "",
    port: { isListening: true, problem: "", hasIncoming: true },
  };
  const mixed = Object.entries(parts).map(([key, part]) => {
    const before = usual[key as keyof WhyFacts];
    return [key, typeof part === "object" && typeof before === "object" ? { ...before, ...part } : part];
  });
  return { ...usual, ...Object.fromEntries(mixed) } as WhyFacts;
}

const codes = (parts: Parts) => verdictsOf(facts(parts)).map(({ weight, code }) => `${weight} ${code}`);
const first = (parts: Parts) => verdictsOf(facts(parts))[0];
const still = { downRate: 0 };
const alone = { downRate: 0, neighbours: 0 };
const seeding = { state: "seeding", downRate: 0, upRate: 9000 } as const;

describe("what is not active says so", () => {
  it.each([
    [{ row: { state: "paused" } }, "paused", "it is paused"],
    [{ row: { state: "paused", reason: "reached ratio 2.0" } }, "goal-reached", "it is paused: reached ratio 2.0"],
    [{ row: { state: "queued", queuePosition: 7 } }, "queued", "it waits for its turn at place 7 of the queue"],
    [{ row: { state: "checking", checkedFraction: 0.379 } }, "checking", "its files are being checked: 37% so far"],
    [{ row: { state: "failed", reason: "no room" }, failureCode: "disk-full" }, "disk-full", "no room"],
  ] satisfies readonly (readonly [Parts, string, string])[])("%j", (parts, code, sentence) => {
    expect(verdictsOf(facts(parts))).toMatchObject([{ weight: "stops", code, sentence }]);
  });
});

describe("a download without neighbours", () => {
  it("has nobody to ask for peers", () => {
    const none = { count: 0, working: 0, failed: 0, unsupported: 0, errors: [] };
    expect(codes({ row: { ...alone, knownPeers: 0 }, trackers: none })).toEqual(["stops no-source"]);
    expect(codes({ row: { ...alone, knownPeers: 0, isPrivate: true }, trackers: none })).toEqual([
      "stops no-source",
      "note private",
    ]);
  });

  it("has the DHT to ask, which is switched off, knows nobody, is being asked, or knows nobody who has it", () => {
    const none = { count: 0, working: 0, failed: 0, unsupported: 0, errors: [] };
    const row = { ...alone, knownPeers: 0 };
    const joined = { isEnabled: true, nodes: 312, problem: "", last: null };
    const failed = { working: 0, failed: 2 };
    const without = (dht: object) => first({ row, trackers: none, dht: { ...joined, ...dht } });
    expect(without({ isEnabled: false })).toMatchObject({ code: "dht-off", weight: "stops" });
    expect(without({ nodes: 0, problem: "there is no host named x" })).toMatchObject({
      code: "dht-alone",
      sentence: "it names no tracker, and the DHT knows no node yet",
      evidence: ["there is no host named x"],
    });
    expect(without({})).toMatchObject({ code: "dht-searching", sentence: "the DHT is being asked for peers" });
    expect(without({ last: { peers: 0, asked: 40 } })).toMatchObject({
      code: "dht-nobody",
      sentence: "it names no tracker, and nobody in the DHT has it",
      evidence: ["40 nodes asked, 312 known; it is asked again from time to time"],
    });
    const beside = (dht: object) => codes({ row, trackers: failed, dht: { ...joined, ...dht } });
    expect(beside({ isEnabled: false })).toEqual(["stops trackers-failed", "note dht-off"]);
    expect(beside({ nodes: 0 })).toEqual(["stops trackers-failed", "slows dht-alone"]);
    expect(beside({})).toEqual(["stops trackers-failed", "note dht-searching"]);
    expect(beside({ last: { peers: 0, asked: 40 } })).toEqual(["stops trackers-failed", "slows dht-nobody"]);
    expect(beside({ last: { peers: 3, asked: 40 } })).toEqual(["stops trackers-failed"]);
  });

  it("has trackers that fail, that are still asked, or that know nobody", () => {
    const row = { ...alone, knownPeers: 0 };
    expect(first({ row, trackers: { working: 0, failed: 2 } })).toMatchObject({
      code: "trackers-failed",
      sentence: "none of its 2 trackers answers",
      evidence: ["t.example: no answer"],
    });
    const errors = ["t.example: no answer", "u.example: it says: unknown torrent"];
    expect(first({ row, trackers: { working: 0, failed: 2, errors } })?.evidence).toEqual(errors);
    expect(codes({ row, trackers: { working: 0 } })).toEqual(["stops announcing"]);
    expect(codes({ row })).toEqual(["stops no-peers"]);
    expect(codes({ row, trackers: { working: 0, failed: 0, unsupported: 2 } })).toEqual(["stops trackers-unsupported"]);
  });

  it("tries peers, or could reach none of them; and a closed port is told", () => {
    expect(codes({ row: alone })).toEqual(["stops connecting"]);
    expect(codes({ row: alone, peers: { unreachable: 9 }, port: { hasIncoming: false } })).toEqual([
      "stops unreachable",
      "note no-incoming",
    ]);
    expect(codes({ row: alone, port: { isListening: false, problem: "in use" } })).toEqual([
      "stops connecting",
      "slows not-listening",
    ]);
  });
});

describe("a download with neighbours", () => {
  it("that goes well has nothing to hold it up", () => {
    expect(verdictsOf(facts())).toMatchObject([
      { weight: "note", code: "fine", sentence: "nothing holds it up: it downloads at 48.8 KiB/s" },
    ]);
  });

  it("misses pieces that nobody has: all of them, or some", () => {
    expect(
      first({
        row: still,
        missing: {
          count: 6,
          nowhere: 6,
          runs: [
            [3, 7],
            [9, 9],
          ],
        },
      }),
    ).toMatchObject({
      weight: "stops",
      sentence: "no neighbour has any of the 6 missing pieces",
      evidence: ["pieces 3–7, 9"],
    });
    expect(first({ missing: { count: 6, nowhere: 2, runs: [[3, 3]] } })).toMatchObject({
      weight: "slows",
      sentence: "no neighbour has 2 of the 6 missing pieces",
      evidence: ["pieces 3, …"],
    });
    expect(first({ row: still, missing: { count: 1, nowhere: 1, runs: [[3, 3]] } })?.evidence).toEqual(["piece 3"]);
  });

  it("is choked by all, snubbed by those who unchoke it, or among those who have nothing for it", () => {
    expect(first({ row: still, neighbours: { open: 0 } })).toMatchObject({
      code: "all-choke",
      sentence: "all 4 useful neighbours choke us",
    });
    expect(first({ row: still, neighbours: { snubbing: 2 } })?.code).toBe("snubbed");
    expect(first({ row: still, neighbours: { useful: 0, open: 0 } })?.code).toBe("none-useful");
    // What still comes is no standstill.
    expect(codes({ neighbours: { open: 0 } })).toEqual(["note fine"]);
  });

  it("uses up its own limit, that of all, or gives too little to be given", () => {
    expect(first({ limits: { ownDown: 50_000 } })).toMatchObject({ weight: "slows", code: "own-down-limit" });
    expect(first({ limits: { down: 100_000, allDownRate: 99_000, isAlternative: true } })?.sentence).toBe(
      "the alternative download limit of 97.7 KiB/s is used up",
    );
    expect(codes({ limits: { down: 100_000, allDownRate: 60_000 } })).toEqual(["note fine"]);
    const limits = { up: 5000, allUpRate: 5000 };
    expect(codes({ limits, neighbours: { useful: 4, open: 1 } })).toEqual(["slows upload-starved"]);
    expect(codes({ limits, neighbours: { useful: 4, open: 3 } })).toEqual(["note fine"]);
  });

  it("comes as fast as our disk or our hashing takes it", () => {
    expect(first({ work: { writing: 0.6, hashing: 0.3 } })).toMatchObject({
      weight: "slows",
      code: "disk-bound",
      evidence: ["writing takes 60% of the engine's time, hashing 30%"],
    });
    expect(codes({ work: { writing: 0.3, hashing: 0.5 } })).toEqual(["slows hash-bound"]);
    expect(codes({ work: { writing: 0.3, hashing: 0.3 } })).toEqual(["note fine"]);
  });

  it("stands still, whatever else there is, while nothing may go out", () => {
    const homeProblem = "the interface tun0 has no address: nothing is connected until it has";
    expect(verdictsOf(facts({ homeProblem, row: alone }))).toMatchObject([
      { weight: "stops", code: "not-home", sentence: homeProblem },
    ]);
  });

  it("goes to a disk that is too small", () => {
    expect(first({ disk: { missingBytes: 2048, freeBytes: 1024, fullSeconds: 60 } })).toMatchObject({
      weight: "note",
      sentence: "its disk is too small for all that goes there: 2.00 KiB are missing",
      evidence: ["1.00 KiB free", "full in 1m 00s at this rate"],
    });
  });

  it("wants nothing where all files are skipped", () => {
    expect(codes({ wantsNothing: true, row: still })).toEqual(["stops nothing-wanted"]);
    // All that is wanted is there: it counts as a seed.
    expect(codes({ wantsNothing: true, row: seeding, isComplete: true })).toEqual(["stops nothing-wanted"]);
  });
});

describe("a seed", () => {
  it("that super-seeds says so, and is not blamed that nobody wants anything for a moment", () => {
    const superSeed = { shown: 12, count: 40 };
    const all = verdictsOf(facts({ row: { ...seeding, neighbours: 3 }, isComplete: true, superSeed }));
    expect(all.map(({ code }) => code)).toContain("super-seeding");
    expect(all.map(({ code }) => code)).not.toContain("nobody-wants");
    expect(all.find(({ code }) => code === "super-seeding")?.evidence).toEqual([
      "12 of 40 pieces were shown to somebody",
    ]);
  });

  it("that nobody asks for anything says whether anybody could", () => {
    expect(codes({ row: { ...seeding, neighbours: 0, swarmLeeches: 0 } })).toEqual(["stops nobody-wants"]);
    expect(codes({ row: { ...seeding, neighbours: 0, swarmLeeches: 5 }, port: { hasIncoming: false } })).toEqual([
      "stops no-neighbours",
      "note no-incoming",
    ]);
    expect(first({ row: seeding, neighbours: { wanting: 0, served: 0 } })?.sentence).toBe(
      "none of its 4 neighbours wants anything of us",
    );
  });

  it("that gives says how much, and which limit is used up", () => {
    expect(first({ row: seeding })?.sentence).toBe("nothing holds it up: it uploads at 8.79 KiB/s");
    expect(first({ row: seeding, limits: { ownUp: 9000 } })).toMatchObject({ weight: "slows", code: "up-limit" });
  });
});

describe("whatever is known", () => {
  it("there is a verdict in words, the weightiest first", () => {
    const count = fc.nat({ max: 20 });
    const numbers = <Key extends string>(...keys: readonly Key[]) =>
      fc.record(Object.fromEntries(keys.map((key) => [key, count])) as Record<Key, typeof count>);
    const anything = fc.record({
      row: fc.record({
        state: fc.constantFrom(...torrentStates),
        downRate: fc.constantFrom(0, 100, 1e6),
        upRate: count,
        neighbours: count,
        knownPeers: count,
        isPrivate: fc.boolean(),
        swarmLeeches: fc.option(count),
      }),
      isComplete: fc.boolean(),
      wantsNothing: fc.boolean(),
      trackers: numbers("count", "working", "failed", "unsupported"),
      peers: numbers("unreachable"),
      neighbours: numbers("useful", "open", "snubbing", "wanting", "served"),
      missing: numbers("count", "nowhere"),
      limits: numbers("down", "up", "ownDown", "ownUp", "allDownRate", "allUpRate"),
      port: fc.record({ isListening: fc.boolean(), hasIncoming: fc.boolean() }),
    });
    const weights = ["stops", "slows", "note"];
    fc.assert(
      fc.property(anything, (parts) => {
        const verdicts = verdictsOf(facts(parts));
        expect(verdicts.length).toBeGreaterThan(0);
        const order = verdicts.map(({ weight }) => weights.indexOf(weight));
        expect(order).toEqual([...order].sort((a, b) => a - b));
        for (const { sentence, evidence } of verdicts) {
          expect(sentence).not.toBe("");
          expect([sentence, ...evidence].join()).not.toMatch(/undefined|NaN|null|false/);
        }
        expect(new Set(verdicts.map(({ code }) => code)).size).toBe(verdicts.length);
      }),
    );
  });
});

describe("a real swarm", () => {
  let world = new SessionWorld();
  beforeEach(() => {
    world = new SessionWorld();
  });
  afterEach(() => world.close());

  const why = (session: Session, { infoHash }: WorldTorrent): string[] => {
    const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
    const frame = target.torrent({ ...torrentTopic(1), infoHash });
    return frame?.kind === "torrent" ? frame.detail.why.map(({ code }) => code) : [];
  };

  it("says what it waits for, from nobody known to all there", async () => {
    const torrent = world.torrent("content", 3_000_000);
    const leech = await world.start("10.0.0.1");
    await world.add(leech, torrent);
    await world.run(2);
    expect(why(leech, torrent)[0]).toBe("dht-off");

    const other = await world.start("10.0.0.2");
    await world.add(other, torrent, [leech]);
    await world.run(5);
    // Two who have nothing.
    expect(why(leech, torrent)[0]).toBe("pieces-nowhere");

    const seed = await world.start("10.0.0.3", { isSeed: true });
    await world.add(seed, torrent);
    await world.run(2);
    expect(why(seed, torrent)[0]).toBe("no-neighbours");
    await leech.torrent(torrent.infoHash).change({ maxDownRate: 100_000 });
    leech.torrent(torrent.infoHash).run?.addPeers([{ address: "10.0.0.3", port: 6881 }], "manual");
    await world.run(15);
    expect(why(leech, torrent)[0]).toBe("own-down-limit");
    await world.until(() => leech.torrent(torrent.infoHash).state === "seeding");
    const pausing = leech.torrent(torrent.infoHash).pause();
    await world.run(5);
    await pausing;
    // At rest its .torrent file is read first.
    await world.until(() => why(leech, torrent).length > 0);
    expect(why(leech, torrent)).toEqual(["paused"]);
  });

  it("tells that all was skipped", async () => {
    const torrent = world.torrent("content", 1_000_000);
    const leech = await world.start("10.0.0.1");
    await world.add(leech, torrent);
    await world.run(1);
    await leech.torrent(torrent.infoHash).change({ priorities: [{ file: 0, priority: "skip" }] });
    await world.until(() => why(leech, torrent)[0] === "nothing-wanted");
    await leech.torrent(torrent.infoHash).change({ priorities: [{ file: 0, priority: "low" }] });
    await world.until(() => why(leech, torrent)[0] === "dht-off");
  });

  it("tells peers that nobody reaches from those that are tried", async () => {
    const torrent = world.torrent("content", 1_000_000);
    const leech = await world.start("10.0.0.1");
    await world.add(leech, torrent);
    await world.run(1);
    leech.torrent(torrent.infoHash).run?.addPeers([{ address: "10.0.0.77", port: 6881 }], "manual");
    await world.run(60);
    expect(why(leech, torrent)[0]).toBe("unreachable");
  });

  it("says that who gives next to nothing is choked for it, and whose limit that is", async () => {
    const torrent = world.torrent("content", 200_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 300_000, slots: 1 });
    const generous = await Promise.all(
      [2, 3, 4].map((host) => world.start(`10.0.0.${host}`, { slots: 1, maxUpRate: 100_000 })),
    );
    const mean = await world.start("10.0.0.9", { slots: 1, maxUpRate: 1_000 });
    await world.add(seed, torrent);
    for (const leech of [...generous, mean]) await world.add(leech, torrent, [seed, ...generous]);
    await world.run(120);
    // Now and then somebody draws it.
    await world.until(() => why(mean, torrent).includes("upload-starved"));
    expect(why(seed, torrent)[0]).toBe("up-limit");
  });

  it("says that a limit of all torrents holds it back", async () => {
    const torrent = world.torrent("content", 30_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    const leech = await world.start("10.0.0.2", { maxDownRate: 100_000 });
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    await world.run(60);
    expect(why(leech, torrent)[0]).toBe("down-limit");
  });

  it("says of one in the queue at which place it waits", async () => {
    const torrents = [world.torrent("first", 30_000_000), world.torrent("second", 30_000_000)];
    const leech = await world.start("10.0.0.2");
    leech.apply({ ...leech.rules, queue: { downloads: 1, seeds: 0, slowRate: 0 } });
    for (const torrent of torrents) await world.add(leech, torrent);
    await world.run(10);
    const [, second] = torrents;
    if (second === undefined) throw new Error("no torrent");
    await world.until(() => why(leech, second).length > 0);
    expect(why(leech, second)).toEqual(["queued"]);
  });
});
