/**
 * TCP on Node. Reads go through one buffer that all sockets of the thread share (`onread`): safe because a handler has
 * used or copied the bytes when `onData` returns, and 3.5 times cheaper than 'data' events, which make a buffer a read.
 *
 * `net` gives `onread` to outgoing sockets only. An accepted socket is therefore taken before it reads anything
 * (`pauseOnConnect`) and its handle moved into a new socket that has it; where a future Node hides the handle, 'data'
 * events serve instead.
 */
import net from "node:net";
import { codeOf, OperationalError } from "../base/errors.ts";
import { canonicalAddress, type Endpoint } from "../base/ip-address.ts";
import type { Connection, ConnectionHandler, ConnectOptions, Listener, Network } from "../ports/network.ts";
import { bindProblem } from "./bind-problem.ts";
import { builtinDns } from "./builtins.ts";

/** A fast sender has so much waiting, and each read entails the same: a quarter as many took a tenth off the processor's time. */
const readLengthMax = 1024 * 1024;
/** Of who is known to send what it was asked for (`Connection.readMuch`): another twentieth. It is some 5 ms of work. */
const longReadLengthMax = 4 * 1024 * 1024;
/**
 * Bytes read from one connection before the event loop goes round: libuv reads as long as its buffer is full, up to 32 times, and
 * timers and the others would wait for all of it.
 */
const turnBytesMax = 8 * 1024 * 1024;
/** When so much or more has waited, 'drain' tells that it has left: a block, since a slow line is to have no more. */
const drainBytes = 16 * 1024;
/** A stream's option that `net` hands on, and its types do not know. */
const writableOptions: object = { writableHighWaterMark: drainBytes };
/** How long the last bytes of a closed connection may take to leave. */
const lingerMs = 1000;
/** Waiting connections the kernel keeps for us. */
const backlog = 256;

export class NodeNetwork implements Network {
  readonly #longBuffer = new Uint8Array(longReadLengthMax);
  readonly #buffer = this.#longBuffer.subarray(0, readLengthMax);

  connect(options: ConnectOptions, handler: ConnectionHandler): Connection {
    const connection = new NodeConnection(options.remote);
    const socket = net.connect({
      host: options.remote.address,
      port: options.remote.port,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      noDelay: true,
      ...writableOptions,
      onread: this.#onread(handler, connection),
    });
    const timer = setTimeout(() => socket.destroy(new Error("no answer")), options.timeoutMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      if (!socket.destroyed) handler.onOpen?.();
    });
    socket.once("close", () => clearTimeout(timer));
    connection.use(socket, handler);
    return connection;
  }

  listen(local: Endpoint, accept: (connection: Connection) => ConnectionHandler | undefined): Promise<Listener> {
    const server = net.createServer({ pauseOnConnect: true, noDelay: true, highWaterMark: drainBytes }, (accepted) => {
      const address = canonicalAddress(accepted.remoteAddress ?? "");
      if (address === undefined) {
        accepted.destroy();
        return;
      }
      const connection = new NodeConnection({ address, port: accepted.remotePort ?? 0 });
      const handler = accept(connection);
      if (handler === undefined) accepted.destroy();
      else this.#adopt(accepted, connection, handler);
    });
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        const code = codeOf(error) === "EADDRNOTAVAIL" ? "no-such-address" : "listen-failed";
        reject(new OperationalError(code, bindProblem(local, error), { cause: error }));
      };
      server.once("error", fail);
      server.listen({ host: local.address === "" ? undefined : local.address, port: local.port, backlog }, () => {
        server.off("error", fail);
        // Later errors (no more file descriptors) cost a connection, not the program.
        server.on("error", () => {});
        const bound = server.address() as net.AddressInfo;
        resolve({
          local: { address: canonicalAddress(bound.address) ?? bound.address, port: bound.port },
          get isOpen() {
            return server.listening;
          },
          close: () => new Promise((closed) => server.close(() => closed())),
        });
      });
    });
  }

  async resolve(host: string): Promise<readonly string[]> {
    const address = canonicalAddress(host);
    if (address !== undefined) return [address];
    try {
      const found = await builtinDns().promises.lookup(host, { all: true });
      return found.flatMap((entry) => canonicalAddress(entry.address) ?? []);
    } catch (error) {
      throw new OperationalError("unresolved", `there is no host named ${host}`, { cause: error });
    }
  }

  #onread(handler: ConnectionHandler, connection: NodeConnection) {
    return {
      // Asked for before each read.
      buffer: () => (connection.isReadMuch ? this.#longBuffer : this.#buffer),
      callback: (length: number, buffer: Uint8Array) => {
        if (!connection.isClosed) handler.onData(buffer.subarray(0, length));
        connection.didRead(length);
        return true;
      },
    };
  }

  #adopt(accepted: net.Socket, connection: NodeConnection, handler: ConnectionHandler): void {
    const owner = accepted as unknown as { _handle: object | null };
    const handle = owner._handle;
    if (handle === null || typeof handle !== "object") {
      connection.use(accepted, handler);
      accepted.on("data", (bytes: Uint8Array) => {
        if (!connection.isClosed) handler.onData(bytes);
      });
      accepted.resume();
      return;
    }
    owner._handle = null;
    // Without its handle the accepted socket is an empty shell; destroyed, the server stops counting it.
    accepted.destroy();
    const onread = this.#onread(handler, connection);
    const options = { handle, onread, readable: true, writable: true, ...writableOptions };
    const socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
    connection.use(socket, handler);
  }
}

class NodeConnection implements Connection {
  readonly remote: Endpoint;
  /** In long reads. */
  isReadMuch = false;
  #socket: net.Socket | undefined;
  #isClosed = false;
  #isPaused = false;
  /** Bytes since it last gave way to others. */
  #readInTurn = 0;

  constructor(remote: Endpoint) {
    this.remote = remote;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get local(): Endpoint | undefined {
    const { localAddress, localPort } = this.#socket ?? {};
    const address = canonicalAddress(localAddress ?? "");
    return address === undefined || localPort === undefined ? undefined : { address, port: localPort };
  }

  get queuedBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  use(socket: net.Socket, handler: ConnectionHandler): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("drain", () => {
      if (!this.#isClosed) handler.onDrain();
    });
    // The other side has no more to say: BitTorrent has no half-closed conversations.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.#isClosed = true;
      handler.onClose(failure);
    });
  }

  write(buffers: readonly Uint8Array[]): void {
    const socket = this.#socket;
    if (socket === undefined || this.#isClosed || socket.destroyed) return;
    const [first] = buffers;
    if (buffers.length === 1 && first !== undefined) {
      socket.write(first);
      return;
    }
    socket.cork();
    for (const buffer of buffers) socket.write(buffer);
    socket.uncork();
  }

  /** Gives way when it has had its turn. */
  didRead(bytes: number): void {
    this.#readInTurn += bytes;
    if (this.#readInTurn < turnBytesMax) return;
    this.#readInTurn = 0;
    this.#socket?.pause();
    setImmediate(() => this.#goOn());
  }

  readMuch(isMuch: boolean): void {
    this.isReadMuch = isMuch;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#goOn();
  }

  #goOn(): void {
    if (!this.#isPaused && !this.#isClosed) this.#socket?.resume();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.writableLength === 0) {
      socket.destroy();
      return;
    }
    // What is written may still leave, but nobody holds us by not reading it.
    socket.destroySoon();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once("close", () => clearTimeout(timer));
  }
}
