/**
 * An engine killed without warning at random instants of adding, removing, pausing, labelling, setting and downloading, and
 * started again: the list and the settings are as the last answers said, and verified pieces stay verified. `KILLS=200` kills more often than the default.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../source/base/random.ts";
import { dialIfThere } from "../../source/commands/attach.ts";
import { enginePlace } from "../../source/commands/engine-place.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { buildProblem, ProgramRun } from "../support/clients/program.ts";
import { ListModel, type ModelTorrent } from "../support/list-model.ts";
import { newMark } from "../support/marked-processes.ts";
import { folder, type Payload, singleFile, writePayload } from "../support/payload.ts";
import { reasonToSkip } from "../support/requirements.ts";
import { SettingsModel } from "../support/settings-model.ts";
import { infoHashOf, makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(buildProblem());
const kills = Number(process.env["KILLS"] ?? 30);
const tracker = "http://127.0.0.1:9/announce";

describe.skipIf(reason !== "")(`an engine that is killed ${reason}`, () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-engine-kill-"));
  const profile = join(home, "profile");
  const mark = newMark();
  const ports = { clock: new NodeClock(), hasher: new NodeHasher() };
  const runtime = process.env["XDG_RUNTIME_DIR"];
  const options = { env: { HOME: home, XDG_RUNTIME_DIR: home, ...mark.environment } };

  beforeAll(() => {
    process.env["XDG_RUNTIME_DIR"] = home;
  });
  afterAll(() => {
    if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
    else process.env["XDG_RUNTIME_DIR"] = runtime;
    mark.killAll();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  function torrentOf(payload: Payload, isKept: boolean, peers: readonly string[]): ModelTorrent {
    const out = join(home, `${payload.name}.torrent`);
    expect(makeTorrent("p2p-tui", { payload, out, pieceLength: 32_768, tracker })).toBe(infoHashOf(out));
    const bytes = readFileSync(out);
    const { infoHash, files } = parseMetainfo(bytes, ports.hasher);
    const name = files[0]?.path[0] ?? "";
    return { infoHash, metainfo: bytes.toString("base64"), name, fileCount: files.length, peers, isKept };
  }

  async function start() {
    const engine = new ProgramRun(
      ["engine", "run", "--profile", profile, "--bind", "127.0.0.1", "--port", "0", "--max-down", "2MB"],
      options,
    );
    return engine;
  }

  test(`${kills} times keeps its list, what was decided, and what was verified`, { timeout: 900_000 }, async () => {
    const random = new SeededRandom(20);
    const large = writePayload(join(home, "seed"), folder("large", 60_000_001), "large");
    const out = join(home, "large.torrent");
    const wanted = torrentOf(large, true, []);
    const place = ["--dir", join(home, "seed"), "--profile", join(home, "seed-profile"), "--bind", "127.0.0.1"];
    const seed = new ProgramRun(["seed", out, ...place, "--port", "0", "--json"], options);
    const { port } = await seed.until("listening");
    await seed.until("seeding");
    const torrents: ModelTorrent[] = [{ ...wanted, peers: [`127.0.0.1:${port}`] }];
    for (let i = 0; i < 12; i++) {
      const plan = i % 3 === 0 ? singleFile(`small-${i}`, 100_000 + i) : folder(`small-${i}`, 200_000 + i);
      torrents.push(torrentOf(writePayload(join(home, "others"), plan, `small ${i}`), false, []));
    }
    const model = new ListModel(random, torrents, [join(home, "a"), join(home, "b")]);
    const settings = new SettingsModel(random);

    for (let kill = 0; kill < kills; kill++) {
      const engine = await start();
      const lifeMs = random.uint32() % 600;
      // Some are killed while they start.
      if (kill % 5 === 4) {
        await new Promise((resolve) => setTimeout(resolve, lifeMs));
        engine.process.kill("SIGKILL");
        await engine.process.exited;
        continue;
      }
      const client = await connect();
      expect(await model.problems(client), `after ${kill} kills`).toEqual([]);
      expect(await settings.problems(client), `after ${kill} kills`).toEqual([]);
      client.subscribe({ kind: "torrents" }, (frame) => {
        if (frame.kind === "torrents") model.saw(frame.rows);
      });
      let isOver = false;
      const workers = Array.from({ length: 3 }, async () => {
        while (!isOver) await model.act(client);
      });
      const setting = (async () => {
        let isAnswered = true;
        while (!isOver && isAnswered) isAnswered = await settings.act(client);
      })();
      await new Promise((resolve) => setTimeout(resolve, lifeMs));
      engine.process.kill("SIGKILL");
      isOver = true;
      await engine.process.exited;
      await Promise.all([...workers, setting]);
    }
    const engine = await start();
    const client = await connect();
    expect(await model.problems(client)).toEqual([]);
    expect(await settings.problems(client)).toEqual([]);
    expect(settings.answered).toBeGreaterThan(kills);
    expect(readdirSync(join(profile, "torrents")).filter((name) => name === "damaged")).toEqual([]);
    await client.request({ name: "resume", infoHash: wanted.infoHash }).catch(() => undefined);
    client.close();
    expect(await engine.process.stop()).toBe(0);
    expect(model.answered).toBeGreaterThan(kills);
    process.stdout.write(
      `${kills} kills: ${model.answered} requests answered, ${model.lost} without an answer; settings ${settings.answered}, ${settings.lost}\n`,
    );
    expect(await seed.process.stop()).toBe(0);
  });

  async function connect() {
    const { controlPath } = await enginePlace(profile);
    for (;;) {
      const client = await dialIfThere(ports, controlPath).catch(() => undefined);
      if (client !== undefined) return client;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});
