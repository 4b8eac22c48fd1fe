import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Admittance } from "../../../source/engine/network/admittance.ts";
import { BanList } from "../../../source/engine/network/ban-list.ts";
import { IpFilter } from "../../../source/engine/network/ip-filter.ts";
import { NodeGunzip } from "../../../source/platform/node-gunzip.ts";
import { kick } from "../../../source/swarm/kick.ts";
import { SessionWorld } from "../../support/session-world.ts";
import { settle, VirtualClock } from "../../support/virtual-clock.ts";
import { VirtualDisk } from "../../support/virtual-disk.ts";

const utf8 = new TextEncoder();

describe("a session that keeps away from some", () => {
  let world: SessionWorld;
  beforeEach(() => {
    world = new SessionWorld();
  });
  afterEach(() => world.close());

  it("drops whom somebody bans, neither dials nor answers it, and takes it again when it is not banned any more", async () => {
    const torrent = world.torrent("a", 5_000_000);
    const admittance = new Admittance();
    const leech = await world.start("10.0.0.1", { admittance, maxDownRate: 10_000 });
    const seed = await world.start("10.0.0.2", { isSeed: true });
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    await world.until(() => leech.connectionCount === 1);
    await admittance.ban(["10.0.0.0/30"]);
    await world.until(() => leech.connectionCount === 0);
    await world.run(600);
    expect(leech.connectionCount).toBe(0);
    const refused = admittance.refusedCount;
    // It is dialled by the other side, which does not know.
    await world.add(seed, world.torrent("b", 100_000), [leech]);
    await world.until(() => admittance.refusedCount > refused);
    expect([seed.connectionCount, leech.connectionCount]).toEqual([0, 0]);
    await admittance.unban(["10.0.0.0/30"]);
    leech.torrent(torrent.infoHash).run?.addPeers([{ address: "10.0.0.2", port: 6881 }], "tracker");
    await world.until(() => leech.connectionCount === 1);
  });

  it("lets go of one by hand, dials it again only after ten minutes, and takes it when it comes by itself", async () => {
    const torrent = world.torrent("a", 50_000_000);
    const leech = await world.start("10.0.0.1", { maxDownRate: 10_000 });
    const seed = await world.start("10.0.0.2", { isSeed: true });
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    const neighbours = () => leech.torrent(torrent.infoHash).swarm?.neighbours.size ?? 0;
    await world.until(() => neighbours() === 1);
    const { swarm } = leech.torrent(torrent.infoHash);
    expect(() => kick(swarm, "10.0.0.3:6881")).toThrow("10.0.0.3:6881 is no neighbour");
    expect(() => kick(undefined, "10.0.0.2:6881")).toThrow("is no neighbour");
    kick(swarm, "10.0.0.2:6881");
    await world.until(() => leech.connectionCount === 0);
    await world.run(590);
    expect(leech.connectionCount).toBe(0);
    await world.until(() => neighbours() === 1, 60);
    kick(swarm, "10.0.0.2:6881");
    await world.until(() => leech.connectionCount === 0);
    seed.torrent(torrent.infoHash).run?.addPeers([{ address: "10.0.0.1", port: 6881 }], "tracker");
    await world.until(() => neighbours() === 1, 10);
  });

  it("dials nobody and lets nobody in before its filter was read, and then only whom the filter lets", async () => {
    const torrent = world.torrent("a", 1_000_000);
    const disk = new VirtualDisk({ clock: world.clock });
    await disk.writeFileAtomic("/list", gzipSync("Blocked:10.0.0.2-10.0.0.2\n"));
    const reading = Promise.withResolvers<void>();
    const slow = Object.assign(Object.create(disk) as VirtualDisk, {
      realPath: async (path: string) => {
        await reading.promise;
        return path;
      },
      stat: (path: string) => disk.stat(path),
      open: (path: string) => disk.open(path, "read"),
    });
    const warnings: string[] = [];
    const filter = new IpFilter({ clock: world.clock, files: slow, gunzip: new NodeGunzip() }, (text) =>
      warnings.push(text),
    );
    filter.use(["/list"]);
    const admittance = new Admittance(undefined, filter);
    const leech = await world.start("10.0.0.1", { admittance });
    const blocked = await world.start("10.0.0.2", { isSeed: true });
    const good = await world.start("10.0.0.3", { isSeed: true });
    for (const seed of [blocked, good]) await world.add(seed, torrent);
    await world.add(leech, torrent, [blocked, good]);
    leech.torrent(torrent.infoHash).run?.addPeers([{ address: "10.0.0.2", port: 6881 }], "tracker");
    await world.run(60);
    expect(leech.connectionCount).toBe(0);
    reading.resolve();
    await expect.poll(() => filter.isReady).toBe(true);
    await world.until(() => leech.torrent(torrent.infoHash).state === "seeding");
    expect([blocked.connectionCount, blocked.hasIncoming, good.hasIncoming]).toEqual([0, false, true]);
    expect(warnings).toEqual([]);
    filter.close();
  });
});

