import { mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { connectClient } from "../../source/control/client.ts";
import { ControlServer } from "../../source/control/control-server.ts";
import type { Frame } from "../../source/control/protocol.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { type ControlListener, dialControl, listenControl } from "../../source/platform/ws-channel.ts";
import { FakeTarget, hash, torrentRow } from "./fake-target.ts";

const clock = new NodeClock();
let directory = "";
let path = "";
let target: FakeTarget;
let server: ControlServer;
let listener: ControlListener;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "p2p-tui-test-"));
  path = join(directory, "control");
  target = new FakeTarget();
  server = new ControlServer({ clock }, target, { version: "1.0.0", profile: directory, pid: process.pid });
  listener = await listenControl(path, (channel) => server.attach(channel));
});

afterEach(async () => {
  server.close();
  await listener.close();
  await rm(directory, { recursive: true });
});

const connectOverSocket = async () => connectClient({ clock }, await dialControl(path), { version: "1.0.0" });

describe("the control socket", () => {
  it("carries requests, errors, frames and notices", async () => {
    target.rows = [torrentRow(1)];
    target.answer = (command) =>
      command.name === "add" ? Promise.resolve({ infoHash: hash(1), isNew: true }) : Promise.reject(new Error("no"));
    const client = await connectOverSocket();
    expect(client.engine.pid).toBe(process.pid);
    const add = { name: "add", savePath: "/x", isPaused: false, peers: [], mustCheck: false } as const;
    // A large torrent file passes in one message.
    const metainfo = "A".repeat(8_000_000);
    expect(await client.request({ ...add, metainfo })).toEqual({ infoHash: hash(1), isNew: true });
    await expect(client.request({ name: "shutdown" })).rejects.toThrow("no");
    const frame = await new Promise<Frame>((resolve) => {
      client.subscribe({ kind: "torrents" }, resolve);
    });
    expect(frame).toMatchObject({ kind: "torrents", isWhole: true, rows: [{ infoHash: hash(1) }] });
    const heard = new Promise((resolve) => client.onNotice(resolve));
    target.tell({ kind: "warning", message: "w" });
    expect(await heard).toEqual({ kind: "warning", message: "w" });
    client.close();
  });

  it("can be reached by its owner only, and is gone after closing", async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await listener.close();
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(dialControl(path)).rejects.toMatchObject({ code: "no-engine" });
  });

  it("says of an engine that does not answer (a stopped one) that it does not, and not that there is none", async () => {
    const silent = join(directory, "silent");
    const stopped = createServer((socket) => void socket.on("error", () => {}).resume());
    await new Promise<void>((resolve) => stopped.listen(silent, resolve));
    const gone = new Promise<void>((resolve) => stopped.once("connection", (socket) => socket.once("close", resolve)));
    await expect(dialControl(silent, 50)).rejects.toMatchObject({ code: "engine-silent" });
    await gone;
    await new Promise((resolve) => stopped.close(resolve));
  });

  it("tells its clients when the engine goes", async () => {
    const client = await connectOverSocket();
    const closed = new Promise<string>((resolve) => client.onClose(resolve));
    await listener.close();
    expect(await closed).not.toBe("");
    await expect(client.request({ name: "shutdown" })).rejects.toMatchObject({ code: "engine-lost" });
  });

  it("drops whoever does not speak JSON, or speaks HTTP only, or comes from a web page", async () => {
    const dial = (origin?: string) =>
      new WebSocket("ws://localhost/", {
        createConnection: () => connect(path),
        ...(origin === undefined ? {} : { origin }),
      });
    const text = dial();
    const ended = new Promise((resolve) => text.once("close", resolve));
    text.once("open", () => text.send("{"));
    expect(await ended).toBe(1007);
    const page = dial("http://example.com");
    const refused = await new Promise<Error>((resolve) => page.once("error", resolve));
    expect(refused.message).toContain("403");
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(path, () => socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
      socket.once("data", (data) => {
        socket.destroy();
        resolve(data.toString());
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 426/);
    expect(server.clientCount).toBe(0);
  });

  it("replaces a socket that was left behind, and nothing else", async () => {
    const other = join(directory, "file");
    await writeFile(other, "precious");
    await expect(listenControl(other, () => {})).rejects.toMatchObject({ code: "listen-failed" });
    const linked = join(directory, "link");
    await symlink(other, linked);
    await expect(listenControl(linked, () => {})).rejects.toMatchObject({ code: "listen-failed" });
  });
});
