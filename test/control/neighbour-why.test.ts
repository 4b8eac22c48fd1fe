import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EngineTarget } from "../../source/control/engine-target.ts";
import type { NeighbourTimes } from "../../source/control/insight.ts";
import { neighbourVerdicts } from "../../source/control/neighbour-why.ts";
import type { TorrentDetail, TorrentTopic } from "../../source/control/protocol.ts";
import { parseEngineMessage } from "../../source/control/validate.ts";
import type { Session } from "../../source/engine/session.ts";
import { SessionWorld, type WorldTorrent } from "../support/session-world.ts";
import { torrentTopic } from "./fake-target.ts";

const none: NeighbourTimes = {
  down: { uninterested: 0, choked: 0, snubbed: 0, limited: 0, held: 0, disk: 0, waiting: 0, idle: 0 },
  up: { unwanted: 0, choking: 0, unasked: 0, disk: 0, limited: 0, line: 0 },
};

function verdicts(
  down: Partial<NeighbourTimes["down"]>,
  up: Partial<NeighbourTimes["up"]> = {},
  connectedSeconds = 60,
) {
  const time = { down: { ...none.down, ...down }, up: { ...none.up, ...up } };
  const row = {
    time,
    connectedSeconds,
    requestWindow: 50,
    requestsOut: 48,
    downloaded: 0,
    uploaded: 0,
    slotReason: "it waits for its turn",
  };
  return neighbourVerdicts({ row, isDownloading: true, isWindowCapped: false, hasUpLimit: true });
}

describe("why a neighbour is slow", () => {
  it("is told with the part of the time that each cause took, the weightiest first", () => {
    const told = verdicts({ choked: 0.83, waiting: 0.17 }, { choking: 1 });
    expect(told.map(({ weight, code }) => `${weight} ${code}`)).toEqual([
      "slows down-choked",
      "note down-waiting",
      "note up-choking",
    ]);
    expect(told[0]?.evidence[0]).toBe("83% of the last minute");
    expect(verdicts({ choked: 1 })[0]?.weight).toBe("stops");
  });

  it("never names what the account does not show, and nothing before there is an account", () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    const down = fc.record(Object.fromEntries(Object.keys(none.down).map((key) => [key, part])));
    const up = fc.record(Object.fromEntries(Object.keys(none.up).map((key) => [key, part])));
    fc.assert(
      fc.property(down, up, (downParts, upParts) => {
        for (const { code } of verdicts(downParts, upParts)) {
          const [way, state = ""] = code.split("-");
          const shown = (way === "down" ? downParts : upParts) as Readonly<Record<string, number>>;
          expect(shown[state]).toBeGreaterThanOrEqual(0.1);
        }
        expect(verdicts(downParts, upParts, 4)).toEqual([]);
      }),
    );
  });
});

describe("a neighbour that is looked at closely", () => {
  let world = new SessionWorld();
  beforeEach(() => {
    world = new SessionWorld();
  });
  afterEach(() => world.close());

  function detail(session: Session, { infoHash }: WorldTorrent, more: Partial<TorrentTopic>): TorrentDetail {
    const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
    const frame = target.torrent({ ...torrentTopic(1), infoHash, ...more });
    if (frame?.kind !== "torrent") throw new Error("it is gone");
    const message = { type: "frame", subscription: 1, frame: 1, data: frame };
    expect(parseEngineMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
    return frame.detail;
  }

  it("is shown with its histories, its time and what it alone has; the ledger, when it is asked for", async () => {
    const torrent = world.torrent("film", 60_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    const leech = await world.start("10.0.0.2", { maxDownRate: 300_000 });
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    await world.run(70);
    const plain = detail(leech, torrent, {});
    expect([plain.neighbour, plain.ledger]).toEqual([null, null]);
    const id = plain.neighbours[0]?.id ?? 0;
    const { neighbour, pieces, ledger } = detail(leech, torrent, { neighbour: id, ledgerRounds: 60 });
    const missing = pieces.pieceCount - pieces.have.reduce((sum, count) => sum + count, 0);
    expect(neighbour?.aloneCount).toBe(missing);
    expect(neighbour?.aloneRuns[0]?.last).toBeGreaterThan(0);
    expect(neighbour?.flagWords[0]).toBe("we download: we want its pieces and it unchokes us");
    const rates = neighbour?.downHistory.slice(5) ?? [];
    expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeCloseTo(300_000, -5);
    expect(neighbour?.windowHistory.length).toBe(neighbour?.downHistory.length);
    const seconds = (Object.values(neighbour?.timeTotals.down ?? {}) as number[]).reduce(
      (sum, value) => sum + value,
      0,
    );
    expect(Math.abs(seconds - (plain.neighbours[0]?.connectedSeconds ?? 0))).toBeLessThan(2);
    expect(neighbour?.why[0]?.code).toBe("down-limited");
    const rounds = detail(seed, torrent, { ledgerRounds: 3 }).ledger?.rounds ?? [];
    expect(rounds.length).toBe(3);
    expect(rounds[2]).toMatchObject({ mode: "seed", rows: [{ rank: 1, slot: "regular" }] });
    expect(rounds[2]?.rows[0]?.given).toBeGreaterThan(2_000_000);
    expect(ledger?.neighbours[0]).toMatchObject({ given: 0, ratio: 0, roundsServed: 0 });
    expect(detail(leech, torrent, { neighbour: 999 }).neighbour).toBe(null);
  });
});
