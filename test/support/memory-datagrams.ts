/** UDP without sockets, on a virtual clock: one world of hosts; what is lost, and how long the way is, is up to the test. */
import { OperationalError } from "../../source/base/errors.ts";
import { type Endpoint, formatEndpoint } from "../../source/base/ip-address.ts";
import type { Clock } from "../../source/ports/clock.ts";
import type { DatagramHandler, DatagramSocket, Datagrams } from "../../source/ports/datagram.ts";
import type { InterfaceAddress } from "../../source/ports/interfaces.ts";

export interface Transit {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

export class MemoryDatagrams {
  readonly #clock: Clock;
  readonly #sockets = new Map<string, DatagramHandler>();
  readonly #groups = new Map<string, Set<DatagramHandler>>();
  #ports = 40_000;
  /** Datagrams given to the network, lost ones too. */
  sent = 0;
  /** One way; `undefined` loses the datagram. May look at it. */
  latencyMs: (transit: Transit) => number | undefined;

  constructor(clock: Clock, latencyMs: (transit: Transit) => number | undefined = () => 10) {
    this.#clock = clock;
    this.latencyMs = latencyMs;
  }

  /** The network as the host with this address sees it; it has no other, whatever is bound. */
  host(address: string): Datagrams {
    return {
      bind: async (local, handler) => this.bind({ address, port: local.port }, handler),
      join: async (group, via, handler) => this.#join(group, via, handler),
    };
  }

  bind({ address, port }: Endpoint, handler: DatagramHandler): DatagramSocket {
    const local = { address, port: port === 0 ? this.#ports++ : port };
    const key = formatEndpoint(local);
    const sockets = this.#sockets;
    if (sockets.has(key)) throw new OperationalError("listen-failed", `${key} is in use by another program`);
    sockets.set(key, handler);
    const isOpen = () => sockets.get(key) === handler;
    return {
      local,
      get isOpen() {
        return isOpen();
      },
      send: (bytes, remote) => {
        if (isOpen()) this.send({ bytes, from: local, to: remote });
      },
      close: async () => {
        if (isOpen()) sockets.delete(key);
      },
    };
  }

  /** All who have joined a group are on one network, whatever their interfaces are called. */
  #join(group: Endpoint, via: InterfaceAddress, handler: DatagramHandler): DatagramSocket {
    const key = formatEndpoint(group);
    const members = this.#groups.get(key) ?? new Set();
    this.#groups.set(key, members.add(handler));
    return {
      local: { address: group.address, port: group.port },
      get isOpen() {
        return members.has(handler);
      },
      send: (bytes, to) => {
        if (members.has(handler)) this.send({ bytes, from: { address: via.address, port: group.port }, to });
      },
      close: async () => {
        members.delete(handler);
      },
    };
  }

  /** From whomever it claims to be. */
  send(transit: Transit): void {
    this.sent++;
    const delayMs = this.latencyMs(transit);
    if (delayMs === undefined) return;
    const { bytes, from, to } = transit;
    const key = formatEndpoint(to);
    this.#clock.after(delayMs, () => {
      this.#sockets.get(key)?.onDatagram(bytes, from);
      for (const member of [...(this.#groups.get(key) ?? [])]) member.onDatagram(bytes.slice(), from);
    });
  }
}
