import { describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import { type ForegroundPlan, followInForeground } from "../../source/commands/foreground.ts";
import { JsonReporter } from "../../source/commands/json-reporter.ts";
import type { LoadedTorrent } from "../../source/commands/load-torrent.ts";
import { connectClient } from "../../source/control/client.ts";
import { ControlServer } from "../../source/control/control-server.ts";
import { memoryChannel } from "../../source/control/memory-channel.ts";
import type { Metainfo } from "../../source/metainfo/metainfo.ts";
import { FakeTarget, hash, sessionRow, torrentRow } from "../control/fake-target.ts";
import { settle, VirtualClock } from "../support/virtual-clock.ts";
import { FakeIo } from "./fake-io.ts";

const totalLength = 1000;

function torrent(n: number): LoadedTorrent {
  const metainfo = { infoHash: hash(n), name: `torrent ${n}`, totalLength } as Metainfo;
  return { bytes: new Uint8Array([n, 2, 3]), metainfo };
}

async function begin(mode: ForegroundPlan["mode"], count: number, answer?: FakeTarget["answer"]) {
  const clock = new VirtualClock();
  const target = new FakeTarget();
  if (answer !== undefined) target.answer = answer;
  const server = new ControlServer({ clock }, target, { version: "1", profile: "/p", pid: 1 });
  const { client: end, engine } = memoryChannel();
  server.attach(engine);
  const client = await connectClient({ clock }, end, { version: "1" });
  const io = new FakeIo();
  const stop = new AbortController();
  const torrents = Array.from({ length: count }, (_, i) => torrent(i + 1));
  const plan = { mode, torrents, directory: "/downloads", peers: ["127.0.0.1:5"] };
  let code: number | undefined;
  const over = followInForeground(clock, client, new JsonReporter(io.out), plan, stop.signal).then((value) => {
    code = value;
  });
  // A rejection is looked at by the tests that expect it.
  over.catch(() => {});
  await clock.run(10);
  const tell = async (notice: Parameters<FakeTarget["tell"]>[0]): Promise<void> => {
    target.tell(notice);
    await settle();
  };
  const checked = (n: number, verifiedLength: number) =>
    tell({ kind: "checked", infoHash: hash(n), verifiedLength, totalLength });
  const complete = (n: number, seconds = 2) =>
    tell({ kind: "complete", infoHash: hash(n), bytes: totalLength, seconds });
  const seeding = (n: number) => tell({ kind: "seeding", infoHash: hash(n) });
  const failed = (n: number) =>
    tell({ kind: "failed", infoHash: hash(n), code: "disk-full", message: "the disk is full" });
  const names = () => io.events.map(({ event }) => event);
  return {
    clock,
    target,
    server,
    client,
    io,
    stop,
    over,
    code: () => code,
    checked,
    complete,
    seeding,
    failed,
    tell,
    names,
  };
}

describe("get", () => {
  it("adds every torrent with its peers, and ends when all are complete", async () => {
    const run = await begin("get", 2);
    expect(run.target.commands).toEqual(
      [1, 2].map((n) => ({
        name: "add",
        metainfo: Buffer.from([n, 2, 3]).toString("base64"),
        savePath: "/downloads",
        isPaused: false,
        peers: ["127.0.0.1:5"],
        mustCheck: false,
      })),
    );
    await run.checked(1, 0);
    await run.complete(1);
    expect(run.code()).toBeUndefined();
    await run.complete(2);
    expect(run.code()).toBe(0);
    expect(run.names()).toEqual(["listening", "added", "added", "checked", "complete", "complete"]);
    await run.clock.run(5000);
    expect(run.names()).not.toContain("progress");
  });

  it("tells progress once a second", async () => {
    const run = await begin("get", 1);
    run.target.rows = [torrentRow(1, { verifiedLength: 500 }), torrentRow(9)];
    await run.clock.run(3000);
    const progress = run.io.events.filter(({ event }) => event === "progress");
    expect(progress).toHaveLength(3);
    expect(progress[2]).toMatchObject({ infoHash: hash(1), bytes: 500 });
  });

  it("says why a download that has no neighbours has none", async () => {
    const run = await begin("get", 1);
    run.target.rows = [torrentRow(1)];
    await run.clock.run(3000);
    expect(run.io.events.at(-1)).toMatchObject({ event: "progress", reason: "its trackers know no other peer" });
    run.target.rows = [torrentRow(1, { neighbours: 1 })];
    await run.clock.run(3000);
    expect(run.io.events.at(-1)).toMatchObject({ event: "progress", reason: "" });
    // One subscription more only while somebody waits.
    const asked = run.target.topics.length;
    await run.clock.run(3000);
    expect(run.target.topics).toHaveLength(asked);
  });

  it("is done at once where everything is there", async () => {
    const run = await begin("get", 1);
    await run.checked(1, totalLength);
    await run.seeding(1);
    expect(run.code()).toBe(0);
    expect(run.io.events.at(-1)).toMatchObject({ event: "complete", bytes: totalLength, seconds: 0 });
  });

  it("finishes the others when one fails, and then fails", async () => {
    const run = await begin("get", 2);
    await run.failed(1);
    await run.failed(1);
    expect(run.code()).toBeUndefined();
    await run.complete(2);
    expect(run.code()).toBe(1);
    expect(run.names().filter((name) => name === "failed")).toHaveLength(1);
  });

  it("fails where the engine refuses the torrent, or somebody removes it", async () => {
    const refuse = () => Promise.reject(new OperationalError("v2-only", "this torrent is v2 only"));
    const refused = await begin("get", 1, refuse);
    expect(refused.code()).toBe(1);
    expect(refused.io.events.at(-1)).toMatchObject({ event: "failed", code: "v2-only" });
    const removed = await begin("get", 1);
    await removed.tell({ kind: "removed", isKept: true, inTrash: "", infoHash: hash(1), name: "x" });
    expect(removed.code()).toBe(1);
  });

  it("is interrupted by a signal unless it was complete", async () => {
    const run = await begin("get", 2);
    await run.complete(1);
    run.stop.abort();
    await settle();
    expect(run.code()).toBe(130);
    const done = await begin("get-and-seed", 1);
    await done.complete(1);
    await done.seeding(1);
    expect(done.code()).toBeUndefined();
    expect(done.names().slice(-2)).toEqual(["complete", "seeding"]);
    done.stop.abort();
    await settle();
    expect(done.code()).toBe(0);
  });

  it("rejects when the engine is lost", async () => {
    const run = await begin("get", 1);
    run.server.close();
    await expect(run.over).rejects.toMatchObject({ code: "engine-lost" });
    expect(run.clock.pendingTimers).toBe(0);
  });

  it("warns once that nobody can connect", async () => {
    const run = await begin("get", 1);
    const listenProblem = "port 6881 is taken";
    run.target.sessionNow = sessionRow({ listenAddress: null, listenPort: null, listenProblem });
    await run.clock.run(500);
    run.target.sessionNow = sessionRow({ listenAddress: null, listenPort: null, listenProblem, upSeconds: 1 });
    await run.clock.run(500);
    const warnings = run.io.events.filter(({ event }) => event === "warning");
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).toContain(listenProblem);
  });
});

