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

/** What no swarm gets around, in seconds; the longest of them is its bound. */
export interface DistributionTerms {
  /** F/u_s: each piece must leave the seed once. */
  readonly seed: number;
  /** F/d_min: the slowest line must take all of it. */
  readonly download: number;
  /** N·F/(u_s + Σu_i): all together must send so many copies. */
  readonly swarm: number;
}

export function distributionTerms({ length, seedUp, peerUps, peerDowns }: DistributionInput): DistributionTerms {
  const all = peerUps.reduce((sum, up) => sum + up, seedUp);
  return {
    seed: length / seedUp,
    download: length / Math.min(...peerDowns),
    swarm: (peerUps.length * length) / all,
  };
}

/** D_p2p = max(F/u_s, F/d_min, N·F/(u_s + Σu_i)). */
export function peerToPeerSeconds(input: DistributionInput): number {
  const { seed, download, swarm } = distributionTerms(input);
  return Math.max(seed, download, swarm);
}

/** D_cs = max(N·F/u_s, F/d_min). */
export function clientServerSeconds(input: DistributionInput): number {
  const { seed, download } = distributionTerms(input);
  return Math.max(input.peerUps.length * seed, download);
}
