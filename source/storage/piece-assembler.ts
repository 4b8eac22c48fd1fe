/**
 * Hashes pieces while their blocks arrive. Bytes that come in order go into the piece's running hash within the turn, a run
 * at a time, while they are hot in the processor's cache; bytes that come ahead of a gap are only kept, and are read back
 * (from the page cache, as a rule) when the gap is filled, so that no order of arrival costs memory.
 *
 * Invariants: each byte of a piece is taken once, a second copy is ignored; `hashedTo` is the length of the piece's
 * beginning that is in its hash, or will be when `hashTaken` returns; verdicts are given by `settle`, never by `add`, and on a
 * piece that is written whole. The number of pieces under way is up to the picker, and never above the torrent's piece count.
 */
import { assert } from "../base/assert.ts";
import type { PieceIndex } from "../base/ids.ts";
import { Turnover } from "../base/turnover.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Hasher, RunningHash } from "../ports/hasher.ts";
import { ByteRanges } from "./byte-ranges.ts";
import type { WorkMeter } from "./work-meter.ts";

/** Bytes read back and hashed in one go: about 4 ms. More than any receive buffer, so the backlog always shrinks. */
const catchUpLengthMax = 6 * 1024 * 1024;
/** Bytes read back at once: fits in a processor's second-level cache. */
const scratchLength = 256 * 1024;

export interface AssemblyHost {
  /**
   * Keeps bytes that are new. `isAhead`: they are not in the hash yet and will be read back.
   * @param offset in the torrent's content.
   */
  keep(offset: number, data: Uint8Array, isAhead: boolean): void;
  /** Fills `into` with bytes that were kept before the last `settle`. @throws OperationalError. */
  readBack(offset: number, into: Uint8Array): void;
  /** Whether all that was kept of these bytes is with the system: only then a kill cannot make a verdict wrong. */
  isWritten(offset: number, length: number): boolean;
  onPieceChecked(piece: PieceIndex, isRight: boolean): void;
  /** What `readBack` threw outside of `settle`. */
  onFailure(error: unknown): void;
}

interface Assembly {
  readonly piece: PieceIndex;
  readonly length: number;
  readonly offset: number;
  readonly arrived: ByteRanges;
  hash: RunningHash | undefined;
  digest: Uint8Array | undefined;
  hashedTo: number;
}

/** Shared by all torrents: it is used and free again within one call. */
let sharedScratch: Uint8Array | undefined;

export class PieceAssembler {
  readonly #geometry: Geometry;
  readonly #pieceHashes: Uint8Array;
  readonly #hasher: Hasher;
  readonly #clock: Clock;
  readonly #work: WorkMeter | undefined;
  readonly #host: AssemblyHost;
  #assemblies = new Map<PieceIndex, Assembly>();
  readonly #turnover = new Turnover();
  /** Pieces with bytes beyond `hashedTo` and no gap before them. */
  readonly #behind = new Set<Assembly>();
  #hashed: Assembly[] = [];
  /** The one that was added to last, as long as it is under way: most often it is added to next. */
  #last: Assembly | undefined;
  /** Whose bytes wait to be hashed, and these. */
  #taker: Assembly | undefined;
  #taken: Uint8Array[] = [];
  #timer: Timer | undefined;

  /** @param ports.work what hashing takes is booked there. @param pieceHashes 20 bytes for each piece. */
  constructor(
    ports: { readonly hasher: Hasher; readonly clock: Clock; readonly work?: WorkMeter | undefined },
    geometry: Geometry,
    pieceHashes: Uint8Array,
    host: AssemblyHost,
  ) {
    assert(pieceHashes.length === 20 * geometry.pieceCount, "a hash for each piece");
    this.#hasher = ports.hasher;
    this.#clock = ports.clock;
    this.#work = ports.work;
    this.#geometry = geometry;
    this.#pieceHashes = pieceHashes;
    this.#host = host;
  }

  /** Takes what is new of these bytes. */
  add(piece: PieceIndex, begin: number, data: Uint8Array): void {
    const end = begin + data.length;
    const assembly = this.#assemblyOf(piece);
    assert(begin >= 0 && end <= assembly.length, "the block lies inside its piece");
    if (data.length === 0) return;
    if (assembly.arrived.addNew(begin, end)) {
      this.#take(assembly, begin, data);
      return;
    }
    const gaps = assembly.arrived.gaps(begin, end);
    for (let i = 0; i < gaps.length; i += 2) {
      const from = gaps[i] ?? 0;
      const to = gaps[i + 1] ?? 0;
      assembly.arrived.addNew(from, to);
      this.#take(assembly, from, data.subarray(from - begin, to - begin));
    }
  }

