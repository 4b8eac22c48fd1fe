import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DiskPace, WriteBehind, WriteRoom } from "../../source/storage/write-behind.ts";

const mebi = 1024 * 1024;

/** A disk of 4 KiB (for what is written in the tests of order), on which later writes end when the test says so. */
class Disk {
  nowMs = 0;
  writeMs = 0;
  /** Of the processor: what writes at once have taken, and what each takes of `writeMs`. */
  busyMs = 0;
  workMs = 0;
  /** How often the processor's time was asked for. */
  asked = 0;
  readonly bytes = new Uint8Array(4096);
  readonly writes: { readonly how: "at once" | "later"; readonly offset: number; readonly length: number }[] = [];
  readonly told: string[] = [];
  #end: ((error?: Error) => void) | undefined;
  readonly room: WriteRoom;
  readonly behind: WriteBehind;

  constructor(room = new WriteRoom()) {
    this.room = room;
    this.behind = new WriteBehind({ nowMs: () => this.nowMs, busyMs: () => this.#askBusy() }, room, {
      writeSync: (offset, buffers, length) => {
        this.writes.push({ how: "at once", offset, length });
        this.nowMs += this.writeMs;
        this.busyMs += this.workMs;
        this.#put(offset, buffers);
      },
      write: async (offset, buffers, length) => {
        this.writes.push({ how: "later", offset, length });
        await new Promise<void>((resolve, reject) => {
          this.#end = (error) => (error === undefined ? resolve() : reject(error));
        });
        this.nowMs += this.writeMs;
        this.#put(offset, buffers);
      },
      onWritten: (offset, length) => this.told.push(`written ${offset}+${length}`),
      onCaughtUp: () => {},
      onFailure: (error) => {
        this.told.push(`failed ${String(error)}`);
        this.behind.clear();
      },
      onRelieved: () => this.told.push("relieved"),
    });
  }

  #put(offset: number, buffers: readonly Uint8Array[]): void {
    let at = offset;
    for (const bytes of buffers) {
      if (at + bytes.length <= this.bytes.length) this.bytes.set(bytes, at);
      at += bytes.length;
    }
  }

  #askBusy(): number {
    this.asked++;
    return this.busyMs;
  }

  get isUnderWay(): boolean {
    return this.#end !== undefined;
  }

  /** Ends the write that is under way. */
  async end(error?: Error): Promise<void> {
    const end = this.#end;
    this.#end = undefined;
    end?.(error);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }

  async endAll(): Promise<void> {
    while (this.isUnderWay) await this.end();
  }

  write(offset: number, ...buffers: Uint8Array[]): void {
    this.behind.write(
      offset,
      buffers,
      buffers.reduce((sum, { length }) => sum + length, 0),
    );
  }

  get lastWrite() {
    return this.writes.at(-1);
  }
}

/** A disk that has just held up a write of nothing. */
function slowDisk(room?: WriteRoom): Disk {
  const disk = new Disk(room);
  disk.writeMs = 150;
  disk.write(0, new Uint8Array(1));
  return disk;
}

describe("disk pace", () => {
  it("calls a disk slow for two seconds after writes were held up for 100 ms", () => {
    const pace = new DiskPace();
    pace.took(60, 0, 100);
    expect(pace.isSlow(100)).toBe(false);
    pace.took(40, 0, 100);
    expect(pace.isSlow(2099)).toBe(true);
    expect(pace.isSlow(2100)).toBe(false);
  });

  it("takes a processor that is busy now and then for no slow disk, however long that lasts", () => {
    const pace = new DiskPace();
    for (let nowMs = 0; nowMs < 60_000; nowMs += 50) {
      pace.took(20, 256 * 1024, nowMs);
      for (let i = 0; i < 10; i++) pace.took(0.5, 256 * 1024, nowMs);
      expect(pace.isSlow(nowMs)).toBe(false);
    }
  });

  it("lets a later write take its way, and as long as its bytes need at 100 MB/s", () => {
    const pace = new DiskPace();
    for (let i = 0; i < 100; i++) pace.took(60, 4_000_000, 0, "later");
    expect(pace.isSlow(0)).toBe(false);
    pace.took(160, 4_000_000, 0, "later");
    expect(pace.isSlow(0)).toBe(true);
  });
});

