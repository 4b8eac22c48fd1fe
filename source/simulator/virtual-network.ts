/**
 * TCP without sockets: hosts with a line each, behind NATs or not, in parts that may be cut off from one another. See
 * `VirtualConnection` for what becomes of bytes.
 */
import { OperationalError } from "../base/errors.ts";
import { type Endpoint, formatEndpoint } from "../base/ip-address.ts";
import { type Random, randomFraction } from "../base/random.ts";
import type { Connection, ConnectionHandler, ConnectOptions, Listener, Network } from "../ports/network.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import { type Segment, VirtualConnection } from "./virtual-connection.ts";
import { freeLength, type LinkOptions, segmentMax, Uplink } from "./virtual-link.ts";

type Accept = (connection: Connection) => ConnectionHandler | undefined;

/** Is told what happens on all connections; may not change anything. */
export interface NetworkObserver {
  /** `bytes` are about to be handed to the end `to`, whose `other` sent them. */
  delivered(to: VirtualConnection, bytes: Uint8Array): void;
  opened(dialler: VirtualConnection): void;
  closed(end: VirtualConnection): void;
  /** `from` has written this. */
  sent?(from: VirtualConnection, buffers: readonly Uint8Array[]): void;
  /** Promises have gone on after what happened; nothing is half done. */
  turnEnded?(): void;
}

const firstFreePort = 40_000;

/** The address of the host with this number: public ones, each of a network of its own. @param number 0 … 2^22. */
export function hostAddress(number: number): string {
  return `${20 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}.1`;
}

/** Whether nothing passes between these two. */
export type NetworkCut = (a: VirtualHost, b: VirtualHost) => boolean;

export class VirtualNetwork {
  readonly clock: VirtualClock;
  observer: NetworkObserver | undefined;
  /** Where nothing passes at present. */
  readonly cuts = new Set<NetworkCut>();
  readonly #random: Random;
  readonly #hosts = new Map<string, VirtualHost>();
  /** Connections that are open, by the end that dialled. */
  readonly #lines = new Set<VirtualConnection>();
  /** Where what is read lies, one segment at a time: so it is in the processor's cache. */
  readonly #reading = new Uint8Array(segmentMax);
  readonly #mustScrub: boolean;
  #connections = 0;

  /** @param mustScrub overwrites what was read: whoever holds on to it is found out. Costs time. */
  constructor(clock: VirtualClock, random: Random, mustScrub = false) {
    this.clock = clock;
    this.#random = random;
    this.#mustScrub = mustScrub;
  }

  /** A new host. @param address of nobody yet. */
  host(address: string, link: LinkOptions): VirtualHost {
    const host = new VirtualHost(this, address, link);
    this.#hosts.set(address, host);
    return host;
  }

  hostAt(address: string): VirtualHost | undefined {
    return this.#hosts.get(address);
  }

  /** By the end that dialled, in the order in which they were opened. */
  get lines(): ReadonlySet<VirtualConnection> {
    return this.#lines;
  }

