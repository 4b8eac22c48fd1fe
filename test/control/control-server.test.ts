import { describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import type { InfoHash } from "../../source/base/ids.ts";
import type { Channel } from "../../source/control/channel.ts";
import { connectClient } from "../../source/control/client.ts";
import { ControlServer } from "../../source/control/control-server.ts";
import type { EngineClient } from "../../source/control/engine-client.ts";
import { clientsMax, subscriptionsMax } from "../../source/control/limits.ts";
import { memoryChannel } from "../../source/control/memory-channel.ts";
import {
  type ClientMessage,
  type EngineMessage,
  type Frame,
  type Notice,
  protocolVersion,
  type TorrentsFrame,
} from "../../source/control/protocol.ts";
import { settle, VirtualClock } from "../support/virtual-clock.ts";
import { FakeTarget, hash, noSuchTorrent, sessionRow, torrentRow, torrentTopic } from "./fake-target.ts";

const options = { version: "1.2.3", profile: "/tmp/profile", pid: 77 };

function setUp() {
  const clock = new VirtualClock();
  const target = new FakeTarget();
  const server = new ControlServer({ clock }, target, options);
  const connect = (): Promise<EngineClient> => {
    const channel = memoryChannel();
    server.attach(channel.engine);
    return connectClient({ clock }, channel.client, { version: "1.2.3" });
  };
  /** A client that a test plays itself, message by message. */
  const raw = () => {
    const { client, engine } = memoryChannel();
    const received: EngineMessage[] = [];
    let closed: string | undefined;
    client.onMessage = (message) => received.push(message as EngineMessage);
    client.onClose = (reason) => {
      closed = reason;
    };
    server.attach(engine);
    const send = async (message: unknown): Promise<void> => {
      (client as Channel<unknown, unknown>).send(message);
      await settle();
    };
    const hello = () => send({ type: "hello", protocol: protocolVersion, version: "0" } satisfies ClientMessage);
    return { received, send, hello, isClosed: () => closed !== undefined, close: () => client.close() };
  };
  return { clock, target, server, connect, raw };
}

function torrents(frame: Frame | undefined): TorrentsFrame {
  if (frame?.kind !== "torrents") throw new Error(`no list but ${frame?.kind}`);
  return frame;
}

describe("what is wrong with all of it", () => {
  it("is told to whoever begins to watch the list, and to nobody else", async () => {
    const { connect, target } = setUp();
    target.standing = [{ kind: "warning", message: "settings.toml: line 3: what is this?" }];
    const heard: Notice[] = [];
    const client = await connect();
    client.onNotice((notice) => heard.push(notice));
    client.subscribe(torrentTopic(1), () => {});
    await client.request({ name: "stay" });
    expect(heard).toEqual([]);
    client.subscribe({ kind: "torrents" }, () => {});
    await client.request({ name: "stay" });
    expect(heard).toEqual(target.standing);
  });
});

describe("the greeting", () => {
  it("tells the client which engine it has", async () => {
    const { connect, server } = setUp();
    const client = await connect();
    expect(client.engine).toEqual({ version: "1.2.3", pid: 77, profile: "/tmp/profile" });
    expect(server.clientCount).toBe(1);
  });

  it("tells a client of another protocol version its own, and closes", async () => {
    const { raw, server } = setUp();
    const client = raw();
    await client.send({ type: "hello", protocol: protocolVersion + 1, version: "9" });
    expect(client.received).toEqual([{ type: "welcome", protocol: protocolVersion, ...options }]);
    expect(client.isClosed()).toBe(true);
    expect(server.clientCount).toBe(0);
  });

  it("is refused by a client that meets another version", async () => {
    const { client, engine } = memoryChannel();
    engine.onMessage = () =>
      engine.send({ type: "welcome", protocol: protocolVersion + 1, version: "9.9.9", pid: 5, profile: "/p" });
    const connecting = connectClient({ clock: new VirtualClock() }, client, { version: "1.2.3" });
    await expect(connecting).rejects.toMatchObject({ code: "engine-version" });
    await expect(connecting).rejects.toThrow(/9\.9\.9 \(process 5\)/);
  });

  it("times out on both sides", async () => {
    const { clock, raw } = setUp();
    const silent = raw();
    await clock.run(10_000);
    expect(silent.isClosed()).toBe(true);
    const connecting = connectClient({ clock }, memoryChannel().client, { version: "1" });
    const result = expect(connecting).rejects.toMatchObject({ code: "engine-silent" });
    await clock.run(10_000);
    await result;
    expect(clock.pendingTimers).toBe(0);
  });

  it("comes before anything else, and once", async () => {
    const { raw, target } = setUp();
    const rude = raw();
    await rude.send({ type: "request", id: 1, command: { name: "shutdown" } });
    expect(rude.isClosed()).toBe(true);
    const twice = raw();
    await twice.hello();
    await twice.hello();
    expect(twice.isClosed()).toBe(true);
    expect(target.commands).toEqual([]);
  });

  it("ends the connection of whoever sends anything that is not in the protocol", async () => {
    const { raw } = setUp();
    for (const garbage of [null, 1, "hello", [], {}, { type: "ack" }, { type: "subscribe", subscription: -1 }]) {
      const client = raw();
      await client.hello();
      await client.send(garbage);
      expect(client.isClosed(), JSON.stringify(garbage)).toBe(true);
    }
  });
});

describe("requests", () => {
  it("that cannot be understood are refused, each by itself: the client and what else it asked for stay", async () => {
    const { raw, connect, target } = setUp();
    const client = await connect();
    target.answer = () => Promise.resolve(null);
    const command = { name: "kick", infoHash: hash(1), endpoint: "x".repeat(10_000) } as const;
    const refused = expect(client.request(command)).rejects.toMatchObject({
      code: "bad-message",
      message: expect.stringContaining("endpoint"),
    });
    const other = client.request({ name: "pause", infoHash: hash(1) });
    await refused;
    expect(await other).toBeNull();
    const later = raw();
    await later.hello();
    await later.send({ type: "request", id: 7, command: { name: "of another version" } });
    expect(later.received.at(-1)).toMatchObject({ type: "reply", id: 7, isOk: false, code: "bad-message" });
    expect(later.isClosed()).toBe(false);
    await later.send({ type: "request", id: "seven", command: { name: "stay" } });
    expect(later.isClosed()).toBe(true);
  });

  it("name labels as long and as many as somebody types: what is wrong with them the engine says", async () => {
    const { connect, target } = setUp();
    const client = await connect();
    target.answer = () => Promise.reject(new OperationalError("bad-label", "a label has at most 64 characters"));
    const changes = { labels: ["a".repeat(65), ...Array.from({ length: 40 }, (_, n) => `label ${n}`)] };
    const change = { name: "change", infoHash: hash(1), changes } as const;
    await expect(client.request(change)).rejects.toMatchObject({ code: "bad-label" });
  });

  it("answers with the result, or with the code and sentence of the error", async () => {
    const { connect, target } = setUp();
    const client = await connect();
    target.answer = () => Promise.resolve({ infoHash: hash(1), isNew: true });
    const command = {
      name: "add",
      metainfo: "AAAA",
      savePath: "/x",
      isPaused: false,
      peers: ["h:1"],
      mustCheck: false,
    } as const;
    expect(await client.request(command)).toEqual({ infoHash: hash(1), isNew: true });
    expect(target.commands).toEqual([command]);
    target.answer = noSuchTorrent;
    await expect(client.request({ name: "pause", infoHash: hash(9) })).rejects.toMatchObject({
      code: "no-torrent",
      message: "there is no such torrent",
    });
    target.answer = () => Promise.reject(new TypeError("a bug"));
    await expect(client.request({ name: "pause", infoHash: hash(9) })).rejects.toMatchObject({ code: "internal" });
  });

  it("rejects what is pending when the engine goes, and everything after", async () => {
    const { connect, target, server, clock } = setUp();
    const client = await connect();
    target.answer = () => new Promise(() => {});
    const pending = client.request({ name: "shutdown" });
    const result = expect(pending).rejects.toMatchObject({ code: "engine-lost" });
    const reasons: string[] = [];
    client.onClose((reason) => reasons.push(reason));
    await settle();
    server.close();
    await result;
    expect(reasons).toHaveLength(1);
    await expect(client.request({ name: "shutdown" })).rejects.toBeInstanceOf(OperationalError);
    expect(clock.pendingTimers).toBe(0);
    expect(target.listeners.size).toBe(0);
  });

  it("gives up on an engine that does not answer", async () => {
    const { connect, target, clock } = setUp();
    const client = await connect();
    target.answer = () => new Promise(() => {});
    const result = expect(client.request({ name: "shutdown" })).rejects.toMatchObject({ code: "engine-silent" });
    await clock.run(60_000);
    await result;
  });

  it("waits as long as disks take for what waits for disks", async () => {
    const { connect, target, clock } = setUp();
    const client = await connect();
    const answered = Promise.withResolvers<null>();
    target.answer = () => answered.promise;
    const paused = client.request({ name: "pause", infoHash: "00".repeat(20) as InfoHash });
    await clock.run(600_000);
    answered.resolve(null);
    await clock.run(1);
    expect(await paused).toBeNull();
  });
});

describe("the list of torrents", () => {
  it("comes whole at first and then as the rows that changed, four times a second", async () => {
    const { connect, target, clock } = setUp();
    target.rows = [torrentRow(1), torrentRow(2)];
    const client = await connect();
    const frames: Frame[] = [];
    client.subscribe({ kind: "torrents" }, (frame) => frames.push(frame));
    await clock.run(0);
    expect(torrents(frames[0])).toMatchObject({ isWhole: true, removed: [] });
    expect(torrents(frames[0]).rows).toEqual(target.rows);
    target.rows = [torrentRow(1), torrentRow(2, { downRate: 5 }), torrentRow(3)];
    await clock.run(250);
    expect(frames).toHaveLength(2);
    expect(torrents(frames[1])).toMatchObject({ isWhole: false, removed: [] });
    expect(torrents(frames[1]).rows.map(({ infoHash }) => infoHash)).toEqual([hash(2), hash(3)]);
    target.rows = [torrentRow(2, { downRate: 5 }), torrentRow(4)];
    await clock.run(250);
    expect(torrents(frames[2]).rows.map(({ infoHash }) => infoHash)).toEqual([hash(4)]);
    expect(torrents(frames[2]).removed).toEqual([hash(1), hash(3)]);
    for (let i = 0; i < 40; i++) {
      target.rows = [torrentRow(2, { downRate: i })];
      await clock.run(50);
    }
    expect(frames.length - 3).toBe(8);
  });

  it("is silent while nothing changes", async () => {
    const { connect, target, clock } = setUp();
    target.rows = [torrentRow(1)];
    const client = await connect();
    let count = 0;
    client.subscribe({ kind: "torrents" }, () => count++);
    await clock.run(5000);
    expect(count).toBe(1);
    target.sessionNow = sessionRow({ upRate: 3 });
    await clock.run(250);
    expect(count).toBe(2);
  });

  it("reaches a slow reader as fewer and fresher frames", async () => {
    const { raw, target, clock } = setUp();
    target.rows = [torrentRow(1)];
    const client = raw();
    await client.hello();
    await client.send({ type: "subscribe", subscription: 1, topic: { kind: "torrents" } });
    await clock.run(0);
    for (let i = 1; i <= 100; i++) {
      target.rows = [torrentRow(1, { downRate: i })];
      await clock.run(100);
    }
    const frames = () => client.received.filter((message) => message.type === "frame");
    expect(frames()).toHaveLength(1);
    await client.send({ type: "ack", subscription: 1, frame: 7 });
    await clock.run(1000);
    expect(frames()).toHaveLength(1);
    await client.send({ type: "ack", subscription: 1, frame: 1 });
    await clock.run(0);
    expect(frames()).toHaveLength(2);
    expect(torrents(frames()[1]?.data).rows).toMatchObject([{ downRate: 100 }]);
  });
});

describe("a torrent in detail", () => {
  it("is sent whole four times a second, and at most ten times a second when the reader keeps changing its mind", async () => {
    const { connect, target, clock } = setUp();
    target.rows = [torrentRow(1)];
    const client = await connect();
    const frames: Frame[] = [];
    const subscription = client.subscribe(torrentTopic(1), (frame) => frames.push(frame));
    await clock.run(0);
    expect(frames).toHaveLength(1);
    await clock.run(1000);
    expect(frames).toHaveLength(5);
    for (let i = 0; i < 100; i++) {
      subscription.change({ ...torrentTopic(1), cells: i });
      await clock.run(10);
    }
    expect(frames.length - 5).toBeGreaterThanOrEqual(9);
    expect(frames.length - 5).toBeLessThanOrEqual(11);
    expect(target.topics.at(-1)).toMatchObject({ cells: 99 });
  });

  it("answers a changed wish without waiting for the next tick", async () => {
    const { connect, target, clock } = setUp();
    target.rows = [torrentRow(1), torrentRow(2)];
    const client = await connect();
    const names: string[] = [];
    const subscription = client.subscribe(torrentTopic(1), (frame) => {
      if (frame.kind === "torrent") names.push(frame.detail.row.name);
    });
    await clock.run(120);
    subscription.change(torrentTopic(2));
    await clock.run(1);
    expect(names).toEqual(["torrent 1", "torrent 2"]);
  });

  it("is gone once when it is gone, and back when it is back", async () => {
    const { connect, target, clock } = setUp();
    const client = await connect();
    const kinds: string[] = [];
    client.subscribe(torrentTopic(1), (frame) => kinds.push(frame.kind));
    await clock.run(2000);
    expect(kinds).toEqual(["gone"]);
    target.rows = [torrentRow(1)];
    await clock.run(250);
    expect(kinds).toEqual(["gone", "torrent"]);
  });
});

describe("bounds and owners", () => {
  it("runs no timer while nobody watches", async () => {
    const { connect, clock } = setUp();
    const client = await connect();
    expect(clock.pendingTimers).toBe(0);
    const first = client.subscribe({ kind: "torrents" }, () => {});
    const second = client.subscribe(torrentTopic(1), () => {});
    await clock.run(1000);
    expect(clock.pendingTimers).toBe(1);
    first.close();
    second.close();
    await clock.run(0);
    expect(clock.pendingTimers).toBe(0);
    client.subscribe({ kind: "torrents" }, () => {});
    await clock.run(1000);
    client.close();
    await clock.run(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("tells every client what happens, and says when the last has gone", async () => {
    const { connect, target, server } = setUp();
    let emptied = 0;
    server.onEmpty(() => emptied++);
    const clients = [await connect(), await connect()];
    const heard: unknown[] = [];
    for (const client of clients) client.onNotice((notice) => heard.push(notice));
    target.tell({ kind: "stopping" });
    await settle();
    expect(heard).toEqual([{ kind: "stopping" }, { kind: "stopping" }]);
    clients[0]?.close();
    await settle();
    expect(emptied).toBe(0);
    clients[1]?.close();
    await settle();
    expect(emptied).toBe(1);
    expect(server.clientCount).toBe(0);
  });

  it("drops a client with too many subscriptions, and a connection too many", async () => {
    const { raw } = setUp();
    const greedy = raw();
    await greedy.hello();
    for (let i = 0; i <= subscriptionsMax; i++) {
      expect(greedy.isClosed()).toBe(false);
      await greedy.send({ type: "subscribe", subscription: i, topic: { kind: "torrents" } });
    }
    expect(greedy.isClosed()).toBe(true);
    const many = Array.from({ length: clientsMax + 1 }, raw);
    await settle();
    expect(many.map((client) => client.isClosed())).toEqual([...new Array<boolean>(clientsMax).fill(false), true]);
  });
});
