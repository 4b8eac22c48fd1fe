/** Torrents whose files are moved and renamed: real sessions, storages and records on a disk in memory. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, OperationalError } from "../../../source/base/errors.ts";
import { encode } from "../../../source/bencode/encode.ts";
import { ProfileStore } from "../../../source/engine/profile/profile-store.ts";
import { Session } from "../../../source/engine/session.ts";
import type { Torrent } from "../../../source/engine/torrent.ts";
import { parseMetainfo } from "../../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { FileStorage } from "../../../source/storage/file-storage.ts";
import { put } from "../../storage/relocation-world.ts";
import { makeTorrent } from "../../storage/torrents.ts";
import { MemoryDatagrams } from "../../support/memory-datagrams.ts";
import { emptyNetwork, realPorts } from "../../support/real-ports.ts";
import { onlyTorrent, sessionOptions } from "../../support/session-parts.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { VirtualDisk } from "../../support/virtual-disk.ts";

const hasher = new NodeHasher();
const pieceLength = 16_384;
const shapes = [
  { name: "a", length: 50_000 },
  { name: "deep/b", length: 30_000 },
  { name: "deep/c", length: 0 },
];
const content = makeTorrent(pieceLength, shapes);
const metainfo = encode({
  info: {
    files: shapes.map(({ name, length }) => ({ length, path: name.split("/") })),
    name: "album",
    "piece length": pieceLength,
    pieces: content.metainfo.pieceHashes,
  },
});

let clock = new VirtualClock();
let disk = new VirtualDisk({ clock });
let sessions: Session[] = [];
beforeEach(async () => {
  clock = new VirtualClock();
  disk = new VirtualDisk({ clock, mounts: ["/usb"] });
  sessions = [];
  await disk.makeDirectory("/profile");
  let offset = 0;
  for (const { name, length } of shapes) {
    await put(disk, `/saves/album/${name}`, textOf(offset, length));
    offset += length;
  }
  disk.syncAll();
});
afterEach(async () => {
  await Promise.all(sessions.map((session) => ended(session.stop())));
});

function textOf(offset: number, length: number): string {
  return Buffer.from(content.bytes.subarray(offset, offset + length)).toString("latin1");
}

/** Lets promises and timers go on until it is so. */
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

async function ended<T>(work: Promise<T>): Promise<T> {
  let isEnded = false;
  const end = () => {
    isEnded = true;
  };
  work.then(end, end);
  await until(() => isEnded);
  return work;
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await ended(work);
  } catch (error) {
    return codeOf(error);
  }
  return "";
}

async function start(locks: string[] = []): Promise<Session> {
  const local = { address: "127.0.0.1", port: 6881 };
  const ports = realPorts({
    clock,
    files: disk,
    datagrams: new MemoryDatagrams(clock).host("10.0.0.1"),
    network: emptyNetwork(local),
  });
  const session = new Session(
    ports,
    sessionOptions({
      listen: local,
      profile: "/profile",
      locks: {
        acquire: async (_, savePath) => {
          if (locks.includes(savePath)) throw new OperationalError("held", "somebody else has it");
          locks.push(savePath);
          return {
            release: async () => {
              if (locks.includes(savePath)) locks.splice(locks.indexOf(savePath), 1);
            },
          };
        },
      },
      store: new ProfileStore(ports, { folder: "/profile/torrents", kind: "list", bootId: "b", warn: () => {} }),
      records: { files: disk, folder: "/profile", warn: () => {} },
      makeStorage: (metainfo, savePath) => new FileStorage(ports, { metainfo, savePath }),
    }),
  );
  sessions.push(session);
  await session.start();
  return session;
}

async function seeding(isPaused = false, locks: string[] = []): Promise<Torrent> {
  const session = await start(locks);
  await session.add(metainfo, { savePath: "/saves", isPaused: false, peers: [], mustCheck: false });
  await until(() => onlyTorrent(session).state === "seeding");
  if (isPaused) await ended(onlyTorrent(session).pause());
  return onlyTorrent(session);
}

