/**
 * A swarm without sockets: real `Swarm`s with real storages in memory, joined by lines that carry real bytes, cut at
 * random into reads that share one buffer, on a virtual clock. Everything follows from the seed.
 *
 * Each line is tapped: what would break the protocol (a block sent while choking, a request while choked, too many
 * unchoked, a request left without an answer) is written to `violations`.
 */
import { Bitfield } from "../../source/base/bitfield.ts";
import { ProtocolError } from "../../source/base/errors.ts";
import { type PieceIndex, peerIdFromBytes } from "../../source/base/ids.ts";
import { type Endpoint, formatEndpoint } from "../../source/base/ip-address.ts";
import { randomBelow, SeededRandom } from "../../source/base/random.ts";
import { Bandwidth } from "../../source/engine/limits/bandwidth.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { Timer } from "../../source/ports/clock.ts";
import { MemoryStorage } from "../../source/storage/memory-storage.ts";
import type { Neighbour } from "../../source/swarm/neighbour.ts";
import type { NeighbourLink } from "../../source/swarm/neighbour-owner.ts";
import { Swarm } from "../../source/swarm/swarm.ts";
import type { SwarmHost } from "../../source/swarm/swarm-host.ts";
import type { SwarmLimits } from "../../source/swarm/swarm-limits.ts";
import { uploadQueueMax } from "../../source/swarm/upload-queue.ts";
import { WireDecoder } from "../../source/wire/decoder.ts";
import { decodeExtensionHandshake, encodeExtensionHandshake } from "../../source/wire/extension-handshake.ts";
import { makeTorrent, type Torrent } from "../storage/torrents.ts";
import { LineTap } from "./line-tap.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const regularSlots = 4;
const hasher = new NodeHasher();

export interface MemorySwarmOptions {
  readonly seed: number;
  readonly pieceCount?: number;
  readonly blocksPerPiece?: number;
  /** One way. */
  readonly delayMs?: number;
}

export interface NodeOptions {
  /** Pieces it has at first. Default: none. */
  readonly have?: "all" | readonly number[];
  readonly hasFast?: boolean;
  /** Of each of its lines. Default 200 kB/s. */
  readonly lineBytesPerSecond?: number;
  /** Of all its lines together. Default: none. */
  readonly uploadLimit?: number;
  /** It unchokes, and sends no block ever. */
  readonly isSilent?: boolean;
  /** Whether a block it sends is spoilt. */
  readonly spoils?: (piece: PieceIndex, begin: number) => boolean;
  /** As the first seed. */
  readonly isSuperSeeding?: boolean;
  /** Its blocks come from a slow disk: after so many milliseconds. */
  readonly readMs?: number;
}

/** One end of a line: the way from `node` to the other end. */
class LineEnd implements NeighbourLink {
  readonly #swarm: MemorySwarm;
  readonly node: SwarmNode;
  readonly tap: LineTap;
  neighbour: Neighbour | undefined;
  #other: LineEnd | undefined;
  #decoder: WireDecoder | undefined;
  #freeMs = 0;
  #queued = 0;
  #isClosed = false;
  #isHeld = false;
  #held: Uint8Array[] = [];

  constructor(swarm: MemorySwarm, node: SwarmNode, hasFast: boolean) {
    this.#swarm = swarm;
    this.node = node;
    this.tap = new LineTap(hasFast, node.isSlow, swarm.torrent.geometry, (text) =>
      swarm.violated(`${node.name}: ${text}`),
    );
  }

  /** Makes both ends neighbours. */
  static join(swarm: MemorySwarm, a: SwarmNode, b: SwarmNode): void {
    const hasFast = a.hasFast && b.hasFast;
    const [one, two] = [new LineEnd(swarm, a, hasFast), new LineEnd(swarm, b, hasFast)];
    one.tap.other = two.tap;
    two.tap.other = one.tap;
    one.#begin(two, false, hasFast);
    two.#begin(one, true, hasFast);
  }

  get queuedBytes(): number {
    return this.#queued;
  }

  get isReadingPaused(): boolean {
    return this.#isHeld;
  }

