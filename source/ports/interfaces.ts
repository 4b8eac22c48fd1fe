/** The machine's network interfaces. */
export interface InterfaceAddress {
  /** Of the interface: `eth0`, `tun0`. */
  readonly name: string;
  /** Canonical. */
  readonly address: string;
}

export interface Interfaces {
  /** Of those that are up, as it is now. Without addresses that hold for one link alone (`fe80::…`). */
  list(): readonly InterfaceAddress[];
}