/** Does it at the first change that the move makes to what lies at the path; resolves to what became of it. */
function inTheMiddle<T>(pattern: RegExp, action: () => T): Promise<T> {
  return new Promise((resolve) => {
    disk.fault = (operation, path) => {
      if (operation !== "create" || !pattern.test(path)) return undefined;
      disk.fault = () => undefined;
      resolve(action());
      return undefined;
    };
  });
}

/** Paths of what lies outside of the profile, without folders. */
function filesThere(): string[] {
  const isContent = ([path, text]: readonly [string, string]) => text !== "/" && !path.startsWith("/profile");
  return [...disk.snapshot()]
    .filter(isContent)
    .map(([path]) => path)
    .sort();
}

function leftOvers(): string[] {
  return [...disk.snapshot().keys()].filter((path) => /\.move|\.part/.test(path));
}

const lastChecks = (torrent: Torrent) =>
  torrent.eventLog
    .last(20)
    .map(({ text }) => text)
    .filter((text) => text.includes(" pieces, "))
    .at(-1);
const nothingChecked = "have 5 of 5 pieces, 0 checked";
const albumIn = (folder: string) => [`${folder}/a`, `${folder}/deep/b`, `${folder}/deep/c`];

async function restarted(session: Session): Promise<Torrent> {
  await ended(session.stop());
  return onlyTorrent(await start());
}

