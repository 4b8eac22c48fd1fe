/**
 * One real `Swarm` with real neighbours, for benchmarks of what it keeps in mind: no sockets, no files, no hashes, a clock
 * that passes when it is told to. A neighbour is spoken to in bytes, as by a socket.
 */
import { Bitfield } from "../../source/base/bitfield.ts";
import { infoHashFromHex, type PieceIndex, peerIdFromBytes } from "../../source/base/ids.ts";
import { randomBelow, randomFraction, SeededRandom } from "../../source/base/random.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { Storage } from "../../source/storage/storage.ts";
import type { Neighbour } from "../../source/swarm/neighbour.ts";
import type { NeighbourLink } from "../../source/swarm/neighbour-owner.ts";
import { Swarm } from "../../source/swarm/swarm.ts";
import { WireDecoder } from "../../source/wire/decoder.ts";
import { encodeBare, encodeBitfield, messageId, readUint32, requestMessageLength } from "../../source/wire/messages.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const blockBytes = 16 * 1024;
export const pieceLength = 4 * blockBytes;

/** A far end: notes what is asked of it, and speaks when it is told to. */
export class FarEnd implements NeighbourLink {
  readonly queuedBytes = 0;
  readonly isReadingPaused = false;
  readonly isOverLimit = false;
  /** Requests that came and are not answered: piece, begin, piece, begin, … */
  readonly asked: number[] = [];
  isListening = false;
  neighbour: Neighbour | undefined;
  #decoder: WireDecoder | undefined;
  readonly #have = new Uint8Array([0, 0, 0, 5, messageId.have, 0, 0, 0, 0]);

  joined(neighbour: Neighbour, bitfieldLength: number): void {
    this.neighbour = neighbour;
    this.#decoder = new WireDecoder(neighbour, bitfieldLength);
  }

  send(buffers: readonly Uint8Array[]): void {
    if (!this.isListening) return;
    for (const bytes of buffers) {
      for (let at = 0; at + requestMessageLength <= bytes.length; at += requestMessageLength) {
        if (bytes[at + 4] !== messageId.request) break;
        this.asked.push(readUint32(bytes, at + 5), readUint32(bytes, at + 9));
      }
    }
  }

  setReading(): void {}
  close(): void {}

  /** One read. */
  say(bytes: Uint8Array): void {
    this.#decoder?.feed(bytes);
  }

  sayHave(piece: number): void {
    const have = this.#have;
    have[5] = piece >>> 24;
    have[6] = piece >>> 16;
    have[7] = piece >>> 8;
    have[8] = piece;
    this.#decoder?.feed(have);
  }

  sayBare(id: number): void {
    this.say(encodeBare(id));
  }
}

class NoStorage implements Partial<Storage> {
  readonly isCongested = false;
  readonly isFull = false;
  readonly #geometry: Geometry;
  readonly #received: Uint8Array;
  #whole: PieceIndex[] = [];
  checked: (piece: PieceIndex) => void = () => {};

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
    this.#received = new Uint8Array(geometry.pieceCount);
  }

  writeBlock(piece: PieceIndex): void {
    const count = (this.#received[piece] ?? 0) + 1;
    this.#received[piece] = count;
    if (count === this.#geometry.blockCountOf(piece)) this.#whole.push(piece);
  }

  endOfTurn(): void {
    if (this.#whole.length === 0) return;
    const whole = this.#whole;
    this.#whole = [];
    for (const piece of whole) this.checked(piece);
  }
}

export interface StandInOptions {
  readonly pieceCount: number;
  /** Of all pieces that we have at first. Default 0. */
  readonly have?: number;
  readonly seed?: number;
}

export class StandInSwarm {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly geometry: Geometry;
  readonly swarm: Swarm;
  readonly ends: FarEnd[] = [];
  readonly #bitfieldLength: number;

  constructor({ pieceCount, have = 0, seed = 1 }: StandInOptions) {
    this.random = new SeededRandom(seed);
    this.geometry = new Geometry(pieceLength, pieceLength * pieceCount);
    this.#bitfieldLength = (pieceCount + 7) >> 3;
    const storage = new NoStorage(this.geometry);
    this.swarm = new Swarm(
      { clock: this.clock, random: this.random.fork(), hasher: new NodeHasher() },
      {
        infoHash: infoHashFromHex("01".repeat(20)),
        geometry: this.geometry,
        have: this.someOf(have),
        regularSlots: 4,
        neighboursMax: 100,
      },
      storage as Partial<Storage> as Storage,
      {
        wantPeers: () => {},
        limits: { grantUpload: () => true, grantRequests: (_, count) => count, requestsUnused: () => {} },
        uploaded: () => {},
        downloaded: () => {},
        wasted: () => {},
        pieceVerified: () => {},
        completed: () => {},
        superSeeded: () => {},
        storageFailed: (error) => {
          throw error;
        },
        extended: () => {},
        log: () => {},
      },
    );
    storage.checked = (piece) => this.swarm.pieceChecked(piece, true);
  }

  /** A random part of all pieces. */
  someOf(share: number): Bitfield {
    const { pieceCount } = this.geometry;
    if (share === 1) return Bitfield.full(pieceCount);
    const field = new Bitfield(pieceCount);
    if (share > 0) {
      for (let piece = 0; piece < pieceCount; piece++) if (randomFraction(this.random) < share) field.set(piece);
    }
    return field;
  }

  /** A neighbour that has these pieces. */
  join(field: Bitfield): FarEnd {
    const end = new FarEnd();
    const id = this.ends.length + 1;
    const neighbour = this.swarm.addNeighbour(
      end,
      {
        id,
        endpoint: { address: `10.0.${id >> 8}.${id & 255}`, port: 6881 },
        peerId: peerIdFromBytes(new Uint8Array(20).fill(id)),
        isIncoming: false,
        hasFast: false,
        hasExtensions: true,
      },
      undefined,
    );
    end.joined(neighbour, this.#bitfieldLength);
    this.ends.push(end);
    if (field.count > 0) end.say(encodeBitfield(field.bytes));
    return end;
  }

  joinMany(count: number, share: number): void {
    for (let i = 0; i < count; i++) this.join(this.someOf(share));
  }

  anyPiece(): number {
    return randomBelow(this.random, this.geometry.pieceCount);
  }

  anyEnd(): FarEnd {
    return this.ends[randomBelow(this.random, this.ends.length)] as FarEnd;
  }

  /** The first so many unchoke us and are asked; we unchoke them. */
  activate(count: number): FarEnd[] {
    const active = this.ends.slice(0, count);
    for (const end of active) {
      end.isListening = true;
      end.sayBare(messageId.interested);
      end.sayBare(messageId.unchoke);
    }
    return active;
  }
}

/** A block's message, of zeros. Written over by the next call. */
const pieceMessage = new Uint8Array(13 + blockBytes);

export function pieceMessageOf(piece: number, begin: number): Uint8Array {
  const bytes = pieceMessage;
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 9 + blockBytes);
  bytes[4] = messageId.piece;
  view.setUint32(5, piece);
  view.setUint32(9, begin);
  return bytes;
}
