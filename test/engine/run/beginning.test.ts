/** How a download begins: what is done while its record is being written, and what waits for that. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bitfield } from "../../../source/base/bitfield.ts";
import { encode } from "../../../source/bencode/encode.ts";
import type { Session } from "../../../source/engine/session.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import type { HttpClient } from "../../../source/ports/http.ts";
import { GeneratedStorage } from "../../../source/storage/generated-storage.ts";
import { KeepingStore } from "../../support/keeping-store.ts";
import { onlyTorrent } from "../../support/session-parts.ts";
import { SessionWorld } from "../../support/session-world.ts";

/** Writing a record takes until the test says so. */
class SlowStore extends KeepingStore {
  readonly written = Promise.withResolvers<void>();

  override async begin(...record: Parameters<KeepingStore["begin"]>): Promise<void> {
    await this.written.promise;
    await super.begin(...record);
  }
}

let world = new SessionWorld();
let announced: URLSearchParams[] = [];
let store = new SlowStore();
beforeEach(() => {
  world = new SessionWorld();
  announced = [];
  store = new SlowStore();
});
afterEach(() => world.close());

/** Names the seed at 10.0.0.1 at once. */
const tracker: HttpClient = {
  get: async ({ url }) => {
    const { pathname, searchParams } = new URL(url);
    if (pathname === "/announce") announced.push(searchParams);
    const body = encode({ interval: 1800, peers: Uint8Array.of(10, 0, 0, 1, 6881 >> 8, 6881 & 0xff) });
    return { status: 200, headers: {}, body, remoteAddress: "10.0.0.9" };
  },
};

async function begin(): Promise<{ readonly seed: Session; readonly leech: Session }> {
  const torrent = world.torrent("content", 1_000_000, 65_536, "http://10.0.0.9/announce");
  const seed = await world.start("10.0.0.1", { isSeed: true });
  await world.add(seed, torrent);
  const leech = await world.start("10.0.0.2", { store, http: tracker });
  await world.add(leech, torrent);
  await world.run(5);
  return { seed, leech };
}

describe("a download that begins", () => {
  it("meets its neighbours while its record is being written, and fetches nothing before that is done", async () => {
    const { seed, leech } = await begin();
    const torrent = onlyTorrent(leech);
    expect(
      announced.map((query) => [query.get("event"), query.get("left"), Number(query.get("numwant")) > 10]),
    ).toEqual([["started", "1000000", true]]);
    expect(torrent.eventLog.last(10).map(({ text }) => text)).toContain("1 new peer from http://10.0.0.9/announce");
    const [neighbour] = torrent.swarm?.neighbours.values() ?? [];
    expect(neighbour).toMatchObject({ amInterested: true, peerChoking: false });
    expect([neighbour?.pipeline.outstanding, onlyTorrent(seed).uploadedBytes]).toEqual([0, 0]);
    store.written.resolve();
    await world.run(0.5);
    expect([torrent.state, torrent.verifiedLength]).toEqual(["seeding", 1_000_000]);
  });

  it("says goodbye to its tracker where its record cannot be written, and leaves what was remembered as it is", async () => {
    const { leech } = await begin();
    store.written.reject(new Error("the disk is gone"));
    await world.run(1);
    expect(onlyTorrent(leech).state).toBe("failed");
    expect(announced.map((query) => query.get("event"))).toEqual(["started", "stopped"]);
    expect(store.records.size).toBe(0);
  });

  it("is paused at once while space is being taken for it, however long that would take", async () => {
    const torrent = world.torrent("content", 1_000_000);
    let isTaking = false;
    class SlowlyTaken extends GeneratedStorage {
      override async takeSpace(_verified: Bitfield, signal: AbortSignal): Promise<void> {
        isTaking = true;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        isTaking = false;
      }
    }
    const { content } = torrent;
    const leech = await world.start("10.0.0.2", {
      makeStorage: (metainfo) =>
        new SlowlyTaken({ hasher: new NodeHasher(), clock: world.clock }, { metainfo, content }),
    });
    await world.add(leech, torrent);
    await world.run(1);
    expect(isTaking).toBe(true);
    const pausing = onlyTorrent(leech).pause();
    await world.run(1);
    await pausing;
    expect([isTaking, onlyTorrent(leech).state]).toEqual([false, "paused"]);
  });
});
