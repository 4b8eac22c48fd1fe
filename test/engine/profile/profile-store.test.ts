/** What a start finds in a profile: whole torrents, and what damage leaves of others. On a real disk. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InfoHash, infoHashFromHex } from "../../../source/base/ids.ts";
import { ProfileStore } from "../../../source/engine/profile/profile-store.ts";
import { NodeClock } from "../../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { makeManyProfile } from "../../bench/many-profile.ts";

const ports = { clock: new NodeClock(), files: new NodeFileSystem(), hasher: new NodeHasher() };
const count = 8;

let home = "";
let folder = "";
let warnings: string[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "p2p-store-"));
  const { profile } = makeManyProfile({ folder: join(home, "made"), count, trackerPort: 6969, bootId: "b" });
  folder = join(profile, "torrents");
  warnings = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const openStore = () =>
  new ProfileStore(ports, { folder, kind: "list", bootId: "b", warn: (message) => warnings.push(message) });

function spoil(infoHash: InfoHash, ending: "entry" | "resume" | "torrent"): void {
  const path = join(folder, `${infoHash}.${ending}`);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

async function first(): Promise<InfoHash> {
  const [stored] = await openStore().loadAll();
  if (stored === undefined) throw new Error("no torrent");
  return stored.entry.infoHash;
}

describe("a profile", () => {
  it("has all its torrents, complete, in the order they were added", async () => {
    const all = await openStore().loadAll();
    expect(all).toHaveLength(count);
    expect(all.every(({ record, hadData }) => record?.have.isFull === true && hadData)).toBe(true);
    const added = all.map(({ entry }) => entry.addedWallMs);
    expect(added).toEqual([...added].sort((a, b) => a - b));
    expect(warnings).toEqual([]);
  });

  it("makes a damaged entry anew of the other files, tells it, and the next start finds it whole", async () => {
    const infoHash = await first();
    const before = (await openStore().loadAll()).find(({ entry }) => entry.infoHash === infoHash);
    spoil(infoHash, "entry");
    const after = (await openStore().loadAll()).find(({ entry }) => entry.infoHash === infoHash);
    expect(after?.entry).toMatchObject({ summary: before?.entry.summary, savePath: before?.entry.savePath });
    expect(after?.entry.choices.labels).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("its labels and choices are lost")]);
    await openStore().loadAll();
    expect(warnings).toHaveLength(1);
  });

  it("keeps a torrent whose record is damaged on the list, to be checked", async () => {
    const infoHash = await first();
    spoil(infoHash, "resume");
    const all = await openStore().loadAll();
    expect(all).toHaveLength(count);
    const stored = all.find(({ entry }) => entry.infoHash === infoHash);
    expect(stored).toMatchObject({ record: undefined, hadData: true });
    expect(warnings).toEqual([expect.stringContaining("its files will be checked")]);
  });

  it("sets aside what is damaged beyond that, byte for byte, and takes up the rest", async () => {
    const infoHash = await first();
    spoil(infoHash, "entry");
    spoil(infoHash, "resume");
    const bytes = readFileSync(join(folder, `${infoHash}.entry`));
    expect(await openStore().loadAll()).toHaveLength(count - 1);
    expect(readdirSync(join(folder, "damaged")).sort()).toEqual(
      ["entry", "resume", "torrent"].map((ending) => `${infoHash}.${ending}`),
    );
    expect(readFileSync(join(folder, "damaged", `${infoHash}.entry`)).equals(bytes)).toBe(true);
    expect(warnings.at(-1)).toContain("was set aside");
    expect(await openStore().loadAll()).toHaveLength(count - 1);
  });

  it("of version 0.1, without entries, is taken up whole and has entries from then on", async () => {
    const before = await openStore().loadAll();
    for (const { entry } of before) rmSync(join(folder, `${entry.infoHash}.entry`));
    const after = await openStore().loadAll();
    expect(after.map(({ entry }) => entry.summary)).toEqual(before.map(({ entry }) => entry.summary));
    expect(after.every(({ entry }) => existsSync(join(folder, `${entry.infoHash}.entry`)))).toBe(true);
    expect(warnings).toEqual([]);
  });

  it("names the removals that were begun, so that they can be finished", async () => {
    const infoHash = await first();
    const store = openStore();
    const stored = (await store.loadAll()).find(({ entry }) => entry.infoHash === infoHash);
    if (stored === undefined) throw new Error("not there");
    await store.saveEntry({ ...stored.entry, removal: "torrent" });
    const again = (await openStore().loadAll()).find(({ entry }) => entry.infoHash === infoHash);
    expect(again?.entry.removal).toBe("torrent");
    await store.remove(stored.entry);
    expect(readdirSync(folder).filter((name) => name.startsWith(infoHash))).toEqual([]);
  });

  it("writes down how long a resting torrent has seeded without touching what else its record says", async () => {
    const infoHash = await first();
    const store = openStore();
    const found = async () => (await openStore().loadAll()).find(({ entry }) => entry.infoHash === infoHash);
    const before = await found();
    if (before === undefined) throw new Error("not there");
    await store.saveTime(before.entry, { seconds: 1234.5, idleSeconds: 3 });
    const after = await found();
    expect(after?.record).toEqual({ ...before.record, seedingSeconds: 1234.5, idleSeconds: 3 });
    await store.saveTime(
      { ...before.entry, infoHash: infoHashFromHex("f".repeat(40)) },
      { seconds: 1, idleSeconds: 1 },
    );
    expect(existsSync(join(folder, `${"f".repeat(40)}.resume`))).toBe(false);
  });
});
