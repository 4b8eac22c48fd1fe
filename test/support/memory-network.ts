/**
 * TCP without sockets, on a virtual clock: hosts with an address each, latency, and a window, so that who is not read
 * cannot send without end. Reads are as large as the window has filled meanwhile, as a kernel's are.
 */
import { OperationalError } from "../../source/base/errors.ts";
import { type Endpoint, formatEndpoint } from "../../source/base/ip-address.ts";
import type { Clock } from "../../source/ports/clock.ts";
import type { Connection, ConnectionHandler, ConnectOptions, Listener, Network } from "../../source/ports/network.ts";

/** What the sender's and the receiver's kernel hold of one direction. */
const windowBytes = 128 * 1024;
const readBytesMax = 256 * 1024;
type Accept = (connection: Connection) => ConnectionHandler | undefined;

export class MemoryNetwork {
  readonly clock: Clock;
  readonly latencyMs: number;
  readonly receiveBuffer = new Uint8Array(readBytesMax);
  readonly #listeners = new Map<string, Accept>();
  #ports = 40_000;

  constructor(clock: Clock, latencyMs = 10) {
    this.clock = clock;
    this.latencyMs = latencyMs;
  }

  /** The network as the host with this address sees it. */
  host(address: string): Network {
    return {
      connect: (options, handler) => this.#connect(address, options, handler),
      listen: async (local, accept) => this.#listen({ address, port: local.port === 0 ? 6881 : local.port }, accept),
      resolve: async (host) => [host],
    };
  }

  #listen(local: Endpoint, accept: Accept): Listener {
    const key = formatEndpoint(local);
    if (this.#listeners.has(key)) throw new OperationalError("listen-failed", `${key} is taken`);
    this.#listeners.set(key, accept);
    const listeners = this.#listeners;
    return {
      local,
      get isOpen() {
        return listeners.get(key) === accept;
      },
      close: async () => {
        if (listeners.get(key) === accept) listeners.delete(key);
      },
    };
  }

  #connect(address: string, { remote }: ConnectOptions, handler: ConnectionHandler): Connection {
    const local = { address, port: this.#ports++ };
    const [near, far] = [new MemoryConnection(this, remote, local), new MemoryConnection(this, local, remote)];
    near.join(far, handler);
    this.clock.after(this.latencyMs, () => {
      const accept = this.#listeners.get(formatEndpoint(remote));
      const other = accept?.(far);
      if (other === undefined) near.end(new Error("refused"));
      else {
        far.join(near, other);
        near.open();
      }
    });
    return near;
  }
}

class MemoryConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #network: MemoryNetwork;
  #handler: ConnectionHandler | undefined;
  #other: MemoryConnection | undefined;
  #isOpen = false;
  #isPaused = false;
  #isEnded = false;
  #isReading = false;
  /** Written by us, not yet in the window. */
  readonly #outgoing: Uint8Array[] = [];
  queuedBytes = 0;
  /** In the window towards us. */
  readonly #incoming: Uint8Array[] = [];
  /** Of our window towards the other: under way, or not read there. */
  #underWay = 0;

  constructor(network: MemoryNetwork, remote: Endpoint, local: Endpoint) {
    this.#network = network;
    this.remote = remote;
    this.local = local;
  }

  join(other: MemoryConnection, handler: ConnectionHandler): void {
    this.#other = other;
    this.#handler = handler;
    if (other.#other === this) {
      this.#isOpen = true;
      other.#isOpen = true;
    }
  }

  open(): void {
    this.#handler?.onOpen?.();
  }

  write(buffers: readonly Uint8Array[]): void {
    if (this.#isEnded) return;
    for (const buffer of buffers) {
      this.#outgoing.push(buffer.slice());
      this.queuedBytes += buffer.length;
    }
    this.#send();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#network.clock.after(0, () => this.#read());
  }

  close(): void {
    if (this.#isEnded) return;
    const other = this.#other;
    this.#network.clock.after(0, () => this.end(undefined));
    this.#network.clock.after(this.#network.latencyMs, () => other?.end(undefined));
  }

  end(error: Error | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#handler?.onClose(error);
  }

  #send(): void {
    if (!this.#isOpen) return;
    while (this.#outgoing.length > 0 && this.#underWay < windowBytes) {
      const bytes = this.#outgoing.shift();
      if (bytes === undefined) break;
      this.#underWay += bytes.length;
      this.queuedBytes -= bytes.length;
      this.#network.clock.after(this.#network.latencyMs, () => this.#deliver(bytes));
    }
    if (this.queuedBytes === 0) {
      this.#network.clock.after(0, () => {
        if (!this.#isEnded && this.queuedBytes === 0) this.#handler?.onDrain();
      });
    }
  }

  #deliver(bytes: Uint8Array): void {
    const other = this.#other;
    if (other === undefined) return;
    other.#incoming.push(bytes);
    other.#read();
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#incoming.length > 0 && !this.#isPaused && !this.#isEnded) {
        const all = Buffer.concat(this.#incoming.splice(0));
        const bytes = all.subarray(0, readBytesMax);
        if (all.length > bytes.length) this.#incoming.push(new Uint8Array(all.subarray(bytes.length)));
        const { receiveBuffer, clock, latencyMs } = this.#network;
        receiveBuffer.set(bytes);
        this.#handler?.onData(receiveBuffer.subarray(0, bytes.length));
        receiveBuffer.fill(0xee, 0, bytes.length);
        clock.after(latencyMs, () => this.#acknowledge(bytes.length));
      }
    } finally {
      this.#isReading = false;
    }
  }

  #acknowledge(length: number): void {
    const other = this.#other;
    if (other === undefined) return;
    other.#underWay -= length;
    other.#send();
  }
}
