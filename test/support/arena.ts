/**
 * Where hostile peers meet the engine: sessions on real sockets, each on a loopback address of its own, with content in
 * memory. What the engine should never say (an internal error, a failed torrent) is kept in `problems`.
 */
import { randomFillSync } from "node:crypto";
import { type PeerId, peerIdFromBytes } from "../../source/base/ids.ts";
import { type Endpoint, formatEndpoint } from "../../source/base/ip-address.ts";
import { encode } from "../../source/bencode/encode.ts";
import { nodePorts } from "../../source/commands/node-ports.ts";
import { Session } from "../../source/engine/session.ts";
import type { Torrent } from "../../source/engine/torrent.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { GeneratedContent } from "../../source/storage/generated-content.ts";
import { MemoryStorage } from "../../source/storage/memory-storage.ts";
import { RawListener, RawPeer } from "./hostile-peer.ts";
import { sessionOptions } from "./session-parts.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** How much of a fast clock's time passes in one turn of the event loop at most. */
const turnMaxMs = 1000;

/**
 * Time some times as fast: a deadline of 20 s is over in one, but never before the event loop has turned as often as in
 * twenty seconds. What everybody in this process had no time for is nobody's silence.
 */
class FastClock extends VirtualClock {
  readonly #factor: number;
  #isStopped = false;