  send(buffers: readonly Uint8Array[]): void {
    if (this.#isClosed) return;
    const bytes = Uint8Array.from(Buffer.concat(buffers));
    this.tap.sent(bytes);
    this.#swarm.after(0, () => {
      this.#swarm.checkSlots(this.node);
      this.tap.check();
    });
    const nowMs = this.#swarm.clock.nowMs();
    const startMs = Math.max(this.#freeMs, nowMs);
    const leftMs = (sent: number) => startMs + (1000 * sent) / this.node.lineBytesPerSecond;
    this.#freeMs = leftMs(bytes.length);
    this.#queued += bytes.length;
    this.#swarm.after(this.#freeMs - nowMs, () => {
      this.#queued -= bytes.length;
      if (!this.#isClosed && this.#queued === 0) this.neighbour?.serveUploads();
    });
    for (let at = 0; at < bytes.length; ) {
      const most = randomBelow(this.#swarm.random, 4) === 0 ? 20 : 20_000;
      const part = bytes.subarray(at, at + 1 + randomBelow(this.#swarm.random, most));
      at += part.length;
      this.#swarm.after(leftMs(at) - nowMs + this.#swarm.delayMs, () => this.#other?.receive(part));
    }
  }

  get isOverLimit(): boolean {
    return false;
  }

  setReading(isReading: boolean): void {
    this.#isHeld = !isReading;
    const held = this.#held;
    this.#held = [];
    for (const bytes of held) this.receive(bytes);
  }

  close(reason: string): void {
    if (this.#isClosed) return;
    this.end(reason);
    const { clock, delayMs } = this.#swarm;
    const other = this.#other;
    this.#swarm.after(Math.max(0, this.#freeMs - clock.nowMs()) + delayMs, () => other?.end("the other side closed"));
  }

  receive(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#isHeld) {
      this.#held.push(bytes);
      return;
    }
    this.#other?.tap.delivered(bytes);
    const { receiveBuffer } = this.#swarm;
    receiveBuffer.set(bytes);
    try {
      this.#decoder?.feed(receiveBuffer.subarray(0, bytes.length));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#swarm.violated(`${this.node.name} refused: ${error.message}`);
      this.close(error.message);
    } finally {
      receiveBuffer.fill(0xee, 0, bytes.length);
    }
  }

  #begin(other: LineEnd, isIncoming: boolean, hasFast: boolean): void {
    this.#other = other;
    const info = {
      id: this.#swarm.nextId(),
      endpoint: other.node.endpoint,
      peerId: other.node.peerId,
      isIncoming,
      hasFast,
      hasExtensions: true,
    };
    const handshake = encodeExtensionHandshake({
      client: this.node.name,
      port: 6881,
      requestQueue: uploadQueueMax,
      isUploadOnly: this.node.swarm.chokerMode === "seed",
      yourAddress: other.node.endpoint.address,
    });
    this.neighbour = this.node.swarm.addNeighbour(this, info, handshake);
    this.#decoder = new WireDecoder(this.neighbour, this.node.have.bytes.length);
    this.node.ends.add(this);
  }

  /** The line is cut. */
  end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#decoder?.close();
    this.tap.close();
    this.node.ends.delete(this);
    this.node.log(`left by ${this.#other?.node.name}: ${reason}`);
    if (this.neighbour !== undefined) this.node.swarm.removeNeighbour(this.neighbour);
  }
}

export class SwarmNode implements SwarmHost {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly peerId;
  readonly hasFast: boolean;
  /** It reads from a slow disk. */
  readonly isSlow: boolean;
  readonly lineBytesPerSecond: number;
  readonly have: Bitfield;
  readonly storage: MemoryStorage;
  readonly swarm: Swarm;
  readonly ends = new Set<LineEnd>();
  readonly lines: string[] = [];
  /** When the last piece was verified, `undefined` until then and for those that began with all. */
  completedMs: number | undefined;
  downloadedBytes = 0;
  uploadedBytes = 0;
  wastedBytes = 0;
  isGone = false;
  readonly #world: MemorySwarm;
  readonly #isSilent: boolean;
  readonly #limit: Bandwidth | undefined;
  readonly limits: SwarmLimits = {
    grantUpload: (neighbour, bytes) => this.#grantUpload(neighbour, bytes),
    grantRequests: (_, count) => count,
    requestsUnused: () => {},
  };

