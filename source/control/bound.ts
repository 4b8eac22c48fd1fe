/**
 * How fast content can reach N peers at best, as the textbook has it (Kurose and Ross, "File distribution"): from a server
 * alone, and with the peers helping each other. And how near a swarm comes to that.
 *
 *   D_cs  = max( N·F / u_s, F / d_min )
 *   D_p2p = max( F / u_s, F / d_min, N·F / (u_s + Σ u_i) )
 */

/** A number, and what it goes by. */
export interface Figure {
  readonly value: number;
  /** Seen or set; else an estimate. */
  readonly isMeasured: boolean;
  readonly basis: string;
}

export interface BoundInputs {
  /** F, bytes. */
  readonly length: number;
  /** N: who downloads, ourselves included. */
  readonly leeches: Figure;
  /** u_s: bytes a second that all seeds together can upload. */
  readonly seedRate: Figure;
  /** Σ u_i: and all leeches together. */
  readonly leechRate: Figure;
  /** d_min: bytes a second that the slowest leech can download. */
  readonly slowestDown: Figure;
  /** Seconds that the whole would take as it goes now; `null` where nothing moves. */
  readonly projectedSeconds: number | null;
}

/** `seed`: every byte must leave a seed once. `slowest`: the slowest must take it in. `all`: all must leave somewhere. */
export type BindingTerm = "seed" | "slowest" | "all";

export interface Bound {
  readonly inputs: BoundInputs;
  /** Seconds; `null` where a figure that it needs is not known. */
  readonly p2pSeconds: number | null;
  readonly p2pBinds: BindingTerm | null;
  readonly serverSeconds: number | null;
  readonly serverBinds: Exclude<BindingTerm, "seed"> | null;
  /** 0 … 1: the bound as a part of what it takes. At most 1: who is faster than an estimate shows that it was too low. */
  readonly efficiency: number | null;
}

export function boundOf(inputs: BoundInputs): Bound {
  const { length, leeches, seedRate, leechRate, slowestDown, projectedSeconds } = inputs;
  const count = Math.max(1, leeches.value);
  const slowest = length / slowestDown.value;
  const server = largest({ all: (count * length) / seedRate.value, slowest });
  const p2p = largest({
    seed: length / seedRate.value,
    all: (count * length) / (seedRate.value + leechRate.value),
    slowest,
  });
  const efficiency =
    p2p === undefined || projectedSeconds === null || projectedSeconds <= 0 ? null : p2p.seconds / projectedSeconds;
  return {
    inputs,
    p2pSeconds: p2p?.seconds ?? null,
    p2pBinds: p2p?.term ?? null,
    serverSeconds: server?.seconds ?? null,
    serverBinds: server?.term ?? null,
    efficiency: efficiency === null ? null : Math.min(1, efficiency),
  };
}

/** @returns `undefined` where one of them is not finite: a rate of nothing, and nothing to say. */
function largest<Term extends BindingTerm>(
  terms: Readonly<Record<Term, number>>,
): { readonly term: Term; readonly seconds: number } | undefined {
  let found: { readonly term: Term; readonly seconds: number } | undefined;
  for (const term of Object.keys(terms) as Term[]) {
    if (!Number.isFinite(terms[term])) return undefined;
    if (found === undefined || terms[term] > found.seconds) found = { term, seconds: terms[term] };
  }
  return found;
}
