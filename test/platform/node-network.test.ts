import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { NodeNetwork } from "../../source/platform/node-network.ts";
import type { Connection, Listener } from "../../source/ports/network.ts";

const network = new NodeNetwork();
/** Bytes that Linux lets wait to be read on one connection at most; 0 elsewhere. */
const sizes = "/proc/sys/net/ipv4/tcp_rmem";
const waitingMax = existsSync(sizes) ? Number(readFileSync(sizes, "utf8").trim().split(/\s+/)[2]) : 0;
let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

function event<T>() {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

describe("NodeNetwork", () => {
  it("carries bytes both ways in order, through accepted and dialled connections", async () => {
    const total = 8 * 1024 * 1024;
    const done = event<void>();
    const closed = event<void>();
    let echoed = 0;
    let sum = 0;
    listener = await network.listen({ address: "127.0.0.1", port: 0 }, (connection) => ({
      onData: (bytes) => connection.write([bytes.slice()]),
      onDrain: () => {},
      onClose: () => closed.settle(),
    }));
    const payload = Uint8Array.from({ length: 65536 }, (_, i) => i % 251);
    const connection: Connection = network.connect(
      { remote: listener.local, timeoutMs: 5000 },
      {
        onOpen: () => {
          for (let sent = 0; sent < total; sent += payload.length) connection.write([payload]);
        },
        onData: (bytes) => {
          for (const byte of bytes) {
            if (byte !== (echoed++ % 65536) % 251) sum++;
          }
          if (echoed === total) done.settle();
        },
        onDrain: () => {},
        onClose: () => {},
      },
    );
    await done.promise;
    expect(sum).toBe(0);
    expect(connection.remote).toEqual(listener.local);
    connection.close();
    await closed.promise;
  });

  it.each([
    ["", false, 1],
    [" in long reads", true, 4],
  ])("lets others have their turn while one connection floods it%s, and loses nothing", async (_, isMuch, readMax) => {
    const mebibyte = 2 ** 20;
    const total = 96 * mebibyte;
    const done = event<void>();
    let came = 0;
    let inTurn = 0;
    let mostInTurn = 0;
    let longest = 0;
    let isDone = false;
    const nextTurn = () => {
      mostInTurn = Math.max(mostInTurn, inTurn);
      inTurn = 0;
      if (!isDone) setImmediate(nextTurn);
    };
    listener = await network.listen({ address: "127.0.0.1", port: 0 }, (connection) => ({
      onData: (bytes) => {
        connection.readMuch?.(isMuch);
        longest = Math.max(longest, bytes.length);
        came += bytes.length;
        inTurn += bytes.length;
        // Slower than the sender, so that there is always more to read.
        createHash("sha256").update(bytes).digest();
        if (came === total) done.settle();
      },
      onDrain: () => {},
      onClose: () => {},
    }));
    nextTurn();
    const sender = new Worker(
      `const { port, total } = require("node:worker_threads").workerData;
       const socket = require("node:net").connect(port, "127.0.0.1");
       for (let sent = 0; sent < total; sent += ${mebibyte}) socket.write(Buffer.alloc(${mebibyte}));`,
      { eval: true, workerData: { port: listener.local.port, total } },
    );
    await done.promise;
    isDone = true;
    await sender.terminate();
    expect(mostInTurn).toBeLessThanOrEqual((8 + readMax) * mebibyte);
    expect(longest).toBeLessThanOrEqual(readMax * mebibyte);
    if (waitingMax >= 4 * mebibyte) expect(longest).toBeGreaterThan((readMax * mebibyte) / 4);
  });

  it("tells when a single block that had to wait has left, both ways", async () => {
    const block = new Uint8Array(16 * 1024);
    const drains = [event<void>(), event<void>()];
    const full = [event<Connection>(), event<Connection>()];
    /** Writes until a block waits: nobody reads. */
    const fill = (connection: Connection, end: number) => {
      connection.pause();
      const more = () => {
        for (let i = 0; i < 64 && connection.queuedBytes === 0; i++) connection.write([block]);
        if (connection.queuedBytes === 0) setImmediate(more);
        else full[end]?.settle(connection);
      };
      more();
    };
    listener = await network.listen({ address: "127.0.0.1", port: 0 }, (connection) => {
      setImmediate(() => fill(connection, 0));
      return { onData: () => {}, onDrain: () => drains[0]?.settle(), onClose: () => {} };
    });
    const connection: Connection = network.connect(
      { remote: listener.local, timeoutMs: 5000 },
      {
        onOpen: () => fill(connection, 1),
        onData: () => {},
        onDrain: () => drains[1]?.settle(),
        onClose: () => {},
      },
    );
    const ends = await Promise.all(full.map(({ promise }) => promise));
    for (const end of ends) expect(end.queuedBytes).toBe(block.length);
    for (const end of ends) end.resume();
    await Promise.all(drains.map(({ promise }) => promise));
    for (const end of ends) expect(end.queuedBytes).toBe(0);
    connection.close();
  });

  it("says why a connection failed, once", async () => {
    const probe = await network.listen({ address: "127.0.0.1", port: 0 }, () => undefined);
    const dead = probe.local;
    await probe.close();
    const errors: (Error | undefined)[] = [];
    const closed = event<void>();
    network.connect(
      { remote: dead, timeoutMs: 5000 },
      {
        onData: () => {},
        onDrain: () => {},
        onClose: (error) => {
          errors.push(error);
          closed.settle();
        },
      },
    );
    await closed.promise;
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain("ECONNREFUSED");
  });

  it("refuses a connection that nobody wants and goes on listening", async () => {
    let asked = 0;
    listener = await network.listen({ address: "127.0.0.1", port: 0 }, () => {
      asked++;
      return undefined;
    });
    for (let i = 0; i < 2; i++) {
      const closed = event<void>();
      network.connect(
        { remote: listener.local, timeoutMs: 5000 },
        { onData: () => {}, onDrain: () => {}, onClose: () => closed.settle() },
      );
      await closed.promise;
    }
    expect(asked).toBe(2);
  });

  it("names the port that is in use", async () => {
    listener = await network.listen({ address: "127.0.0.1", port: 0 }, () => undefined);
    await expect(network.listen(listener.local, () => undefined)).rejects.toMatchObject({
      code: "listen-failed",
      message: expect.stringContaining("in use"),
    });
  });
});