  constructor(world: MemorySwarm, number: number, name: string, options: NodeOptions) {
    this.#world = world;
    this.name = name;
    this.endpoint = { address: `10.0.0.${number}`, port: 6881 };
    this.peerId = peerIdFromBytes(new Uint8Array(20).fill(number));
    this.hasFast = options.hasFast ?? true;
    this.isSlow = options.readMs !== undefined;
    this.lineBytesPerSecond = options.lineBytesPerSecond ?? 200_000;
    this.#isSilent = options.isSilent ?? false;
    this.#limit = options.uploadLimit === undefined ? undefined : new Bandwidth(world.clock, options.uploadLimit);
    const { metainfo, geometry, bytes } = world.torrent;
    this.have = options.have === "all" ? Bitfield.full(geometry.pieceCount) : new Bitfield(geometry.pieceCount);
    for (const piece of options.have === "all" ? [] : (options.have ?? [])) this.have.set(piece);
    this.storage = new MemoryStorage(
      { hasher, clock: world.clock },
      {
        metainfo,
        bytes: this.have.isEmpty ? new Uint8Array(bytes.length) : bytes.slice(),
      },
    );
    const { isSuperSeeding = false } = options;
    const limits = { regularSlots, neighboursMax: 100, isSuperSeeding };
    const swarmOptions = { infoHash: metainfo.infoHash, geometry, have: this.have, ...limits };
    const ports = { clock: world.clock, random: world.random.fork(), hasher };
    this.swarm = new Swarm(ports, swarmOptions, this.#reading(options), this);
    this.storage
      .open({
        onPieceChecked: (piece, isRight) => this.swarm.pieceChecked(piece, isRight),
        onFailure: (error) => world.violated(`${name}: ${error.message}`),
        onRelieved: () => this.swarm.storageRelieved(),
      })
      .catch(() => undefined);
  }

  get neighbours(): readonly Neighbour[] {
    return [...this.swarm.neighbours.values()];
  }

  has(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }

  isBanned(other: SwarmNode): boolean {
    return this.swarm.peers.isBanned(other.endpoint, other.peerId);
  }

  /** Drops all its lines, for good. */
  leave(): void {
    this.isGone = true;
    this.swarm.close("it leaves");
    this.#limit?.close();
  }

  wantPeers(): void {}

  uploaded(bytes: number): void {
    this.uploadedBytes += bytes;
  }

  downloaded(bytes: number): void {
    this.downloadedBytes += bytes;
  }

  wasted(bytes: number): void {
    this.wastedBytes += bytes;
  }

  pieceVerified(_piece?: PieceIndex): void {}

  completed(): void {
    this.completedMs = this.#world.clock.nowMs();
  }

  superSeeded(): void {
    this.lines.push("super-seeded");
  }

  storageFailed(error: unknown): void {
    this.#world.violated(`${this.name}: storage failed: ${String(error)}`);
  }

  extended(neighbour: Neighbour, extendedId: number, payload: Uint8Array): void {
    if (extendedId !== 0) return;
    const handshake = decodeExtensionHandshake(payload);
    const { requestQueue } = handshake;
    neighbour.extensions.introduced(handshake);
    if (requestQueue !== undefined) neighbour.pipeline.setReqq(requestQueue);
  }

  log(text: string): void {
    this.lines.push(`${this.#world.clock.nowMs().toFixed(1)} ${text}`);
  }

  #grantUpload(neighbour: Neighbour, bytes: number): boolean {
    if (this.#isSilent) return false;
    if (this.#limit === undefined || this.#limit.take(bytes)) return true;
    this.#limit.wait(neighbour.serveUploads);
    return false;
  }

  /** The storage as the swarm sees it: perhaps slow to read, perhaps a liar. */
  #reading({ spoils, readMs }: NodeOptions): MemoryStorage {
    const { storage } = this;
    const read = storage.read.bind(storage);
    const wrapped = Object.create(storage) as MemoryStorage;
    return new Proxy(wrapped, {
      get: (_target, key) => {
        if (key === "isWarm") return spoils === undefined && readMs === undefined;
        if (key !== "read") {
          const value: unknown = Reflect.get(storage, key, storage);
          return typeof value === "function" ? (value.bind(storage) as unknown) : value;
        }
        return (piece: PieceIndex, begin: number, length: number) => {
          const bytes = read(piece, begin, length);
          if (spoils?.(piece, begin) === true) bytes[0] = (bytes[0] ?? 0) ^ 1;
          if (readMs === undefined) return bytes;
          return new Promise<Uint8Array>((resolve) => {
            this.#world.after(readMs, () => resolve(bytes));
          });
        };
      },
    });
  }
}

export class MemorySwarm {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly torrent: Torrent;
  readonly delayMs: number;
  readonly nodes: SwarmNode[] = [];
  readonly violations: string[] = [];
  readonly receiveBuffer = new Uint8Array(65536);
  readonly #timers = new Set<Timer>();
  #ids = 0;