  constructor(factor: number) {
    super();
    this.#factor = factor;
    void this.#pass();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #pass(): Promise<void> {
    let beforeMs = performance.now();
    while (!this.#isStopped) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const nowMs = performance.now();
      await this.run(Math.min((nowMs - beforeMs) * this.#factor, turnMaxMs));
      beforeMs = nowMs;
    }
  }
}

export interface ArenaOptions {
  /** Default 64 KiB. */
  readonly pieceLength?: number;
  /** Default 2 MiB and a bit, so that the last piece and block are short. */
  readonly totalLength?: number;
  readonly tracker?: string;
}

export interface PlayerOptions {
  readonly peers?: readonly Endpoint[];
  /** How fast its time passes, up to 1000. Default: it is the real one. */
  readonly speed?: number;
  readonly maxUpRate?: number;
  readonly maxDownRate?: number;
  /** Content it has at first. Default: all for a seed, nothing for a leech. */
  readonly bytes?: Uint8Array;
}

/** One engine with the arena's torrent. */
export interface Player {
  readonly session: Session;
  readonly torrent: Torrent;
  readonly storage: MemoryStorage;
  readonly endpoint: Endpoint;
  /** Everything its torrent's log said. */
  readonly lines: string[];
  /** Resolves when it has everything. */
  readonly complete: Promise<void>;
  /** Resolves when its log says so. */
  untilLine(pattern: RegExp): Promise<void>;
}

export function randomPeerId(): PeerId {
  return peerIdFromBytes(randomFillSync(new Uint8Array(20)));
}

export class Arena {
  readonly content: Uint8Array;
  readonly metainfoBytes: Uint8Array;
  readonly metainfo;
  readonly geometry: Geometry;
  readonly problems: string[] = [];
  readonly #sessions: Session[] = [];
  readonly #clocks: FastClock[] = [];
  readonly #listeners: RawListener[] = [];
  readonly #peers: RawPeer[] = [];
  readonly #ports = nodePorts();

  constructor(options: ArenaOptions = {}) {
    const pieceLength = options.pieceLength ?? 64 * 1024;
    const totalLength = options.totalLength ?? 2 * 1024 * 1024 + 20_001;
    this.geometry = new Geometry(pieceLength, totalLength);
    this.content = new Uint8Array(totalLength);
    new GeneratedContent(7, totalLength).fill(0, this.content);
    const hasher = new NodeHasher();
    const pieces = new Uint8Array(20 * this.geometry.pieceCount);
    for (let i = 0; i < this.geometry.pieceCount; i++) {
      pieces.set(hasher.sha1(this.content.subarray(i * pieceLength, (i + 1) * pieceLength)), 20 * i);
    }
    this.metainfoBytes = encode({
      announce: options.tracker,
      info: { length: totalLength, name: "content.bin", "piece length": pieceLength, pieces },
    });
    this.metainfo = parseMetainfo(this.metainfoBytes, hasher);
  }

  get infoHash() {
    return this.metainfo.infoHash;
  }

  seed(address: string, options: PlayerOptions = {}): Promise<Player> {
    return this.#player(address, { bytes: Uint8Array.from(this.content), ...options });
  }

  leech(address: string, options: PlayerOptions = {}): Promise<Player> {
    return this.#player(address, options);
  }

  /** Hands another engine's address to this one. */
  introduce(player: Player, ...others: readonly Endpoint[]): void {
    player.torrent.run?.addPeers(others, "manual");
  }

  async listen(address: string, script: (peer: RawPeer, count: number) => void): Promise<RawListener> {
    const listener = await RawListener.listen(address, script);
    this.#listeners.push(listener);
    return listener;
  }

  async dial(to: Endpoint, from: string): Promise<RawPeer> {
    const peer = await RawPeer.dial(to, from);
    this.#peers.push(peer);
    return peer;
  }

  /** The true bytes of a span. */
  span(piece: number, begin: number, length: number): Uint8Array {
    const offset = piece * this.geometry.pieceLength + begin;
    return this.content.slice(offset, offset + length);
  }

  /** What went wrong with the player's download and with the seeds that did no wrong, one line each. */
  verdict(leech: Player, ...goodSeeds: readonly Player[]): string[] {
    const found = [...this.problems];
    if (Buffer.compare(leech.storage.bytes, this.content) !== 0) found.push("the content is not right");
    for (const { endpoint } of goodSeeds) {
      const name = formatEndpoint(endpoint);
      for (const line of leech.lines) {
        if (!line.includes(name)) continue;
        if (line.includes("banned") || line.includes("snubs")) found.push(line);
        if (line.includes(" left: ") && !line.endsWith("left: both of us have everything")) found.push(line);
      }
    }
    return found;
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.close();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await Promise.all(this.#sessions.map((session) => session.stop()));
    for (const clock of this.#clocks) clock.stop();
    this.#ports.http.close();
  }

  #fastClock(speed: number): FastClock {
    const clock = new FastClock(speed);
    this.#clocks.push(clock);
    return clock;
  }

  async #player(address: string, options: PlayerOptions): Promise<Player> {
    const clock = options.speed === undefined ? this.#ports.clock : this.#fastClock(options.speed);
    const ports = { ...this.#ports, clock };
    const { bytes } = options;
    const storage = new MemoryStorage(ports, { metainfo: this.metainfo, ...(bytes === undefined ? {} : { bytes }) });
    const session = new Session(
      ports,
      sessionOptions({
        listen: { address, port: 0 },
        localAddress: address,
        profile: "",
        maxDownRate: options.maxDownRate ?? 0,
        maxUpRate: options.maxUpRate ?? 0,
        makeStorage: () => storage,
      }),
    );
    this.#sessions.push(session);
    const ready = Promise.withResolvers<void>();
    const complete = Promise.withResolvers<void>();
    session.onEvent((event) => {
      if (event.kind === "warning") this.problems.push(event.message);
      if (event.kind === "failed") this.problems.push(`failed: ${event.message}`);
      if (event.kind === "checked") ready.resolve();
      if (event.kind === "seeding") complete.resolve();
    });
    await session.start();
    const peers = (options.peers ?? []).map(formatEndpoint);
    await session.add(this.metainfoBytes, { savePath: "/", isPaused: false, peers, mustCheck: false });
    const torrent = session.torrent(this.infoHash);
    const lines: string[] = [];
    const waiters = new Set<() => void>();
    const add = torrent.eventLog.add.bind(torrent.eventLog);
    torrent.eventLog.add = (text) => {
      lines.push(text);
      add(text);
      for (const wake of waiters) wake();
    };
    await ready.promise;
    // One turn more: the run joins its swarm right after it was checked.
    await new Promise((resolve) => setImmediate(resolve));
    return {
      session,
      torrent,
      storage,
      endpoint: session.listening ?? { address, port: 0 },
      lines,
      complete: complete.promise,
      untilLine: async (pattern) => {
        while (!lines.some((line) => pattern.test(line))) {
          await new Promise<void>((resolve) => {
            const wake = () => {
              waiters.delete(wake);
              resolve();
            };
            waiters.add(wake);
          });
        }
      },
    };
  }
}
