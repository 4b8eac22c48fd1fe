/** What a swarm is made of. */
import type { Bitfield } from "../base/bitfield.ts";
import type { InfoHash } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import type { Random } from "../base/random.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import type { Clock } from "../ports/clock.ts";
import type { Hasher } from "../ports/hasher.ts";
import type { PiecePriorities } from "./piece-priorities.ts";
import type { SendBuffers } from "./send-buffers.ts";

export interface SwarmPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
}

export interface SwarmOptions {
  readonly infoHash: InfoHash;
  readonly geometry: Geometry;
  /** What is verified already; the swarm keeps it up to date. */
  readonly have: Bitfield;
  /** 0: nobody is ever served, `undefined`: by the upload rate. */
  readonly regularSlots: number | undefined;
  /** The engine's. Default: of this swarm alone. */
  readonly sendBuffers?: SendBuffers;
  readonly neighboursMax: number;
  /** How good a peer is to be connected to, where there are too many (BEP 40): the greater the better. Default: all alike. */
  readonly rankOf?: (endpoint: Endpoint) => number;
  /** What is wanted at first, as for `setPriorities`. Default: everything, the rarest first. */
  readonly priorities?: PiecePriorities | undefined;
  readonly sequence?: Int32Array | undefined;
  /** See `setSuperSeeding`. Default: no. */
  readonly isSuperSeeding?: boolean;
  /** Nothing is asked for as long as not; then `storageRelieved` is to be called. Default: always. */
  readonly mayFetch?: () => boolean;
}
