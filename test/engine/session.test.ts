/** Two sessions of the real engine on loopback, with real files: what a user does with torrents. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProfileStore } from "../../source/engine/profile/profile-store.ts";
import { Session } from "../../source/engine/session.ts";
import type { Torrent } from "../../source/engine/torrent.ts";
import { createMetainfo } from "../../source/metainfo/create-metainfo.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { realPorts } from "../support/real-ports.ts";
import { nextEvent, onlyTorrent, sessionOptions } from "../support/session-parts.ts";

const ports = realPorts();

let home = "";
let sessions: Session[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "p2p-session-"));
  sessions = [];
});
afterEach(async () => {
  await Promise.all(sessions.map((session) => session.stop()));
  rmSync(home, { recursive: true, force: true });
});

async function start(name: string, address = "127.0.0.1"): Promise<Session> {
  const session = new Session(
    ports,
    sessionOptions({
      listen: { address, port: 0 },
      profile: join(home, name),
      store: new ProfileStore(ports, {
        folder: join(home, `${name}-profile`),
        kind: "list",
        bootId: "b",
        warn: (message) => {
          throw new Error(message);
        },
      }),
      makeStorage: (metainfo, savePath) => new FileStorage(ports, { metainfo, savePath }),
    }),
  );
  sessions.push(session);
  await session.start();
  return session;
}

const content = Buffer.alloc(1_000_003, "p2p-tui ");

/** @param address where the seed listens. */
async function seeded(address?: string): Promise<{ metainfo: Uint8Array; seed: Session; peers: string[] }> {
  mkdirSync(join(home, "seed/album"), { recursive: true });
  writeFileSync(join(home, "seed/album/a.bin"), content);
  writeFileSync(join(home, "seed/album/empty"), "");
  writeFileSync(join(home, "seed/album/z.bin"), content.subarray(0, 70_001));
  const path = join(home, "seed/album");
  const metainfo = await createMetainfo(ports, { path, trackers: [], pieceLength: 16_384, createdBy: "test" });
  const seed = await start("seed", address);
  const isSeeding = nextEvent(seed, "seeding");
  await seed.add(metainfo, { savePath: join(home, "seed"), isPaused: false, peers: [], mustCheck: false });
  await isSeeding;
  const { listening } = seed;
  if (listening === undefined) throw new Error("not listening");
  return { metainfo, seed, peers: [`127.0.0.1:${listening.port}`] };
}

async function downloaded(): Promise<{ metainfo: Uint8Array; leech: Session; savePath: string; peers: string[] }> {
  const { metainfo, peers } = await seeded();
  const leech = await start("leech");
  const savePath = join(home, "leech");
  const isComplete = nextEvent(leech, "complete");
  await leech.add(metainfo, { savePath, isPaused: false, peers, mustCheck: false });
  await isComplete;
  return { metainfo, leech, savePath, peers };
}

const checkedLine = (torrent: Torrent) => torrent.eventLog.last(500).find(({ text }) => text.startsWith("have "))?.text;

