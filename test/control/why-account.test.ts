import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EngineTarget } from "../../source/control/engine-target.ts";
import type { TimeOfAll } from "../../source/control/insight.ts";
import type { TorrentDetail } from "../../source/control/protocol.ts";
import { parseEngineMessage } from "../../source/control/validate.ts";
import { type AccountContext, deepened } from "../../source/control/why-account.ts";
import type { Session } from "../../source/engine/session.ts";
import { SessionWorld, type WorldTorrent } from "../support/session-world.ts";
import { torrentTopic } from "./fake-target.ts";

const down = { choked: 0, snubbed: 0, limited: 0, held: 0, disk: 0, waiting: 0, idle: 0 };
const up = { choking: 0, unasked: 0, disk: 0, limited: 0, line: 0 };
const leeching: AccountContext = { isDownloading: true, limits: { down: 0, ownDown: 0, up: 0, ownUp: 0 } };

function account(parts: { down?: Partial<typeof down>; up?: Partial<typeof up>; given?: number }): TimeOfAll {
  return {
    downSeconds: 240,
    upSeconds: 240,
    down: { ...down, ...parts.down },
    up: { ...up, ...parts.up },
    capped: 0,
    givenToChoking: parts.given ?? 0,
  };
}

const told = (facts: TimeOfAll, context = leeching) =>
  deepened([], facts, context).map(({ code, evidence }) => [code, ...evidence].join(": "));

describe("the account of the neighbours' time", () => {
  it("says for how much of it they choke us, and whether our upload limit may be why", () => {
    expect(told(account({ down: { choked: 0.83 } }))).toEqual([
      "choked: choked for 83% of the time of useful neighbours in the last minute",
    ]);
    const limits = { down: 0, ownDown: 0, up: 5000, ownUp: 0 };
    const starved = deepened([], account({ down: { choked: 0.8 }, up: { limited: 0.6 }, given: 2048 }), {
      isDownloading: true,
      limits,
    });
    expect(starved[0]).toMatchObject({ code: "upload-starved", help: "raise the upload limit" });
    expect(starved[0]?.evidence[1]).toBe("those who choke us get 2.00 KiB/s of us");
  });

  it("names the limit, the disk, the lines and the windows by the time they took", () => {
    const limited = (ownDown: number, all: number) =>
      deepened([], account({ down: { limited: 0.7 } }), {
        isDownloading: true,
        limits: { down: all, ownDown, up: 0, ownUp: 0 },
      })[0]?.sentence;
    expect(limited(0, 9)).toBe("our download limit held it back");
    expect(limited(9, 0)).toBe("its own download limit held it back");
    expect(limited(9, 9)).toBe("a download limit held it back");
    expect(told(account({ down: { disk: 0.2, waiting: 0.8 } })).map((text) => text.split(":")[0])).toEqual([
      "disk",
      "lines",
    ]);
    expect(deepened([], { ...account({ down: { waiting: 1 } }), capped: 2 }, leeching)[0]?.code).toBe("window-full");
  });

  it("adds its evidence to a verdict that says the same", () => {
    const known = {
      weight: "stops",
      code: "all-choke",
      sentence: "all choke us",
      help: "",
      evidence: ["one"],
    } as const;
    const [one, ...more] = deepened([known], account({ down: { choked: 1 } }), leeching);
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      weight: "stops",
      code: "all-choke",
      evidence: ["one", expect.stringContaining("100%")],
    });
  });

  it("never says what it does not show", () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    const parts = <Keys extends object>(of: Keys) =>
      fc.record(Object.fromEntries(Object.keys(of).map((key) => [key, part]))) as fc.Arbitrary<Keys>;
    fc.assert(
      fc.property(parts(down), parts(up), fc.boolean(), (downParts, upParts, isDownloading) => {
        const facts = account({ down: downParts, up: upParts });
        const limits = { down: 1, ownDown: 0, up: 1, ownUp: 0 };
        for (const { evidence } of deepened([], facts, { isDownloading, limits })) {
          const percents = evidence.join().match(/\d+(?=%)/g) ?? [];
          expect(percents.length).toBeGreaterThan(0);
          for (const each of percents) expect(Number(each)).toBeGreaterThanOrEqual(12);
        }
        expect(deepened([], { ...facts, downSeconds: 3, upSeconds: 3 }, { isDownloading, limits })).toEqual([]);
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

  function detail(session: Session, { infoHash }: WorldTorrent): TorrentDetail {
    const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
    const frame = target.torrent({ ...torrentTopic(1), infoHash });
    if (frame?.kind !== "torrent") throw new Error("it is gone");
    const message = { type: "frame", subscription: 1, frame: 1, data: frame };
    expect(parseEngineMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
    return frame.detail;
  }

  it("has a bound and a forecast, and says by the account what holds it back", async () => {
    const torrent = world.torrent("film", 60_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 200_000 });
    const leech = await world.start("10.0.0.2");
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    await world.run(150);
    const { bound, forecast, row, why } = detail(leech, torrent);
    const seconds = (row.totalLength - row.verifiedLength) / 200_000;
    expect(forecast?.p50Seconds).toBeGreaterThan(0.9 * seconds);
    expect(forecast?.p50Seconds).toBeLessThan(1.1 * seconds);
    expect(forecast?.p90Seconds).toBeGreaterThanOrEqual(forecast?.p50Seconds ?? 0);
    // One seed, one leech: nothing is faster than the seed.
    expect(bound).toMatchObject({ p2pBinds: expect.stringMatching(/seed|all|slowest/) });
    expect(bound?.p2pSeconds).toBeGreaterThan(0.7 * 300);
    expect(bound?.p2pSeconds).toBeLessThan(1.3 * 300);
    expect(bound?.efficiency).toBeGreaterThan(0.8);
    expect(why.map(({ code }) => code)).toEqual(["fine", "lines"]);
    const atSeed = detail(seed, torrent);
    expect(atSeed.why[0]).toMatchObject({ code: "up-limit" });
    expect(atSeed.why[0]?.evidence.join()).toMatch(/% of the time of those who want something/);
    expect(atSeed.forecast).toBe(null);
    expect(atSeed.bound?.inputs.seedRate).toMatchObject({ value: 200_000, isMeasured: true });
    expect(atSeed.bound?.efficiency).toBeGreaterThan(0.8);
  });
});
