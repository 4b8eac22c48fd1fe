/** UDP as the engine sees it. Datagrams get lost, come twice, and lie about where they come from. */
import type { Endpoint } from "../base/ip-address.ts";
import type { InterfaceAddress } from "./interfaces.ts";

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
  /**
   * A socket of a multicast group on one of the machine's networks: hears what is sent to the group there, what comes from
   * this machine too, and sends to it, no further than that network. Others on this machine may be in the group as well.
   * @param via of the group's family. @throws OperationalError `listen-failed`.
   */
  join(group: Endpoint, via: InterfaceAddress, handler: DatagramHandler): Promise<DatagramSocket>;
}
