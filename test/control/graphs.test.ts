import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EngineTarget } from "../../source/control/engine-target.ts";
import { FrameSource } from "../../source/control/frame-source.ts";
import type { GraphTopic } from "../../source/control/protocol.ts";
import { parseEngineMessage } from "../../source/control/validate.ts";
import { SessionWorld } from "../support/session-world.ts";
import { hash } from "./fake-target.ts";

describe("graphs of a session", () => {
  let world = new SessionWorld();
  beforeEach(() => {
    world = new SessionWorld();
  });
  afterEach(() => world.close());

  it("show what flowed, of one torrent and of all, at most once a second", async () => {
    const torrent = world.torrent("film", 60_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    const leech = await world.start("10.0.0.2", { maxDownRate: 100_000 });
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    await world.run(200);
    const target = new EngineTarget(leech, { shutdown: () => {}, stay: () => {}, settings: undefined });
    for (const span of ["5m", "3h", "week", "month"] as const) {
      for (const infoHash of [null, torrent.infoHash]) {
        const frame = target.graph({ kind: "graph", infoHash, span });
        const message = { type: "frame", subscription: 1, frame: 1, data: frame };
        expect(parseEngineMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
        if (frame.kind !== "graph") throw new Error("it is gone");
        const { down } = frame.graph;
        const most = Math.max(...down.map((rate) => rate ?? 0));
        expect(most).toBeGreaterThan(70_000);
        expect(most).toBeLessThan(200_000);
        // Before the engine began nothing is known.
        expect(down[0]).toBe(null);
      }
    }
    expect(target.graph({ kind: "graph", infoHash: hash(7), span: "3h" })).toEqual({ kind: "gone" });
  });

  it("are sent again when there may be something new, and end when the torrent is gone", async () => {
    const torrent = world.torrent("film", 1_000_000);
    const session = await world.start("10.0.0.1", { isSeed: true });
    await world.add(session, torrent);
    await world.run(5);
    const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
    const topic: GraphTopic = { kind: "graph", infoHash: torrent.infoHash, span: "5m" };
    const source = new FrameSource(target, topic, 0);
    const first = source.next(100);
    expect(first?.data.kind).toBe("graph");
    expect(source.dueMs).toBe(Number.POSITIVE_INFINITY);
    source.acknowledge(first?.number ?? 0, 150);
    expect(source.dueMs).toBe(1000);
    const removing = session.remove(torrent.infoHash, "torrent");
    await world.run(10);
    await removing;
    const last = source.next(1000);
    expect(last?.data).toEqual({ kind: "gone" });
    source.acknowledge(last?.number ?? 0, 1000);
    expect(source.next(2000)).toBe(undefined);
  });
});
