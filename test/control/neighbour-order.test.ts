import { afterEach, expect, it } from "vitest";
import { EngineTarget } from "../../source/control/engine-target.ts";
import type { NeighbourRow, TorrentTopic } from "../../source/control/protocol.ts";
import { neighbourSorts } from "../../source/control/rows.ts";
import type { Session } from "../../source/engine/session.ts";
import { neighbourOrder } from "../support/neighbour-order.ts";
import { SessionWorld } from "../support/session-world.ts";
import { torrentTopic } from "./fake-target.ts";

const world = new SessionWorld();
afterEach(() => world.close());

it("puts neighbours in every order as their rows show it, and shows the window that was asked for", async () => {
  const torrent = world.torrent("film", 20_000_000);
  const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 300_000 });
  const leeches: Session[] = [];
  for (let i = 2; i < 11; i++) {
    leeches.push(await world.start(`10.0.${i % 3}.${i}`, { maxUpRate: 5000 * i, slots: 2, version: `0.0.${i}` }));
  }
  await world.add(seed, torrent);
  for (const leech of leeches) {
    await world.add(leech, torrent, [seed, ...leeches]);
    await world.run(3);
  }
  await world.run(17);
  for (const session of [seed, ...leeches.slice(0, 2)]) {
    const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
    const shown = (neighbours: TorrentTopic["neighbours"]): readonly NeighbourRow[] => {
      const frame = target.torrent({ ...torrentTopic(1), infoHash: torrent.infoHash, neighbours });
      if (frame?.kind !== "torrent") throw new Error("it is gone");
      expect(frame.detail.neighbourCount).toBe(all.length || frame.detail.neighbours.length);
      return frame.detail.neighbours;
    };
    let all: readonly NeighbourRow[] = [];
    all = shown({ offset: 0, limit: 50, sort: "downRate", isDescending: true });
    expect(all.length).toBeGreaterThan(5);
    for (const sort of neighbourSorts) {
      const compare = neighbourOrder(sort, session === seed);
      for (const isDescending of [false, true]) {
        const expected = [...all].sort((a, b) => (isDescending ? -1 : 1) * compare(a, b) || a.id - b.id);
        expect(shown({ offset: 0, limit: 50, sort, isDescending }), sort).toEqual(expected);
        expect(shown({ offset: 2, limit: 3, sort, isDescending })).toEqual(expected.slice(2, 5));
      }
    }
    expect(shown({ offset: 0, limit: 0, sort: "downRate", isDescending: true })).toEqual([]);
  }
});