describe("a session", () => {
  it("downloads a folder whole, empty files too", async () => {
    const { savePath } = await downloaded();
    expect(readFileSync(join(savePath, "album/a.bin")).equals(content)).toBe(true);
    expect(readFileSync(join(savePath, "album/z.bin")).equals(content.subarray(0, 70_001))).toBe(true);
    expect(readFileSync(join(savePath, "album/empty"))).toHaveLength(0);
  });

  it.each([
    ["", false],
    ["127.0.0.1", true],
  ])("listening at %j takes a connection from this machine for being reached: %s", async (address, isReached) => {
    const { metainfo, seed, peers } = await seeded(address);
    const leech = await start("leech");
    const isComplete = nextEvent(leech, "complete");
    await leech.add(metainfo, { savePath: join(home, "leech"), isPaused: false, peers, mustCheck: false });
    await isComplete;
    expect(seed.hasIncoming).toBe(isReached);
  });

  it("leaves a torrent that is there as it is, and resumes it if it was paused", async () => {
    const { metainfo, leech, savePath, peers } = await downloaded();
    const again = { savePath: join(home, "elsewhere"), isPaused: false, peers, mustCheck: false };
    expect(await leech.add(metainfo, again)).toMatchObject({ isNew: false });
    expect(onlyTorrent(leech).savePath).toBe(savePath);
    await onlyTorrent(leech).pause();
    expect(onlyTorrent(leech).state).toBe("paused");
    const isSeeding = nextEvent(leech, "seeding");
    await leech.add(metainfo, again);
    await isSeeding;
    expect(existsSync(join(home, "elsewhere"))).toBe(false);
  });

  it("takes its torrents up again after a stop, without reading their content", async () => {
    const { leech } = await downloaded();
    await leech.stop();
    const again = await start("leech");
    expect(onlyTorrent(again).state).toBe("seeding");
    expect(onlyTorrent(again).verifiedLength).toBe(1_070_004);
    await expect.poll(() => checkedLine(onlyTorrent(again))).toBe("have 66 of 66 pieces, 0 checked");
  });

  it("waits, when it stops, for what is being added, and adds nothing after that", async () => {
    const { metainfo, peers } = await seeded();
    const leech = await start("leech");
    const options = { savePath: join(home, "leech"), isPaused: false, peers, mustCheck: false };
    const adding = leech.add(metainfo, options);
    let isAdded = false;
    void adding.then(() => {
      isAdded = true;
    });
    await leech.stop();
    expect(isAdded).toBe(true);
    expect(onlyTorrent(leech).run).toBeUndefined();
    const files = readdirSync(join(home, "leech-profile"));
    expect(files.filter((name) => name.endsWith(".tmp"))).toEqual([]);
    const another = await createMetainfo(ports, { path: join(home, "seed/album/a.bin"), trackers: [] });
    await expect(leech.add(another, options)).rejects.toMatchObject({ code: "stopping" });
    expect(readdirSync(join(home, "leech-profile"))).toEqual(files);
  });

  it("keeps a paused torrent paused over a stop", async () => {
    const { leech } = await downloaded();
    await onlyTorrent(leech).pause();
    await leech.stop();
    const again = await start("leech");
    expect(onlyTorrent(again).state).toBe("paused");
    expect(onlyTorrent(again).verifiedLength).toBe(1_070_004);
  });

  it("finds by a check what was changed, and fetches only that again", async () => {
    const { leech, savePath } = await downloaded();
    const before = onlyTorrent(leech).downloadedBytes;
    const spoilt = Buffer.from(content);
    spoilt[40_000] = 0;
    writeFileSync(join(savePath, "album/a.bin"), spoilt);
    const isComplete = nextEvent(leech, "complete");
    await onlyTorrent(leech).recheck();
    await isComplete;
    expect(readFileSync(join(savePath, "album/a.bin")).equals(content)).toBe(true);
    expect(onlyTorrent(leech).downloadedBytes - before).toBe(16_384);
  });

  it("checks although somebody resumes it while its files are being closed for that", async () => {
    const { leech } = await downloaded();
    const torrent = onlyTorrent(leech);
    await torrent.pause();
    const isChecked = nextEvent(leech, "checked");
    await Promise.all([torrent.recheck(), torrent.resume()]);
    await isChecked;
    const lines = torrent.eventLog.last(500).filter(({ text }) => text.startsWith("have "));
    expect(lines.at(-1)?.text).toBe("have 66 of 66 pieces, 66 checked");
  });

  it("checks when it goes on where it was paused in the middle of that", async () => {
    const { leech } = await downloaded();
    const torrent = onlyTorrent(leech);
    await torrent.recheck();
    await torrent.pause();
    const isChecked = nextEvent(leech, "checked");
    await torrent.resume();
    await isChecked;
    const lines = torrent.eventLog.last(500).filter(({ text }) => text.startsWith("have "));
    expect(lines.at(-1)?.text).toBe("have 66 of 66 pieces, 66 checked");
  });

  it("sees after a stop that a file was changed meanwhile, and checks that one", async () => {
    const { leech, savePath } = await downloaded();
    await leech.stop();
    const spoilt = Buffer.from(content.subarray(0, 70_001));
    spoilt[69_000] = 0;
    writeFileSync(join(savePath, "album/z.bin"), spoilt);
    const again = await start("leech");
    await nextEvent(again, "checked");
    expect(checkedLine(onlyTorrent(again))).toBe("have 65 of 66 pieces, 5 checked");
  });

  it("fetches again what somebody cut off a file while it was being downloaded", async () => {
    const { metainfo, peers } = await seeded();
    const leech = await start("leech");
    leech.setLimits(400_000, 0);
    const savePath = join(home, "leech");
    await leech.add(metainfo, { savePath, isPaused: false, peers, mustCheck: false });
    const torrent = onlyTorrent(leech);
    const path = join(savePath, "album/z.bin");
    await torrent.change({ priorities: [{ file: 2, priority: "high" }] });
    await waitUntil("z.bin has come", 10_000, () => [64, 65].every((piece) => torrent.have.has(piece)));
    truncateSync(path, 1000);
    await torrent.pause();
    expect(torrent.have.isFull).toBe(false);
    leech.setLimits(0, 0);
    const isComplete = nextEvent(leech, "complete");
    await torrent.resume();
    await isComplete;
    expect(readFileSync(path).equals(content.subarray(0, 70_001))).toBe(true);
  });

  it("removes a torrent's files and folders, and nothing else", async () => {
    const { leech, savePath } = await downloaded();
    writeFileSync(join(savePath, "album/mine.txt"), "mine");
    writeFileSync(join(savePath, "other.txt"), "other");
    await leech.remove(onlyTorrent(leech).infoHash, "data");
    expect(existsSync(join(savePath, "album/a.bin"))).toBe(false);
    expect(existsSync(join(savePath, "album/empty"))).toBe(false);
    expect(readFileSync(join(savePath, "album/mine.txt"), "utf8")).toBe("mine");
    expect(readFileSync(join(savePath, "other.txt"), "utf8")).toBe("other");
    expect(leech.torrents.size).toBe(0);
    await leech.stop();
    expect((await start("leech")).torrents.size).toBe(0);
  });

  it("forgets a torrent and keeps its files", async () => {
    const { leech, savePath } = await downloaded();
    await leech.remove(onlyTorrent(leech).infoHash, "torrent");
    expect(readFileSync(join(savePath, "album/a.bin")).equals(content)).toBe(true);
    await leech.stop();
    expect((await start("leech")).torrents.size).toBe(0);
  });

  it.each([false, true])(
    "brings a removed torrent back as it was, unchecked (after a restart: %s)",
    async (isAfter) => {
      const { leech, savePath } = await downloaded();
      const before = onlyTorrent(leech);
      await before.change({ labels: ["music"], priorities: [{ file: 1, priority: "high" }], maxUpRate: 5000 });
      await leech.remove(before.infoHash, "torrent");
      if (isAfter) await leech.stop();
      const session = isAfter ? await start("leech") : leech;
      expect(session.torrents.size).toBe(0);
      expect(session.removed.all.map(({ summary }) => summary.name)).toEqual(["album"]);
      await session.restore([before.infoHash]);
      const after = onlyTorrent(session);
      await expect.poll(() => checkedLine(after)).toBe("have 66 of 66 pieces, 0 checked");
      expect(after.entry).toEqual({ ...before.entry, removal: null, removed: undefined });
      expect([after.savePath, after.downloadedBytes]).toEqual([savePath, before.downloadedBytes]);
      expect(after.completedWallMs).toBe(before.completedWallMs);
      expect(session.removed.all).toEqual([]);
      await session.stop();
      expect(onlyTorrent(await start("leech")).choices.labels).toEqual(["music"]);
    },
  );

  it("does not bring back what was removed with its data, or added again", async () => {
    const { metainfo, leech, savePath } = await downloaded();
    const { infoHash } = onlyTorrent(leech);
    await leech.remove(infoHash, "torrent");
    await leech.add(metainfo, { savePath, isPaused: true, peers: [], mustCheck: false });
    await expect(leech.restore([infoHash])).rejects.toMatchObject({ code: "unknown-torrent" });
    await leech.remove(infoHash, "data");
    expect(leech.removed.all).toEqual([]);
    expect(readdirSync(join(home, "leech-profile"))).toEqual([]);
  });
});
