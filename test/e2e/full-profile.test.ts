/**
 * Profile and downloads on one disk, and that disk is full: what the user decides is still remembered, also over a kill, and the
 * download goes on by itself when there is room.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { InfoHash } from "../../source/base/ids.ts";
import { dialIfThere } from "../../source/commands/attach.ts";
import { enginePlace } from "../../source/commands/engine-place.ts";
import type { EngineClient } from "../../source/control/engine-client.ts";
import type { TorrentRow } from "../../source/control/protocol.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { ManagedProcess } from "../support/clients/managed-process.ts";
import { buildProblem, ProgramRun } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { newMark } from "../support/marked-processes.ts";
import { singleFile, writePayload } from "../support/payload.ts";
import { missingPrograms, mountProblem, reasonToSkip } from "../support/requirements.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(missingPrograms("unshare", "nsenter", "mount"), mountProblem(), buildProblem());

describe.skipIf(reason !== "")(`a full disk under the profile ${reason}`, () => {
  let home = "";
  let mark = newMark();
  const runtime = process.env["XDG_RUNTIME_DIR"];
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "p2p-full-"));
    mkdirSync(join(home, "run"), { mode: 0o700 });
    process.env["XDG_RUNTIME_DIR"] = join(home, "run");
    mark = newMark();
  });
  afterEach(() => {
    mark.killAll();
    if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
    else process.env["XDG_RUNTIME_DIR"] = runtime;
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  test("keeps labels and the list over a kill, and goes on when there is room", async () => {
    const env = { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment };
    const disk = join(home, "disk");
    mkdirSync(disk);
    const mounted = Promise.withResolvers<void>();
    const script = `mount -t tmpfs -o size=120m tmpfs '${disk}' && head -c 50000000 /dev/zero > '${disk}/filler' && echo ready && exec sleep 1000`;
    const holder = new ManagedProcess("mount", "unshare", ["--mount", "sh", "-c", script], {
      env,
      onLine: () => mounted.resolve(),
    });
    await mounted.promise;
    const inside = ["nsenter", "-t", String(holder.pid), "-m"];
    const within = (...command: readonly string[]): string =>
      execFileSync("nsenter", [...inside.slice(1), ...command], { encoding: "utf8" });

    const payload = writePayload(join(home, "seed"), singleFile("large.bin", 90_000_001), "large");
    const out = join(home, "large.torrent");
    const plan = { payload, out, pieceLength: 65_536, tracker: "http://127.0.0.1:9/announce" };
    const infoHash = makeTorrent("p2p-tui", plan) as InfoHash;
    const place = ["--dir", join(home, "seed"), "--profile", join(home, "seed-profile")];
    const loopback = ["--bind", "127.0.0.1", "--port", "0"];
    const logs = ["seed", "engine"].map((name) => join(home, `${name}.log`));
    const [seedLog = "", engineLog = ""] = logs;
    const seed = new ProgramRun(["seed", out, ...place, ...loopback, "--json", "--log", seedLog], { env });
    const { port } = await seed.until("listening");
    await seed.until("seeding");

    const profile = join(disk, "profile");
    const start = () =>
      new ProgramRun(
        ["engine", "run", "--profile", profile, ...loopback, "--log", engineLog],
        { env },
        { wrap: inside },
      );
    const until = (what: string, isSo: () => boolean): Promise<void> =>
      waitUntil(what, 60_000, isSo, () => [JSON.stringify(row()), ...logs.map(textOf)].join("\n"));
    let engine = start();
    let client = await connect(profile);
    let row = watch(client);
    await client.request({
      name: "add",
      metainfo: readFileSync(out).toString("base64"),
      savePath: join(disk, "downloads"),
      isPaused: false,
      peers: [`127.0.0.1:${port}`],
      mustCheck: false,
    });
    await until("the disk is full", () => row()?.state === "failed");
    expect(row()?.reason).toContain("the disk is full");
    const verified = row()?.verifiedLength ?? 0;
    expect(verified).toBeGreaterThan(40_000_000);
    // At most what was held in reserve: the record of the failed torrent was the first to need it.
    expect(Number(/\d+/.exec(within("df", "--output=avail", disk))?.[0])).toBeLessThan(4200);
    await client.request({ name: "change", infoHash, changes: { labels: ["kept"], maxUpRate: 12_345 } });
    engine.process.kill("SIGKILL");
    await engine.process.exited;

    engine = start();
    client = await connect(profile);
    row = watch(client);
    await until("it has failed again", () => row()?.state === "failed");
    // It did not begin to fill what the reserve had left.
    expect(row()).toMatchObject({ labels: ["kept"], verifiedLength: verified });
    expect(row()?.reason).toContain("still to come");
    await client.request({ name: "change", infoHash, changes: { labels: ["kept", "still"] } });
    within("rm", join(disk, "filler"));
    await until("it is complete", () => row()?.state === "seeding");
    expect(row()?.labels).toEqual(["kept", "still"]);
    const [digest] = within("sha256sum", join(disk, "downloads/large.bin")).split(" ");
    expect(digest).toBe(payload.files[0]?.sha256);
    client.close();
    expect(await engine.process.stop()).toBe(0);
    expect(await seed.process.stop()).toBe(0);
  });
});

async function connect(profile: string): Promise<EngineClient> {
  let client: EngineClient | undefined;
  await waitUntil("the engine can be attached to", 30_000, async () => {
    const { controlPath } = await enginePlace(profile);
    client = await dialIfThere({ clock: new NodeClock() }, controlPath).catch(() => undefined);
    return client !== undefined;
  });
  return client as EngineClient;
}

/** @returns how to see the first torrent as it is now. */
function watch(client: EngineClient): () => TorrentRow | undefined {
  let row: TorrentRow | undefined;
  client.subscribe({ kind: "torrents" }, (frame) => {
    if (frame.kind === "torrents") row = frame.rows[0] ?? row;
  });
  return () => row;
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
