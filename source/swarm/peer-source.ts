/** Who told us of a peer. */
import type { Endpoint } from "../base/ip-address.ts";

/** `incoming`: it came by itself; `manual`: the user named it. */
export const peerSources = ["tracker", "dht", "pex", "lsd", "incoming", "manual"] as const;
export type PeerSource = (typeof peerSources)[number];
/** Those that name peers to be dialled. */
export type NamingSource = Exclude<PeerSource, "incoming">;

export interface NamedPeer {
  readonly endpoint: Endpoint;
  readonly source: NamingSource;
}

/** Sources as a set: one bit each. */
export function sourceBit(source: PeerSource): number {
  return 1 << peerSources.indexOf(source);
}

export function sourcesIn(bits: number): readonly PeerSource[] {
  return peerSources.filter((source) => (bits & sourceBit(source)) !== 0);
}