  /**
   * To be called when everything kept can be read back, and when what could not be written at once is: catches up and gives
   * the verdicts. @throws OperationalError.
   */
  settle(): void {
    this.hashTaken();
    if (this.#behind.size > 0) this.#catchUp();
    const unwritten: Assembly[] = [];
    while (this.#hashed.length > 0) {
      const hashed = this.#hashed;
      this.#hashed = [];
      for (const assembly of hashed) {
        if (this.#host.isWritten(assembly.offset, assembly.length)) this.#judge(assembly);
        else unwritten.push(assembly);
      }
    }
    this.#hashed = unwritten;
  }

  /** Forgets an unfinished piece. */
  drop(piece: PieceIndex): void {
    const assembly = this.#assemblies.get(piece);
    if (assembly === undefined) return;
    this.#forget(piece);
    this.#behind.delete(assembly);
    this.#hashed = this.#hashed.filter((hashed) => hashed !== assembly);
  }

  /** Forgets all unfinished pieces and stops. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#assemblies.clear();
    this.#last = undefined;
    this.#taker = undefined;
    this.#taken = [];
    this.#behind.clear();
    this.#hashed = [];
  }

  #assemblyOf(piece: PieceIndex): Assembly {
    const last = this.#last;
    if (last?.piece === piece) return last;
    this.#last = this.#assemblies.get(piece) ?? this.#begin(piece);
    return this.#last;
  }

  #begin(piece: PieceIndex): Assembly {
    const assembly: Assembly = {
      piece,
      length: this.#geometry.lengthOf(piece),
      offset: this.#geometry.offsetOf(piece),
      arrived: new ByteRanges(),
      hash: undefined,
      digest: undefined,
      hashedTo: 0,
    };
    if (this.#turnover.isDue(this.#assemblies.size)) this.#assemblies = new Map(this.#assemblies);
    this.#assemblies.set(piece, assembly);
    return assembly;
  }

  /**
   * Hashes what has come in order and is not hashed yet, before it is written or its views die. Block after block with nothing
   * between: what else is done for a block then finds its own code and data in the cache.
   */
  hashTaken(): void {
    const assembly = this.#taker;
    if (assembly === undefined) return;
    const taken = this.#taken;
    const [first] = taken;
    this.#taker = undefined;
    this.#taken = [];
    const fromMs = this.#clock.nowMs();
    if (first?.length === assembly.length) {
      assembly.digest = this.#hasher.sha1(first);
    } else {
      assembly.hash ??= this.#hasher.begin();
      for (const bytes of taken) assembly.hash.update(bytes);
    }
    this.#work?.hashed(fromMs);
  }

  #forget(piece: PieceIndex): void {
    this.#assemblies.delete(piece);
    if (this.#last?.piece === piece) this.#last = undefined;
  }

  #take(assembly: Assembly, start: number, data: Uint8Array): void {
    const isAhead = start !== assembly.hashedTo;
    this.#host.keep(assembly.offset + start, data, isAhead);
    if (isAhead) return;
    this.#hashSoon(assembly, data);
    if (assembly.hashedTo < assembly.length && assembly.arrived.coveredTo(assembly.hashedTo) > assembly.hashedTo) {
      this.#behind.add(assembly);
    }
  }

  #hashSoon(assembly: Assembly, data: Uint8Array): void {
    if (this.#taker !== assembly) {
      this.hashTaken();
      this.#taker = assembly;
    }
    this.#taken.push(data);
    assembly.hashedTo += data.length;
    if (assembly.hashedTo === assembly.length) this.#hashed.push(assembly);
  }

  #catchUp(): void {
    sharedScratch ??= new Uint8Array(scratchLength);
    let budget = catchUpLengthMax;
    for (const assembly of this.#behind) {
      let end = assembly.arrived.coveredTo(assembly.hashedTo);
      while (assembly.hashedTo < end && budget > 0) {
        const length = Math.min(end - assembly.hashedTo, scratchLength, budget);
        const part = sharedScratch.subarray(0, length);
        this.#host.readBack(assembly.offset + assembly.hashedTo, part);
        this.#hashSoon(assembly, part);
        this.hashTaken();
        budget -= length;
        end = assembly.arrived.coveredTo(assembly.hashedTo);
      }
      if (assembly.hashedTo < end) break;
      this.#behind.delete(assembly);
    }
    if (this.#behind.size > 0) this.#timer ??= this.#clock.after(0, () => this.#goOn());
  }

  /** The rest of a large backlog, in a later turn, so that one late block never stops everything else for long. */
  #goOn(): void {
    this.#timer = undefined;
    try {
      this.settle();
    } catch (error) {
      this.#host.onFailure(error);
    }
  }

  #judge(assembly: Assembly): void {
    // Dropped by the listener that was told of an earlier piece.
    if (this.#assemblies.get(assembly.piece) !== assembly) return;
    this.#forget(assembly.piece);
    const digest = assembly.digest ?? assembly.hash?.digest() ?? new Uint8Array(0);
    this.#host.onPieceChecked(assembly.piece, isDigestAt(this.#pieceHashes, assembly.piece, digest));
  }
}

/** Whether `digest` is the given piece's hash. */
export function isDigestAt(pieceHashes: Uint8Array, piece: number, digest: Uint8Array): boolean {
  if (digest.length !== 20) return false;
  for (let i = 0; i < 20; i++) if (digest[i] !== pieceHashes[20 * piece + i]) return false;
  return true;
}