describe("a torrent that is moved", () => {
  it.each(["/saves/new", "/usb/deep/new"])("goes on in %s without a check, also after a restart", async (folder) => {
    const locks: string[] = [];
    const torrent = await seeding(false, locks);
    const seen = inTheMiddle(/new\/album/, () => [torrent.state, torrent.checkedFraction]);
    await ended(torrent.mover.move(folder));
    expect(await seen).toEqual(["moving", 0]);
    await until(() => torrent.state === "seeding" && lastChecks(torrent) === nothingChecked);
    expect(filesThere()).toEqual(albumIn(`${folder}/album`));
    expect(torrent.savePath).toBe(folder);
    // A seed that rests needs none.
    expect(locks).toEqual([]);
    const again = await restarted(sessions[0] as Session);
    await until(() => lastChecks(again) === nothingChecked);
    expect(again).toMatchObject({ state: "seeding", savePath: folder });
    expect(leftOvers()).toEqual([]);
  });

  it("leaves a torrent paused for the goal that it has reached, and the list says so still", async () => {
    const torrent = await seeding();
    await ended(torrent.pause("reached ratio 2.0"));
    await ended(torrent.mover.move("/other"));
    expect([torrent.state, torrent.reason, torrent.savePath]).toEqual(["paused", "reached ratio 2.0", "/other"]);
  });

  it("takes along what it has of files that are skipped", async () => {
    const session = await start();
    // Of the first file only the bytes in the piece that it shares with the second are wanted.
    const keptAside = textOf(49_152, pieceLength);
    await disk.removeFile("/saves/album/a");
    await put(disk, `/saves/.${parseMetainfo(metainfo, hasher).infoHash}.parts`, keptAside);
    const choices = { priorities: [{ file: 0, priority: "skip" as const }] };
    await session.add(metainfo, { savePath: "/saves", isPaused: false, peers: [], mustCheck: false, choices });
    const torrent = onlyTorrent(session);
    await until(() => torrent.run?.swarm !== undefined);
    expect(torrent.have.count).toBe(2);
    await ended(torrent.mover.move("/usb/new"));
    await until(() => torrent.run?.swarm !== undefined);
    expect(filesThere()).toEqual([`/usb/new/.${torrent.infoHash}.parts`, ...albumIn("/usb/new/album").slice(1)]);
    expect(torrent.have.count).toBe(2);
    expect(lastChecks(torrent)).toBe("have 2 of 5 pieces, 0 checked");
  });

  it("stays paused, and needs no check when it is resumed", async () => {
    const torrent = await seeding(true);
    await ended(torrent.mover.move("/usb/new"));
    expect(torrent.state).toBe("paused");
    await ended(torrent.resume());
    await until(() => torrent.state === "seeding" && lastChecks(torrent) === nothingChecked);
  });

  it("is paused in the middle of it when that was asked, and resumed likewise", async () => {
    const torrent = await seeding();
    const pausing = inTheMiddle(/usb/, () => torrent.pause());
    await ended(torrent.mover.move("/usb/new"));
    await ended(pausing);
    expect(torrent.state).toBe("paused");
    expect(torrent.savePath).toBe("/usb/new");
    const resuming = inTheMiddle(/saves/, async () => {
      const second = failureOf(torrent.mover.move("/elsewhere"));
      await torrent.resume();
      return second;
    });
    await ended(torrent.mover.move("/saves"));
    expect(await ended(resuming)).toBe("busy");
    await until(() => torrent.state === "seeding");
    expect(filesThere()).toEqual(albumIn("/saves/album"));
  });

  it("is told before what would be done, and nothing is touched", async () => {
    const torrent = await seeding();
    const before = disk.snapshot();
    const plan = await torrent.mover.plan("/usb/new");
    expect(plan).toMatchObject({ copyBytes: 80_000, fits: true });
    expect(plan.files.map(({ action }) => action)).toEqual(["copy", "copy", "copy"]);
    expect(disk.snapshot()).toEqual(before);
    expect(torrent.state).toBe("seeding");
  });

  it("is not disturbed where something is in the way", async () => {
    const torrent = await seeding();
    await put(disk, "/usb/new/album/a", "mine");
    const run = torrent.run;
    expect(await failureOf(torrent.mover.move("/usb/new"))).toBe("conflict");
    expect(torrent.run).toBe(run);
    expect(torrent.state).toBe("seeding");
    for (const path of ["relative", "/usb/../new", "/usb/a\0b"]) {
      expect(await failureOf(torrent.mover.move(path))).toBe("bad-path");
    }
  });

  it("goes on where it was when the disk is full, or another program has the download there", async () => {
    const locks: string[] = [];
    const torrent = await seeding(false, locks);
    locks.push("/usb/new");
    expect(await failureOf(torrent.mover.move("/usb/new"))).toBe("held");
    await until(() => torrent.state === "seeding");
    locks.splice(locks.indexOf("/usb/new"), 1);
    disk.fault = (operation, path) => (operation === "write" && path.startsWith("/usb") ? "ENOSPC" : undefined);
    expect(await failureOf(torrent.mover.move("/usb/new"))).toBe("disk-full");
    await until(() => torrent.state === "seeding" && lastChecks(torrent) === nothingChecked);
    expect(filesThere()).toEqual(albumIn("/saves/album"));
  });

  it("waits where its files are not there, and makes nothing in their place", async () => {
    const torrent = await seeding(true);
    await disk.rename("/saves", "/unmounted");
    expect(await failureOf(torrent.mover.move("/usb/new"))).toBe("data-missing");
    expect(torrent.savePath).toBe("/saves");
    expect(filesThere()).toEqual(albumIn("/unmounted/album"));
  });

  it("is checked after the move where somebody had changed its files before", async () => {
    const torrent = await seeding(true);
    clock.advance(5000);
    await put(disk, "/saves/album/a", "spoilt");
    await ended(torrent.mover.move("/usb/new"));
    await ended(torrent.resume());
    await until(() => torrent.state === "downloading");
    expect(lastChecks(torrent)).toBe("have 4 of 5 pieces, 5 checked");
  });

  it("is where it was when the engine is stopped in the middle of it", async () => {
    const torrent = await seeding();
    const stopping = inTheMiddle(/usb/, () => (sessions[0] as Session).stop());
    expect(await failureOf(torrent.mover.move("/usb/new"))).toBe("cancelled");
    await ended(stopping);
    const again = onlyTorrent(await start());
    await until(() => lastChecks(again) === nothingChecked);
    expect(again).toMatchObject({ state: "seeding", savePath: "/saves" });
    expect(filesThere()).toEqual(albumIn("/saves/album"));
  });

  it("is removed with its files when that is asked in the middle of it", async () => {
    const torrent = await seeding();
    const removing = inTheMiddle(/usb/, () => (sessions[0] as Session).remove(torrent.infoHash, "data"));
    expect(await failureOf(torrent.mover.move("/usb/new"))).toBe("cancelled");
    await ended(removing);
    expect(filesThere()).toEqual([]);
    expect(leftOvers()).toEqual([]);
  });

  it("is in one place after a kill at any change, paused or not", async () => {
    const places = new Set<string>();
    for (let changes = 0, isDone = false; !isDone; changes += 3) {
      const isPaused = changes % 2 === 0;
      clock = new VirtualClock();
      disk = new VirtualDisk({ clock, mounts: ["/usb"] });
      await disk.makeDirectory("/profile");
      await put(disk, "/saves/album/a", textOf(0, 50_000));
      await put(disk, "/saves/album/deep/b", textOf(50_000, 30_000));
      await put(disk, "/saves/album/deep/c", "");
      const torrent = await seeding(isPaused);
      disk.failAfter(changes);
      isDone = (await failureOf(torrent.mover.move("/usb/new"))) === "";
      await ended((sessions.pop() as Session).stop().catch(() => undefined));
      disk = disk.crash("kill");
      const again = onlyTorrent(await start());
      expect(again.state === "paused").toBe(isPaused);
      if (isPaused) await ended(again.resume());
      await until(() => again.state === "seeding");
      expect(filesThere()).toEqual(albumIn(`${again.savePath}/album`));
      expect(leftOvers()).toEqual([]);
      places.add(again.savePath);
      await ended((sessions.pop() as Session).stop());
    }
    expect(places).toEqual(new Set(["/saves", "/usb/new"]));
  });
});

