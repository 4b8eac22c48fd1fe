/** The two seams of a neighbour: the link it speaks through, and the swarm that owns it. */
import type { Bitfield } from "../base/bitfield.ts";
import type { PeerId, PieceIndex } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import type { Neighbour } from "./neighbour.ts";
import type { OutstandingRequest } from "./request-pipeline.ts";
import type { SendBuffers } from "./send-buffers.ts";
import type { Turn } from "./turn.ts";
import type { BlockSource } from "./upload-queue.ts";

/** The way to the peer, kept by whoever owns the socket. */
export interface NeighbourLink {
  /** Bytes written that the kernel has not taken. */
  readonly queuedBytes: number;
  /** The buffers are not written to any more, by the link neither: others may be sent the same. */
  send(buffers: readonly Uint8Array[]): void;
  /** We do not read from it now (a limit, or `setReading`): its silence is our doing. */
  readonly isReadingPaused: boolean;
  /** The download limit keeps us from reading from it, or from asking it for more. */
  readonly isOverLimit: boolean;
  /** A run has ended in which so many bytes of blocks came that were asked for; absent where nobody cares. */
  sentBlocks?(bytes: number): void;
  /** Stops reading from it for a while: it asks for more than we can serve. */
  setReading(isReading: boolean): void;
  /** Drops the connection; the swarm is told by `removeNeighbour`. */
  close(reason: string): void;
}

/** What a neighbour asks of and tells its swarm. */
export interface NeighbourOwner {
  readonly geometry: Geometry;
  readonly turn: Turn;
  /** What the neighbour may know that we have, and ask for. Not to be written to. */
  offeredTo(neighbour: Neighbour): Bitfield;
  /** The storage takes no more for now. */
  readonly isCongested: boolean;
  /** So much is unwritten that nobody is to be read. */
  readonly isFull: boolean;
  nowMs(): number;
  /** `field` was replaced whole, from what `old` was. */
  fieldCame(neighbour: Neighbour, old: Bitfield): void;
  pieceCame(neighbour: Neighbour, piece: PieceIndex): void;
  peerInterestChanged(neighbour: Neighbour): void;
  peerChokeChanged(neighbour: Neighbour): void;
  /** A block we asked for, perhaps gave up since: `data` is valid until the run ends. */
  blockCame(neighbour: Neighbour, request: OutstandingRequest, data: Uint8Array): void;
  /** Requests that will not be answered. */
  requestsVoid(neighbour: Neighbour, requests: readonly Pick<OutstandingRequest, "active" | "block">[]): void;
  extended(neighbour: Neighbour, extendedId: number, payload: Uint8Array): void;
  readonly storage: BlockSource;
  readonly sendBuffers: SendBuffers;
  grantUpload(neighbour: Neighbour, bytes: number): boolean;
  /** Bytes of pieces were sent to it. */
  uploaded(neighbour: Neighbour, bytes: number): void;
  wasted(bytes: number): void;
  storageFailed(error: unknown): void;
  /** No more of this read will come. @param received bytes of blocks in it that were asked for. */
  runEnded(neighbour: Neighbour, received: number): void;
}

export interface NeighbourInfo {
  /** Unique in the program's life, 1 and up. */
  readonly id: number;
  readonly endpoint: Endpoint;
  readonly peerId: PeerId;
  readonly isIncoming: boolean;
  readonly hasFast: boolean;
  readonly hasExtensions: boolean;
}