  /** Both ends of an open connection are told that it is over. */
  reset(line: VirtualConnection, reason: "reset" | "timeout"): void {
    if (!this.#lines.delete(line)) return;
    const { other } = line;
    const error = new OperationalError(
      reason,
      reason === "reset" ? "the connection was reset" : "nothing comes through",
    );
    line.end(error);
    other?.end(error);
  }

  // ── for hosts and connections ──────────────────────────────────────────────────────────────────────────────────

  connect(from: VirtualHost, { remote, timeoutMs }: ConnectOptions, handler: ConnectionHandler): Connection {
    const local = { address: from.address, port: from.nextPort() };
    const near = new VirtualConnection(this, ++this.#connections, from, local, remote);
    const to = this.#hosts.get(remote.address);
    if (to === undefined || !to.link.isReachable || this.#isCut(from, to)) {
      near.join(near, handler);
      this.clock.arrange(timeoutMs, () => near.end(new OperationalError("timeout", "nobody answers there")));
      return near;
    }
    const far = new VirtualConnection(this, this.#connections, to, remote, local);
    near.join(far, handler);
    const latencyMs = from.link.latencyMs + to.link.latencyMs;
    this.clock.arrange(latencyMs, () => {
      const accepting = near.isEnded ? undefined : to.accept(remote, far);
      if (accepting === undefined) {
        this.clock.arrange(latencyMs, () => near.end(new OperationalError("refused", "it refuses the connection")));
        return;
      }
      far.join(near, accepting);
      this.#lines.add(near);
      this.observer?.opened(near);
      // Before anything that the other end says can come.
      this.clock.arrange(latencyMs, () => {
        near.opened();
        near.tellOpen();
      });
      far.opened();
    });
    return near;
  }

  ended(end: VirtualConnection): void {
    this.#lines.delete(end);
    if (end.other !== undefined) this.#lines.delete(end.other);
    this.observer?.closed(end);
  }

  #isCut(a: VirtualHost, b: VirtualHost): boolean {
    for (const cut of this.cuts) if (cut(a, b)) return true;
    return false;
  }

  /** In a later turn at the same time. */
  soon(callback: () => void): void {
    this.clock.arrange(0, callback);
  }

  /** @returns the bytes of a segment, until `wasRead`. */
  putTogether({ buffers, length }: Segment): Uint8Array {
    const [first] = buffers;
    if (first !== undefined && length < freeLength && buffers.length === 1) return first;
    let at = 0;
    for (const buffer of buffers) {
      this.#reading.set(buffer, at);
      at += buffer.length;
    }
    return this.#reading.subarray(0, length);
  }

  wasRead(bytes: Uint8Array): void {
    if (this.#mustScrub && bytes.buffer === this.#reading.buffer) bytes.fill(0xee);
  }

  /** Milliseconds that a segment is late, by jitter and loss. */
  disturbance(from: VirtualHost, to: VirtualHost, lost: () => number): number {
    const jitterMs = from.link.jitterMs + to.link.jitterMs;
    const lossRate = from.link.lossRate + to.link.lossRate;
    const lateMs = jitterMs === 0 ? 0 : jitterMs * randomFraction(this.#random);
    return lossRate > 0 && randomFraction(this.#random) < lossRate ? lateMs + lost() : lateMs;
  }
}

export class VirtualHost implements Network {
  readonly address: string;
  readonly link: LinkOptions;
  readonly uplink: Uplink;
  /** Payload that came. */
  receivedBytes = 0;
  readonly #network: VirtualNetwork;
  readonly #listeners = new Map<string, Accept>();
  #nextPort = firstFreePort;
  /** When what has come so far is through our line. */
  #downFreeMs = 0;

  constructor(network: VirtualNetwork, address: string, link: LinkOptions) {
    this.#network = network;
    this.address = address;
    this.link = link;
    this.uplink = new Uplink(network.clock, link.upBytesPerSecond);
  }

  connect(options: ConnectOptions, handler: ConnectionHandler): Connection {
    return this.#network.connect(this, options, handler);
  }

  async listen(local: Endpoint, accept: Accept): Promise<Listener> {
    const endpoint = { address: this.address, port: local.port === 0 ? this.nextPort() : local.port };
    const key = formatEndpoint(endpoint);
    const listeners = this.#listeners;
    if (listeners.has(key)) throw new OperationalError("listen-failed", `${key} is taken`);
    listeners.set(key, accept);
    return {
      local: endpoint,
      get isOpen() {
        return listeners.get(key) === accept;
      },
      close: async () => {
        if (listeners.get(key) === accept) listeners.delete(key);
      },
    };
  }

  async resolve(host: string): Promise<readonly string[]> {
    return [host];
  }

  // ── for the network ────────────────────────────────────────────────────────────────────────────────────────────

  nextPort(): number {
    return this.#nextPort++;
  }

  accept(local: Endpoint, connection: Connection): ConnectionHandler | undefined {
    return this.#listeners.get(formatEndpoint(local))?.(connection);
  }

  /** @returns when a segment that is here at `arrivalMs` has come through our line. */
  arrives(length: number, arrivalMs: number): number {
    if (length < freeLength) return arrivalMs;
    this.receivedBytes += length;
    const ms = (1000 * length) / this.link.downBytesPerSecond;
    this.#downFreeMs = Math.max(arrivalMs, this.#downFreeMs) + ms;
    return this.#downFreeMs;
  }
}