describe("bans", () => {
  const clock = new VirtualClock();
  const place = (files: VirtualDisk, warnings: string[] = []) => ({
    files,
    folder: "/profile",
    warn: (message: string) => warnings.push(message),
  });

  it("are on the disk when they are answered, in canonical form, once", async () => {
    const disk = new VirtualDisk({ clock });
    const bans = new BanList(place(disk));
    await bans.ban(["10.1.2.3/8", "2001:DB8::1", "10.0.0.0/8"]);
    await bans.ban(["192.0.2.1"]);
    await bans.unban(["2001:db8::1"]);
    const after = new BanList(place(disk.crash("power", 3)));
    await after.load();
    expect(after.entries).toEqual(["10.0.0.0/8", "192.0.2.1"]);
    expect([after.has("10.200.0.1"), after.has("192.0.2.1"), after.has("192.0.2.2")]).toEqual([true, true, false]);
  });

  it("are taken all or none", async () => {
    const disk = new VirtualDisk({ clock });
    const bans = new BanList(place(disk));
    await expect(bans.ban(["10.0.0.1", "nonsense"])).rejects.toMatchObject({ code: "bad-address" });
    await bans.ban(["10.0.0.0/24"]);
    await expect(bans.unban(["10.0.0.0/24", "10.0.0.7"])).rejects.toMatchObject({ code: "not-banned" });
    await expect(bans.unban(["10.0.0.7"])).rejects.toThrow("part of a network");
    expect(bans.entries).toEqual(["10.0.0.0/24"]);
    disk.fault = (operation) => (operation === "write" ? "EIO" : undefined);
    await expect(bans.ban(["10.0.1.0/24"])).rejects.toMatchObject({ code: "io-error" });
    expect([bans.entries, bans.has("10.0.1.1")]).toEqual([["10.0.0.0/24"], false]);
  });

  it("that are damaged are told, and set aside", async () => {
    const disk = new VirtualDisk({ clock });
    await disk.makeDirectory("/profile");
    await disk.writeFileAtomic("/profile/bans", utf8.encode("p2p-tui bans 1 00000000\n{}"));
    const warnings: string[] = [];
    const bans = new BanList(place(disk, warnings));
    await bans.load();
    expect(bans.entries).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(await disk.list("/profile")).toEqual(["bans.damaged"]);
  });
});

describe("an IP filter", () => {
  const clock = new VirtualClock();
  let disk: VirtualDisk;
  let warnings: string[];
  let filter: IpFilter;
  beforeEach(() => {
    disk = new VirtualDisk({ clock });
    warnings = [];
    filter = new IpFilter({ clock, files: disk, gunzip: new NodeGunzip() }, (message) => warnings.push(message));
  });
  afterEach(() => {
    filter.close();
    expect(clock.pendingTimers).toBe(0);
  });
  const write = (path: string, text: string) => disk.writeFileAtomic(path, utf8.encode(text));
  const pass = async (seconds: number) => {
    for (let i = 0; i < 4 * seconds; i++) await clock.run(250);
    await settle();
  };

  it("follows its files as they change, and keeps what they said while they cannot be read", async () => {
    await write("/a", "10.0.0.1\n");
    await write("/b", "10.0.0.2\nnonsense\n\nmore\n");
    filter.use(["/a", "/b"]);
    expect(filter.isReady).toBe(false);
    await pass(1);
    expect([filter.isReady, filter.has("10.0.0.1"), filter.has("10.0.0.2"), filter.rangeCount]).toEqual([
      true,
      true,
      true,
      2,
    ]);
    expect(warnings.splice(0)).toEqual(["the IP filter /b: 2 lines cannot be understood, the first is line 2"]);

    await write("/a", "10.0.0.3\n");
    await pass(15);
    expect([filter.has("10.0.0.1"), filter.has("10.0.0.3")]).toEqual([false, true]);

    await disk.removeFile("/a");
    await pass(60);
    expect(filter.has("10.0.0.3")).toBe(true);
    expect(warnings.splice(0)).toEqual(["the IP filter /a cannot be used: it is not there; what it said before holds"]);

    await write("/a", "<html>\n");
    await pass(60);
    expect(filter.has("10.0.0.3")).toBe(true);
    expect(warnings.splice(0)).toHaveLength(1);

    await write("/a", "10.0.0.4\n");
    await pass(15);
    expect([filter.has("10.0.0.3"), filter.has("10.0.0.4")]).toEqual([false, true]);
    expect(warnings).toEqual([]);

    filter.use(["/b"]);
    expect([filter.has("10.0.0.4"), filter.has("10.0.0.2")]).toEqual([false, true]);
  });

  it("that is not there is told once, and used when it comes", async () => {
    filter.use(["/late"]);
    await pass(60);
    expect([filter.isReady, warnings.length]).toEqual([true, 1]);
    await write("/late", "10.0.0.1\n");
    await pass(15);
    expect(filter.has("10.0.0.1")).toBe(true);
  });

  it("is read again after the disk failed", async () => {
    await write("/a", "10.0.0.1\n");
    disk.fault = (operation) => (operation === "read" ? "EIO" : undefined);
    filter.use(["/a"]);
    await pass(60);
    expect([filter.has("10.0.0.1"), warnings.length]).toEqual([false, 1]);
    disk.fault = () => undefined;
    await pass(15);
    expect(filter.has("10.0.0.1")).toBe(true);
  });
});
