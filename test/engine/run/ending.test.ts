/** How a download ends, and a seed does not. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import type { SavedRecord } from "../../../source/engine/profile/torrent-store.ts";
import type { SessionEvent } from "../../../source/engine/session-events.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { GeneratedStorage } from "../../../source/storage/generated-storage.ts";
import { KeepingStore } from "../../support/keeping-store.ts";
import { onlyTorrent } from "../../support/session-parts.ts";
import { SessionWorld } from "../../support/session-world.ts";

/** Takes the records of a download, but none of one that has everything. */
class FullStore extends KeepingStore {
  override async save(...[entry, record]: Parameters<KeepingStore["save"]>): Promise<void> {
    if ((record as SavedRecord).have.isFull) throw new OperationalError("profile-failed", "the disk is full");
    await super.save(entry, record);
  }
}

let world = new SessionWorld();
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

describe("a seed whose disk is asked for more than it can have in line", () => {
  it("lets go of who came too late, and seeds on", async () => {
    const torrent = world.torrent("content", 1_000_000);
    let left = 3;
    class Busy extends GeneratedStorage {
      override read(...which: Parameters<GeneratedStorage["read"]>): Uint8Array {
        if (--left === 0) throw new OperationalError("busy", "too many reads wait for the disk");
        return super.read(...which);
      }
    }
    const { content } = torrent;
    const seed = await world.start("10.0.0.1", {
      makeStorage: (metainfo) =>
        new Busy({ hasher: new NodeHasher(), clock: world.clock }, { metainfo, content, holdsAll: true }),
    });
    await world.add(seed, torrent);
    const leech = await world.start("10.0.0.2");
    await world.add(leech, torrent, [seed]);
    await world.until(() => onlyTorrent(leech).state === "seeding", 600);
    expect([left < 0, onlyTorrent(seed).state]).toEqual([true, "seeding"]);
  });
});

describe("a download that ends", () => {
  it("is complete and seeds although its record cannot be written", async () => {
    const torrent = world.torrent("content", 1_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    await world.add(seed, torrent);
    const leech = await world.start("10.0.0.2", { store: new FullStore() });
    const events: SessionEvent[] = [];
    leech.onEvent((event) => events.push(event));
    await world.add(leech, torrent, [seed]);
    await world.until(() => onlyTorrent(leech).have.isFull);
    await world.run(5);
    expect(onlyTorrent(leech).state).toBe("seeding");
    expect(events.map(({ kind }) => kind)).toContain("complete");
    const told = onlyTorrent(leech).eventLog.last(20);
    expect(told.map(({ text }) => text)).toContain("the disk is full");
  });
});
