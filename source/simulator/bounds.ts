/** The least time in which everybody can have a file (Kurose and Ross, "Scalability of P2P architectures"), in seconds. */
export interface DistributionInput {
  /** F, bytes. */
  readonly length: number;
  /** u_s, bytes per second, of all that have the file at first. */
  readonly seedUp: number;
  /** u_i of those that want it. */
  readonly peerUps: readonly number[];
  /** d_i of those. */
  readonly peerDowns: readonly number[];
}

/** D_p2p = max(F/u_s, F/d_min, N·F/(u_s + Σu_i)). */
export function peerToPeerSeconds({ length, seedUp, peerUps, peerDowns }: DistributionInput): number {
  const all = peerUps.reduce((sum, up) => sum + up, seedUp);
  return Math.max(length / seedUp, length / Math.min(...peerDowns), (peerUps.length * length) / all);
}

/** D_cs = max(N·F/u_s, F/d_min). */
export function clientServerSeconds({ length, seedUp, peerUps, peerDowns }: DistributionInput): number {
  return Math.max((peerUps.length * length) / seedUp, length / Math.min(...peerDowns));
}
