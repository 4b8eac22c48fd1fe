/** What is in a profile and cannot be read at the moment: nothing is written in its place by who does not know what it says. */
import { beforeEach, describe, expect, it } from "vitest";
import { Bitfield } from "../../../source/base/bitfield.ts";
import type { InfoHash } from "../../../source/base/ids.ts";
import { encode } from "../../../source/bencode/encode.ts";
import { Turns } from "../../../source/engine/housekeeping/turns.ts";
import { BanList } from "../../../source/engine/network/ban-list.ts";
import { ProfileRecord, type RecordKind, type RecordPlace } from "../../../source/engine/profile/profile-record.ts";
import { ProfileStore } from "../../../source/engine/profile/profile-store.ts";
import { defaultChoices } from "../../../source/engine/profile/torrent-choices.ts";
import { summaryOf, type TorrentEntry } from "../../../source/engine/profile/torrent-entry.ts";
import { defaultRules } from "../../../source/engine/session-rules.ts";
import { Lifetime } from "../../../source/engine/statistics/lifetime.ts";
import { parseMetainfo } from "../../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { VirtualDisk } from "../../support/virtual-disk.ts";

const clock = new VirtualClock();
const utf8 = new TextEncoder();
let disk: VirtualDisk;
let warnings: string[];
beforeEach(() => {
  disk = new VirtualDisk({ clock, mounts: ["/home"] });
  warnings = [];
});

const warn = (message: string): void => {
  warnings.push(message);
};
const place = (): RecordPlace => ({ files: disk, folder: "/profile", warn });
const textOf = (path: string): string | undefined => disk.snapshot().get(path);
/** Whatever reads this path fails so. */
function unreadable(ending: string, code = "EIO"): void {
  disk.fault = (operation, path) => (operation === "read" && path.endsWith(ending) ? code : undefined);
}
function healed(): void {
  disk.fault = () => undefined;
}

describe("a record of the profile", () => {
  const kind: RecordKind<string> = {
    name: "word",
    what: "the word",
    version: 1,
    lengthMax: 100,
    read: (value) => String(value),
  };

  async function written(value: string): Promise<void> {
    await new ProfileRecord(place(), kind).save(() => value);
  }

  it.each(["EIO", "EACCES", "EMFILE"])(
    "that cannot be read (%s) stays as it is, and that is told once",
    async (code) => {
      await written("before");
      unreadable("/word", code);
      const record = new ProfileRecord(place(), kind);
      const found: string[] = [];
      await record.load((value) => found.push(value));
      for (let i = 0; i < 3; i++) {
        await expect(record.save(() => "after")).rejects.toMatchObject({ code: "record-unread" });
      }
      expect([found, warnings.length]).toEqual([[], 1]);
      expect(warnings[0]).toContain(
        "the word in the profile is not known, and is not changed until it is: cannot read",
      );
      healed();
      expect(textOf("/profile/word")).toContain("before");
    },
  );

  it("that can be read later is given before the first write, to be put together with it", async () => {
    await written("before");
    unreadable("/word");
    const record = new ProfileRecord(place(), kind);
    let known = "";
    await record.load((value) => {
      known = value;
    });
    await expect(record.save(() => `${known} and after`)).rejects.toThrow("is not changed");
    healed();
    await record.save(() => `${known} and after`);
    await record.save(() => `${known}, once`);
    expect(textOf("/profile/word")).toContain("before, once");
  });

  it("whose file system comes back only after the start is not written over", async () => {
    const options = { ...place(), folder: "/away/profile" };
    const record = new ProfileRecord(options, kind);
    const found: string[] = [];
    await record.load((value) => found.push(value));
    await new ProfileRecord(options, kind).save(() => "before");
    await record.save(() => `${found.join()} and after`);
    expect(textOf("/away/profile/word")).toContain("before and after");
  });

  it("that is damaged, or too large to be one, is set aside beside those that were before", async () => {
    await disk.makeDirectory("/profile");
    for (const text of ["one", "two", "3".repeat(1000)]) {
      await disk.writeFileAtomic("/profile/word", utf8.encode(text));
      const record = new ProfileRecord(place(), kind);
      await record.load(() => expect.unreachable());
      await record.save(() => "new");
    }
    expect(textOf("/profile/word.damaged")).toBe("one");
    expect(textOf("/profile/word.damaged.2")).toBe("two");
    expect(textOf("/profile/word.damaged.3")).toBe("3".repeat(1000));
    expect(warnings).toHaveLength(3);
    expect(warnings[1]).toContain("what there was is in /profile/word.damaged.2");
  });

  it("that was written, though the disk says that it failed, is not taken for another's", async () => {
    const record = new ProfileRecord(place(), kind);
    await record.load(() => expect.unreachable());
    disk.fault = (operation) => (operation === "syncDirectory" ? "EIO" : undefined);
    await expect(record.save(() => "one")).rejects.toMatchObject({ code: "io-error" });
    healed();
    await record.save(() => "two");
    expect(textOf("/profile/word")).toContain("two");
  });

  it("that would be too long to be read again is not written", async () => {
    await written("before");
    const record = new ProfileRecord(place(), kind);
    await record.load(() => {});
    await expect(record.save(() => "3".repeat(1000))).rejects.toMatchObject({ code: "too-large" });
    expect(textOf("/profile/word")).toContain("before");
  });

  it("that is damaged and cannot be set aside stays", async () => {
    await disk.makeDirectory("/profile");
    await disk.writeFileAtomic("/profile/word", utf8.encode("one"));
    disk.fault = (operation, path) => (operation === "rename" && path === "/profile/word" ? "EACCES" : undefined);
    const record = new ProfileRecord(place(), kind);
    await record.load(() => expect.unreachable());
    await expect(record.save(() => "new")).rejects.toMatchObject({ code: "record-unread" });
    expect(textOf("/profile/word")).toBe("one");
  });
});

