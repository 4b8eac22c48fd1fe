/** A torrent that is being removed: whatever would have had it begin again no longer does, and it goes on where it stays after all. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import type { Session } from "../../source/engine/session.ts";
import { defaultRules } from "../../source/engine/session-rules.ts";
import type { Torrent } from "../../source/engine/torrent.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { GeneratedStorage } from "../../source/storage/generated-storage.ts";
import type { StorageEvents } from "../../source/storage/storage.ts";
import { KeepingStore } from "../support/keeping-store.ts";
import { onlyTorrent } from "../support/session-parts.ts";
import { SessionWorld, type WorldTorrent } from "../support/session-world.ts";

let world = new SessionWorld();
let deleting = Promise.withResolvers<void>();
let freeSpace: () => Promise<number>;
let opened: StorageEvents[] = [];
beforeEach(() => {
  world = new SessionWorld();
  deleting = Promise.withResolvers<void>();
  freeSpace = async () => 1e12;
  opened = [];
});
afterEach(() => world.close());

/** Its files take as long to delete as the test says. */
class SlowlyDeleted extends GeneratedStorage {
  override open(events: StorageEvents): Promise<void> {
    opened.push(events);
    return super.open(events);
  }

  override async removeFiles(): Promise<string> {
    await deleting.promise;
    return "";
  }
}

async function withTorrents(
  ...names: readonly string[]
): Promise<{ session: Session; torrents: readonly WorldTorrent[] }> {
  const torrents = names.map((name) => world.torrent(name, 200_000));
  const contents = new Map(torrents.map(({ infoHash, content }) => [infoHash, content]));
  const session = await world.start("10.0.0.1", {
    store: new KeepingStore(),
    files: { freeSpace: () => freeSpace() },
    makeStorage: (metainfo) => {
      const content = contents.get(metainfo.infoHash);
      if (content === undefined) throw new Error("another torrent");
      return new SlowlyDeleted({ hasher: new NodeHasher(), clock: world.clock }, { metainfo, content });
    },
  });
  session.apply({ ...defaultRules, queue: { ...defaultRules.queue, downloads: 1 } });
  for (const torrent of torrents) await world.add(session, torrent);
  await world.run(2);
  return { session, torrents };
}

function failFull(torrent: Torrent): void {
  opened.at(-1)?.onFailure(new OperationalError("disk-full", "the disk is full"));
  expect(torrent.state).toBe("failed");
}

async function isOver(session: Session, torrent: Torrent, removing: Promise<void>): Promise<void> {
  deleting.resolve();
  await world.run(1);
  await removing;
  await world.run(30);
  expect([session.torrents.size, torrent.run, torrent.state]).toEqual([0, undefined, "paused"]);
}

describe("a torrent that is being removed", () => {
  it("does not go on when deleting it makes the room that it waited for", async () => {
    const { session } = await withTorrents("content");
    const torrent = onlyTorrent(session);
    failFull(torrent);
    const removing = session.remove(torrent.infoHash, "data");
    await world.run(30);
    expect(torrent.run).toBeUndefined();
    await isOver(session, torrent, removing);
  });

  it("does not go on when a slow disk answers at last that there is room", async () => {
    const { session } = await withTorrents("content");
    const torrent = onlyTorrent(session);
    const asked = Promise.withResolvers<number>();
    freeSpace = () => asked.promise;
    failFull(torrent);
    await world.run(15);
    const removing = session.remove(torrent.infoHash, "torrent");
    await world.run(1);
    asked.resolve(1e12);
    await isOver(session, torrent, removing);
  });

  it("does not take a turn in the queue, and those behind it do", async () => {
    const { session, torrents } = await withTorrents("first", "second", "third");
    const [first, second, third] = torrents.map(({ infoHash }) => session.torrent(infoHash));
    if (first === undefined || second === undefined || third === undefined) throw new Error("no torrents");
    expect([first.state, second.state, third.state]).toEqual(["downloading", "queued", "queued"]);
    const removing = [first, second].map(({ infoHash }) => session.remove(infoHash, "data"));
    await world.run(5);
    expect([second.run, third.state]).toEqual([undefined, "downloading"]);
    deleting.resolve();
    await world.run(1);
    await Promise.all(removing);
    await world.run(5);
    expect([second.run, session.torrents.size]).toEqual([undefined, 1]);
  });

  it("cannot be resumed, added again or moved", async () => {
    const { session, torrents } = await withTorrents("content");
    const torrent = onlyTorrent(session);
    const removing = session.remove(torrent.infoHash, "data");
    await world.run(1);
    const ending = { code: "ending" };
    await expect(torrent.resume()).rejects.toMatchObject(ending);
    await expect(torrent.recheck()).rejects.toMatchObject(ending);
    await expect(torrent.mover.move("/elsewhere")).rejects.toMatchObject(ending);
    for (const one of torrents) await expect(world.add(session, one)).rejects.toMatchObject(ending);
    await isOver(session, torrent, removing);
    for (const one of torrents) await world.add(session, one);
    await world.run(2);
    expect(onlyTorrent(session).state).toBe("downloading");
  });

  it("can go on where its files could not be deleted, and is not removed by the next start then", async () => {
    const { session } = await withTorrents("content");
    const torrent = onlyTorrent(session);
    const removing = session.remove(torrent.infoHash, "data");
    const failed = expect(removing).rejects.toMatchObject({ code: "io-error" });
    deleting.reject(new OperationalError("io-error", "the disk has failed"));
    await world.run(1);
    await failed;
    expect([torrent.state, torrent.entry.removal]).toEqual(["paused", "data"]);
    await torrent.resume();
    await world.run(2);
    expect([torrent.state, torrent.entry.removal]).toEqual(["downloading", null]);
  });
});
