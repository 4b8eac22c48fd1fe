/** UDP on Node. A socket has one family, and never asks for names: addresses alone are sent to. */
import dgram from "node:dgram";
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { canonicalAddress, type Endpoint, familyOf } from "../base/ip-address.ts";
import type { DatagramHandler, DatagramSocket, Datagrams } from "../ports/datagram.ts";
import { bindProblem } from "./bind-problem.ts";

export class NodeDatagrams implements Datagrams {
  bind(local: Endpoint, handler: DatagramHandler): Promise<DatagramSocket> {
    const family = familyOf(local.address);
    const socket = dgram.createSocket({
      type: family === 4 ? "udp4" : "udp6",
      ipv6Only: family === 6,
      lookup: (address, _options, found) => found(null, address, family),
    });
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        socket.close();
        const code = codeOf(error) === "EADDRNOTAVAIL" ? "no-such-address" : "listen-failed";
        reject(new OperationalError(code, bindProblem(local, error), { cause: error }));
      };
      socket.once("error", fail);
      socket.bind({ address: local.address, port: local.port, exclusive: true }, () => {
        socket.off("error", fail);
        resolve(new NodeDatagramSocket(socket, handler));
      });
    });
  }
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
