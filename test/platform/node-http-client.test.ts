import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { codeOf, messageOf } from "../../source/base/errors.ts";
import { NodeHttpClient } from "../../source/platform/node-http-client.ts";
import type { HttpRequest, HttpResponse } from "../../source/ports/http.ts";
import { listenLate } from "../support/late-server.ts";
import { listenRaw, pour, type RawServer } from "../support/raw-server.ts";

type Done = (error: null, addresses: readonly { readonly address: string; readonly family: number }[]) => void;

const servers: RawServer[] = [];
const client = new NodeHttpClient();

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(...parameters: Parameters<typeof listenRaw>): Promise<RawServer> {
  const server = await listenRaw(...parameters);
  servers.push(server);
  return server;
}

function get(server: { readonly port: number }, more: Partial<HttpRequest> = {}): Promise<HttpResponse> {
  return client.get({
    url: `http://127.0.0.1:${server.port}/announce`,
    timeoutMs: 10_000,
    bodyLengthMax: 1 << 20,
    ...more,
  });
}

async function failure(promise: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await promise;
  } catch (error) {
    return { code: codeOf(error), message: messageOf(error) };
  }
  throw new Error("it should have failed");
}

function plain(body: string | Uint8Array, headers = ""): Uint8Array {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
}

function redirect(location: string): string {
  return `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
}

describe("an HTTP request", () => {
  test("gives status, headers, body and who answered", async () => {
    const server = await serve((socket) => socket.end(plain("hello", "X-A: b\r\n")));
    const response = await get(server);
    expect(response.status).toBe(200);
    expect(response.headers["x-a"]).toBe("b");
    expect(Buffer.from(response.body).toString()).toBe("hello");
    expect(response.remoteAddress).toBe("127.0.0.1");
  });

  test("sends percent-encoded bytes of the query as they are", async () => {
    const server = await serve((socket) => socket.end(plain("")));
    await get(server, { url: `http://127.0.0.1:${server.port}/announce?info_hash=%00%FF%7e~%2B` });
    expect(server.requests[0]).toMatch(/^GET \/announce\?info_hash=%00%FF%7e~%2B HTTP\/1\.1\r\n/);
  });

  test("resolves for any status", async () => {
    const server = await serve((socket) => socket.end("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno"));
    expect((await get(server)).status).toBe(503);
  });

  test("takes a body that ends with the connection, and HTTP/1.0", async () => {
    const server = await serve((socket) => socket.end("HTTP/1.0 200 OK\r\n\r\nd8:intervali60ee"));
    expect(Buffer.from((await get(server)).body).toString()).toBe("d8:intervali60ee");
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["br", brotliCompressSync],
  ] as const)("undoes %s", async (encoding, compress) => {
    const server = await serve((socket) =>
      socket.end(plain(compress(Buffer.from("peers")), `Content-Encoding: ${encoding}\r\n`)),
    );
    expect(Buffer.from((await get(server)).body).toString()).toBe("peers");
  });

  test("comes from the local address that was asked for", async () => {
    let from: string | undefined;
    const server = await serve((socket) => {
      from = socket.remoteAddress;
      socket.end(plain(""));
    });
    await get(server, { localAddress: "127.0.0.9" });
    expect(from).toBe("127.0.0.9");
  });

  test("is not made over another family than the one asked for", async () => {
    const server = await serve((socket) => socket.end(plain("")));
    expect((await failure(get(server, { family: 6 }))).code).toBe("unresolved");
    expect((await failure(get(server, { localAddress: "::1" }))).code).toBe("unresolved");
    expect(server.requests).toHaveLength(0);
  });

  test("does not wait in a crowd for ever: more than may run at once are all answered", async () => {
    const server = await serve((socket) => setImmediate(() => socket.end(plain("x"))));
    const all = await Promise.all(Array.from({ length: 150 }, () => get(server)));
    expect(all).toHaveLength(150);
  });

  test("ends with the client", async () => {
    const own = new NodeHttpClient();
    const server = await serve(() => own.close());
    const url = `http://127.0.0.1:${server.port}/`;
    expect((await failure(own.get({ url, timeoutMs: 10_000, bodyLengthMax: 10 }))).code).toBe("closed");
  });
});

describe("a name of two addresses", () => {
  test("is asked at the first though that takes longer than a moment, and the other cannot be reached at all", async () => {
    const server = await listenLate("hello");
    const dns = process.getBuiltinModule("node:dns");
    const lookup = vi.spyOn(dns, "lookup").mockImplementation(((_name: string, _how: object, done: Done) => {
      done(null, [
        { address: "127.0.0.1", family: 4 },
        { address: "::1", family: 6 },
      ]);
    }) as never);
    try {
      server.ringLater();
      const { remoteAddress, body } = await get(server, { url: `http://late.example:${server.port}/announce` });
      expect(remoteAddress).toBe("127.0.0.1");
      expect(Buffer.from(body).toString()).toBe("hello");
    } finally {
      lookup.mockRestore();
      await server.close();
    }
  });
});

