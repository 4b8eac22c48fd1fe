/** Peers that the user named: what their names hold up where they cannot be looked up, which is nothing. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { formatEndpoint } from "../../../source/base/ip-address.ts";
import { PeersByHand } from "../../../source/engine/network/peers-by-hand.ts";
import type { Session } from "../../../source/engine/session.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import type { Network } from "../../../source/ports/network.ts";
import { GeneratedStorage } from "../../../source/storage/generated-storage.ts";
import { KeepingStore } from "../../support/keeping-store.ts";
import { onlyTorrent } from "../../support/session-parts.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

type Resolve = Network["resolve"];

const unknown: Resolve = async (host) => {
  throw new OperationalError("unresolved", `there is no host named ${host}`);
};

describe("names of peers", () => {
  function lookedUpBy(resolve: Resolve, texts: readonly string[]) {
    const clock = new VirtualClock();
    const found: string[] = [];
    const logged: string[] = [];
    const host = {
      found: (peer) => found.push(formatEndpoint(peer)),
      log: (text) => logged.push(text),
    } as ConstructorParameters<typeof PeersByHand>[2];
    const byHand = new PeersByHand({ clock, network: { resolve } as Network }, texts, host);
    const pass = async (seconds: number): Promise<void> => {
      for (let i = 0; i < seconds; i++) {
        await clock.run(1000);
        byHand.tick(clock.nowMs());
      }
      await clock.run(0);
    };
    return { byHand, found, logged, pass };
  }

  it("are looked up each by itself: one that is not known, or is no name, holds up no other", async () => {
    const resolve: Resolve = async (host) => (host === "gone.example" ? unknown(host) : ["10.0.0.9"]);
    const { byHand, found, logged } = lookedUpBy(resolve, ["gone.example:1", "nonsense", "here.example:6881"]);
    await byHand.look();
    expect(found).toEqual(["10.0.0.9:6881"]);
    expect(logged.join("\n")).toContain("gone.example");
  });

  it("are looked up again later and later, and no more once they are found", async () => {
    let asked = 0;
    let isKnown = false;
    const resolve: Resolve = async (host) => {
      asked++;
      return isKnown ? ["10.0.0.9"] : unknown(host);
    };
    const { byHand, found, pass } = lookedUpBy(resolve, ["friend.example:6881"]);
    await byHand.look();
    await pass(20);
    expect(asked).toBe(2);
    await pass(600);
    expect(asked).toBeLessThan(10);
    isKnown = true;
    await byHand.look();
    const askedThen = asked;
    await pass(2000);
    expect([found, asked]).toEqual([["10.0.0.9:6881"], askedThen]);
  });
});

describe("a torrent with peers that were named", () => {
  let world = new SessionWorld();
  let store = new KeepingStore();
  /** The leech's disk cannot be synced. */
  let syncFails = false;
  /** How often its files were closed. */
  let closed = 0;
  beforeEach(() => {
    syncFails = false;
    closed = 0;
    world = new SessionWorld();
    store = new KeepingStore();
  });
  afterEach(() => world.close());

  async function leechWith(torrent: WorldTorrent, resolve: Resolve): Promise<Session> {
    class Unsynced extends GeneratedStorage {
      override async sync(): Promise<void> {
        if (syncFails) throw new OperationalError("io-error", "the disk has failed");
      }
      override async close(): Promise<void> {
        closed++;
        await super.close();
      }
    }
    const host = world.network.host("10.0.0.2");
    const network: Network = {
      connect: (...given) => host.connect(...given),
      listen: (...given) => host.listen(...given),
      resolve: (name) => (name.endsWith(".example") ? resolve(name) : host.resolve(name)),
    };
    const { content } = torrent;
    const makeStorage = (metainfo: ConstructorParameters<typeof GeneratedStorage>[1]["metainfo"]) =>
      new Unsynced({ hasher: new NodeHasher(), clock: world.clock }, { metainfo, content });
    return world.start("10.0.0.2", { network, store, makeStorage });
  }

  async function withSeed(length: number): Promise<WorldTorrent> {
    const torrent = world.torrent("content", length);
    await world.add(await world.start("10.0.0.1", { isSeed: true }), torrent);
    return torrent;
  }

  const options = { savePath: "/", isPaused: false, mustCheck: false };

  it("goes on without those that nobody knows, and meets them when somebody does", async () => {
    const torrent = await withSeed(200_000);
    let isKnown = false;
    const leech = await leechWith(torrent, async (name) => (isKnown ? ["10.0.0.1"] : unknown(name)));
    await leech.add(torrent.metainfo, { ...options, peers: ["friend.example:6881"] });
    await world.run(60);
    expect(onlyTorrent(leech).state).toBe("downloading");
    isKnown = true;
    await world.until(() => onlyTorrent(leech).state === "seeding", 600);
  });

  it("dials them as soon as it can, and not a second later", async () => {
    const torrent = await withSeed(200_000);
    const leech = await leechWith(torrent, unknown);
    await leech.add(torrent.metainfo, { ...options, peers: ["10.0.0.1:6881"] });
    await world.run(0.5);
    expect(onlyTorrent(leech).state).toBe("seeding");
  });

  it("is complete when its last piece is, though a name server does not answer", async () => {
    const torrent = await withSeed(1_000_000);
    const answer = Promise.withResolvers<readonly string[]>();
    const leech = await leechWith(torrent, () => answer.promise);
    await leech.add(torrent.metainfo, { ...options, peers: ["10.0.0.1:6881", "slow.example:6881"] });
    await world.until(() => onlyTorrent(leech).have.isFull);
    await world.run(1);
    expect(onlyTorrent(leech).state).toBe("seeding");
    answer.resolve([]);
  });

  it("is not said to be on the disk where that failed", async () => {
    const torrent = await withSeed(20_000_000);
    const leech = await leechWith(torrent, unknown);
    leech.setLimits(1_000_000, 0);
    await leech.add(torrent.metainfo, { ...options, peers: ["10.0.0.1:6881"] });
    await world.until(() => onlyTorrent(leech).have.count > 20);
    syncFails = true;
    const pausing = onlyTorrent(leech).pause();
    await world.run(5);
    await pausing;
    const record = store.records.get(torrent.infoHash);
    expect([record?.isSynced, (record?.have.count ?? 0) > 20]).toEqual([false, true]);
    // Nothing is left open for that.
    expect(closed).toBe(1);
  });

  it("stops where the disk cannot keep what it took, and believes only what it then reads", async () => {
    const torrent = await withSeed(20_000_000);
    const leech = await leechWith(torrent, unknown);
    leech.setLimits(1_000_000, 0);
    await leech.add(torrent.metainfo, { ...options, peers: ["10.0.0.1:6881"] });
    await world.until(() => onlyTorrent(leech).have.count > 20);
    syncFails = true;
    await world.until(() => onlyTorrent(leech).state === "failed", 6);
    expect(onlyTorrent(leech).reason).toContain("the disk has failed");
    // It was asked again when the files were closed, and had nothing left to say.
    await world.run(5);
    const record = store.records.get(torrent.infoHash);
    expect([record?.isClean, record?.isSynced, record?.fingerprint]).toEqual([true, false, ["missing"]]);
    expect(record?.have.count).toBeGreaterThan(20);
    syncFails = false;
    leech.setLimits(0, 0);
    await world.until(() => onlyTorrent(leech).state === "seeding", 100);
    expect(store.records.get(torrent.infoHash)?.fingerprint).not.toEqual(["missing"]);
  });
});
