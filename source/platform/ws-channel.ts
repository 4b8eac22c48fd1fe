/**
 * The control conversation over a WebSocket on a Unix socket: JSON text, one message each. Only this user can reach
 * the socket (0600 in a 0700 directory), and no web page can: a handshake that names an origin is refused.
 */
import { chmod, lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import WebSocket, { type RawData, WebSocketServer } from "ws";
import { codeOf, OperationalError } from "../base/errors.ts";
import type { Channel } from "../control/channel.ts";
import { messageLengthMax } from "../control/limits.ts";
import type { ClientMessage, EngineMessage } from "../control/protocol.ts";
import { builtinHttp } from "./builtins.ts";
import { identityOf } from "./lock-socket.ts";

/** Bytes that a client may leave unread before it is dropped: frames wait for acknowledgement, so only notices pile up. */
const unreadMax = 2 * messageLengthMax;
const dialTimeoutMs = 5000;

class WebSocketChannel<Out> implements Channel<Out, unknown> {
  onMessage: (message: unknown) => void = () => {};
  onClose: (reason: string) => void = () => {};
  readonly #socket: WebSocket;
  #isClosed = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    socket.on("error", (error) => this.#ended(error.message));
    socket.on("close", (_code, reason) => this.#ended(reason.toString() || "the other side closed the connection"));
  }

  send(message: Out): void {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      queueMicrotask(() => this.#ended("the connection is closed"));
      return;
    }
    this.#socket.send(JSON.stringify(message));
    if (this.#socket.bufferedAmount > unreadMax) this.#socket.terminate();
  }

  close(): void {
    // What was sent before still arrives: the other side answers the closing frame after it has read everything.
    this.#socket.close();
  }

  #received(data: RawData, isBinary: boolean): void {
    if (this.#isClosed) return;
    let message: unknown;
    try {
      if (isBinary || !Buffer.isBuffer(data)) throw new SyntaxError("not text");
      message = JSON.parse(data.toString("utf8"));
    } catch {
      this.#socket.close(1007, "not JSON");
      this.#ended("not JSON");
      return;
    }
    this.onMessage(message);
  }

  #ended(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onClose(reason);
  }
}

export interface ControlListener {
  /** Whether others find it there. */
  isAt(path: string): Promise<boolean>;
  /** From now on nobody new gets in: the next to ask finds no socket. Those who are there stay. */
  stopAccepting(): void;
  /** Ends every connection and removes the socket. */
  close(): Promise<void>;
}

/**
 * Listens for UIs. The caller holds the profile's lock, so whatever socket is at the path has no engine behind it.
 * @param onChannel sets the channel's handlers before it returns.
 * @throws OperationalError `listen-failed`.
 */
export async function listenControl(
  path: string,
  onChannel: (channel: Channel<EngineMessage, unknown>) => void,
): Promise<ControlListener> {
  await removeOldSocket(path);
  const http = builtinHttp().createServer((_request, response) => {
    response.writeHead(426).end();
  });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: messageLengthMax,
    clientTracking: true,
  });
  http.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    if (request.headers.origin !== undefined) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => onChannel(new WebSocketChannel(webSocket)));
  });
  await new Promise<void>((resolve, reject) => {
    http.once("error", (error) =>
      reject(new OperationalError("listen-failed", `cannot listen on ${path}`, { cause: error })),
    );
    http.listen(path, () => resolve());
  });
  await chmod(path, 0o600);
  const identity = await identityOf(path);
  let closed: Promise<void> | undefined;
  const stopAccepting = (): Promise<void> => {
    // Closing a listening Unix socket removes its path.
    closed ??= new Promise((resolve) => http.close(() => resolve()));
    return closed;
  };
  return {
    isAt: async (where) => where === path && http.listening && (await identityOf(path)) === identity,
    stopAccepting: () => void stopAccepting(),
    close: async () => {
      const over = stopAccepting();
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await over;
    },
  };
}

/** Removes a socket that was left behind; refuses to remove anything else. */
async function removeOldSocket(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return;
  if (!stat.isSocket()) throw new OperationalError("listen-failed", `${path} is in the way: it is not a socket`);
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
}

/**
 * @param timeoutMs default 5 s.
 * @throws OperationalError `no-engine` where nobody listens there; `engine-silent` where somebody does, and does not answer.
 */
export function dialControl(path: string, timeoutMs = dialTimeoutMs): Promise<Channel<ClientMessage, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket("ws://localhost/", {
      perMessageDeflate: false,
      maxPayload: messageLengthMax,
      createConnection: () => connect(path),
    });
    const channel = new WebSocketChannel<ClientMessage>(socket);
    // Who is stopped, or waits for a disk, is there all the same.
    const timer = setTimeout(() => {
      reject(new OperationalError("engine-silent", "the engine does not answer"));
      socket.terminate();
    }, timeoutMs);
    channel.onClose = (reason) => {
      clearTimeout(timer);
      reject(new OperationalError("no-engine", `no engine answers at ${path}: ${reason}`));
    };
    socket.once("open", () => {
      clearTimeout(timer);
      channel.onClose = () => {};
      resolve(channel);
    });
  });
}
