/** The HTTP tracker protocol without I/O, the answering half (BEP 3, 7, 23, 24, 31, 48). Everything is bounded and clamped. */
import { ProtocolError } from "../base/errors.ts";
import type { Endpoint } from "../base/ip-address.ts";

/** HOSTILE C2: far more than the largest honest answer. */
export const answerLengthMax = 1024 * 1024;

export interface AnnounceSuccess {
  readonly kind: "success";
  readonly intervalMs: number;
  readonly minIntervalMs: number | null;
  readonly peers: readonly Endpoint[];
  readonly seeds: number | null;
  readonly leeches: number | null;
  /** To be said again with every further announce. */
  readonly trackerId: Uint8Array | null;
  /** "" if none. */
  readonly warning: string;
  readonly externalAddress: string | null;
}

export interface AnnounceFailure {
  readonly kind: "failure";
  readonly reason: string;
  /** BEP 31. */
  readonly retryMs: number | "never" | null;
}

export type AnnounceAnswer = AnnounceSuccess | AnnounceFailure;

/** @param status of the HTTP answer. @throws ProtocolError `bad-tracker-answer`. */
export function parseAnnounceAnswer(_body: Uint8Array, _status: number): AnnounceAnswer {
  throw new ProtocolError("bad-tracker-answer", "the tracker's answer cannot be read");
}
