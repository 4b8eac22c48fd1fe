/** The engine as a process of its own, found, started, shared and stopped as the UI does it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttachedEngine, attachEngine } from "../../source/commands/attach.ts";
import type { CommandIo } from "../../source/commands/command.ts";
import { assertAsAsked } from "../../source/commands/engine-options.ts";
import type { EngineSettings } from "../../source/commands/host-engine.ts";
import { childEnded } from "../../source/commands/processes.ts";
import type { SessionRow } from "../../source/control/protocol.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { binPath, buildProblem } from "../support/clients/program.ts";

const problem = buildProblem();

describe.skipIf(problem !== "")(`the engine's process ${problem}`, () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-tui-e2e-"));
  const ports = { clock: new NodeClock() };
  const settings: EngineSettings = {
    profile: join(home, "profile"),
    port: 0,
    bind: "127.0.0.1",
    maxDownRate: undefined,
    maxUpRate: 12_345,
    slots: undefined,
  };
  const logPath = join(home, "engine.log");
  const attach = () => attachEngine(ports, settings, { lingerSeconds: 1, logPath });
  const script = process.argv[1];
  const runtime = process.env["XDG_RUNTIME_DIR"];

  beforeAll(() => {
    // The engine is this same program, run again; here that is the test runner.
    process.argv[1] = binPath;
    process.env["XDG_RUNTIME_DIR"] = home;
  });

  afterAll(() => {
    process.argv[1] = script ?? "";
    if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
    else process.env["XDG_RUNTIME_DIR"] = runtime;
    rmSync(home, { recursive: true, force: true });
  });

  const sessionOf = ({ client }: AttachedEngine): Promise<SessionRow> =>
    new Promise((resolve) => {
      const subscription = client.subscribe({ kind: "torrents" }, (frame) => {
        if (frame.kind !== "torrents") return;
        subscription.close();
        resolve(frame.session);
      });
    });

  it("is one, however many look for it at once; and a new one where the last is just ending", async () => {
    const attached = await Promise.all([attach(), attach(), attach()]);
    const [pid] = attached.map(({ client }) => client.engine.pid);
    expect(attached.map(({ client }) => client.engine.pid)).toEqual([pid, pid, pid]);
    const owners = attached.filter(({ process }) => process !== undefined);
    expect(owners.map(({ process }) => process?.pid)).toEqual([pid]);
    const session = await sessionOf(attached[0] as AttachedEngine);
    expect(session).toMatchObject({ pid, listenAddress: "127.0.0.1", maxUpRate: 12_345, profile: settings.profile });

    await attached[1]?.client.request({ name: "shutdown" });
    const next = await attach();
    expect(next.client.engine.pid).not.toBe(pid);
    expect(next.process?.pid).toBe(next.client.engine.pid);
    for (const { client } of attached) {
      await expect(client.request({ name: "limits", maxDownRate: 0, maxUpRate: 0 })).rejects.toMatchObject({
        code: "engine-lost",
      });
    }
    const ended = next.process;
    await next.client.request({ name: "shutdown" });
    if (ended !== undefined) await childEnded(ports.clock, ended, 10_000);
    expect(ended?.exitCode).toBe(0);
    next.client.close();
    expect(readFileSync(logPath, "utf8")).toMatch(/listening on 127\.0\.0\.1 port \d+\n/);
  });

  it("ends by itself when its last client is gone, however that went", async () => {
    const { client, process: engine } = await attach();
    client.close();
    if (engine === undefined) throw new Error("an engine was left");
    await childEnded(ports.clock, engine, 20_000);
    expect(engine.exitCode).toBe(0);
  });

  it("stays the only one when its user logs out and in again, and keeps nobody out once it was killed", async () => {
    const first = await attach();
    // What the system does with the runtime directory at the end of the last session.
    rmSync(join(home, "p2p-tui"), { recursive: true });
    const second = await attach();
    expect([second.client.engine.pid, second.process]).toEqual([first.client.engine.pid, undefined]);
    expect(await sessionOf(first)).toMatchObject({ profile: settings.profile });

    first.process?.kill("SIGKILL");
    if (first.process !== undefined) await childEnded(ports.clock, first.process, 10_000);
    const third = await attach();
    expect(third.client.engine.pid).toBe(third.process?.pid);
    await third.client.request({ name: "shutdown" });
    if (third.process !== undefined) await childEnded(ports.clock, third.process, 10_000);
    for (const { client } of [first, second, third]) client.close();
    expect(existsSync(join(settings.profile, "engine-process"))).toBe(false);
  });

  it("is not taken for one that was asked for with other options", async () => {
    const { client, process: engine } = await attach();
    const io = { environment: { HOME: home }, workingDirectory: home } as unknown as CommandIo;
    await assertAsAsked(io, client, settings);
    await assertAsAsked(io, client, { ...settings, maxUpRate: undefined });
    await expect(assertAsAsked(io, client, { ...settings, bind: "tun0", maxUpRate: 1000 })).rejects.toThrow(
      /--bind \(it has network\.bind = "127\.0\.0\.1"\), --max-up \(it has limits\.up = /,
    );
    client.close();
    if (engine !== undefined) await childEnded(ports.clock, engine, 20_000);
  });

  it("says why it cannot be started", async () => {
    const inTheWay = join(home, "file");
    writeFileSync(inTheWay, "");
    const impossible = { ...settings, profile: join(inTheWay, "profile") };
    await expect(attachEngine(ports, impossible, { lingerSeconds: 1, logPath: undefined })).rejects.toThrow(
      /a part of the path|cannot make the profile/,
    );
  });
});
