/** UDP trackers that say what a test tells them to, on a virtual clock and network. */
import { OperationalError } from "../../source/base/errors.ts";
import { type Endpoint, familyOf, formatEndpoint } from "../../source/base/ip-address.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { UdpTrackers, type UdpTrackersPorts } from "../../source/discovery/udp-trackers.ts";
import type { DatagramSocket, Datagrams } from "../../source/ports/datagram.ts";
import type { Network } from "../../source/ports/network.ts";
import { MemoryDatagrams } from "../support/memory-datagrams.ts";
import { MemoryNetwork } from "../support/memory-network.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { infoHash, peerId } from "./scripted-trackers.ts";

export const query = {
  infoHash,
  peerId,
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  numwant: 50,
  key: 0xdeadbeef,
};
export const place = { host: "t.example", port: 6969, urlData: "" };

const own = { 4: "198.51.100.1", 6: "2001:db8::100" } as const;

export class UdpWorld {
  readonly clock = new VirtualClock();
  readonly datagrams = new MemoryDatagrams(this.clock);
  readonly names = new Map<string, readonly string[]>();
  /** Names that were looked up, in order. */
  readonly lookups: string[] = [];
  /** Sockets of ours that are open. */
  readonly sockets = new Set<DatagramSocket>();
  /** Families that we have. */
  readonly families = new Set<4 | 6>([4, 6]);
  readonly ports: UdpTrackersPorts;
  readonly trackers: UdpTrackers;

  constructor() {
    const { clock } = this;
    const network: Network = {
      ...new MemoryNetwork(clock).host(own[4]),
      resolve: async (host) => {
        this.lookups.push(host);
        const addresses = this.names.get(host);
        if (addresses === undefined) throw new OperationalError("unresolved", `there is no host named ${host}`);
        return addresses;
      },
    };
    this.ports = { clock, random: new SeededRandom(1), network, datagrams: this.#ours() };
    this.trackers = new UdpTrackers(this.ports);
  }

  /** Of our sockets. */
  get openSockets(): number {
    return [...this.sockets].filter(({ isOpen }) => isOpen).length;
  }

  #ours(): Pick<Datagrams, "bind"> {
    return {
      bind: async (local, handler) => {
        const family = familyOf(local.address);
        if (!this.families.has(family)) throw new OperationalError("listen-failed", `we have no IPv${family} address`);
        const socket = this.datagrams.bind({ address: own[family], port: local.port }, handler);
        this.sockets.add(socket);
        return socket;
      },
    };
  }
}

export interface HeardDatagram {
  readonly atMs: number;
  /** `connect`, `announce`, `scrape`. */
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
}

const words = ["connect", "announce", "scrape"];

export class ScriptedUdpTracker {
  readonly heard: HeardDatagram[] = [];
  readonly socket: DatagramSocket;
  /** What it gives out next. */
  connectionId = 0x1122334455667788n;
  /** In place of the usual answer; `undefined` for silence. */
  reply: (heard: HeardDatagram, usual: Uint8Array) => Uint8Array | undefined = (_heard, usual) => usual;

  constructor(world: UdpWorld, address: string, port = 6969) {
    this.socket = world.datagrams.bind(
      { address, port },
      {
        onDatagram: (bytes, from) => {
          const what = words[new DataView(bytes.buffer).getUint32(8)] ?? "?";
          const heard = { atMs: world.clock.nowMs(), what, bytes, from };
          this.heard.push(heard);
          const answer = this.reply(heard, this.#usual(heard));
          if (answer !== undefined) this.socket.send(answer, from);
        },
      },
    );
  }

  /** `what at` in seconds of each request. */
  get story(): readonly string[] {
    return this.heard.map(({ what, atMs }) => `${what} ${Math.round(atMs / 1000)}`);
  }

  #usual({ what, bytes }: HeardDatagram): Uint8Array {
    if (what === "connect") return connectAnswer(transactionOf(bytes), this.connectionId);
    return announceAnswer(transactionOf(bytes), {
      interval: 1800,
      leeches: 2,
      seeds: 3,
      peers: [198, 51, 100, 7, 0, 80],
    });
  }
}

export function transactionOf(request: Uint8Array): number {
  return new DataView(request.buffer, request.byteOffset).getUint32(12);
}

export function connectAnswer(transactionId: number, connectionId: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, transactionId);
  view.setBigUint64(8, connectionId);
  return bytes;
}

export function announceAnswer(
  transactionId: number,
  more: {
    readonly interval: number;
    readonly leeches: number;
    readonly seeds: number;
    readonly peers: readonly number[];
  },
): Uint8Array {
  const bytes = new Uint8Array(20 + more.peers.length);
  const view = new DataView(bytes.buffer);
  [1, transactionId, more.interval, more.leeches, more.seeds].forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  bytes.set(more.peers, 20);
  return bytes;
}

export function errorAnswer(transactionId: number, text: string): Uint8Array {
  const bytes = new Uint8Array([0, 0, 0, 3, 0, 0, 0, 0, ...new TextEncoder().encode(text)]);
  new DataView(bytes.buffer).setUint32(4, transactionId);
  return bytes;
}

/** What became of a promise, in words. */
export async function outcome(promise: Promise<{ readonly remoteAddress: string }>): Promise<string> {
  return promise.then(
    ({ remoteAddress }) => `heard ${remoteAddress}`,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

export function where(endpoint: Endpoint): string {
  return formatEndpoint(endpoint);
}
