/** Failures that pass by themselves, on the real session, files and records; time and the disk's failing are made up. */
import { existsSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { ProfileStore } from "../../../source/engine/profile/profile-store.ts";
import { Session } from "../../../source/engine/session.ts";
import type { SessionEvent } from "../../../source/engine/session-events.ts";
import { createMetainfo } from "../../../source/metainfo/create-metainfo.ts";
import type { Metainfo } from "../../../source/metainfo/metainfo.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import type { Ports } from "../../../source/ports/ports.ts";
import { FileStorage } from "../../../source/storage/file-storage.ts";
import { MemoryStorage } from "../../../source/storage/memory-storage.ts";
import type { Storage, StorageEvents } from "../../../source/storage/storage.ts";
import { MemoryDatagrams } from "../../support/memory-datagrams.ts";
import { emptyNetwork, realPorts } from "../../support/real-ports.ts";
import { onlyTorrent, sessionOptions } from "../../support/session-parts.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

let home = "";
let clock = new VirtualClock();
let free = 0;
/** What the profile's disk says of a record; "" where it takes it. */
let profileSays = "";
let sessions: Session[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "p2p-recovery-"));
  clock = new VirtualClock();
  free = 1e12;
  profileSays = "";
  sessions = [];
});
afterEach(async () => {
  await Promise.all(sessions.map((session) => session.stop()));
  rmSync(home, { recursive: true, force: true });
});

class Disk extends NodeFileSystem {
  override async freeSpace(): Promise<number> {
    return free;
  }
}

type MakeStorage = (ports: Ports, metainfo: Metainfo, savePath: string) => Storage;
const onDisk: MakeStorage = (ports, metainfo, savePath) => new FileStorage(ports, { metainfo, savePath });

async function startSession(makeStorage: MakeStorage = onDisk): Promise<{ session: Session; events: SessionEvent[] }> {
  const local = { address: "127.0.0.1", port: 6881 };
  const ports = realPorts({
    clock,
    files: new Disk(),
    datagrams: new MemoryDatagrams(clock).host("10.0.0.1"),
    network: emptyNetwork(local),
  });
  const writeFileAtomic = async (path: string, bytes: Uint8Array): Promise<void> => {
    if (profileSays !== "" && path.endsWith(".resume"))
      throw Object.assign(new Error("a write"), { code: profileSays });
    await ports.files.writeFileAtomic(path, bytes);
  };
  const store = { folder: join(home, "profile"), kind: "list", bootId: "b", writeFileAtomic, warn: () => {} } as const;
  const session = new Session(
    ports,
    sessionOptions({
      listen: local,
      profile: home,
      store: new ProfileStore(ports, store),
      makeStorage: (metainfo, savePath) => makeStorage(ports, metainfo, savePath),
    }),
  );
  sessions.push(session);
  const events: SessionEvent[] = [];
  session.onEvent((event) => events.push(event));
  await session.start();
  return { session, events };
}

