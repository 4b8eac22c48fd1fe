/** The queue at work in real sessions: who becomes active, who waits, and what is remembered. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordPlace } from "../../../source/engine/profile/profile-record.ts";
import type { Session } from "../../../source/engine/session.ts";
import type { SessionRules } from "../../../source/engine/session-rules.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { KeepingStore } from "../../support/keeping-store.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";

const minute = 60;
let world = new SessionWorld();
let folder = "";
let warnings: string[] = [];
beforeEach(() => {
  world = new SessionWorld();
  folder = mkdtempSync(join(tmpdir(), "p2p-turns-"));
  warnings = [];
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const records = (): RecordPlace => ({
  files: new NodeFileSystem(),
  folder,
  warn: (message) => warnings.push(message),
});
const states = (session: Session, torrents: readonly WorldTorrent[]): string =>
  torrents.map(({ infoHash }) => session.torrent(infoHash).state.charAt(0)).join("");
const some = (count: number): WorldTorrent[] =>
  Array.from({ length: count }, (_, i) => world.torrent(`content ${i}`, 500_000));

function limit(session: Session, queue: Partial<SessionRules["queue"]>): void {
  session.apply({ ...session.rules, queue: { ...session.rules.queue, ...queue } });
}

async function startWith(torrents: readonly WorldTorrent[], queue: Partial<SessionRules["queue"]>, isSeed = false) {
  const session = await world.start("10.0.0.1", { isSeed, records: records() });
  limit(session, queue);
  for (const torrent of torrents) await world.add(session, torrent);
  await world.run(2);
  return session;
}

describe("the queue of a session", () => {
  it("lets as many download as may, and the next when one is paused, fails or is removed", async () => {
    const torrents = some(5);
    const [a, b, c] = torrents.map(({ infoHash }) => infoHash);
    if (a === undefined || b === undefined || c === undefined) throw new Error("no torrents");
    const session = await startWith(torrents, { downloads: 2 });
    expect(states(session, torrents)).toBe("ddqqq");
    const pausing = session.torrent(a).pause();
    await world.run(2);
    await pausing;
    expect(states(session, torrents)).toBe("pddqq");
    const removing = session.remove(b, "torrent");
    await world.run(5);
    await removing;
    expect(states(session, torrents.slice(2))).toBe("ddq");
    const torrent = session.torrent(c);
    if (torrent.run === undefined) throw new Error("not active");
    torrent.failed(torrent.run, new Error("a test"));
    await world.run(2);
    expect(states(session, torrents.slice(2))).toBe("fdd");
  });

  it("follows other limits at once, both ways", async () => {
    const torrents = some(4);
    const session = await startWith(torrents, { downloads: 3 });
    expect(states(session, torrents)).toBe("dddq");
    limit(session, { downloads: 1 });
    await world.run(2);
    expect(states(session, torrents)).toBe("dqqq");
    limit(session, { downloads: 0 });
    await world.run(2);
    expect(states(session, torrents)).toBe("dddd");
  });

  it("starts at once what is forced, though it waits", async () => {
    const torrents = some(3);
    const session = await startWith(torrents, { downloads: 1 });
    const last = torrents[2];
    if (last === undefined) throw new Error("no torrent");
    await session.torrent(last.infoHash).change({ isForced: true });
    await world.run(2);
    expect(states(session, torrents)).toBe("dqd");
    await session.torrent(last.infoHash).change({ isForced: false });
    await world.run(2);
    expect(states(session, torrents)).toBe("dqq");
  });

  it("lets the next begin where one is slow for a minute", async () => {
    const torrents = some(3);
    const session = await startWith(torrents, { downloads: 1, slowRate: 1000 });
    await world.run(30);
    expect(states(session, torrents)).toBe("dqq");
    await world.run(35);
    expect(states(session, torrents)).toBe("ddq");
  });

  it("limits seeds on their own, and downloads that become seeds with them", async () => {
    const torrents = some(3);
    const seed = await world.start("10.1.0.1", { isSeed: true });
    for (const torrent of torrents) await world.add(seed, torrent);
    const session = await world.start("10.0.0.1");
    limit(session, { seeds: 1 });
    for (const torrent of torrents) await world.add(session, torrent, [seed]);
    await world.until(() => [...session.torrents.values()].every(({ have }) => have.isFull));
    await world.run(6 * minute);
    expect([...states(session, torrents)].sort().join("")).toBe("qqs");
  });

  it("lets the next seed where one rests, for resting seeds are slow", async () => {
    const torrents = some(3);
    const session = await startWith(torrents, { seeds: 1, slowRate: 1000 }, true);
    await world.run(30);
    expect(states(session, torrents)).toBe("sqq");
    await world.run(35);
    expect(states(session, torrents)).toBe("ssq");
    await world.run(65);
    expect(states(session, torrents)).toBe("sss");
  });

  it("moves torrents: one that is moved to the front takes the turn of the last", async () => {
    const torrents = some(3);
    const session = await startWith(torrents, { downloads: 2 });
    const last = torrents[2];
    if (last === undefined) throw new Error("no torrent");
    await session.house.turns.move([last.infoHash], "top");
    await world.run(2);
    expect(states(session, torrents)).toBe("dqd");
    expect(torrents.map(({ infoHash }) => session.house.turns.placeOf(infoHash))).toEqual([2, 3, 1]);
  });

  it("remembers the places over restarts, but not that of one that was removed and added again", async () => {
    const torrents = some(4);
    const [a, b, , d] = torrents;
    if (a === undefined || b === undefined || d === undefined) throw new Error("no torrents");
    const store = new KeepingStore();
    const options = { records: records(), store };
    const first = await world.start("10.0.0.1", options);
    for (const torrent of torrents) await world.add(first, torrent);
    await first.house.turns.move([d.infoHash, b.infoHash], "top");
    const places = (session: Session) => torrents.map(({ infoHash }) => session.house.turns.placeOf(infoHash));
    expect(places(first)).toEqual([3, 1, 4, 2]);
    await world.stop(first);
    const second = await world.start("10.0.0.1", options);
    expect(places(second)).toEqual([3, 1, 4, 2]);
    const removing = second.remove(b.infoHash, "torrent");
    await world.run(5);
    await removing;
    await world.add(second, b);
    expect(places(second)).toEqual([2, 4, 3, 1]);
    await world.stop(second);
    expect(places(await world.start("10.0.0.1", options))).toEqual([2, 4, 3, 1]);
  });

  it("goes by the order of addition where the record of the places is damaged, and says so", async () => {
    const torrents = some(2);
    const first = await startWith(torrents, {});
    const [a, b] = torrents.map(({ infoHash }) => infoHash);
    if (a === undefined || b === undefined) throw new Error("no torrents");
    await first.house.turns.move([b], "top");
    const bytes = readFileSync(join(folder, "queue"));
    bytes[bytes.length - 5] = 0x21;
    writeFileSync(join(folder, "queue"), bytes);
    const second = await world.start("10.0.0.2", { records: records() });
    for (const torrent of torrents) await world.add(second, torrent);
    expect([a, b].map((infoHash) => second.house.turns.placeOf(infoHash))).toEqual([1, 2]);
    expect(warnings.join()).toContain("the order of the queue in the profile was damaged");
    expect(readFileSync(join(folder, "queue.damaged")).equals(bytes)).toBe(true);
  });
});