describe("who writes a record that could not be read at the start", () => {
  it("keeps the statistics of all runs", async () => {
    const before = new Lifetime(clock, place());
    before.uploaded = 500;
    await before.save();
    unreadable("/statistics");
    const lifetime = new Lifetime(clock, place());
    await lifetime.restore();
    lifetime.uploaded = 7;
    await expect(lifetime.save()).rejects.toThrow("is not changed");
    healed();
    await lifetime.save();
    expect(lifetime.totals).toMatchObject({ uploaded: 507, sessions: 2 });
  });

  it("keeps bans, and bans nobody while they are not known", async () => {
    await new BanList(place()).ban(["10.0.0.0/8", "192.0.2.1"]);
    unreadable("/bans", "EMFILE");
    const bans = new BanList(place());
    await bans.load();
    await expect(bans.ban(["192.0.2.2"])).rejects.toThrow("the list of banned addresses in the profile is not known");
    healed();
    await bans.ban(["192.0.2.2"]);
    expect(bans.entries).toEqual(["10.0.0.0/8", "192.0.2.1", "192.0.2.2"]);
    await bans.unban(["192.0.2.1"]);
    expect(bans.entries).toEqual(["10.0.0.0/8", "192.0.2.2"]);
  });

  it("keeps the order of the queue", async () => {
    const hashes = ["a", "b", "c"] as unknown as readonly InfoHash[];
    const made = (): Turns => {
      const turns = new Turns(clock, () => defaultRules, place());
      for (const infoHash of hashes) turns.add({ infoHash, entry: { addedWallMs: 1 } } as never);
      return turns;
    };
    const placesIn = (turns: Turns): string => hashes.map((infoHash) => turns.placeOf(infoHash)).join("");
    await made().move(hashes.slice(2), "top");
    unreadable("/queue");
    const turns = made();
    await turns.restore();
    await expect(turns.move(hashes.slice(1, 2), "top")).rejects.toThrow("the order of the queue");
    expect(placesIn(turns)).toBe("213");
    healed();
    await turns.move(hashes.slice(1, 2), "top");
    expect(placesIn(turns)).toBe("312");
  });
});

