/** What is known of a neighbour: who it is, the four flags, what it has, what has moved. What it says changes that. */
import { Bitfield } from "../base/bitfield.ts";
import { networkOf } from "../base/crowd.ts";
import type { PieceIndex } from "../base/ids.ts";
import { formatEndpoint } from "../base/ip-address.ts";
import { RateMeter } from "../base/rate-meter.ts";
import type { NeighbourInfo } from "./neighbour-owner.ts";

/** A neighbour is not to make us remember more "allowed fast" pieces than this. */
const allowedFastMax = 64;
const noPieces: ReadonlySet<PieceIndex> = new Set();

export abstract class NeighbourFacts {
  readonly info: NeighbourInfo;
  /** Its address and port, as they are shown. */
  readonly name: string;
  /** See `networkOf`. */
  readonly network: string;
  readonly connectedMs: number;
  readonly down = new RateMeter();
  readonly up = new RateMeter();
  field: Bitfield;
  amChoking = true;
  amInterested = false;
  peerChoking = true;
  peerInterested = false;
  isSuspect = false;
  /** How many of its pieces we lack: interest without a scan. */
  wantedCount = 0;
  waitingCount = 0;
  /** Pieces that we lack and it lets us have though it chokes us (BEP 6). */
  allowedToUs = noPieces;
  /** When it was last unchoked by us, and choked. */
  unchokedMs = Number.NEGATIVE_INFINITY;
  chokedMs = Number.NEGATIVE_INFINITY;
  /** It needs no tick before then. 0: it does not rest. */
  restsUntilMs = 0;
  /** The connection is gone. */
  isClosed = false;

  constructor(info: NeighbourInfo, pieceCount: number, nowMs: number) {
    this.info = info;
    this.name = formatEndpoint(info.endpoint);
    this.network = networkOf(info.endpoint.address);
    this.connectedMs = nowMs;
    this.field = new Bitfield(pieceCount);
  }

  get id(): number {
    return this.info.id;
  }

  get isSeed(): boolean {
    return this.field.isFull;
  }

  allow(piece: PieceIndex): void {
    if (this.allowedToUs.size < allowedFastMax) this.allowedToUs = new Set(this.allowedToUs).add(piece);
  }

  takeBackAllowed(piece: PieceIndex): void {
    if (!this.allowedToUs.has(piece)) return;
    const left = [...this.allowedToUs].filter((one) => one !== piece);
    this.allowedToUs = left.length === 0 ? noPieces : new Set(left);
  }
}