describe("seed", () => {
  it("seeds what is complete until a signal", async () => {
    const run = await begin("seed", 1);
    await run.checked(1, totalLength);
    await run.seeding(1);
    expect(run.names()).toEqual(["listening", "added", "checked", "seeding"]);
    run.stop.abort();
    await settle();
    expect(run.code()).toBe(0);
  });

  it("takes what is not complete out again, without its files, and fails when nothing is left", async () => {
    const run = await begin("seed", 2);
    await run.checked(1, 400);
    expect(run.target.commands.at(-1)).toEqual({ name: "remove", infoHash: hash(1), data: "keep" });
    expect(run.code()).toBeUndefined();
    await run.checked(2, 0);
    expect(run.code()).toBe(1);
    const messages = run.io.events.filter(({ event }) => event === "failed");
    expect(messages).toMatchObject([
      { code: "incomplete" },
      { code: "incomplete", message: "nothing of it is in /downloads" },
    ]);
    expect(JSON.stringify(messages[0])).toContain("get --seed");
  });

  it("goes on with the rest, and says so in its exit code", async () => {
    const run = await begin("seed", 2);
    await run.checked(1, 0);
    await run.checked(2, totalLength);
    await run.seeding(2);
    expect(run.code()).toBeUndefined();
    run.stop.abort();
    await settle();
    expect(run.code()).toBe(1);
  });
});