  constructor(options: MemorySwarmOptions) {
    this.random = new SeededRandom(options.seed);
    const pieceLength = 16384 * (options.blocksPerPiece ?? 4);
    // The last piece is short, and so is its last block.
    const length = pieceLength * (options.pieceCount ?? 24) - 5000;
    this.torrent = makeTorrent(pieceLength, [{ length }], options.seed);
    this.delayMs = options.delayMs ?? 20;
  }

  add(name: string, options: NodeOptions = {}): SwarmNode {
    const node = new SwarmNode(this, this.nodes.length + 1, name, options);
    this.nodes.push(node);
    const tick = () => {
      if (node.isGone) return;
      node.swarm.tick();
      this.after(1000, tick);
    };
    this.after(1000 + randomBelow(this.random, 1000), tick);
    return node;
  }

  connect(a: SwarmNode, b: SwarmNode): void {
    LineEnd.join(this, a, b);
  }

  connectAll(): void {
    this.nodes.forEach((a, i) => {
      for (const b of this.nodes.slice(i + 1)) this.connect(a, b);
    });
  }

  /** Lets time pass until it is so, or the time is up. @returns whether it is so. */
  async runUntil(isSo: () => boolean, maxMs: number): Promise<boolean> {
    for (const endMs = this.clock.nowMs() + maxMs; !isSo() && this.clock.nowMs() < endMs; ) await this.clock.run(250);
    return isSo();
  }

  runUntilComplete(nodes: readonly SwarmNode[], maxMs = 600_000): Promise<boolean> {
    return this.runUntil(() => nodes.every((node) => node.have.isFull), maxMs);
  }

  /** What all nodes noted: the same for the same seed. */
  transcript(): string {
    return this.nodes.flatMap((node) => node.lines.map((line) => `${node.name} ${line}`)).join("\n");
  }

  close(): void {
    for (const node of this.nodes) if (!node.isGone) node.leave();
    for (const timer of this.#timers) timer.cancel();
  }

  // ── for its parts ──────────────────────────────────────────────────────────────────────────────────────────────

  after(ms: number, callback: () => void): void {
    const timer = this.clock.after(ms, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }

  nextId(): number {
    return ++this.#ids;
  }

  violated(text: string): void {
    this.violations.push(`${this.clock.nowMs().toFixed(1)} ${text}`);
  }

  checkSlots(node: SwarmNode): void {
    const unchoked = [...node.ends].filter((end) => end.tap.isUnchoking).length;
    if (unchoked > regularSlots + 1) this.violated(`${formatEndpoint(node.endpoint)} unchokes ${unchoked}`);
  }

  /** Requests that came to a node and that it has neither answered nor rejected, on lines that are still there. */
  unanswered(): string[] {
    return this.nodes.flatMap((node) => [...node.ends].flatMap((end) => end.tap.unanswered()));
  }
}
