import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { codeOf, messageOf } from "../../source/base/errors.ts";
import { NodeHttpClient } from "../../source/platform/node-http-client.ts";
import { NodeHttpServer } from "../../source/platform/node-http-server.ts";
import type { HttpServerRequest, HttpServerResponse } from "../../source/ports/http.ts";

const open: { close(): Promise<void> }[] = [];
const client = new NodeHttpClient();

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(
  handle: (request: HttpServerRequest) => HttpServerResponse = () => text("ok"),
  address = "127.0.0.1",
): Promise<number> {
  const server = await new NodeHttpServer().listen({ address, port: 0 }, handle);
  open.push(server);
  return server.local.port;
}

function text(body: string): HttpServerResponse {
  return { status: 200, contentType: "text/plain", body: Buffer.from(body) };
}

/** Everything the server says to these bytes until it ends the connection. */
function converse(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket: Socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (data) => {
      heard += data.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(heard));
  });
}

describe("the HTTP server", () => {
  test("gives the handler the target as it was sent and the asker's address", async () => {
    const seen: HttpServerRequest[] = [];
    const port = await serve((request) => {
      seen.push(request);
      return text("d8:intervali60ee");
    });
    const url = `http://127.0.0.1:${port}/announce?info_hash=%FF%00&x=a%20b`;
    const response = await client.get({ url, timeoutMs: 5000, bodyLengthMax: 100 });
    expect(Buffer.from(response.body).toString()).toBe("d8:intervali60ee");
    expect(seen[0]?.target).toBe("/announce?info_hash=%FF%00&x=a%20b");
    expect(seen[0]?.remote.address).toBe("127.0.0.1");
  });

  test("hears both families on ::, and names an IPv4 asker by its IPv4 address", async () => {
    const port = await serve((request) => text(request.remote.address), "::");
    for (const [host, address] of [
      ["127.0.0.1", "127.0.0.1"],
      ["[::1]", "::1"],
    ]) {
      const url = `http://${host}:${port}/`;
      const { body } = await client.get({ url, timeoutMs: 5000, bodyLengthMax: 100 });
      expect(Buffer.from(body).toString()).toBe(address);
    }
  });

  test("answers 500 where the handler throws, and goes on", async () => {
    let calls = 0;
    const port = await serve(() => {
      if (calls++ === 0) throw new Error("secret details");
      return text("ok");
    });
    const url = `http://127.0.0.1:${port}/`;
    const first = await client.get({ url, timeoutMs: 5000, bodyLengthMax: 1000 });
    expect(first.status).toBe(500);
    expect(Buffer.from(first.body).toString()).not.toContain("secret");
    expect((await client.get({ url, timeoutMs: 5000, bodyLengthMax: 1000 })).status).toBe(200);
  });

  test("answers several requests on one connection", async () => {
    const port = await serve((request) => text(`<${request.target}>`));
    const heard = await converse(
      port,
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    expect(heard).toContain("</1>");
    expect(heard).toContain("</2>");
  });

  test("answers HEAD without a body and refuses other methods, body unread", async () => {
    const port = await serve(() => text("the body"));
    const head = await converse(port, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(head).not.toContain("the body");
    const post = await converse(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nabc");
    expect(post).toMatch(/^HTTP\/1\.1 405 /);
  });

  test("refuses garbage and oversized requests and goes on serving", async () => {
    const port = await serve();
    expect(await converse(port, "\u0000\u0001 garbage\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await converse(port, `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    const url = `http://127.0.0.1:${port}/`;
    expect((await client.get({ url, timeoutMs: 5000, bodyLengthMax: 100 })).status).toBe(200);
  });

  test("does not let one address hold more than its share of connections", async () => {
    const port = await serve();
    let closed = 0;
    let opened = 0;
    let onSettled: () => void = () => {};
    const settled = new Promise<void>((resolve) => {
      onSettled = resolve;
    });
    const sockets: Socket[] = [];
    // The last one is over the limit, and tells us so by being closed while the others stay.
    for (let i = 0; i < 129; i++) {
      const socket = connect(port, "127.0.0.1", () => {
        opened++;
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        closed++;
        onSettled();
      });
      sockets.push(socket);
    }
    await settled;
    expect(closed).toBe(1);
    for (const socket of sockets) socket.destroy();
    expect(opened).toBeGreaterThan(0);
  });

  test("closes at once, idle and half-sent connections included, and frees its port", async () => {
    const server = await new NodeHttpServer().listen({ address: "127.0.0.1", port: 0 }, () => text("ok"));
    const over = converse(server.local.port, "GET / HTTP/1.1\r\nHost");
    await client.get({ url: `http://127.0.0.1:${server.local.port}/`, timeoutMs: 5000, bodyLengthMax: 100 });
    await Promise.all([server.close(), server.close(), over]);
    const again = await new NodeHttpServer().listen(server.local, () => text("ok"));
    await again.close();
  });

  test("says in words why it cannot listen", async () => {
    const port = await serve();
    const failed = new NodeHttpServer().listen({ address: "127.0.0.1", port }, () => text(""));
    await expect(failed).rejects.toSatisfy(
      (error) =>
        codeOf(error) === "listen-failed" &&
        messageOf(error) === `another program listens on 127.0.0.1:${port} already`,
    );
  });
});
