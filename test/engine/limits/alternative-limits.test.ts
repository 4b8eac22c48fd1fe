/** The alternative limits in real sessions: by the week's schedule and by hand, over restarts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordPlace } from "../../../source/engine/profile/profile-record.ts";
import type { Session } from "../../../source/engine/session.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { SessionWorld } from "../../support/session-world.ts";

const hour = 3600;
const day = 24 * hour;
/** The world's clock begins on Thursday, 1 January 2026, at midnight. */
const startWallMs = Date.UTC(2026, 0, 1);
let world = new SessionWorld();
let folder = "";
beforeEach(() => {
  world = new SessionWorld();
  folder = mkdtempSync(join(tmpdir(), "p2p-alternative-"));
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(schedule: readonly string[]): Promise<Session> {
  const records: RecordPlace = {
    files: new NodeFileSystem(),
    folder,
    warn: (message) => {
      throw new Error(message);
    },
  };
  const session = await world.start("10.0.0.1", { records });
  const { limits } = session.rules;
  session.apply({
    ...session.rules,
    limits: { ...limits, down: 1000, up: 0, alternative: { down: 50, up: 60, schedule } },
  });
  return session;
}

const limits = (session: Session) => [session.downLimit.bytesPerSecond, session.upLimit.bytesPerSecond].join();
const usual = "1000,0";
const alternative = "50,60";
const nextHour = (session: Session): number | null => {
  const at = session.house.alternative.nextSwitchWallMs;
  return at === null ? null : (at - startWallMs) / 3_600_000;
};

describe("the alternative limits", () => {
  it("hold when the schedule says so", async () => {
    const session = await start(["thu 08:00-18:00", "fri 22:00-06:00"]);
    expect([limits(session), nextHour(session)]).toEqual([usual, 8]);
    await world.run(8 * hour - 2);
    expect(limits(session)).toBe(usual);
    await world.run(4);
    expect([limits(session), nextHour(session)]).toEqual([alternative, 18]);
    await world.run(10 * hour);
    expect([limits(session), nextHour(session)]).toEqual([usual, 46]);
    await world.run(30 * hour);
    expect([limits(session), nextHour(session)]).toEqual([alternative, 54]);
  });

  it("are switched by hand until the schedule switches next", async () => {
    const session = await start(["daily 08:00-18:00"]);
    await session.house.switchAlternative(true);
    expect([limits(session), session.house.alternative.isByHand, nextHour(session)]).toEqual([alternative, true, 8]);
    await world.run(9 * hour);
    expect([limits(session), session.house.alternative.isByHand]).toEqual([alternative, false]);
    await session.house.switchAlternative(false);
    expect(limits(session)).toBe(usual);
    await world.run(10 * hour);
    expect([limits(session), session.house.alternative.isByHand, nextHour(session)]).toEqual([usual, false, 32]);
    await session.house.switchAlternative(true);
    await session.house.switchAlternative(null);
    expect([limits(session), session.house.alternative.isByHand]).toEqual([usual, false]);
  });

  it("are switched by hand until the schedule that is set by then switches next", async () => {
    const session = await start([]);
    const setSchedule = (...schedule: readonly string[]) => {
      const { limits } = session.rules;
      session.apply({ ...session.rules, limits: { ...limits, alternative: { ...limits.alternative, schedule } } });
    };
    await session.house.switchAlternative(false);
    setSchedule("daily 08:00-18:00");
    expect(nextHour(session)).toBe(8);
    await world.run(9 * hour);
    expect([limits(session), session.house.alternative.isByHand]).toEqual([alternative, false]);
    await session.house.switchAlternative(false);
    setSchedule("daily 10:00-20:00");
    expect([limits(session), nextHour(session)]).toEqual([usual, 10]);
    await world.run(hour + 2);
    expect([limits(session), session.house.alternative.isByHand]).toEqual([alternative, false]);
    // Of a schedule that is gone nothing is left.
    await session.house.switchAlternative(false);
    setSchedule();
    expect(nextHour(session)).toBeNull();
  });

  it("are switched for good without a schedule, over restarts, too", async () => {
    const first = await start([]);
    expect(nextHour(first)).toBe(null);
    await first.house.switchAlternative(true);
    await world.run(day);
    expect(limits(first)).toBe(alternative);
    await world.stop(first);
    const second = await start([]);
    expect([limits(second), nextHour(second)]).toEqual([alternative, null]);
    await second.house.switchAlternative(false);
    expect(limits(second)).toBe(usual);
  });

  it("switched by hand are forgotten where the schedule switched while the engine was away", async () => {
    const first = await start(["daily 08:00-18:00"]);
    await first.house.switchAlternative(true);
    await world.stop(first);
    await world.run(20 * hour);
    expect(limits(await start(["daily 08:00-18:00"]))).toBe(usual);
  });
});
