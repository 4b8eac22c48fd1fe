/** What a profile remembers of all its runs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import type { RecordPlace } from "../../../source/engine/profile/profile-record.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { SessionWorld } from "../../support/session-world.ts";

let world = new SessionWorld();
let folder = "";
let warnings: string[] = [];
beforeEach(() => {
  world = new SessionWorld();
  folder = mkdtempSync(join(tmpdir(), "p2p-lifetime-"));
  warnings = [];
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const records = (): RecordPlace => ({
  files: new NodeFileSystem(),
  folder,
  warn: (message) => warnings.push(message),
});

describe("the statistics of all runs", () => {
  it("add up what was moved, also of torrents that are gone, and how long and often the engine ran", async () => {
    const content = world.torrent("content", 500_000);
    const seed = await world.start("10.0.0.1", { isSeed: true, records: records() });
    await world.add(seed, content);
    const leech = await world.start("10.1.0.1");
    await world.add(leech, content, [seed]);
    await world.until(() => leech.torrent(content.infoHash).have.isFull);
    expect(seed.house.lifetime.totals).toMatchObject({ uploaded: 500_000, downloaded: 0, sessions: 1 });
    expect(leech.house.lifetime.totals).toMatchObject({ downloaded: 500_000, uploaded: 0 });
    const removing = seed.remove(content.infoHash, "torrent");
    await world.run(1000);
    await removing;
    const { seconds } = seed.house.lifetime.totals;
    await world.stop(seed);
    await world.run(50_000);
    const again = await world.start("10.0.0.1", { isSeed: true, records: records() });
    expect(again.house.lifetime.totals).toMatchObject({ uploaded: 500_000, sessions: 2 });
    expect(again.house.lifetime.totals.seconds - seconds).toBeLessThan(20);
    expect(warnings).toEqual([]);
  });

  it("are at most a minute old when the engine is killed", async () => {
    const session = await world.start("10.0.0.1", { records: records() });
    session.house.lifetime.downloaded = 7;
    await world.run(61);
    // Nobody says that it ends.
    await vi.waitUntil(() => existsSync(join(folder, "statistics")));
    const next = await world.start("10.0.0.2", { records: records() });
    const { totals } = next.house.lifetime;
    expect(totals).toMatchObject({ downloaded: 7, uploaded: 0, sessions: 2 });
    expect(totals.seconds).toBeGreaterThanOrEqual(60);
  });

  it("are kept by an engine that cannot start, and so has never read them", async () => {
    const first = await world.start("10.0.0.1", { records: records() });
    first.house.lifetime.uploaded = 7;
    await world.stop(first);
    const written = ["statistics", "graphs"].map((name) => readFileSync(join(folder, name), "utf8"));
    const address = new OperationalError("no-such-address", "10.0.0.2 is no address of this machine");
    const network = { ...world.network.host("10.0.0.2"), listen: () => Promise.reject(address) };
    await expect(world.start("10.0.0.2", { records: records(), network })).rejects.toThrow("no address");
    await world.close();
    expect(["statistics", "graphs"].map((name) => readFileSync(join(folder, name), "utf8"))).toEqual(written);
  });

  it("begin anew where their record is damaged, and it is set aside", async () => {
    const first = await world.start("10.0.0.1", { records: records() });
    await world.stop(first);
    const path = join(folder, "statistics");
    writeFileSync(path, `${readFileSync(path, "utf8")} `);
    const second = await world.start("10.0.0.1", { records: records() });
    expect(second.house.lifetime.totals.sessions).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(readFileSync(`${path}.damaged`, "utf8")).toContain("p2p-tui statistics 1");
  });
});
