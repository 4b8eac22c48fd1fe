/** A magnet link whose metadata is here, while a slow disk saves its torrent. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EngineTarget } from "../../../source/control/engine-target.ts";
import { MagnetFetch } from "../../../source/engine/magnets/magnet-fetch.ts";
import { ForgetfulStore } from "../../../source/engine/profile/torrent-store.ts";
import { parseMagnet } from "../../../source/metainfo/magnet.ts";
import { torrentTopic } from "../../control/fake-target.ts";
import { onlyTorrent } from "../../support/session-parts.ts";
import { SessionWorld } from "../../support/session-world.ts";

let world: SessionWorld;
let started: MagnetFetch[];
let stopped: Set<MagnetFetch>;
beforeEach(() => {
  world = new SessionWorld();
  started = [];
  stopped = new Set();
  const { start, stop } = MagnetFetch.prototype;
  vi.spyOn(MagnetFetch.prototype, "start").mockImplementation(function (this: MagnetFetch) {
    started.push(this);
    start.call(this);
  });
  vi.spyOn(MagnetFetch.prototype, "stop").mockImplementation(function (this: MagnetFetch, reason) {
    stopped.add(this);
    return stop.call(this, reason);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

class SlowStore extends ForgetfulStore {
  problem = "";

  override async saveEntry(): Promise<void> {
    await new Promise<void>((resolve) => world.clock.after(3000, resolve));
    if (this.problem !== "") throw new Error(this.problem);
  }
}

const plain = { savePath: "/", startsPaused: false, choices: {} } as const;

/** Until the torrent is being saved. */
async function withLink(store = new SlowStore()) {
  const torrent = world.torrent("whole", 1_000_000);
  const seed = await world.start("10.0.0.1", { isSeed: true });
  await world.add(seed, torrent);
  await world.run(2);
  const leech = await world.start("10.0.0.2", { store });
  const { infoHash } = torrent;
  const link = parseMagnet(`magnet:?xt=urn:btih:${infoHash}&x.pe=10.0.0.1:6881`);
  await leech.magnets.add(link, plain);
  await world.until(() => leech.magnets.all.get(infoHash)?.adding !== undefined, 60);
  const target = new EngineTarget(leech, { shutdown: () => {}, stay: () => {}, settings: undefined });
  return { seed, leech, target, infoHash, link, magnets: leech.magnets };
}

/** What began and nobody has ended. */
const running = () => started.filter((fetch) => !stopped.has(fetch)).length;

describe("a magnet link whose torrent is being saved", () => {
  it("is not fetched again, and says what it waits for", async () => {
    const { seed, leech, target, infoHash } = await withLink();
    // Whoever sent it is gone: another fetch would find nobody, and never end.
    await seed.torrent(infoHash).pause();
    const frame = target.torrent({ ...torrentTopic(1), infoHash });
    expect(frame?.kind === "torrent" && frame.detail.why.map(({ code }) => code)).toEqual(["being-added"]);
    await world.until(() => leech.torrents.size === 1, 60);
    await world.run(10);
    expect(started.length).toBe(1);
    expect(running()).toBe(0);
  });

  it("leaves no fetch behind where it is removed and added again meanwhile", async () => {
    const { seed, leech, magnets, infoHash, link } = await withLink();
    await seed.torrent(infoHash).pause();
    await magnets.remove(infoHash);
    await magnets.add(link, plain);
    expect(running()).toBe(1);
    await world.until(() => leech.torrents.size === 1, 60);
    await world.run(2);
    expect(magnets.all.size).toBe(0);
    expect(running()).toBe(0);
  });

  it("is paused where that fails, and goes on when it is resumed", async () => {
    const store = new SlowStore();
    store.problem = "the disk is full";
    const { leech, magnets, infoHash } = await withLink(store);
    await magnets.setPaused(infoHash, true);
    await magnets.setPaused(infoHash, false);
    await world.run(10);
    expect(magnets.all.get(infoHash)).toMatchObject({ isPaused: true, problem: "the disk is full", adding: undefined });
    expect(started.length).toBe(1);
    expect(running()).toBe(0);
    store.problem = "";
    await magnets.setPaused(infoHash, false);
    await world.until(() => leech.torrents.get(infoHash)?.isFinished === true, 120);
    expect(magnets.all.size).toBe(0);
    expect(running()).toBe(0);
  });

  it("has what is asked of it meanwhile done to the torrent", async () => {
    const { leech, target, infoHash } = await withLink();
    const paused = target.execute({ name: "pause", infoHash });
    await world.run(10);
    await paused;
    expect(onlyTorrent(leech).state).toBe("paused");
  });

  it("is removed by whoever says so meanwhile", async () => {
    const { leech, target, infoHash, magnets } = await withLink();
    const removed = target.execute({ name: "remove", infoHash, data: "keep" });
    await world.run(10);
    await removed;
    expect([leech.torrents.size, magnets.all.size]).toEqual([0, 0]);
  });
});
