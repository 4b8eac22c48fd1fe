/** UDP on Node. A socket has one family, and never asks for names: addresses alone are sent to. */
import dgram from "node:dgram";
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { canonicalAddress, type Endpoint, familyOf } from "../base/ip-address.ts";
import type { DatagramHandler, DatagramSocket, Datagrams } from "../ports/datagram.ts";
import type { InterfaceAddress } from "../ports/interfaces.ts";
import { bindProblem } from "./bind-problem.ts";

export class NodeDatagrams implements Datagrams {
  bind(local: Endpoint, handler: DatagramHandler): Promise<DatagramSocket> {
    const socket = createSocket(familyOf(local.address), false);
    return bound(socket, local, () => new NodeDatagramSocket(socket, handler));
  }

  async join(group: Endpoint, via: InterfaceAddress, handler: DatagramHandler): Promise<DatagramSocket> {
    const family = familyOf(group.address);
    const socket = createSocket(family, true);
    // Bound to the group's address it hears nothing that is sent to this machine alone; not every system can do that.
    const address = process.platform === "win32" ? (family === 4 ? "0.0.0.0" : "::") : group.address;
    const where = family === 4 ? via.address : `::%${via.name}`;
    return bound(socket, { address, port: group.port }, () => {
      socket.addMembership(group.address, where);
      socket.setMulticastInterface(where);
      socket.setMulticastTTL(1);
      socket.setMulticastLoopback(true);
      return new NodeDatagramSocket(socket, handler);
    });
  }
}

function createSocket(family: 4 | 6, isShared: boolean): dgram.Socket {
  return dgram.createSocket({
    type: family === 4 ? "udp4" : "udp6",
    ipv6Only: family === 6,
    reuseAddr: isShared,
    lookup: (address, _options, found) => found(null, address, family),
  });
}

function bound(socket: dgram.Socket, local: Endpoint, make: () => DatagramSocket): Promise<DatagramSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      socket.close();
      const code = codeOf(error) === "EADDRNOTAVAIL" ? "no-such-address" : "listen-failed";
      const cause = error instanceof Error ? error : new Error(messageOf(error));
      reject(new OperationalError(code, bindProblem(local, cause), { cause }));
    };
    socket.once("error", fail);
    socket.bind({ address: local.address, port: local.port, exclusive: true }, () => {
      socket.off("error", fail);
      try {
        resolve(make());
      } catch (error) {
        fail(error);
      }
    });
  });
}

class NodeDatagramSocket implements DatagramSocket {
  readonly local: Endpoint;
  readonly #socket: dgram.Socket;
  readonly #handler: DatagramHandler;
  #isOpen = true;

  constructor(socket: dgram.Socket, handler: DatagramHandler) {
    this.#socket = socket;
    this.#handler = handler;
    const { address, port } = socket.address();
    this.local = { address: canonicalAddress(address) ?? address, port };
    socket.on("message", (bytes, { address, port }) => {
      const canonical = canonicalAddress(address);
      if (this.#isOpen && canonical !== undefined) handler.onDatagram(bytes, { address: canonical, port });
    });
    // What could not be received costs a datagram, not the program.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isOpen = false;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(bytes: Uint8Array, remote: Endpoint): void {
    if (!this.#isOpen) return;
    try {
      this.#socket.send(bytes, remote.port, remote.address, (error) => {
        if (error !== null && this.#isOpen) this.#handler.onRefused?.(error, remote);
      });
    } catch (error) {
      // Port 0: Node checks that itself.
      this.#handler.onRefused?.(error instanceof Error ? error : new Error(messageOf(error)), remote);
    }
  }

  close(): Promise<void> {
    if (!this.#isOpen) return Promise.resolve();
    this.#isOpen = false;
    return new Promise((closed) => this.#socket.close(() => closed()));
  }
}
