/** Peers without an engine, for crowds of tens of thousands: what they claim, give and take. */
import type { LinkOptions } from "./virtual-link.ts";

/** What a scripted peer does. All but `mute` shake hands and know the fast extension (BEP 6). */
export type PeerScript =
  /** Has everything and gives it to whoever asks. */
  | { readonly kind: "seed" }
  /** Takes what it is given. It gives what it has by then to whoever asks, or nothing. */
  | { readonly kind: "leech"; readonly gives: boolean }
  /** Is connected, and says nothing at all. */
  | { readonly kind: "mute" }
  /** Claims every second piece, wants nothing and unchokes nobody. */
  | { readonly kind: "idle" }
  /** Claims everything and unchokes everybody, but has nothing: it rejects what is asked, or does not answer. */
  | { readonly kind: "liar"; readonly rejects: boolean }
  /** As a seed, but of the blocks that it gives this part is wrong, 0 … 1. */
  | { readonly kind: "poisoner"; readonly part: number }
  /** Asks for much and reads for a moment every so often. */
  | { readonly kind: "slow-reader"; readonly everyMs: number };

/** Many of one kind. They are no part of what the swarm is to achieve: nobody waits until they are complete. */
export interface CrowdPlan {
  /** What they are called, with a number behind; unique. */
  readonly group: string;
  readonly count: number;
  readonly script: PeerScript;
  readonly link: LinkOptions;
  /** The first joins then, the others evenly within `overMs`. */
  readonly joinsMs: number;
  readonly overMs: number;
  /** Engines that each of them dials by itself; what fails is tried again, with more and more patience. */
  readonly dials: number;
}
