/** What is kept of removed torrents, where something of it fails. */
import { describe, expect, it } from "vitest";
import { RemovedTorrents } from "../../../source/engine/files/removed-torrents.ts";
import { defaultChoices } from "../../../source/engine/profile/torrent-choices.ts";
import { summaryOf, type TorrentEntry } from "../../../source/engine/profile/torrent-entry.ts";
import { parseMetainfo } from "../../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { KeepingStore } from "../../support/keeping-store.ts";
import { SessionWorld } from "../../support/session-world.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const minuteMs = 60_000;

/** @param agesMs how long ago each was removed. */
async function removed(agesMs: readonly number[]) {
  const clock = new VirtualClock();
  const store = new KeepingStore();
  const world = new SessionWorld();
  const entries: TorrentEntry[] = [];
  for (const [i, ageMs] of agesMs.entries()) {
    const metainfo = parseMetainfo(world.torrent(`content ${i}`, 100_000).metainfo, new NodeHasher());
    await store.saveMetainfo(metainfo);
    entries.push({
      ...{ infoHash: metainfo.infoHash, summary: summaryOf(metainfo), savePath: "/", isPaused: false, peers: [] },
      ...{ addedWallMs: 0, choices: defaultChoices, removal: "torrent" },
      removed: { wallMs: clock.wallMs() - ageMs, place: i + 1 },
    });
  }
  for (const entry of entries) await store.saveEntry(entry);
  const told = { returned: [] as string[], warnings: [] as string[], problems: new Map<string, string>() };
  const torrents = new RemovedTorrents({
    ...{ clock, store, records: undefined, forgotten: () => {} },
    returned: async ({ entry: { infoHash, summary } }) => {
      told.returned.push(summary.name);
      const problem = told.problems.get(infoHash);
      if (problem !== undefined) throw new Error(problem);
    },
    warn: (message) => told.warnings.push(message),
  });
  return { torrents, store, told, entries, hashes: entries.map(({ infoHash }) => infoHash) };
}

describe("removed torrents", () => {
  it("all come back though something fails with the first, and that is said in the end", async () => {
    const { torrents, told, entries, hashes } = await removed([1000, 2000, 3000]);
    await torrents.restart(entries);
    const [first] = torrents.all;
    told.problems.set(first?.infoHash ?? "", "something failed");
    await expect(torrents.restore(hashes)).rejects.toThrow("something failed");
    expect(told.returned.toSorted()).toEqual(["content 0", "content 1", "content 2"]);
    expect(torrents.all).toEqual([]);
  });

  it("that cannot be forgotten on a start are told of, and keep nothing else from beginning", async () => {
    const { torrents, store, told, entries, hashes } = await removed([60 * minuteMs, 50 * minuteMs, minuteMs]);
    const [stuck, gone, kept] = hashes;
    store.remove = async (entry) => {
      if (entry.infoHash === stuck) throw new Error("the file cannot be deleted");
      await KeepingStore.prototype.remove.call(store, entry);
    };
    await torrents.restart(entries);
    expect(told.warnings).toEqual(["what is known of content 0 could not be removed: the file cannot be deleted"]);
    const inProfile = (await store.loadAll()).map(({ entry }) => entry.infoHash);
    expect(inProfile).toEqual([stuck, kept]);
    expect(inProfile).not.toContain(gone);
    expect(torrents.all.map(({ infoHash }) => infoHash)).toEqual([kept]);
  });
});