describe("write-behind", () => {
  it("writes at once, and copies nothing, while the disk keeps up", () => {
    const disk = new Disk();
    disk.write(0, new Uint8Array([1, 2]));
    disk.write(2, new Uint8Array([3]), new Uint8Array([4]));
    expect(disk.writes.map(({ how }) => how)).toEqual(["at once", "at once"]);
    expect(disk.bytes.subarray(0, 4)).toEqual(new Uint8Array([1, 2, 3, 4]));
    expect(disk.told).toEqual(["written 0+2", "written 2+2"]);
    expect(disk.behind.unwrittenBytes).toBe(0);
  });

  it("goes on writing at once where the processor is slow, and not the disk", () => {
    const disk = new Disk();
    disk.writeMs = 300;
    disk.workMs = 299;
    for (let i = 0; i < 50; i++) disk.write(i, Uint8Array.of(i));
    expect(disk.writes.every(({ how }) => how === "at once")).toBe(true);
    disk.workMs = 150;
    disk.write(50, Uint8Array.of(50));
    disk.write(51, Uint8Array.of(51));
    expect(disk.writes.at(-1)?.how).toBe("later");
  });

  it("asks for the processor's time seldom while writes are good, and knows what a bad one took of it all the same", () => {
    const disk = new Disk();
    const write = (ms: number, workMs: number) => {
      disk.writeMs = ms;
      disk.workMs = workMs;
      disk.write(0, new Uint8Array(mebi));
    };
    for (let i = 0; i < 60; i++) write(0.1, 0.1);
    expect(disk.asked).toBe(2);
    for (let i = 0; i < 5; i++) {
      write(0.1, 0.1);
      write(300, 299);
    }
    expect(disk.writes.every(({ how }) => how === "at once")).toBe(true);
    write(0.1, 0.1);
    write(300, 100);
    write(0.1, 0.1);
    expect(disk.lastWrite?.how).toBe("later");
  });

  it("writes later what comes after a write that was held up, from copies", async () => {
    const disk = slowDisk();
    const bytes = new Uint8Array([7, 8]);
    disk.write(10, bytes);
    bytes.fill(0);
    expect(disk.lastWrite).toEqual({ how: "later", offset: 10, length: 2 });
    expect(disk.behind.isWritten(0, 10)).toBe(true);
    expect(disk.behind.isWritten(9, 2)).toBe(false);
    await disk.end();
    expect(disk.behind.isWritten(9, 2)).toBe(true);
    expect(disk.bytes.subarray(10, 12)).toEqual(new Uint8Array([7, 8]));
  });

  it("has one write under way, and gathers what comes meanwhile into longer ones of at most 4 MiB", async () => {
    const disk = slowDisk();
    for (let i = 0; i < 6; i++) disk.write(i * mebi, new Uint8Array(mebi));
    disk.write(20 * mebi, new Uint8Array(5));
    await disk.endAll();
    expect(disk.writes.slice(1).map(({ length }) => length)).toEqual([mebi, 4 * mebi, mebi, 5]);
  });

  it("goes back to writing at once when the disk has kept up for two seconds, with all that waits", async () => {
    const disk = slowDisk();
    disk.write(0, new Uint8Array(1));
    await disk.end();
    disk.writeMs = 0;
    disk.nowMs += 1999;
    disk.write(1, new Uint8Array(1));
    expect(disk.lastWrite?.how).toBe("later");
    disk.nowMs += 1;
    // Something is under way: what comes now may not pass it.
    for (const offset of [2, 10, 20]) disk.write(offset, new Uint8Array(1));
    await disk.end();
    disk.write(3, new Uint8Array(1));
    const ways = ["at once", "later", "later", "at once", "at once", "at once", "at once"];
    expect(disk.writes.map(({ how }) => how)).toEqual(ways);
    expect(disk.writes.map(({ offset }) => offset)).toEqual([0, 0, 1, 2, 10, 20, 3].slice(0, ways.length));
    expect(disk.behind.unwrittenBytes).toBe(0);
  });

  it("does not hold up the thread with what waits when the disk is trusted again, nor write on when it fails", async () => {
    const disk = slowDisk();
    disk.nowMs += 1999;
    for (let i = 0; i < 8; i++) disk.write(3 * i, new Uint8Array(1));
    disk.nowMs += 1;
    // Two take more of the thread than all may in one go.
    disk.writeMs = 15;
    disk.workMs = 15;
    await disk.end();
    expect(disk.writes.map(({ how }) => how).slice(2)).toEqual(["at once", "at once", "later"]);
    const { length } = disk.writes;
    await disk.end(new Error("full"));
    await disk.endAll();
    expect(disk.writes.length).toBe(length);
    expect(disk.told.at(-1)).toBe("failed Error: full");
    expect(disk.behind.unwrittenBytes).toBe(0);
  });

  it("is congested from 16 MiB down to 8, full at 24, and tells when it is relieved", async () => {
    const disk = slowDisk();
    const write = (count: number) => {
      for (let i = 0; i < count; i++) disk.write(3 * i * mebi, new Uint8Array(mebi));
    };
    write(15);
    expect(disk.behind.isCongested).toBe(false);
    write(1);
    expect(disk.behind.isCongested).toBe(true);
    expect(disk.behind.isFull).toBe(false);
    write(8);
    expect(disk.behind.isFull).toBe(true);
    for (let i = 0; i < 15; i++) await disk.end();
    expect(disk.behind.isFull).toBe(false);
    expect(disk.behind.isCongested).toBe(true);
    expect(disk.told).not.toContain("relieved");
    await disk.end();
    expect(disk.behind.isCongested).toBe(false);
    expect(disk.told.filter((each) => each === "relieved")).toEqual(["relieved"]);
    await disk.endAll();
    expect(disk.told.filter((each) => each === "relieved")).toEqual(["relieved"]);
  });

  it("shares the room among the torrents that need it", async () => {
    const room = new WriteRoom();
    const disks = [1, 2, 3, 4].map(() => slowDisk(room));
    expect(room.share).toBe(16 * mebi);
    for (const disk of disks) disk.write(0, new Uint8Array(mebi));
    expect(room.share).toBe(8 * mebi);
    for (const disk of disks) await disk.endAll();
    expect(room.share).toBe(16 * mebi);
  });

  it("drops what waits after a failure, and writes nothing before what was under way has ended", async () => {
    const disk = slowDisk();
    disk.write(0, new Uint8Array([1]));
    disk.write(5, new Uint8Array([2]));
    const settled = disk.behind.settled();
    await disk.end(new Error("ENOSPC"));
    await settled;
    expect(disk.told.at(-1)).toBe("failed Error: ENOSPC");
    expect(disk.isUnderWay).toBe(false);
    expect(disk.behind.unwrittenBytes).toBe(0);
    disk.write(0, new Uint8Array([3]));
    disk.behind.clear();
    disk.nowMs += 5000;
    disk.write(0, new Uint8Array([4]));
    expect(disk.bytes[0]).toBe(0);
    await disk.endAll();
    expect(disk.bytes[0]).toBe(4);
  });

  it("is settled when what waited then is written, whatever comes meanwhile", async () => {
    const disk = slowDisk();
    disk.write(0, new Uint8Array(10));
    disk.write(10, new Uint8Array(10));
    let isSettled = false;
    const settled = disk.behind.settled().then(() => {
      isSettled = true;
    });
    disk.write(20, new Uint8Array(10));
    await disk.end();
    expect(isSettled).toBe(false);
    await disk.end();
    await settled;
    expect(disk.behind.isWritten(20, 10)).toBe(false);
    await disk.endAll();
  });

  it("writes nothing while somebody else writes alone, who begins when all is written that waited then", async () => {
    const disk = slowDisk();
    disk.write(0, new Uint8Array([1]));
    let end = (_: Error | undefined) => {};
    let isBegun = false;
    const alone = disk.behind.alone(() => {
      isBegun = true;
      return new Promise((resolve, reject) => {
        end = (error) => (error === undefined ? resolve() : reject(error));
      });
    });
    disk.write(1, new Uint8Array([2]));
    expect(isBegun).toBe(false);
    await disk.end();
    expect(isBegun).toBe(true);
    expect(disk.writes).toHaveLength(2);
    // Long after the disk was slow.
    disk.nowMs += 10_000;
    disk.write(2, new Uint8Array([3]));
    expect(disk.writes).toHaveLength(2);
    expect(disk.behind.isWritten(0, 1)).toBe(true);
    expect(disk.behind.isWritten(1, 1)).toBe(false);
    end(new Error("full"));
    await expect(alone).rejects.toThrow("full");
    await disk.endAll();
    expect(disk.bytes.subarray(0, 3)).toEqual(new Uint8Array([1, 2, 3]));
    expect(disk.told.filter((each) => each.startsWith("failed"))).toEqual([]);
  });

  it("does not let anybody write alone where what waits is dropped", async () => {
    const disk = slowDisk();
    disk.write(0, new Uint8Array(1));
    let isBegun = false;
    const alone = disk.behind.alone(async () => {
      isBegun = true;
    });
    await disk.end(new Error("gone"));
    await alone;
    expect(isBegun).toBe(false);
  });

  it("keeps the order, and reads back what was written last, whatever the interleaving", async () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.tuple(fc.constant("write"), fc.nat(16), fc.integer({ min: 1, max: 6 })) },
      { weight: 3, arbitrary: fc.tuple(fc.constant("end"), fc.constant(0), fc.constant(0)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant("wait"), fc.constant(0), fc.integer({ min: 1, max: 3000 })) },
      { weight: 1, arbitrary: fc.tuple(fc.constant("pace"), fc.constant(0), fc.constantFrom(0, 150)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant("settle"), fc.constant(0), fc.constant(0)) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const disk = new Disk();
        disk.writeMs = 150;
        const model = new Uint8Array(100);
        let last = 0;
        const check = () => {
          const found = new Uint8Array(100);
          const rest = disk.behind.readBack(0, found);
          for (let i = 0; i < rest.length; i += 2) {
            found.set(disk.bytes.subarray(rest[i], rest[i + 1]), rest[i]);
            expect(disk.behind.isWritten(rest[i] ?? 0, (rest[i + 1] ?? 0) - (rest[i] ?? 0))).toBe(true);
          }
          expect(found).toEqual(model);
        };
        for (const [what, offset, amount] of steps) {
          if (what === "write") {
            const bytes = new Uint8Array(amount).fill(++last & 0xff);
            model.set(bytes, offset);
            // Of the same place as what waits: of a piece that was dropped.
            if (!disk.behind.isWritten(offset, amount)) disk.behind.keepOrder();
            disk.write(offset, bytes.subarray(0, amount >> 1), bytes.subarray(amount >> 1));
          } else if (what === "end") await disk.end();
          else if (what === "wait") disk.nowMs += amount;
          else if (what === "pace") disk.writeMs = amount;
          else {
            const settled = disk.behind.settled();
            await disk.endAll();
            await settled;
          }
          check();
        }
        await disk.endAll();
        expect(disk.bytes.subarray(0, 100)).toEqual(model);
        expect(disk.behind.unwrittenBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
