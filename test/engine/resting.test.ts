/** Seeds that nobody is connected to: they rest, and are woken. Real sessions, a network in memory, a virtual clock. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { OperationalError } from "../../source/base/errors.ts";
import type { TorrentEntry } from "../../source/engine/profile/torrent-entry.ts";
import type { SavedRecord } from "../../source/engine/profile/torrent-store.ts";
import type { Session } from "../../source/engine/session.ts";
import type { Torrent } from "../../source/engine/torrent.ts";
import type { Metainfo } from "../../source/metainfo/metainfo.ts";
import { KeepingStore } from "../support/keeping-store.ts";
import { onlyTorrent } from "../support/session-parts.ts";
import { SessionWorld, type WorldTorrent } from "../support/session-world.ts";

/** Believes in its records as long as the files look the same. */
class RememberingStore extends KeepingStore {
  recordWrites = 0;

  override async save(entry?: TorrentEntry, record?: SavedRecord): Promise<void> {
    this.recordWrites++;
    await super.save(entry, record);
  }
  override async planResume(metainfo: Metainfo, _savePath?: string, fingerprint: readonly string[] = []) {
    const record = this.records.get(metainfo.infoHash);
    const isSame = record !== undefined && record.fingerprint.join() === fingerprint.join();
    const none = new Bitfield(metainfo.pieceCount);
    return isSame ? { trusted: record.have, recheck: none, isSynced: true } : super.planResume(metainfo);
  }
}

class CountingLocks {
  held = 0;
  readonly acquire = async () => {
    this.held++;
    return {
      release: async () => {
        this.held--;
      },
    };
  };
}

let world: SessionWorld;
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

const isAwake = (session: Session) => onlyTorrent(session).swarm !== undefined;

describe("a seed that nobody is connected to", () => {
  let store: RememberingStore;
  let locks: CountingLocks;
  let torrent: WorldTorrent;
  const startSeed = () => world.start("10.0.0.1", { isSeed: true, store, locks });

  beforeEach(() => {
    store = new RememberingStore();
    locks = new CountingLocks();
    torrent = world.torrent("content", 1_000_000);
  });

  async function seeded(): Promise<Session> {
    const seed = await startSeed();
    await world.add(seed, torrent);
    await world.until(() => onlyTorrent(seed).state === "seeding");
    return seed;
  }

  /** As another start of the program finds it. */
  async function startedAgain(): Promise<Session> {
    const first = await seeded();
    const stopping = first.stop();
    await world.run(10);
    await stopping;
    const seed = await startSeed();
    await world.run(1);
    return seed;
  }

  async function download(from: Session, address = "10.0.0.2"): Promise<Torrent> {
    const leech = await world.start(address);
    await world.add(leech, torrent, [from]);
    await world.until(() => onlyTorrent(leech).state === "seeding", 120);
    return onlyTorrent(leech);
  }

  it("rests after five minutes, without a lock, files and .torrent file, and still seeds to whoever looks", async () => {
    const seed = await seeded();
    await world.run(290);
    expect(isAwake(seed)).toBe(true);
    expect(locks.held).toBe(1);
    await world.run(20);
    expect(isAwake(seed)).toBe(false);
    expect(onlyTorrent(seed).metainfo).toBeUndefined();
    expect(onlyTorrent(seed).run?.storage).toBeUndefined();
    expect(locks.held).toBe(0);
    expect(onlyTorrent(seed).state).toBe("seeding");
  });

  it("rests from the start of the program on, and no record is written for it", async () => {
    const seed = await startedAgain();
    const { recordWrites } = store;
    expect(onlyTorrent(seed).state).toBe("seeding");
    await world.run(600);
    expect(isAwake(seed)).toBe(false);
    expect(locks.held).toBe(0);
    expect(store.recordWrites).toBe(recordWrites);
  });

  it("is woken by a handshake, serves all, rests again, and has written down what it gave", async () => {
    const seed = await startedAgain();
    const leech = await download(seed);
    expect(leech.verifiedLength).toBe(torrent.totalLength);
    expect(isAwake(seed)).toBe(true);
    expect(locks.held).toBe(0);
    await world.run(330);
    expect(isAwake(seed)).toBe(false);
    expect(store.records.get(torrent.infoHash)).toMatchObject({ isClean: true, uploaded: torrent.totalLength });
    await download(seed, "10.0.0.3");
    expect(onlyTorrent(seed).uploadedBytes).toBe(2 * torrent.totalLength);
  });

  it("serves several that shake hands at once", async () => {
    const seed = await startedAgain();
    const leeches = await Promise.all([2, 3, 4].map((i) => world.start(`10.0.0.${i}`)));
    await Promise.all(leeches.map((leech) => world.add(leech, torrent, [seed])));
    await world.until(() => leeches.every((leech) => onlyTorrent(leech).state === "seeding"), 300);
    expect(isAwake(seed)).toBe(true);
  });

  it("is checked, under the lock, where its files are not what they were when it is woken", async () => {
    const seed = await startedAgain();
    const record = store.records.get(torrent.infoHash);
    if (record === undefined) throw new Error("no record");
    store.records.set(torrent.infoHash, { ...record, fingerprint: ["other"] });
    const leech = await download(seed);
    expect(leech.verifiedLength).toBe(torrent.totalLength);
    expect(locks.held).toBe(1);
    const lines = onlyTorrent(seed).eventLog.last(100);
    expect(lines.map(({ text }) => text)).toContain("have 16 of 16 pieces, 16 checked");
  });

  it("refuses a peer whose torrent cannot be woken, and says why it failed", async () => {
    const seed = await startedAgain();
    store.loadMetainfo = () => Promise.reject(new OperationalError("bad-metainfo", "it is damaged"));
    const leech = await world.start("10.0.0.2");
    await world.add(leech, torrent, [seed]);
    await world.run(5);
    expect(onlyTorrent(seed)).toMatchObject({ state: "failed", reason: "it is damaged" });
    expect(onlyTorrent(leech).swarm?.neighbours.size).toBe(0);
  });

  it("ends in order while it is being woken", async () => {
    const seed = await startedAgain();
    const run = onlyTorrent(seed).run;
    const [isServing] = await Promise.all([run?.wake(), onlyTorrent(seed).pause()]);
    expect(isServing).toBe(false);
    expect(onlyTorrent(seed).state).toBe("paused");
    await onlyTorrent(seed).resume();
    await world.run(1);
    expect(await onlyTorrent(seed).run?.wake()).toBe(true);
  });
});
