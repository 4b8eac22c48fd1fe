/** Limits of torrents and sessions, as real sessions keep them. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Session } from "../../../source/engine/session.ts";
import type { Torrent } from "../../../source/engine/torrent.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";

const mega = 1_000_000;
let world = new SessionWorld();
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

const of = (session: Session, { infoHash }: WorldTorrent): Torrent => session.torrent(infoHash);

/** Bytes a second over each of some windows. */
async function rates(torrent: Torrent, seconds: number, windows: number): Promise<number[]> {
  const result: number[] = [];
  for (let i = 0; i < windows; i++) {
    const before = torrent.downloadedBytes;
    await world.run(seconds);
    result.push((torrent.downloadedBytes - before) / seconds);
  }
  return result;
}

const worst = (measured: readonly number[], rate: number): number =>
  Math.max(...measured.map((one) => Math.abs(one / rate - 1)));
const mean = (measured: readonly number[]): number => measured.reduce((sum, one) => sum + one, 0) / measured.length;

async function swarmOf(torrent: WorldTorrent, leechCount: number): Promise<{ seed: Session; leeches: Session[] }> {
  const seed = await world.start("10.0.0.1", { isSeed: true });
  await world.add(seed, torrent);
  const leeches: Session[] = [];
  for (let i = 0; i < leechCount; i++) {
    const leech = await world.start(`10.${i + 1}.0.1`);
    await world.add(leech, torrent, [seed]);
    leeches.push(leech);
  }
  return { seed, leeches };
}

describe("a torrent's own limits", () => {
  it.each([
    [64_000, 10],
    [5 * mega, 1],
  ] as const)("hold its upload to %i bytes a second in any %i s, to three in a hundred", async (rate, seconds) => {
    const torrent = world.torrent("content", rate * 8 * seconds, rate > mega ? 262_144 : 65_536);
    const { seed, leeches } = await swarmOf(torrent, 2);
    await of(seed, torrent).change({ maxUpRate: rate });
    await world.run(2);
    const measured: number[] = [];
    for (let i = 0; i < 5; i++) {
      const before = of(seed, torrent).uploadedBytes;
      await world.run(seconds);
      measured.push((of(seed, torrent).uploadedBytes - before) / seconds);
    }
    expect(leeches.every((leech) => of(leech, torrent).downloadedBytes > 0)).toBe(true);
    expect(worst(measured, rate)).toBeLessThan(0.03);
  });

  it.each([
    [64_000, 10, 1],
    [64_000, 10, 3],
    [5 * mega, 1, 1],
    [5 * mega, 1, 3],
  ] as const)(
    "hold its download to %i bytes a second in any %i s, with %i seeds, to three in a hundred",
    async (rate, seconds, seedCount) => {
      const torrent = world.torrent("content", Math.max(rate * 8 * seconds, 4 * mega), rate > mega ? 262_144 : 65_536);
      const seeds: Session[] = [];
      for (let i = 0; i < seedCount; i++) {
        const seed = await world.start(`10.0.${i}.1`, { isSeed: true });
        await world.add(seed, torrent);
        seeds.push(seed);
      }
      const leech = await world.start("10.1.0.1");
      await world.add(leech, torrent, seeds);
      await of(leech, torrent).change({ maxDownRate: rate });
      await world.run(3);
      const measured = await rates(of(leech, torrent), seconds, 5);
      expect(worst(measured, rate)).toBeLessThan(0.03);
    },
  );

  it("are what keeps a neighbour back as long as they hold, and no longer", async () => {
    const torrent = world.torrent("content", 50 * mega);
    const { leeches } = await swarmOf(torrent, 1);
    const [leech] = leeches;
    if (leech === undefined) throw new Error("no leech");
    await of(leech, torrent).change({ maxDownRate: 50_000 });
    await world.run(10);
    const state = () => [...(of(leech, torrent).swarm?.neighbours.values() ?? [])].map(({ time }) => time.down.state);
    expect(state()).toEqual(["limited"]);
    await of(leech, torrent).change({ maxDownRate: 0 });
    await world.run(2);
    expect(state()).not.toEqual(["limited"]);
  });

  it("let a whole download take as long as they say, with choking, endgame and all", async () => {
    const torrent = world.torrent("content", 6 * mega);
    const seeds: Session[] = [];
    for (let i = 0; i < 4; i++) {
      const seed = await world.start(`10.0.${i}.1`, { isSeed: true, slots: 1 });
      await world.add(seed, torrent);
      seeds.push(seed);
    }
    const leeches: Session[] = [];
    for (let i = 0; i < 3; i++) {
      const leech = await world.start(`10.${i + 1}.0.1`, { maxDownRate: 300_000 });
      await world.add(leech, torrent, [...seeds, ...leeches]);
      leeches.push(leech);
    }
    const beganMs = world.clock.nowMs();
    await world.until(() => leeches.every((leech) => of(leech, torrent).have.isFull));
    const seconds = (world.clock.nowMs() - beganMs) / 1000;
    expect(seconds).toBeGreaterThan(19);
    expect(seconds).toBeLessThan(23);
  });

  it("hold its download alone, and are taken up and given up at once", async () => {
    const torrents = [world.torrent("held", 60 * mega), world.torrent("free", 60 * mega)];
    const seed = await world.start("10.0.0.1", { isSeed: true });
    const leech = await world.start("10.1.0.1", { maxDownRate: 2 * mega });
    for (const torrent of torrents) {
      await world.add(seed, torrent);
      await world.add(leech, torrent, [seed]);
    }
    const [held, free] = torrents.map((torrent) => of(leech, torrent));
    if (held === undefined || free === undefined) throw new Error("no torrents");
    await held.change({ maxDownRate: 300_000 });
    await world.run(5);
    const before = free.downloadedBytes;
    expect(Math.abs(mean(await rates(held, 5, 2)) / 300_000 - 1)).toBeLessThan(0.05);
    expect(Math.abs((free.downloadedBytes - before) / 10 / 1_700_000 - 1)).toBeLessThan(0.05);
    await held.change({ maxDownRate: 0 });
    await world.run(1);
    expect(mean(await rates(held, 5, 1))).toBeGreaterThan(800_000);
  });

  it("give it more or fewer upload slots while it seeds", async () => {
    const torrent = world.torrent("content", 100 * mega, 1_048_576);
    const { seed } = await swarmOf(torrent, 6);
    seed.setLimits(0, 100_000);
    const unchoked = () =>
      [...(of(seed, torrent).swarm?.neighbours.values() ?? [])].filter((one) => !one.amChoking).length;
    await world.run(60);
    expect(unchoked()).toBe(5);
    await of(seed, torrent).change({ slots: 1 });
    await world.run(30);
    expect(unchoked()).toBe(2);
    await of(seed, torrent).change({ slots: null });
    await world.run(30);
    expect(unchoked()).toBe(5);
  });

  it("let go of neighbours that are too many, and take others when there may be more", async () => {
    const torrent = world.torrent("content", 100 * mega, 1_048_576);
    const { seed, leeches } = await swarmOf(torrent, 6);
    seed.setLimits(0, 100_000);
    const count = () => of(seed, torrent).swarm?.neighbours.size;
    await world.until(() => count() === 6);
    await of(seed, torrent).change({ connections: 4 });
    expect(count()).toBe(4);
    await world.run(120);
    expect(count()).toBeLessThanOrEqual(4);
    await of(seed, torrent).change({ connections: null });
    await world.until(() => count() === leeches.length);
  });
});