describe("a redirect", () => {
  test("is followed, also when it is relative", async () => {
    const server = await serve((socket, _request, count) => {
      socket.end(count === 1 ? redirect("/elsewhere?x=1") : plain("here"));
    });
    expect(Buffer.from((await get(server)).body).toString()).toBe("here");
    expect(server.requests[1]).toContain("GET /elsewhere?x=1 ");
  });

  test("is followed five times, not for ever (HOSTILE C3)", async () => {
    const server = await serve((socket) => socket.end(redirect("/again")));
    expect((await failure(get(server))).code).toBe("redirects");
    expect(server.requests).toHaveLength(6);
  });

  test.each(["file:///etc/passwd", "ftp://127.0.0.1/", "http://[", "javascript:1"])(
    "to %s is refused",
    async (location) => {
      const server = await serve((socket) => socket.end(redirect(location)));
      expect((await failure(get(server))).code).toBe("bad-url");
    },
  );

  test("to an address that is not allowed is not dialled, by number or by name (HOSTILE A9)", async () => {
    const inner = await serve((socket) => socket.end(plain("secret")));
    for (const host of ["127.0.0.2", "localhost"]) {
      const server = await serve((socket) => socket.end(redirect(`http://${host}:${inner.port}/`)));
      const isAddressAllowed = (_address: string, asked: string) => asked === `127.0.0.1:${server.port}`;
      expect((await failure(get(server, { isAddressAllowed }))).code).toBe("forbidden-address");
    }
    expect(inner.requests).toHaveLength(0);
  });
});

describe("a hostile server", () => {
  test("cannot make us read an endless body (HOSTILE C2)", async () => {
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      pour(socket, new Uint8Array(65_536));
    });
    expect((await failure(get(server))).code).toBe("too-large");
  });

  test("cannot make us read an endless chunked body", async () => {
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      pour(socket, `1000\r\n${"x".repeat(4096)}\r\n`);
    });
    expect((await failure(get(server))).code).toBe("too-large");
  });

  test("is left at once when it announces a body that is too large", async () => {
    const server = await serve((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"));
    expect((await failure(get(server))).code).toBe("too-large");
  });

  test("cannot make us read endless headers (HOSTILE C2)", async () => {
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, `X-Filler: ${"x".repeat(1000)}\r\n`);
    });
    expect((await failure(get(server))).code).toBe("too-large");
  });

  test.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
  ] as const)("cannot fill memory with a %s bomb (HOSTILE C2)", async (encoding, compress) => {
    const bomb = compress(new Uint8Array(64 << 20));
    const server = await serve((socket) => socket.end(plain(bomb, `Content-Encoding: ${encoding}\r\n`)));
    const before = process.memoryUsage().rss;
    expect((await failure(get(server))).code).toBe("too-large");
    expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
  });

  test("cannot hold us with one byte at a time (HOSTILE C3)", async () => {
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      const timer = setInterval(() => socket.write("x"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    expect((await failure(get(server, { timeoutMs: 200 }))).code).toBe("timeout");
  });

  test("cannot hold us with silence, nor with endless interim answers", async () => {
    const silent = await serve(() => {});
    expect((await failure(get(silent, { timeoutMs: 100 }))).code).toBe("timeout");
    const interim = await serve((socket) => pour(socket, "HTTP/1.1 100 Continue\r\n\r\n"));
    expect(["timeout", "too-large"]).toContain((await failure(get(interim, { timeoutMs: 200 }))).code);
  });

  test.each([
    ["garbage", "\u0000\u0001\u0002 not http\r\n\r\n", "bad-answer"],
    ["nothing", "", "closed"],
    ["half a header", "HTTP/1.1 200 O", "closed"],
    ["a body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "closed"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "bad-answer"],
    ["damaged gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", "bad-encoding"],
    [
      "an encoding we did not ask for",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 4\r\n\r\nabcd",
      "bad-encoding",
    ],
  ])("that sends %s is reported, not a crash", async (_name, bytes, code) => {
    const server = await serve((socket) => socket.end(Buffer.from(bytes, "latin1")));
    expect((await failure(get(server))).code).toBe(code);
  });

  test("that switches to another protocol is left", async () => {
    const server = await serve((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    );
    expect((await failure(get(server))).code).toBe("bad-answer");
  });
});

describe("what went wrong is said in words", () => {
  test("a refused connection names the address", async () => {
    const server = await listenRaw(() => {});
    await server.close();
    const { code, message } = await failure(get(server));
    expect(code).toBe("refused");
    expect(message).toBe(`127.0.0.1:${server.port} refused the connection`);
  });

  test("a name that does not exist is named", async () => {
    const { code } = await failure(client.get({ url: "http://nowhere.invalid/", timeoutMs: 10_000, bodyLengthMax: 1 }));
    expect(code).toBe("unresolved");
  });

  test("a URL that is none is refused before anything is dialled", async () => {
    expect((await failure(client.get({ url: "//x", timeoutMs: 10, bodyLengthMax: 1 }))).code).toBe("bad-url");
    expect((await failure(client.get({ url: "udp://x:1/", timeoutMs: 10, bodyLengthMax: 1 }))).code).toBe("bad-url");
  });
});
