/** What is asked of the disk, and told to the user, when the files of many torrents are away. */
import { describe, expect, it } from "vitest";
import { Bitfield } from "../../../source/base/bitfield.ts";
import { AbsenceWatch } from "../../../source/engine/files/absence-watch.ts";
import { Recovery } from "../../../source/engine/files/recovery.ts";
import { Notices } from "../../../source/engine/notices.ts";
import { defaultChoices } from "../../../source/engine/profile/torrent-choices.ts";
import type { SessionEvent } from "../../../source/engine/session-events.ts";
import type { FileStat, FileSystem } from "../../../source/ports/file-system.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

class Drive {
  readonly clock = new VirtualClock();
  /** Paths that are there, and when they were changed. */
  readonly there = new Map<string, number>();
  stats = 0;
  readonly files = {
    realPath: async (path: string) => path,
    stat: async (path: string): Promise<FileStat | undefined> => {
      this.stats++;
      const modifiedMs = this.there.get(path);
      if (modifiedMs === undefined) return undefined;
      return { kind: "directory", length: 0, allocatedBytes: 0, modifiedMs, identity: path };
    },
  } as FileSystem;
  readonly watch = new AbsenceWatch(this.clock, this.files);

  waiting(count: number, savePath = "/drive"): Recovery[] {
    return Array.from({ length: count }, (_, i) => {
      const place = {
        savePath,
        summary: { rootName: `t${i}` },
        have: new Bitfield(0),
        choices: defaultChoices,
        loadMetainfo: () => Promise.reject(new Error("nobody asks")),
      };
      const recovery = new Recovery({ clock: this.clock, files: this.files }, this.watch, place);
      recovery.failed("data-missing");
      return recovery;
    });
  }

  /** Each is asked once a second, as torrents do. @returns those that were told to begin again. */
  async pass(waiting: readonly Recovery[], seconds: number): Promise<ReadonlySet<Recovery>> {
    const over = new Set<Recovery>();
    for (let second = 0; second < seconds; second++) {
      this.clock.advance(1000);
      for (const one of waiting) if (await one.isOver(0)) over.add(one);
    }
    return over;
  }
}

describe("a drive that is away with a thousand torrents", () => {
  it("is looked at once in ten seconds, not a thousand times, and all begin when it is back", async () => {
    const drive = new Drive();
    const waiting = drive.waiting(1000);
    expect((await drive.pass(waiting, 60)).size).toBe(0);
    expect(drive.stats).toBeLessThan(10);
    drive.there.set("/drive", 1);
    for (let i = 0; i < 1000; i++) drive.there.set(`/drive/t${i}`, 1);
    expect((await drive.pass(waiting, 22)).size).toBe(1000);
  });

  it("has the one torrent begin whose files were put back, and asks little for the others", async () => {
    const drive = new Drive();
    drive.there.set("/drive", 1);
    const waiting = drive.waiting(1000);
    await drive.pass(waiting, 30);
    drive.stats = 0;
    await drive.pass(waiting, 60);
    expect(drive.stats).toBeLessThan(100);
    drive.there.set("/drive", 2);
    drive.there.set("/drive/t700", 2);
    expect(await drive.pass(waiting, 22)).toEqual(new Set([waiting[700]]));
  });

  it("finds files, too, whose return their folder does not show", async () => {
    const drive = new Drive();
    drive.there.set("/drive", 1);
    const waiting = drive.waiting(50);
    await drive.pass(waiting, 30);
    drive.there.set("/drive/t3", 1);
    drive.there.set("/drive/t47", 1);
    expect(await drive.pass(waiting, 120)).toEqual(new Set([waiting[3], waiting[47]]));
  });
});

describe("notices", () => {
  const failed = (i: number): SessionEvent => ({
    kind: "failed",
    infoHash: `${i}`.padStart(40, "0") as never,
    code: "data-missing",
    message: "its files are not in /drive",
  });

  it("of a thousand failures tell ten singly, and the rest in one sentence", () => {
    const clock = new VirtualClock();
    const notices = new Notices(clock);
    const told: SessionEvent[] = [];
    notices.onEvent((event) => told.push(event));
    for (let i = 0; i < 1000; i++) notices.tell(failed(i));
    clock.advance(10_000);
    expect(told).toHaveLength(11);
    const message = "990 more torrents failed, the last one: its files are not in /drive";
    expect(told.at(-1)).toEqual({ kind: "warning", message });
    notices.tell(failed(1));
    expect(told).toHaveLength(12);
    notices.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it("of anything else are told singly, all of them", () => {
    const notices = new Notices(new VirtualClock());
    const told: SessionEvent[] = [];
    const stop = notices.onEvent((event) => told.push(event));
    for (let i = 0; i < 100; i++)
      notices.tell({ kind: "removed", isKept: true, inTrash: "", infoHash: "" as never, name: `${i}` });
    expect(told).toHaveLength(100);
    stop();
    notices.tell({ kind: "stopping" });
    expect(told).toHaveLength(100);
  });
});