describe("super-seeding", () => {
  it("lasts until others have everything twice, and is then chosen no longer", async () => {
    const torrent = world.torrent("content", 20 * mega, 262_144);
    const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 200_000 });
    await world.add(seed, torrent);
    const own = of(seed, torrent);
    const leeches: Session[] = [];
    for (let i = 1; i <= 6; i++) leeches.push(await world.start(`10.${i}.0.1`, { maxUpRate: 200_000 }));
    for (const leech of leeches) await world.add(leech, torrent, [seed, ...leeches]);
    await world.until(() => own.swarm?.neighbours.size === 6);
    expect(own.swarm?.chokerMode).toBe("seed");
    await own.change({ isSuperSeed: true });
    expect(own.swarm?.chokerMode).toBe("super-seed");
    // Those who knew everything had to come again.
    await world.until(() => own.swarm?.neighbours.size === 6);
    const fields = leeches.map((leech) => [...(of(leech, torrent).swarm?.neighbours.values() ?? [])]);
    expect(fields.flat().some((one) => one.info.endpoint.address === "10.0.0.1" && one.isSeed)).toBe(false);
    await world.until(() => !own.choices.isSuperSeed);
    expect(own.swarm?.chokerMode).toBe("seed");
    expect(own.uploadedBytes).toBeLessThan(1.5 * 20 * mega);
    await world.until(() => leeches.every((leech) => of(leech, torrent).have.isFull));
  });
});

describe("the rules of a session", () => {
  it("change the numbers for all its torrents but those with their own, and of all connections", async () => {
    const torrents = [world.torrent("usual", 100 * mega, 1_048_576), world.torrent("own", 100 * mega, 1_048_576)];
    const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 100_000 });
    for (const torrent of torrents) await world.add(seed, torrent);
    const [usual, own] = torrents.map((torrent) => of(seed, torrent));
    if (usual === undefined || own === undefined) throw new Error("no torrents");
    await own.change({ slots: 7, connections: 3 });
    for (let i = 1; i <= 5; i++) {
      const leech = await world.start(`10.${i}.0.1`);
      for (const torrent of torrents) await world.add(leech, torrent, [seed]);
    }
    await world.until(() => usual.swarm?.neighbours.size === 5 && own.swarm?.neighbours.size === 3);
    seed.apply({
      ...seed.rules,
      limits: { ...seed.rules.limits, slots: 2, up: 50_000 },
      network: { connections: 600, connectionsPerTorrent: 2 },
    });
    expect([usual, own].map(({ swarm }) => swarm?.choker.regularSlots)).toEqual([2, 7]);
    expect([usual, own].map(({ swarm }) => swarm?.neighbours.size)).toEqual([2, 3]);
    expect(seed.upLimit.bytesPerSecond).toBe(50_000);
    seed.apply({ ...seed.rules, network: { connections: 2, connectionsPerTorrent: 2 } });
    expect(seed.connectionCount).toBe(2);
    await world.run(60);
    expect(seed.connectionCount).toBeLessThanOrEqual(2);
  });
});
