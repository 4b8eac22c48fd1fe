/** Two sessions of the real engine on loopback, with real files: which files are fetched, chosen at any time. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Bitfield } from "../../../source/base/bitfield.ts";
import { formatEndpoint } from "../../../source/base/ip-address.ts";
import { ProfileStore } from "../../../source/engine/profile/profile-store.ts";
import { defaultChoices, type FilePriority } from "../../../source/engine/profile/torrent-choices.ts";
import { RunSelection } from "../../../source/engine/run/run-selection.ts";
import { Session } from "../../../source/engine/session.ts";
import type { Torrent } from "../../../source/engine/torrent.ts";
import { createMetainfo } from "../../../source/metainfo/create-metainfo.ts";
import { Geometry } from "../../../source/metainfo/geometry.ts";
import { parseMetainfo } from "../../../source/metainfo/parse-metainfo.ts";
import { FileStorage } from "../../../source/storage/file-storage.ts";
import { MemoryStorage } from "../../../source/storage/memory-storage.ts";
import { sideNameOf } from "../../../source/storage/side-file.ts";
import type { Storage } from "../../../source/storage/storage.ts";
import { realPorts } from "../../support/real-ports.ts";
import { nextEvent, onlyTorrent, sessionOptions } from "../../support/session-parts.ts";

const ports = realPorts();
const pieceLength = 65_536;
/** "b" is all in a piece that "a" and "c" share. */
const contents: Readonly<Record<string, Buffer>> = {
  a: Buffer.alloc(900_001, "one of the files "),
  b: Buffer.alloc(5000, "another "),
  c: Buffer.alloc(700_000, "and the last of them "),
  empty: Buffer.alloc(0),
};
const names = Object.keys(contents).sort();

let home = "";
let sessions: Session[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "p2p-selection-"));
  sessions = [];
});
afterEach(async () => {
  await Promise.all(sessions.map((session) => session.stop()));
  rmSync(home, { recursive: true, force: true });
});

async function start(name: string): Promise<Session> {
  const warn = (message: string) => {
    throw new Error(message);
  };
  mkdirSync(join(home, `${name}-records`), { recursive: true });
  const session = new Session(
    ports,
    sessionOptions({
      profile: join(home, name),
      store: new ProfileStore(ports, {
        folder: join(home, `${name}-profile`),
        kind: "list",
        bootId: "b",
        warn,
      }),
      records: { files: ports.files, folder: join(home, `${name}-records`), warn },
      makeStorage: (metainfo, savePath) => new FileStorage(ports, { metainfo, savePath }),
    }),
  );
  sessions.push(session);
  await session.start();
  return session;
}

/** As `changes`: the files that are named have these priorities. */
const priorities = (of: Readonly<Record<string, FilePriority>>) => ({
  priorities: Object.entries(of).map(([name, priority]) => ({ file: names.indexOf(name), priority })),
});

const savePath = () => join(home, "leech");

function expectFiles(present: readonly string[]): void {
  expect(readdirSync(join(savePath(), "album")).sort()).toEqual([...present].sort());
  for (const name of present) {
    expect(readFileSync(join(savePath(), "album", name)).equals(contents[name] ?? Buffer.alloc(0))).toBe(true);
  }
}

/** A leech that downloads from a seed what is chosen. */
async function leeching(of: Readonly<Record<string, FilePriority>>): Promise<Session> {
  const folder = join(home, "seed/album");
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), contents[name] ?? "");
  const metainfo = await createMetainfo(ports, { path: folder, trackers: [], pieceLength, createdBy: "test" });
  const seed = await start("seed");
  const isSeeding = nextEvent(seed, "seeding");
  await seed.add(metainfo, { savePath: join(home, "seed"), isPaused: false, peers: [], mustCheck: false });
  await isSeeding;
  if (seed.listening === undefined) throw new Error("not listening");
  const peers = [formatEndpoint(seed.listening)];
  const leech = await start("leech");
  const isComplete = nextEvent(leech, "complete");
  await leech.add(metainfo, {
    savePath: savePath(),
    isPaused: false,
    peers,
    mustCheck: false,
    choices: priorities(of),
  });
  await isComplete;
  return leech;
}

const checkedLine = (torrent: Torrent) =>
  torrent.eventLog.last(500).findLast(({ text }) => text.startsWith("have "))?.text;

it("does not keep a run from ending that is only taking space in advance", async () => {
  const path = join(home, "content");
  writeFileSync(path, Buffer.alloc(100_000, 7));
  const bytes = await createMetainfo(ports, { path, trackers: [], pieceLength, createdBy: "test" });
  const metainfo = parseMetainfo(bytes, ports.hasher);
  const { pieceCount, totalLength } = metainfo;
  const storage: Storage = new MemoryStorage(ports, { metainfo });
  const taking = Promise.withResolvers<void>();
  storage.takeSpace = (_verified, signal) => {
    taking.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  };
  const selection = new RunSelection(() => defaultChoices);
  const owner = {
    have: new Bitfield(pieceCount),
    geometry: new Geometry(pieceLength, totalLength),
    savePath: home,
  };
  expect(await selection.begin(ports.files, owner, { metainfo, storage })).toBe(100_000);
  const taken = selection.takeSpace(storage, owner.have);
  await taking.promise;
  selection.close();
  await taken;
});

