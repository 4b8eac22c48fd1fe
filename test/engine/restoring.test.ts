/** What was removed without its data comes back, for a while: places in the queue, choices, many at once. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Session } from "../../source/engine/session.ts";
import type { FileSystem } from "../../source/ports/file-system.ts";
import { KeepingStore } from "../support/keeping-store.ts";
import { SessionWorld } from "../support/session-world.ts";

let world = new SessionWorld();
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

async function withTorrents(count: number, store = new KeepingStore()) {
  const session = await world.start("10.0.0.1", { isSeed: true, store });
  const torrents = Array.from({ length: count }, (_, i) => world.torrent(`content ${i}`, 200_000));
  for (const torrent of torrents) await world.add(session, torrent);
  await world.run(2);
  return { session, hashes: torrents.map(({ infoHash }) => infoHash), store };
}

async function done(action: Promise<unknown>): Promise<void> {
  const settled = action.then(
    () => undefined,
    (error: unknown) => error,
  );
  await world.run(5);
  const error = await settled;
  if (error !== undefined) throw error;
}

const queue = (session: Session): string[] =>
  [...session.torrents.values()].sort((a, b) => a.queuePosition - b.queuePosition).map(({ name }) => name.slice(8));

describe("removed torrents", () => {
  it("come back to their places in the queue, however many were removed", async () => {
    const { session, hashes } = await withTorrents(6);
    const [a, , c, d] = hashes;
    if (a === undefined || c === undefined || d === undefined) throw new Error("no torrents");
    await done(Promise.all([session.remove(a, "torrent"), session.remove(c, "torrent")]));
    await done(session.remove(d, "torrent"));
    expect(queue(session)).toEqual(["1", "4", "5"]);
    await done(session.restore([a, c, d]));
    expect(queue(session)).toEqual(["0", "1", "2", "3", "4", "5"]);
  });

  it("keep what was decided, and whether they were paused", async () => {
    const { session, hashes } = await withTorrents(2);
    const [a, b] = hashes;
    if (a === undefined || b === undefined) throw new Error("no torrents");
    await done(session.torrent(a).pause());
    await done(session.torrent(b).change({ labels: ["x"], isForced: true }));
    for (const infoHash of hashes) await done(session.remove(infoHash, "torrent"));
    await done(session.restore(hashes));
    expect(session.torrent(a).state).toBe("paused");
    expect(session.torrent(b).state).toBe("seeding");
    expect(session.torrent(b).choices).toMatchObject({ labels: ["x"], isForced: true });
  });

  it("keep their graphs until they are forgotten", async () => {
    const { session, hashes } = await withTorrents(1);
    const [a] = hashes;
    if (a === undefined) throw new Error("no torrent");
    const sum = () => session.house.graphs.rates(a, "3h").up.reduce((all: number, rate) => all + (rate ?? 0), 0);
    session.torrent(a).uploadedBytes += 5_000_000;
    await world.run(2);
    expect(sum()).toBeGreaterThan(0);
    await done(session.remove(a, "torrent"));
    await done(session.restore([a]));
    expect(sum()).toBeGreaterThan(0);
    await done(session.remove(a, "torrent"));
    await world.run(11 * 60);
    expect(sum()).toBe(0);
  });

  it("are forgotten after ten minutes, in this run or the next", async () => {
    const { session, hashes, store } = await withTorrents(3);
    const [a, b] = hashes;
    if (a === undefined || b === undefined) throw new Error("no torrents");
    await done(session.remove(a, "torrent"));
    await world.run(9 * 60);
    expect(session.removed.has(a)).toBe(true);
    await world.run(2 * 60);
    expect(session.removed.has(a)).toBe(false);
    await expect(session.restore([a])).rejects.toMatchObject({ code: "unknown-torrent" });
    expect((await store.loadAll()).map(({ entry }) => entry.infoHash)).not.toContain(a);
    await done(session.remove(b, "torrent"));
    await world.stop(session);
    const next = await world.start("10.0.0.1", { isSeed: true, store });
    expect(next.removed.has(b)).toBe(true);
    await world.stop(next);
    world.clock.jumpWall(11 * 60_000);
    const last = await world.start("10.0.0.1", { isSeed: true, store });
    expect(last.removed.all).toEqual([]);
    expect((await store.loadAll()).length).toBe(1);
  });

  it("come back though one of them is not kept, and one that cannot be written stays kept", async () => {
    const { session, hashes, store } = await withTorrents(2);
    const [a, b] = hashes;
    if (a === undefined || b === undefined) throw new Error("no torrents");
    await done(session.remove(a, "torrent"));
    await expect(done(session.restore([a, b]))).rejects.toMatchObject({ code: "unknown-torrent" });
    expect(session.torrents.has(a)).toBe(true);
    await done(session.remove(a, "torrent"));
    const { saveEntry } = KeepingStore.prototype;
    store.saveEntry = () => Promise.reject(new Error("the disk is full"));
    await expect(done(session.restore([a]))).rejects.toThrow("the disk is full");
    expect(session.torrents.has(a)).toBe(false);
    store.saveEntry = saveEntry;
    await done(session.restore([a]));
    expect(session.torrents.has(a)).toBe(true);
  });

  it("all come back though their places in the queue cannot be written, and that is told", async () => {
    let isFull = false;
    const warnings: string[] = [];
    const files = {
      stat: async () => undefined,
      makeDirectory: async () => {},
      writeFileAtomic: async (path: string) => {
        if (isFull && path.endsWith("/queue")) throw new Error("the disk is full");
      },
    } as Partial<FileSystem> as FileSystem;
    const records = { files, folder: "/profile", warn: () => {} };
    const session = await world.start("10.0.0.1", { isSeed: true, store: new KeepingStore(), records });
    session.onEvent((event) => {
      if (event.kind === "warning") warnings.push(event.message);
    });
    for (let i = 0; i < 4; i++) await world.add(session, world.torrent(`content ${i}`, 200_000));
    await world.run(2);
    const some = [...session.torrents.keys()].slice(0, 3);
    for (const infoHash of some) await done(session.remove(infoHash, "torrent"));
    isFull = true;
    await done(session.restore(some));
    expect(queue(session)).toEqual(["0", "1", "2", "3"]);
    expect(session.removed.all).toEqual([]);
    expect(warnings.join("\n")).toContain("the order of the queue");
  });
});
