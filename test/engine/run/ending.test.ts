/** How a download ends. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import type { SavedRecord } from "../../../source/engine/profile/torrent-store.ts";
import type { SessionEvent } from "../../../source/engine/session-events.ts";
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
