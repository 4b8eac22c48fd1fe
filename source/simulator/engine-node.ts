/** A whole engine in a virtual world: the product's session, on ports of the world. */
import { Bitfield } from "../base/bitfield.ts";
import type { InfoHash, PieceIndex } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import type { SeededRandom } from "../base/random.ts";
import { ForgetfulStore } from "../engine/profile/torrent-store.ts";
import { Session } from "../engine/session.ts";
import { defaultRules, type SessionRules } from "../engine/session-rules.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Datagrams } from "../ports/datagram.ts";
import type { Ports } from "../ports/ports.ts";
import type { Signatures } from "../ports/signatures.ts";
import { GeneratedStorage } from "../storage/generated-storage.ts";
import type { Storage } from "../storage/storage.ts";
import type { NodePlan } from "./swarm-plan.ts";
import type { VirtualContent } from "./virtual-content.ts";
import { DiskStorage, VirtualDisk } from "./virtual-disk.ts";
import type { VirtualHost } from "./virtual-network.ts";
import type { World } from "./world.ts";

export interface SimulatedTorrent {
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  /** The .torrent file. */
  readonly metainfo: Uint8Array;
  readonly content: VirtualContent;
}

export interface EngineNodeEvents {
  /** A piece was verified. */
  pieceVerified(node: EngineNode, piece: PieceIndex): void;
  /** The engine reports a bug of its own, or that it cannot go on. */
  failed(node: EngineNode, message: string): void;
}

const port = 6881;

const noDatagrams: Datagrams = {
  bind: () => Promise.reject(new Error("there is no UDP in this world")),
  join: () => Promise.reject(new Error("there is no UDP in this world")),
};

/** Only signs what the DHT stores. */
const noSignatures: Signatures = {
  verify: () => false,
  keyPair: () => {
    throw new Error("nobody signs in this world");
  },
};

class WatchedStore extends ForgetfulStore {
  readonly #onPiece: (piece: PieceIndex) => void;

  constructor(onPiece: (piece: PieceIndex) => void) {
    super();
    this.#onPiece = onPiece;
  }

  override pieceVerified(_infoHash?: InfoHash, piece?: PieceIndex): void {
    if (piece !== undefined) this.#onPiece(piece);
  }
}

export class EngineNode {
  readonly plan: NodePlan;
  readonly host: VirtualHost;
  readonly session: Session;
  readonly torrent: SimulatedTorrent;
  readonly disk: VirtualDisk;
  /** Pieces that it has verified, or began with. */
  pieceCount: number;
  /** When it had everything; its joining for a seed. `undefined` until then. */
  completedMs: number | undefined;
  /** Bytes that it had given when it had everything, 0 for a seed; `undefined` until then. */
  givenWhenComplete: number | undefined;
  leftMs: number | undefined;
  /** To how many pieces that failed their hash each address had contributed. */
  readonly badPieces = new Map<string, number>();
  readonly #world: World;

  constructor(world: World, plan: NodePlan, host: VirtualHost, torrent: SimulatedTorrent, events: EngineNodeEvents) {
    this.#world = world;
    this.plan = plan;
    this.host = host;
    this.torrent = torrent;
    this.pieceCount = 0;
    const held = plan.isSeed ? Bitfield.full(torrent.pieceCount) : new Bitfield(torrent.pieceCount);
    this.disk = new VirtualDisk(held, () => world.random.fork());
    const { spoils } = plan.manner ?? {};
    if (spoils !== undefined) this.disk.befall({ how: "misreads", part: spoils });
    const random: SeededRandom = world.random.fork();
    const ports: Ports = {
      clock: world.clock,
      random,
      network: host,
      datagrams: noDatagrams,
      http: world.tracker.clientAt(host.address),
      files: this.disk.files,
      hasher: world.hasher,
      signatures: noSignatures,
    };
    this.session = new Session(ports, {
      listen: { address: host.address, port },
      profile: `/${plan.name}`,
      pid: 1,
      maxDownRate: 0,
      maxUpRate: 0,
      slots: slotsOf(plan),
      version: "0.0.0",
      locks: { acquire: async () => ({ release: async () => {} }) },
      store: new WatchedStore((piece) => {
        this.pieceCount++;
        events.pieceVerified(this, piece);
      }),
      makeStorage: (metainfo) => this.#storageOf(metainfo, ports),
    });
    this.session.onEvent((event) => {
      if (event.kind === "failed" && !this.disk.hasHadTrouble) events.failed(this, event.message);
      if (event.kind === "warning" && event.message.startsWith("internal error")) events.failed(this, event.message);
    });
  }

  get endpoint(): Endpoint {
    return { address: this.host.address, port };
  }

  get isGone(): boolean {
    return this.leftMs !== undefined;
  }

  /** What the session knows of the torrent, once it was added. */
  get running(): Torrent | undefined {
    return this.session.torrents.get(this.torrent.infoHash);
  }

  /** It has everything now. */
  completed(): void {
    this.completedMs = this.#world.clock.nowMs();
    this.givenWhenComplete = this.totals.uploaded;
  }

  /** Bytes of content that it took, gave, and took in vain. */
  get totals(): { readonly downloaded: number; readonly uploaded: number; readonly wasted: number } {
    const { running } = this;
    return {
      downloaded: running?.downloadedBytes ?? 0,
      uploaded: running?.uploadedBytes ?? 0,
      wasted: running?.wastedBytes ?? 0,
    };
  }

  async join(): Promise<void> {
    const { manner } = this.plan;
    this.setLimits({});
    if (this.plan.isSeed) this.completed();
    await this.session.start();
    const choices = { isSuperSeed: manner?.superSeeds === true };
    await this.session.add(this.torrent.metainfo, {
      savePath: "/",
      isPaused: false,
      peers: [],
      mustCheck: false,
      choices,
    });
  }

  /** Other limits than the plan's from now on. */
  setLimits(changes: Partial<SessionRules["limits"]>): void {
    const { limits, connectionsPerTorrent } = this.plan;
    this.session.apply({
      ...defaultRules,
      limits: { ...defaultRules.limits, ...limits, slots: slotsOf(this.plan), ...changes },
      network: { ...defaultRules.network, ...(connectionsPerTorrent === undefined ? {} : { connectionsPerTorrent }) },
    });
  }

  /** Resolves when trackers are told; until then time must pass. */
  leave(): Promise<void> {
    this.leftMs = this.#world.clock.nowMs();
    return this.session.stop();
  }

  #storageOf(metainfo: Metainfo, ports: Ports): Storage {
    const generated = new GeneratedStorage(ports, { metainfo, content: this.torrent.content });
    const storage = new DiskStorage(generated, this.disk, this.#world.clock);
    const open = storage.open.bind(storage);
    storage.open = (events) =>
      open({
        ...events,
        onPieceChecked: (piece, isRight) => {
          if (!isRight) this.#countBad(piece);
          events.onPieceChecked(piece, isRight);
        },
      });
    return storage;
  }

  #countBad(piece: PieceIndex): void {
    const swarm = this.running?.swarm;
    for (const id of swarm?.ledger.get(piece)?.contributors() ?? []) {
      const address = swarm?.neighbours.get(id)?.info.endpoint.address;
      if (address !== undefined) this.badPieces.set(address, (this.badPieces.get(address) ?? 0) + 1);
    }
  }
}

function slotsOf({ limits, manner }: NodePlan): number {
  return manner?.givesNothing === true ? -1 : (limits?.slots ?? defaultRules.limits.slots);
}
