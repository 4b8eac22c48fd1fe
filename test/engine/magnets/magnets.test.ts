/** Magnet links between real sessions, on a virtual clock and network. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EngineTarget } from "../../../source/control/engine-target.ts";
import { parseMagnet } from "../../../source/metainfo/magnet.ts";
import { parseMetainfo } from "../../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";

let world: SessionWorld;
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

const plain = { savePath: "/", startsPaused: false, choices: {} } as const;

function linkOf({ infoHash }: WorldTorrent, ...peers: readonly string[]) {
  return parseMagnet(`magnet:?xt=urn:btih:${infoHash}&dn=whole${peers.map((peer) => `&x.pe=${peer}`).join("")}`);
}

describe("a magnet link", () => {
  it("becomes a torrent from a peer that has it, and is downloaded", async () => {
    const torrent = world.torrent("whole", 5_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    await world.add(seed, torrent);
    const leech = await world.start("10.0.0.2");
    await leech.magnets.add(linkOf(torrent, "10.0.0.1:6881"), plain);
    expect(leech.magnets.all.size).toBe(1);
    await world.until(() => leech.torrents.get(torrent.infoHash)?.isFinished === true, 120);
    expect(leech.magnets.all.size).toBe(0);
  });

  it("is known after some seconds where nothing but one unknown seed is there", async () => {
    const torrent = world.torrent("whole", 500_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    await world.add(seed, torrent);
    const leech = await world.start("10.0.0.2");
    const bytes = leech.magnets.look(linkOf(torrent, "10.0.0.1:6881"), new AbortController().signal);
    await world.run(3);
    expect(parseMetainfo(await bytes, new NodeHasher()).infoHash).toBe(torrent.infoHash);
    expect(leech.torrents.size).toBe(0);
    await world.add(leech, torrent);
    // Who sent the metadata is dialled again: there is no other way to find it.
    await world.until(() => leech.torrents.get(torrent.infoHash)?.isFinished === true, 60);
  });

  it("serves the metadata between leeches, too", async () => {
    const torrent = world.torrent("whole", 2_000_000);
    const first = await world.start("10.0.0.1");
    await world.add(first, torrent);
    const second = await world.start("10.0.0.2");
    await second.magnets.add(linkOf(torrent, "10.0.0.1:6881"), plain);
    await world.until(() => second.torrents.has(torrent.infoHash), 60);
    expect(second.torrents.get(torrent.infoHash)?.have.isEmpty).toBe(true);
  });

  it("waits while it is paused, goes on when it is resumed, and is forgotten when it is removed", async () => {
    const torrent = world.torrent("whole", 500_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    await world.add(seed, torrent);
    const leech = await world.start("10.0.0.2");
    const link = linkOf(torrent, "10.0.0.1:6881");
    await leech.magnets.add(link, plain);
    await leech.magnets.setPaused(link.infoHash, true);
    await world.run(30);
    expect(leech.torrents.size).toBe(0);
    await leech.magnets.setPaused(link.infoHash, false);
    await world.until(() => leech.torrents.size === 1, 30);
    const other = parseMagnet("1".repeat(40));
    await leech.magnets.add(other, plain);
    await leech.magnets.remove(other.infoHash);
    expect(leech.magnets.all.size).toBe(0);
  });

  it("whose torrent comes as a file meanwhile is one with it: listed once, and what is asked is meant for the torrent", async () => {
    const torrent = world.torrent("whole", 500_000);
    const leech = await world.start("10.0.0.2");
    const target = new EngineTarget(leech, { shutdown: () => {}, stay: () => {}, settings: undefined });
    const link = linkOf(torrent);
    await leech.magnets.add(link, plain);
    expect(target.torrents().map(({ state }) => state)).toEqual(["fetching"]);
    await world.add(leech, torrent);
    expect(target.torrents().map(({ pieceCount }) => pieceCount)).toEqual([8]);
    await target.execute({ name: "pause", infoHash: torrent.infoHash });
    expect(leech.torrents.get(torrent.infoHash)?.entry.isPaused).toBe(true);
    await world.run(2);
    expect([leech.magnets.all.size, leech.magnets.fetches]).toEqual([0, []]);
  });

  it("that somebody only looked at is let go when nobody waits any more", async () => {
    const leech = await world.start("10.0.0.2");
    const stop = new AbortController();
    const looked = leech.magnets.look(parseMagnet("2".repeat(40)), stop.signal);
    looked.catch(() => {});
    expect(leech.magnets.lookedAt(parseMagnet("2".repeat(40)).infoHash)).toContain("no peer is known");
    stop.abort();
    await expect(looked).rejects.toMatchObject({ code: "cancelled" });
    await world.run(30);
    expect(leech.magnets.torrentOf(parseMagnet("2".repeat(40)).infoHash)).toBeUndefined();
  });

  it.each([
    ["tracker", true],
    ["manual", true],
    ["dht", false],
    ["pex", false],
    ["lsd", false],
  ] as const)("hands who was named by %s on to a private torrent: %s", async (source, isKept) => {
    const torrent = world.privateOf(world.torrent("whole", 1_000_000));
    const seed = await world.start("10.0.0.1", { isSeed: true });
    await world.add(seed, torrent);
    const leech = await world.start("10.0.0.2");
    await leech.magnets.add(linkOf(torrent), plain);
    leech.magnets.fetches[0]?.add([{ address: "10.0.0.1", port: 6881 }], source);
    await world.until(() => leech.torrents.get(torrent.infoHash)?.swarm !== undefined, 60);
    await world.run(20);
    const { swarm, isFinished } = leech.torrent(torrent.infoHash);
    expect(swarm?.peers.get({ address: "10.0.0.1", port: 6881 })?.source).toBe(isKept ? source : undefined);
    expect(isFinished).toBe(isKept);
  });
});