describe("a torrent whose files get other names", () => {
  it("goes on with them without a check, also after a restart, and they are what is removed", async () => {
    const torrent = await seeding();
    await ended(torrent.mover.rename("", "Best of"));
    await ended(torrent.mover.rename("Best of/deep", "disc 2"));
    await ended(torrent.mover.rename("Best of/disc 2/b", "02.ogg"));
    await until(() => torrent.state === "seeding");
    const files = ["/saves/Best of/a", "/saves/Best of/disc 2/02.ogg", "/saves/Best of/disc 2/c"];
    expect(filesThere()).toEqual(files);
    expect(torrent.name).toBe("Best of");
    const again = await restarted(sessions[0] as Session);
    await until(() => lastChecks(again) === nothingChecked);
    expect((await again.loadMetainfo()).files.map(({ path }) => `/saves/${path.join("/")}`)).toEqual(files);
    await ended(again.mover.move("/usb"));
    expect(filesThere()).toEqual(files.map((path) => path.replace("/saves", "/usb")));
    await put(disk, "/usb/Best of/mine", "mine");
    await ended((sessions.at(-1) as Session).remove(again.infoHash, "data"));
    expect(filesThere()).toEqual(["/usb/Best of/mine"]);
  });

  it("gets the names of its .torrent file back", async () => {
    const torrent = await seeding();
    await ended(torrent.mover.rename("album", "other"));
    expect(torrent.entry.renames).toEqual([["album", "other"]]);
    await ended(torrent.mover.rename("other", "album"));
    expect(torrent.entry.renames).toEqual([]);
    expect(torrent.name).toBe("album");
    expect(filesThere()).toEqual(albumIn("/saves/album"));
  });

  it("refuses names that some disk does not take, that are taken, and paths that it has not", async () => {
    const torrent = await seeding();
    await put(disk, "/saves/taken/a", "mine");
    const refusals = [
      ["album/a", "../b", "bad-name"],
      ["album/a", "", "bad-name"],
      ["album/a", "..", "bad-name"],
      ["album/a", "x".repeat(256), "bad-name"],
      ["album/a", "DEEP", "name-taken"],
      ["album/deep/b", "C", "name-taken"],
      ["album/none", "b", "unknown-file"],
      ["a", "b", "unknown-file"],
      ["album/a/b", "c", "unknown-file"],
      ["", "taken", "conflict"],
    ];
    for (const [path = "", name = "", code] of refusals) {
      expect([path, name, await failureOf(torrent.mover.rename(path, name))]).toEqual([path, name, code]);
    }
    expect(filesThere()).toEqual([...albumIn("/saves/album"), "/saves/taken/a"]);
    expect(torrent.state).toBe("seeding");
  });
});
