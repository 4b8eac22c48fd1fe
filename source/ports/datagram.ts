/** UDP as the engine sees it. Datagrams get lost, come twice, and lie about where they come from. */
import type { Endpoint } from "../base/ip-address.ts";

export interface DatagramHandler {
  /** `bytes` are the receiver's. Never runs after `close`. `remote` may be port 0, to which nothing can be sent. */
  onDatagram(bytes: Uint8Array, remote: Endpoint): void;
  /** The system refused to send to `remote` (no route, for one). That others went out proves nothing. */
  onRefused?(error: Error, remote: Endpoint): void;
}

export interface DatagramSocket {
  readonly local: Endpoint;
  /** False when it was closed, by whomever. */
  readonly isOpen: boolean;
  /** Hands one datagram to the system. `bytes` belong to the network afterwards; `remote` is of the socket's family. */
  send(bytes: Uint8Array, remote: Endpoint): void;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface Datagrams {
  /**
   * @param local its address is the family: `0.0.0.0` is all of IPv4, `::` all of IPv6, never both. Port 0 is any free one.
   * @throws OperationalError `listen-failed`; `no-such-address` where the address is not one of this machine.
   */
  bind(local: Endpoint, handler: DatagramHandler): Promise<DatagramSocket>;
}