/** Lets time pass, second by second, until it is so: what waits for the disk is given its turns. */
async function until(isSo: () => boolean): Promise<void> {
  for (let second = 0; second < 1000; second++) {
    for (let turn = 0; turn < 50; turn++) {
      if (isSo()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(1000);
  }
  throw new Error("it never came to be so");
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1000);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Storage in memory; `opened` can make it fail as a disk does. */
function failingStorage(): { readonly opened: readonly StorageEvents[]; readonly makeStorage: MakeStorage } {
  const opened: StorageEvents[] = [];
  class Failing extends MemoryStorage {
    override open(events: StorageEvents): Promise<void> {
      opened.push(events);
      return super.open(events);
    }
  }
  return { opened, makeStorage: (ports, metainfo) => new Failing(ports, { metainfo }) };
}

async function makeTorrent(): Promise<Uint8Array> {
  writeFileSync(join(home, "content.bin"), Buffer.alloc(100_000, 7));
  return createMetainfo(
    { files: new NodeFileSystem(), hasher: new NodeHasher(), clock },
    { path: join(home, "content.bin"), trackers: [], pieceLength: 16_384, createdBy: "test" },
  );
}

describe("a torrent taken up from the profile whose files are gone", () => {
  it("waits for them, makes nothing in their place, and goes on without a check when they are back", async () => {
    const metainfo = await makeTorrent();
    const drive = join(home, "drive");
    const first = await startSession();
    await first.session.add(metainfo, { savePath: home, isPaused: false, peers: [], mustCheck: false });
    await until(() => onlyTorrent(first.session).state === "seeding");
    await first.session.stop();
    renameSync(join(home, "content.bin"), drive);

    const { session, events } = await startSession();
    await until(() => onlyTorrent(session).state === "failed");
    expect(onlyTorrent(session).reason).toContain("its files are not in");
    expect(onlyTorrent(session).reason).toContain("goes on when they are back");
    await pass(60);
    expect(existsSync(join(home, "content.bin"))).toBe(false);
    expect(onlyTorrent(session).state).toBe("failed");
    expect(events.filter(({ kind }) => kind === "failed")).toHaveLength(1);

    renameSync(drive, join(home, "content.bin"));
    await until(() => onlyTorrent(session).state === "seeding");
    expect(
      onlyTorrent(session)
        .eventLog.last(10)
        .map(({ text }) => text),
    ).toContain("have 7 of 7 pieces, 0 checked");
  });

  it("starts anew where the user has it checked", async () => {
    const metainfo = await makeTorrent();
    const first = await startSession();
    await first.session.add(metainfo, { savePath: home, isPaused: false, peers: [], mustCheck: false });
    await until(() => onlyTorrent(first.session).state === "seeding");
    await first.session.stop();
    rmSync(join(home, "content.bin"));
    const { session } = await startSession();
    await until(() => onlyTorrent(session).state === "failed");
    await onlyTorrent(session).recheck();
    await until(() => onlyTorrent(session).state === "downloading");
    expect(onlyTorrent(session).verifiedLength).toBe(0);
  });
});

describe("a torrent whose files go while the program runs", () => {
  it("waits for them as well, and makes nothing in their place", async () => {
    const metainfo = await makeTorrent();
    const drive = join(home, "drive");
    const { session } = await startSession();
    await session.add(metainfo, { savePath: home, isPaused: false, peers: [], mustCheck: false });
    const torrent = onlyTorrent(session);
    await until(() => torrent.state === "seeding");
    await torrent.pause();
    renameSync(join(home, "content.bin"), drive);
    await torrent.resume();
    await until(() => torrent.state === "failed");
    expect([torrent.failureCode, torrent.have.isFull]).toEqual(["data-missing", true]);
    await pass(60);
    expect(existsSync(join(home, "content.bin"))).toBe(false);
    renameSync(drive, join(home, "content.bin"));
    await until(() => torrent.state === "seeding");
  });
});

describe("a disk that is full", () => {
  it("stops the torrent with the reason, which goes on by itself when there is room", async () => {
    const metainfo = await makeTorrent();
    // Its files would hold their room already.
    rmSync(join(home, "content.bin"));
    const { opened, makeStorage } = failingStorage();
    const { session } = await startSession(makeStorage);
    await session.add(metainfo, { savePath: home, isPaused: false, peers: [], mustCheck: false });
    await until(() => onlyTorrent(session).state === "downloading");
    free = 1000;
    opened[0]?.onFailure(new OperationalError("disk-full", "the disk is full"));
    expect(onlyTorrent(session).state).toBe("failed");
    expect(onlyTorrent(session).reason).toBe("the disk is full (it goes on when there is room)");
    await pass(60);
    expect(onlyTorrent(session).state).toBe("failed");
    expect(opened).toHaveLength(1);
    free = 1e9;
    await until(() => opened.length === 2);
    await until(() => onlyTorrent(session).state === "downloading");
  });

  it("does not keep a damaged piece from being fetched whose room the file has", async () => {
    const metainfo = await makeTorrent();
    const damaged = Buffer.alloc(100_000, 7);
    damaged[5] = 1;
    writeFileSync(join(home, "content.bin"), damaged);
    free = 1000;
    const failing: StorageEvents[] = [];
    const { session } = await startSession((ports, metainfo, savePath) => {
      const storage = new FileStorage(ports, { metainfo, savePath });
      const open = storage.open.bind(storage);
      storage.open = (events) => {
        failing.push(events);
        return open(events);
      };
      return storage;
    });
    await session.add(metainfo, { savePath: home, isPaused: false, peers: [], mustCheck: false });
    await until(() => onlyTorrent(session).state === "downloading");
    expect(onlyTorrent(session).leftLength).toBe(16_384);
    failing[0]?.onFailure(new OperationalError("disk-full", "the disk is full"));
    expect(onlyTorrent(session).state).toBe("failed");
    await until(() => onlyTorrent(session).state === "downloading");

    // Of a file that is as long, and has the room of its half only, the other half is needed.
    await onlyTorrent(session).pause();
    truncateSync(join(home, "content.bin"), 49_152);
    truncateSync(join(home, "content.bin"), 100_000);
    await onlyTorrent(session).recheck();
    await onlyTorrent(session).resume();
    await until(() => onlyTorrent(session).state === "failed");
    expect(onlyTorrent(session).reason).toContain("0.98 KiB free, and 49.7 KiB are still to come");
  });

  it("does not wake a torrent that was paused meanwhile", async () => {
    const metainfo = await makeTorrent();
    const { opened, makeStorage } = failingStorage();
    const { session } = await startSession(makeStorage);
    await session.add(metainfo, { savePath: home, isPaused: false, peers: [], mustCheck: false });
    await until(() => onlyTorrent(session).state === "downloading");
    opened[0]?.onFailure(new OperationalError("disk-full", "the disk is full"));
    await onlyTorrent(session).pause();
    await pass(60);
    expect(onlyTorrent(session).state).toBe("paused");
    expect(opened).toHaveLength(1);
  });
});

describe("a torrent whose profile cannot be written", () => {
  it("waits longer and longer with the reason, is told of once, and goes on when it can be again", async () => {
    const metainfo = await makeTorrent();
    profileSays = "ENOSPC";
    const { session, events } = await startSession();
    await session.add(metainfo, { savePath: home, isPaused: false, peers: [], mustCheck: false });
    const torrent = onlyTorrent(session);
    await until(() => torrent.state === "failed");
    expect(torrent.failureCode).toBe("profile-failed");
    expect(torrent.reason).toBe("cannot write the record of content.bin: the disk is full (it tries again in a while)");
    await pass(600);
    expect(events.flatMap((event) => (event.kind === "warning" ? [event.message] : []))).toEqual([]);
    expect(events.filter(({ kind }) => kind === "failed")).toHaveLength(1);
    // After one minute, two, four… The disk may be slow meanwhile.
    const begun = torrent.eventLog.last(100).filter(({ text }) => text.startsWith("have "));
    expect(begun.length).toBeGreaterThan(1);
    expect(begun.length).toBeLessThan(5);
    profileSays = "";
    await until(() => torrent.state === "seeding");
  });
});