describe("files that are chosen", () => {
  it("are fetched alone, and the others when they are wanted", async () => {
    const leech = await leeching({ b: "skip", c: "skip", empty: "skip" });
    const torrent = onlyTorrent(leech);
    const side = join(savePath(), sideNameOf(torrent.infoHash));
    expectFiles(["a"]);
    expect(existsSync(side)).toBe(true);
    expect(torrent).toMatchObject({ state: "seeding", isFinished: true, leftLength: 0 });
    expect(torrent.have.isFull).toBe(false);
    expect(torrent.wantedLength).toBe(torrent.verifiedLength);
    expect(torrent.wantedLength).toBe(14 * pieceLength);

    // All of "b" came with "a": nothing is to be fetched for it.
    await torrent.change(priorities({ b: "high", empty: "normal" }));
    await expect.poll(() => readdirSync(join(savePath(), "album")).length).toBe(3);
    expectFiles(["a", "b", "empty"]);
    expect(torrent.state).toBe("seeding");

    const isComplete = nextEvent(leech, "complete");
    await torrent.change(priorities({ c: "low" }));
    await isComplete;
    expectFiles(names);
    expect(existsSync(side)).toBe(false);
    expect(torrent.have.isFull).toBe(true);
  });

  it("are known after a stop, and nothing of them is read", async () => {
    const leech = await leeching({ a: "skip", b: "skip" });
    await leech.stop();
    const again = await start("leech");
    await nextEvent(again, "seeding");
    expect(checkedLine(onlyTorrent(again))).toBe("have 12 of 25 pieces, 0 checked");
    expectFiles(["c", "empty"]);
    // Chosen while it is paused: found to be missing when it goes on, and still nothing is read.
    await onlyTorrent(again).pause();
    await onlyTorrent(again).change(priorities({ b: "normal" }));
    const isSeeding = nextEvent(again, "seeding");
    await onlyTorrent(again).resume();
    await isSeeding;
    expect(checkedLine(onlyTorrent(again))).toBe("have 12 of 25 pieces, 0 checked");
    expectFiles(["b", "c", "empty"]);
    await onlyTorrent(again).pause();
    await onlyTorrent(again).change(priorities({ a: "normal" }));
    const isComplete = nextEvent(again, "complete");
    await onlyTorrent(again).resume();
    await isComplete;
    expectFiles(names);
  });

  it("may be changed many times in a row, and end as was said last", async () => {
    const leech = await leeching({ a: "skip", c: "skip" });
    const torrent = onlyTorrent(leech);
    const isWhole = nextEvent(leech, "complete");
    for (let i = 0; i < 20; i++) {
      await torrent.change(priorities({ a: i % 2 === 0 ? "normal" : "skip", b: i % 3 === 0 ? "skip" : "high" }));
      await torrent.change({ isSequential: i % 2 === 0 });
    }
    await torrent.change(priorities({ a: "normal", b: "normal", c: "normal" }));
    await isWhole;
    await expect.poll(() => torrent.have.isFull && torrent.state, { timeout: 10_000 }).toBe("seeding");
    expectFiles(names);
    expect(torrent.reason).toBe("");
  });

  it("move, and what lies aside moves with them", async () => {
    const leech = await leeching({ b: "skip", c: "skip" });
    const torrent = onlyTorrent(leech);
    const target = join(home, "moved");
    const isSeeding = nextEvent(leech, "seeding");
    await torrent.mover.move(target);
    await isSeeding;
    expect(readdirSync(target).sort()).toEqual([sideNameOf(torrent.infoHash), "album"]);
    expect(existsSync(join(savePath(), sideNameOf(torrent.infoHash)))).toBe(false);
    expect(checkedLine(torrent)).toBe("have 14 of 25 pieces, 0 checked");
    await torrent.change(priorities({ b: "normal" }));
    await expect.poll(() => existsSync(join(target, "album/b"))).toBe(true);
    expect(readFileSync(join(target, "album/b")).equals(contents["b"] ?? Buffer.alloc(0))).toBe(true);
  });

  it("are removed with their data, and so is what lies aside", async () => {
    const leech = await leeching({ c: "skip" });
    expectFiles(["a", "b", "empty"]);
    await leech.remove(onlyTorrent(leech).infoHash, "data");
    expect(readdirSync(savePath())).toEqual([]);
  });
});
