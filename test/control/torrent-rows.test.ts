import { afterEach, expect, it } from "vitest";
import { sessionRow, torrentRow } from "../../source/control/projections.ts";
import { TorrentRows } from "../../source/control/torrent-rows.ts";
import type { Session } from "../../source/engine/session.ts";
import { SessionWorld } from "../support/session-world.ts";

const world = new SessionWorld();
afterEach(() => world.close());

const fresh = (session: Session) =>
  [...session.torrents.values()].map((torrent) => torrentRow(torrent, session.clock.nowMs()));

it("keeps the rows of torrents that nothing happens to, and never shows an old one", async () => {
  const session = await world.start("10.0.0.1", { isSeed: true });
  const leech = await world.start("10.0.0.2");
  const [one, two] = [world.torrent("one", 300_000), world.torrent("two", 300_000)];
  for (const torrent of [one, two]) await world.add(session, torrent);
  const rows = new TorrentRows();
  const told = (seconds: number) =>
    world.run(seconds).then(() => {
      const shown = rows.of(session);
      expect(shown).toEqual(fresh(session));
      return shown;
    });
  const later = async (action: Promise<void>, seconds = 5) => {
    const shown = await told(seconds);
    await action;
    return shown;
  };
  await told(1);
  const paused = await later(session.torrent(two.infoHash).pause());
  expect((await told(1))[1]).toBe(paused[1]);
  const labelled = await later(session.torrent(two.infoHash).change({ labels: ["new"] }));
  expect(labelled[1]).not.toBe(paused[1]);
  await later(world.add(leech, one, [session]));
  for (let second = 0; second < 10; second++) await told(1);
  await told(400);
  const resting = await told(1);
  const again = await told(60);
  expect(again.map((row, i) => row === resting[i])).toEqual([true, true]);
  await later(session.house.turns.move([two.infoHash], "top"));
  await later(session.torrent(two.infoHash).resume());
  await later(session.remove(one.infoHash, "torrent"), 10);
  expect(await told(1)).toHaveLength(1);
});

it("has nothing come of what is complete, though something did a moment ago", async () => {
  const seed = await world.start("10.0.0.1", { isSeed: true });
  const leech = await world.start("10.0.0.2", { maxDownRate: 100_000 });
  const torrent = world.torrent("film", 2_000_000);
  await world.add(seed, torrent);
  await world.add(leech, torrent, [seed]);
  const looked = leech.torrent(torrent.infoHash);
  await world.until(() => looked.verifiedLength > 1_000_000);
  expect(fresh(leech)[0]?.downRate).toBeGreaterThan(10_000);
  expect(sessionRow(leech, null).downRate).toBeGreaterThan(10_000);
  await world.until(() => looked.leftLength === 0);
  expect(fresh(leech)[0]?.downRate).toBe(0);
  expect(sessionRow(leech, null).downRate).toBe(0);
});
