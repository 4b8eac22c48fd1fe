/**
 * A peer on a raw TCP socket that says exactly what a test wants it to, in whatever order, however wrong. It reads with
 * a framing of its own, so that it does not lean on what it tests.
 */
import { createServer, connect as dialSocket, type Server, type Socket } from "node:net";
import { type InfoHash, infoHashToBytes, type PeerId, peerIdToBytes } from "../../source/base/ids.ts";
import type { Endpoint } from "../../source/base/ip-address.ts";

export interface RawMessage {
  /** `undefined` for a keep-alive. */
  readonly id: number | undefined;
  readonly body: Uint8Array;
}

export interface HandshakePlan {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly hasFast?: boolean;
  readonly hasExtensions?: boolean;
}

const handshakeLength = 68;

/** The first 68 bytes, from what is written in BEP 3. */
export function rawHandshake(plan: HandshakePlan): Uint8Array {
  const reserved = new Uint8Array(8);
  if (plan.hasExtensions === true) reserved[5] = 0x10;
  if (plan.hasFast !== false) reserved[7] = 0x04;
  const protocol = Buffer.from("\x13BitTorrent protocol", "latin1");
  return Buffer.concat([protocol, reserved, infoHashToBytes(plan.infoHash), peerIdToBytes(plan.peerId)]);
}

/** Any message: the length is that of the body unless it is to lie. */
export function rawMessage(id: number, body: Uint8Array | readonly number[] = [], claimedLength?: number): Uint8Array {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.writeUInt32BE(claimedLength ?? 1 + body.length, 0);
  bytes[4] = id;
  bytes.set(body, 5);
  return bytes;
}

/** A body of 32-bit numbers, as most have. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * i);
  return bytes;
}

/** `part` again and again. */
export function repeated(part: Uint8Array, count: number): Uint8Array {
  const bytes = Buffer.alloc(part.length * count);
  for (let i = 0; i < count; i++) bytes.set(part, i * part.length);
  return bytes;
}

export class RawPeer {
  readonly socket: Socket;
  /** Resolves when the connection is over, however it ended. */
  readonly closed: Promise<void>;
  isClosed = false;
  bytesReceived = 0;
  handshake: Uint8Array | undefined;
  /** Everything it was told, in order; kept only while small. */
  readonly messages: RawMessage[] = [];
  onMessage: (message: RawMessage) => void = () => {};
  readonly #waiters = new Set<() => void>();
  #kept: Uint8Array = new Uint8Array(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("end", () => socket.destroy());
    socket.on("data", (bytes) => this.#take(bytes));
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** @param from local address: on Linux all of 127/8 is ours. */
  static async dial(to: Endpoint, from: string): Promise<RawPeer> {
    const peer = new RawPeer(dialSocket({ host: to.address, port: to.port, localAddress: from }));
    await Promise.race([new Promise((resolve) => peer.socket.once("connect", resolve)), peer.closed]);
    return peer;
  }

  send(...buffers: readonly Uint8Array[]): void {
    for (const bytes of buffers) if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Sends and resolves when the kernel has taken it all, or the connection is over. */
  async push(...buffers: readonly Uint8Array[]): Promise<void> {
    for (const bytes of buffers) {
      if (this.isClosed || this.socket.destroyed) return;
      await Promise.race([new Promise((resolve) => this.socket.write(bytes, resolve)), this.closed]);
    }
  }

  shake(plan: HandshakePlan): void {
    this.send(rawHandshake(plan));
  }

  /** Resolves when `isSo` holds, asked after everything that comes. @returns false if the connection ended before. */
  async until(isSo: () => boolean): Promise<boolean> {
    while (!isSo()) {
      if (this.isClosed) return false;
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
    return true;
  }

  untilHandshake(): Promise<boolean> {
    return this.until(() => this.handshake !== undefined);
  }

  untilMessage(id: number, count = 1): Promise<boolean> {
    return this.until(() => this.count(id) >= count);
  }

  count(id: number): number {
    return this.messages.filter((message) => message.id === id).length;
  }

  /** A reset, not an orderly end. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }

  #take(bytes: Uint8Array): void {
    this.bytesReceived += bytes.length;
    this.#kept = Buffer.concat([this.#kept, bytes]);
    let at = 0;
    if (this.handshake === undefined && this.#kept.length >= handshakeLength) {
      this.handshake = this.#kept.slice(0, handshakeLength);
      at = handshakeLength;
    }
    const view = Buffer.from(this.#kept.buffer, this.#kept.byteOffset, this.#kept.length);
    while (this.handshake !== undefined && view.length - at >= 4) {
      const length = view.readUInt32BE(at);
      if (view.length - at < 4 + length) break;
      const body = view.subarray(at + 5, at + 4 + length);
      this.#heard({ id: length === 0 ? undefined : view[at + 4], body: Uint8Array.from(body) });
      at += 4 + length;
    }
    this.#kept = this.#kept.subarray(at);
    this.#wake();
  }

  #heard(message: RawMessage): void {
    if (this.messages.length < 300_000) this.messages.push(message);
    this.onMessage(message);
  }

  #wake(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }
}

/** Somebody to be dialled: each connection gets its own run of the script. */
export class RawListener {
  readonly endpoint: Endpoint;
  readonly peers: RawPeer[] = [];
  connectionCount = 0;
  readonly #server: Server;

  private constructor(server: Server, endpoint: Endpoint) {
    this.#server = server;
    this.endpoint = endpoint;
  }

  static async listen(address: string, script: (peer: RawPeer, count: number) => void): Promise<RawListener> {
    const server = createServer((socket) => {
      const peer = new RawPeer(socket);
      listener.connectionCount++;
      listener.peers.push(peer);
      script(peer, listener.connectionCount);
    });
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const listener = new RawListener(server, { address, port });
    return listener;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const peer of this.peers) peer.close();
    });
  }
}