describe("a torrent of the profile", () => {
  const bytes = encode({ info: { length: 3, name: "it", "piece length": 16_384, pieces: new Uint8Array(20) } });
  const metainfo = parseMetainfo(bytes, new NodeHasher());
  const { infoHash } = metainfo;
  const entry: TorrentEntry = {
    ...{ infoHash, summary: summaryOf(metainfo), savePath: "/data", isPaused: false, addedWallMs: 1, peers: [] },
    ...{ choices: { ...defaultChoices, labels: ["mine"] }, removal: null },
  };
  const record = {
    ...{ have: Bitfield.full(1), downloaded: 3, uploaded: 30, seedingSeconds: 9, idleSeconds: 0, completedWallMs: 5 },
    ...{ fingerprint: ["file 3 1 1:1"], isClean: true, isSynced: true },
  };
  const store = () =>
    new ProfileStore(
      { clock, files: disk, hasher: new NodeHasher() },
      { folder: "/profile/torrents", kind: "list", bootId: "b", warn },
    );
  const pathOf = (ending: string): string => `/profile/torrents/${infoHash}.${ending}`;

  beforeEach(async () => {
    const before = store();
    await before.saveMetainfo(metainfo, bytes);
    await before.saveEntry(entry);
    await before.save(entry, record);
  });

  it.each(["entry", "resume"])(
    "is left out where its %s cannot be read, and nothing of it is written over",
    async (ending) => {
      const before = disk.snapshot();
      unreadable(`.${ending}`, "EMFILE");
      const blind = store();
      expect(await blind.loadAll()).toEqual([]);
      expect(warnings).toEqual([expect.stringContaining("was left out: cannot read")]);
      const again = { ...entry, choices: defaultChoices };
      await expect(blind.saveMetainfo(metainfo, bytes)).rejects.toMatchObject({ code: "profile-failed" });
      healed();
      await expect(blind.saveMetainfo(metainfo, bytes)).rejects.toThrow("the next start brings it back");
      await expect(blind.saveEntry(again)).rejects.toThrow("the next start brings it back");
      expect(disk.snapshot()).toEqual(before);
      expect(await store().loadAll()).toMatchObject([{ entry, record: { uploaded: 30 } }]);
    },
  );

  it("is not set aside where its entry is gone and its .torrent file cannot be read", async () => {
    await disk.removeFile(pathOf("entry"));
    const before = disk.snapshot();
    unreadable(".torrent");
    expect(await store().loadAll()).toEqual([]);
    expect(disk.snapshot()).toEqual(before);
    healed();
    expect(await store().loadAll()).toHaveLength(1);
  });

  it("tries again where its .torrent file cannot be read, and does not where it is damaged", async () => {
    unreadable(".torrent");
    await expect(store().loadMetainfo(infoHash)).rejects.toMatchObject({ code: "profile-failed" });
    healed();
    await disk.writeFileAtomic(pathOf("torrent"), utf8.encode("what is that"));
    await expect(store().loadMetainfo(infoHash)).rejects.toMatchObject({ code: "bad-metainfo" });
  });

  it("has what was damaged of it set aside before it is replaced", async () => {
    const after = store();
    await disk.writeFileAtomic(pathOf("entry"), utf8.encode("labels"));
    const [stored] = await after.loadAll();
    expect(stored?.entry).toMatchObject({ savePath: "/data", choices: { labels: [] } });
    await disk.writeFileAtomic(pathOf("resume"), utf8.encode("pieces"));
    await store().begin(entry, record);
    expect(textOf(`/profile/torrents/damaged/${infoHash}.entry`)).toBe("labels");
    expect(textOf(`/profile/torrents/damaged/${infoHash}.resume`)).toBe("pieces");
    expect(await store().loadAll()).toMatchObject([{ record: { uploaded: 30 } }]);
  });

  it("begins with its record where its journal is too long to be one", async () => {
    await disk.writeFileAtomic(pathOf("journal"), new Uint8Array(10_000));
    const { trusted } = await store().planResume(metainfo, "/data", record.fingerprint);
    expect(trusted.isFull).toBe(true);
  });

  it("is not written where its entry would be too long to be read again", async () => {
    const renames = [["it", "x".repeat(9 * 1024 * 1024)]] as const;
    const after = store();
    await after.loadAll();
    await expect(after.saveEntry({ ...entry, renames })).rejects.toMatchObject({ code: "too-large" });
    expect(await store().loadAll()).toMatchObject([{ entry }]);
  });

  it("is not taken to be none where it cannot be told which there are", async () => {
    disk.fault = (operation) => (operation === "list" ? "EMFILE" : undefined);
    await expect(store().loadAll()).rejects.toMatchObject({ code: "profile-failed" });
  });

  it("that was removed may be added again", async () => {
    const after = store();
    await after.loadAll();
    await after.remove(entry);
    await after.saveMetainfo(metainfo, bytes);
    await after.saveEntry(entry);
    expect(await store().loadAll()).toMatchObject([{ entry }]);
  });
});
