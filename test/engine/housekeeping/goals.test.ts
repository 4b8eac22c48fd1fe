/** Seeding goals in real sessions: what happens when one is reached, and what is remembered. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Session } from "../../../source/engine/session.ts";
import type { SessionEvent } from "../../../source/engine/session-events.ts";
import type { SessionRules } from "../../../source/engine/session-rules.ts";
import type { Torrent } from "../../../source/engine/torrent.ts";
import { KeepingStore } from "../../support/keeping-store.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";

const minute = 60;
const hour = 60 * minute;
let world = new SessionWorld();
let content = world.torrent("content", 500_000);
beforeEach(() => {
  world = new SessionWorld();
  content = world.torrent("content", 500_000);
});
afterEach(() => world.close());

async function startSeed(
  seeding: Partial<SessionRules["seeding"]>,
  store = new KeepingStore(),
): Promise<{ session: Session; torrent: Torrent; events: SessionEvent[] }> {
  const session = await world.start("10.0.0.1", { isSeed: true, store });
  const events: SessionEvent[] = [];
  session.onEvent((event) => events.push(event));
  session.apply({ ...session.rules, seeding: { ...session.rules.seeding, ...seeding } });
  await world.add(session, content);
  await world.run(1);
  return { session, torrent: session.torrent(content.infoHash), events };
}

async function download(from: Session, of: WorldTorrent, address = "10.9.0.1"): Promise<void> {
  const leech = await world.start(address);
  await world.add(leech, of, [from]);
  await world.until(() => leech.torrent(of.infoHash).have.isFull);
  await world.stop(leech);
}

const isPausedFor = ({ state, reason }: Torrent) => (state === "paused" ? reason : state);

describe("a torrent that has seeded enough", () => {
  it("is paused when it has given as much as was asked, and says why", async () => {
    const { session, torrent, events } = await startSeed({ ratio: 1 });
    await world.run(hour);
    expect(torrent.state).toBe("seeding");
    await download(session, content);
    await world.run(15);
    expect(isPausedFor(torrent)).toBe("reached ratio 1.0");
    expect(events.filter(({ kind }) => kind === "goal")).toMatchObject([
      { name: "content", reason: "reached ratio 1.0", action: "pause" },
    ]);
  });

  it("is paused when its time is over; time that it did not seed does not count", async () => {
    const { torrent } = await startSeed({ time: 60 });
    await world.run(40 * minute);
    const pausing = torrent.pause();
    await world.run(5 * hour);
    await pausing;
    await torrent.resume();
    await world.run(15 * minute);
    expect(torrent.state).toBe("seeding");
    await world.run(6 * minute);
    expect(isPausedFor(torrent)).toBe("seeded for 1 hour");
  });

  it("is paused when nobody has taken anything for long; each upload begins that anew", async () => {
    const { session, torrent } = await startSeed({ idle: 30 });
    await world.run(25 * minute);
    await download(session, content);
    await world.run(20 * minute);
    expect(torrent.state).toBe("seeding");
    await world.run(15 * minute);
    expect(isPausedFor(torrent)).toBe("nobody took anything for 30 minutes");
  });

  it("goes by its own goals where it has some", async () => {
    const { torrent } = await startSeed({ time: 10 });
    await torrent.change({ seedMinutesGoal: 0 });
    await world.run(hour);
    expect(torrent.state).toBe("seeding");
    await torrent.change({ seedMinutesGoal: 30 });
    await world.run(15);
    expect(isPausedFor(torrent)).toBe("seeded for 30 minutes");
  });

  it("seeds on when it is resumed by hand, until its goal is another", async () => {
    const { session, torrent } = await startSeed({ time: 10 });
    await world.run(11 * minute);
    expect(torrent.state).toBe("paused");
    await torrent.resume();
    await world.run(hour);
    expect([torrent.state, torrent.reason]).toEqual(["seeding", ""]);
    session.apply({ ...session.rules, seeding: { ...session.rules.seeding, time: 20 } });
    await world.run(15);
    expect(isPausedFor(torrent)).toBe("seeded for 20 minutes");
  });

  it("waives no goal that it has not reached", async () => {
    const { torrent } = await startSeed({ time: 10 });
    await world.run(minute);
    const pausing = torrent.pause();
    await world.run(10);
    await pausing;
    await torrent.resume();
    await world.run(12 * minute);
    expect(isPausedFor(torrent)).toBe("seeded for 10 minutes");
  });

  it("knows over restarts how long it seeded, what it was paused for, and what was waived", async () => {
    const store = new KeepingStore();
    const first = await startSeed({ time: 60 }, store);
    await world.run(40 * minute);
    await world.stop(first.session);
    await world.run(5 * hour);
    const second = await startSeed({ time: 60 }, store);
    await world.run(15 * minute);
    expect(second.torrent.state).toBe("seeding");
    await world.run(6 * minute);
    expect(isPausedFor(second.torrent)).toBe("seeded for 1 hour");
    await world.stop(second.session);
    const third = await world.start("10.0.0.1", { isSeed: true, store });
    third.apply({ ...third.rules, seeding: { ...third.rules.seeding, time: 60 } });
    const torrent = third.torrent(content.infoHash);
    expect(isPausedFor(torrent)).toBe("seeded for 1 hour");
    await torrent.resume();
    await world.run(minute);
    await world.stop(third);
    const fourth = await startSeed({ time: 60 }, store);
    await world.run(hour);
    expect(fourth.torrent.state).toBe("seeding");
  });

  it.each(["remove", "remove-with-data"] as const)("can be ended otherwise: %s", async (action) => {
    const { session, events } = await startSeed({ time: 10, action });
    await world.run(11 * minute);
    expect(session.torrents.size).toBe(0);
    expect(events.map(({ kind }) => kind).filter((kind) => kind === "goal" || kind === "removed")).toEqual([
      "goal",
      "removed",
    ]);
    expect(events.filter(({ kind }) => kind === "warning")).toEqual([]);
  });
});
