/**
 * A small HTTP server on node:http for small answers (the embedded tracker). GET and HEAD only, bodies are not read. Every
 * bound is here: header size and time, connections in all and from one address, requests on one connection, idle time.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { codeOf, OperationalError } from "../base/errors.ts";
import { canonicalAddress, type Endpoint, formatEndpoint } from "../base/ip-address.ts";
import type { HttpServer, HttpServerRequest, HttpServerResponse } from "../ports/http.ts";
import { builtinHttp } from "./builtins.ts";

/** An announce is under 1 KiB; a full scrape of many torrents stays below this too. */
const headerLengthMax = 16 * 1024;
/** Slow senders are cut off, so that they cannot hold all connections. */
const requestTimeoutMs = 10_000;
const keepAliveTimeoutMs = 2_000;
const requestsPerConnectionMax = 100;
/** Well below the usual limit of 1024 open files. */
const connectionsMax = 768;
/** One address may not hold all of them; many peers behind one NAT still fit. */
const connectionsPerAddressMax = 128;

const emptyBody = new Uint8Array(0);

export class NodeHttpServer implements HttpServer {
  async listen(
    local: Endpoint,
    handle: (request: HttpServerRequest) => HttpServerResponse,
  ): Promise<{ readonly local: Endpoint; close(): Promise<void> }> {
    const server = builtinHttp().createServer(
      {
        maxHeaderSize: headerLengthMax,
        headersTimeout: requestTimeoutMs,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        connectionsCheckingInterval: 2_000,
      },
      (request, response) => answer(request, response, handle),
    );
    server.maxConnections = connectionsMax;
    server.maxRequestsPerSocket = requestsPerConnectionMax;
    limitPerAddress(server);
    await listen(server, local);
    // Running out of files while accepting is reported here; the server goes on when there are some again.
    server.on("error", () => {});
    const bound = server.address() as AddressInfo;
    let closing: Promise<void> | undefined;
    return {
      local: { address: canonicalAddress(bound.address) ?? bound.address, port: bound.port },
      close: () => {
        closing ??= new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
        return closing;
      },
    };
  }
}

function listen(server: Server, local: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      const where = formatEndpoint(local);
      const why: Readonly<Record<string, string>> = {
        EADDRINUSE: `another program listens on ${where} already`,
        EACCES: `listening on ${where} is not permitted`,
        EADDRNOTAVAIL: `${local.address} is not an address of this machine`,
      };
      const message = why[codeOf(error)] ?? `cannot listen on ${where} (${codeOf(error)})`;
      reject(new OperationalError("listen-failed", message, { cause: error }));
    };
    server.once("error", onError);
    server.listen({ host: local.address, port: local.port }, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

function limitPerAddress(server: Server): void {
  const counts = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    socket.once("close", () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
    if (count > connectionsPerAddressMax) socket.destroy();
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: HttpServerRequest) => HttpServerResponse,
): void {
  // The asker may go away at any moment.
  request.on("error", () => {});
  response.on("error", () => {});
  const isHead = request.method === "HEAD";
  const result =
    request.method === "GET" || isHead ? handled(request, handle) : text(405, "only GET is understood here");
  // A request with a body is answered and cut off, so that nobody has to read the body.
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || (request.headers["content-length"] ?? "0") !== "0";
  response.writeHead(result.status, {
    "Content-Type": result.contentType,
    "Content-Length": result.body.length,
    ...(hasBody ? { Connection: "close" } : {}),
  });
  response.end(isHead ? emptyBody : result.body, () => {
    if (hasBody) request.destroy();
  });
}

function handled(
  request: IncomingMessage,
  handle: (request: HttpServerRequest) => HttpServerResponse,
): HttpServerResponse {
  const { remoteAddress, remotePort } = request.socket;
  // Gone already: whatever is answered reaches nobody.
  if (remoteAddress === undefined || remotePort === undefined) return text(400, "");
  const address = canonicalAddress(remoteAddress) ?? remoteAddress;
  try {
    return handle({ target: request.url ?? "/", remote: { address, port: remotePort } });
  } catch {
    return text(500, "something went wrong here");
  }
}

function text(status: number, message: string): HttpServerResponse {
  return { status, contentType: "text/plain; charset=utf-8", body: new TextEncoder().encode(`${message}\n`) };
}
