/** The setting `downloads.preallocate`, from its file to the blocks that files have on the disk. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HostedEngine, hostEngine } from "../../source/commands/host-engine.ts";
import { openSettings } from "../../source/commands/settings-place.ts";
import { createMetainfo } from "../../source/metainfo/create-metainfo.ts";
import { canReserve } from "../support/can-reserve.ts";
import { realPorts } from "../support/real-ports.ts";
import { onlyTorrent } from "../support/session-parts.ts";
import { FakeIo } from "./fake-io.ts";

const length = 3_000_000;
const reason = await canReserve(tmpdir());
let home = "";
let engines: HostedEngine[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "p2p-preallocate-"));
  engines = [];
});
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  rmSync(home, { recursive: true, force: true });
});

async function start(name: string, torrents: "all" | "named", text = "") {
  const profile = join(home, name);
  mkdirSync(profile, { recursive: true });
  writeFileSync(join(profile, "settings.toml"), text);
  const io = new FakeIo({ home });
  io.environment.P2P_TUI_DHT = "off";
  io.environment.P2P_TUI_LSD = "off";
  const settings = await openSettings(io, { profile, port: 0, bind: "127.0.0.1" });
  await settings.prepare();
  const engine = hostEngine(profile, { command: "test", torrents, settings });
  engines.push(engine);
  await engine.start();
  return { ...engine, settings };
}

/** A torrent of one file, which is at `seed/NAME`. */
async function makeTorrent(name: string, of = length): Promise<Uint8Array> {
  const path = join(home, "seed", name);
  mkdirSync(join(home, "seed"), { recursive: true });
  writeFileSync(path, Buffer.alloc(of, name));
  return createMetainfo(realPorts(), { path, trackers: [], pieceLength: 65_536, createdBy: "test" });
}

const place = { isPaused: false, peers: [] as string[], mustCheck: false };
const pathOf = (name: string) => join(home, "downloads", name);

it.each(["all", "named"] as const)("has the space of files taken before their bytes come (%s)", async (torrents) => {
  const metainfo = await makeTorrent("taken");
  const { session } = await start("leech", torrents, '[downloads]\npreallocate = "full"\n');
  await session.add(metainfo, { ...place, savePath: join(home, "downloads") });
  await expect.poll(() => onlyTorrent(session).state).toBe("downloading");
  const stat = statSync(pathOf("taken"));
  expect(stat.size).toBe(length);
  expect(stat.blocks * 512).toBeGreaterThanOrEqual(length);
  // Zeros are no progress.
  expect(onlyTorrent(session)).toMatchObject({ verifiedLength: 0, leftLength: length, wantedLength: length });
});

it("is what the file system reserves, and only of long files, where nothing is said", async () => {
  const { session } = await start("leech", "all");
  await session.add(await makeTorrent("not"), { ...place, savePath: join(home, "downloads") });
  await expect.poll(() => onlyTorrent(session).state).toBe("downloading");
  expect(existsSync(pathOf("not"))).toBe(false);
  await session.add(await makeTorrent("reserved", 16 * 1024 * 1024), { ...place, savePath: join(home, "downloads") });
  const held = () => (existsSync(pathOf("reserved")) ? statSync(pathOf("reserved")).blocks * 512 : -1);
  await expect.poll(held).toBeGreaterThanOrEqual(reason === "" ? 16 * 1024 * 1024 : 0);
  expect(statSync(pathOf("reserved")).size).toBe(0);
});

it("counts, changed, for the torrents that begin from then on", async () => {
  const { session, settings } = await start("leech", "all");
  await session.add(await makeTorrent("not"), { ...place, savePath: join(home, "downloads") });
  await expect.poll(() => onlyTorrent(session).state).toBe("downloading");
  expect(existsSync(pathOf("not"))).toBe(false);
  await settings.change([{ key: "downloads.preallocate", text: "true" }]);
  await session.add(await makeTorrent("taken"), { ...place, savePath: join(home, "downloads") });
  await expect.poll(() => existsSync(pathOf("taken")) && statSync(pathOf("taken")).size).toBe(length);
  expect(existsSync(pathOf("not"))).toBe(false);
});

it("makes files that are known for what they are after a stop, and become right", async () => {
  const metainfo = await makeTorrent("taken");
  const text = "[downloads]\npreallocate = true\n";
  const first = await start("leech", "all", text);
  await first.session.add(metainfo, { ...place, savePath: join(home, "downloads") });
  await expect.poll(() => onlyTorrent(first.session).state).toBe("downloading");
  await first.stop();
  const { session } = await start("leech", "all", text);
  await expect.poll(() => onlyTorrent(session).state).toBe("downloading");
  expect(onlyTorrent(session)).toMatchObject({ verifiedLength: 0, leftLength: length });
  const log = onlyTorrent(session).eventLog.last(100);
  expect(log.map(({ text }) => text)).toContain("have 0 of 46 pieces, 0 checked");
  const seed = await start("seeding", "named");
  await seed.session.add(metainfo, { ...place, savePath: join(home, "seed") });
  await expect.poll(() => onlyTorrent(seed.session).state).toBe("seeding");
  if (seed.session.listening === undefined) throw new Error("not listening");
  onlyTorrent(session).run?.addPeers([seed.session.listening], "manual");
  await expect.poll(() => onlyTorrent(session).state, { timeout: 20_000 }).toBe("seeding");
  expect(readFileSync(pathOf("taken")).equals(Buffer.alloc(length, "taken"))).toBe(true);
}, 40_000);
