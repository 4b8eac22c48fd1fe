/**
 * A torrent while it is active: from the lock of its download, through the check of its files, to the swarm and its
 * trackers, until `end`. A run is used once. After `end` nothing of it touches its torrent but to close what it had opened.
 *
 * A seed that nobody is connected to rests: it announces, and has neither swarm nor storage, nor its .torrent file in
 * memory, nor the lock. A peer that shakes hands wakes it, and so does a tracker that names peers to a swarm with leeches.
 * Before it serves, its files are looked at each time: what changed while it rested is checked.
 * The lock is for writers. A complete torrent writes nothing, so two processes may well seed the same files; one that finds
 * on waking that its files are not what they were takes the lock before it reads them, because it may have to write.
 */
import type { Bitfield } from "../base/bitfield.ts";
import { messageOf } from "../base/errors.ts";
import type { InfoHash, PieceIndex } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import type { Announcer } from "../discovery/announcer.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { DownloadLock } from "../ports/locks.ts";
import type { Storage } from "../storage/storage.ts";
import type { Neighbour } from "../swarm/neighbour.ts";
import type { NeighbourInfo, NeighbourLink } from "../swarm/neighbour-owner.ts";
import type { NamingSource } from "../swarm/peer-source.ts";
import { Swarm } from "../swarm/swarm.ts";
import type { SwarmHost } from "../swarm/swarm-host.ts";
import { RunLimits } from "./limits/run-limits.ts";
import type { PeerConnection, PeerTorrent } from "./network/peer-connection.ts";
import { PeersByHand } from "./network/peers-by-hand.ts";
import type { TorrentChanges } from "./profile/torrent-choices.ts";
import { UnsyncedPieces } from "./profile/unsynced-pieces.ts";
import { announcerOf } from "./run/run-announcer.ts";
import type { RunOwner } from "./run/run-owner.ts";
import { type PeersFrom, RunPeers } from "./run/run-peers.ts";
import { RunSelection } from "./run/run-selection.ts";
import { RunTotals } from "./run/run-totals.ts";
import { storageEventsOf } from "./run/storage-events-of.ts";
import { carryOut, type FoundSeed, lookAtSeed, planOf } from "./run/verified-pieces.ts";
import type { TorrentServices } from "./torrent-services.ts";

const stopAnnounceMs = 3_000;
/** For a resting seed: enough to find out whether anybody wants something. */
const restNumwant = 10;

export class TorrentRun extends RunTotals implements PeerTorrent, SwarmHost {
  readonly infoHash: InfoHash;
  readonly isPrivate: boolean;
  readonly bitfieldLength: number;
  readonly selection: RunSelection;
  readonly limits: RunLimits;
  /** 0 … 1 while files are checked. */
  checkedFraction: number | null;
  swarm: Swarm | undefined;
  announcer: Announcer | undefined;
  storage: Storage | undefined;
  metainfo: Metainfo | undefined;
  /** What the profile remembers of it is true of this run: what is verified from now on is kept. Nothing is fetched before. */
  isRecorded = false;
  readonly unsynced = new UnsyncedPieces();
  readonly #mustCheck: boolean;
  readonly #peers: RunPeers;
  #abort: AbortController | undefined;
  #lock: DownloadLock | undefined;
  /** `looking`: at the files of a seed, to see whether it may rest. */
  #stage: "looking" | "resting" | "open" = "open";
  /** Stages follow one another. */
  #stages: Promise<void> = Promise.resolve();
  #byHand: PeersByHand | undefined;
  /** Somebody asked for it before it came to rest. */
  #isWanted = false;
  /** When it last had something to do as a seed. */
  #busyMs = 0;
  #ending: Promise<void> | undefined;
  #startedMs = 0;
  /** @param mustCheck hash what is there even where the record vouches for it. */
  constructor(services: TorrentServices, owner: RunOwner, mustCheck: boolean) {
    super(services, owner);
    this.#mustCheck = mustCheck;
    if (!mustCheck && owner.wasCompleted && owner.have.isFull) this.#stage = "looking";
    this.checkedFraction = this.#stage === "looking" ? null : 0;
    this.infoHash = owner.infoHash;
    this.isPrivate = owner.summary.isPrivate;
    this.bitfieldLength = (owner.geometry.pieceCount + 7) >> 3;
    this.limits = new RunLimits(
      services,
      () => owner.choices,
      (neighbour) => this.swarm?.requestMore(neighbour),
    );
    this.#peers = new RunPeers(services, owner, this.limits);
    this.selection = new RunSelection(() => owner.choices);
  }

  get isEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** What it has verified is on the disk. */
  get isSynced(): boolean {
    return this.unsynced.isEmpty;
  }

  /** It rests, or is about to: whoever asks for it wakes it. */
  get canWake(): boolean {
    return !this.isEnded && this.#stage !== "open";
  }

  /** It has everything, and nothing to do; it could as well rest. */
  get isIdleSeed(): boolean {
    const isAlone = this.swarm?.neighbours.size === 0 && !this.#peers.isDialing && this.#byHand === undefined;
    return isAlone && this.owner.have.isFull && this.owner.wasCompleted;
  }

  /** @param peers `HOST:PORT` to dial. */
  begin(peers: readonly string[]): void {
    if (peers.length > 0) this.#byHand = new PeersByHand(this.services.ports, peers, this);
    void this.#byHand?.look();
    void this.#inTurn(() => (this.#stage === "looking" ? this.#lookFirst() : this.#open(this.#mustCheck)));
  }

  /** Resolves when it serves: `false` where it does not, after all. */
  async wake(): Promise<boolean> {
    this.#isWanted = true;
    const awoken = this.#inTurn(async () => {
      if (this.#stage !== "resting") return;
      const seen = await this.#look();
      if (!this.isEnded) await (seen === undefined ? this.#checkChanged() : this.#serve(seen));
    });
    this.services.looks.hurry(this);
    await awoken;
    return this.swarm !== undefined;
  }

  /** Drops neighbours, tells trackers, closes files. Resolves when all that is done. Idempotent. */
  end(reason: string): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  /** What was chosen of the torrent is in its choices now. */
  applyChanges(changes: TorrentChanges): void {
    this.applyLimits();
    if (changes.priorities !== undefined || changes.isSequential !== undefined) this.#applySelection();
    if (changes.isSuperSeed !== undefined) this.swarm?.setSuperSeeding(changes.isSuperSeed);
  }

  /** The torrent's choices, or the rules for all, are others now. */
  applyLimits(): void {
    this.limits.apply(this.swarm);
    this.wantPeers();
  }

  /** What was out of reach may be in reach: everybody is asked and dialled again, without waiting. */
  networkChanged(): void {
    this.announcer?.networkChanged();
    this.swarm?.peers.forgive(this.services.ports.clock.nowMs());
    void this.#byHand?.look();
    this.wantPeers();
  }

  /** The torrent's choice of files, or their order, is another now. */
  #applySelection(): void {
    if (this.canWake) void this.wake();
    void this.#inTurn(async () => {
      if (!(await this.selection.follow(this))) return;
      this.#startedMs = this.services.ports.clock.nowMs();
      this.owner.unfinished(this);
      this.wantPeers();
    });
  }

  /** About once a second. @param restAfterMs how long an idle seed stays awake. */
  tick(restAfterMs: number): void {
    const { swarm } = this;
    if (swarm === undefined) return;
    swarm.tick();
    this.#peers.tick(swarm);
    const now = this.services.ports.clock.nowMs();
    this.#byHand?.tick(now);
    if (!this.isIdleSeed) this.#busyMs = now;
    else if (now - this.#busyMs >= restAfterMs) this.#fallAsleep(swarm);
  }

  // ── beginning ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** What fails ends the run. */
  #inTurn(stage: () => Promise<void>): Promise<void> {
    this.#stages = this.#stages
      .then(() => (this.isEnded ? undefined : stage()))
      .catch((error: unknown) => {
        if (!this.isEnded) this.owner.failed(this, error);
      });
    return this.#stages;
  }

  async #lookFirst(): Promise<void> {
    const seen = await this.#look();
    if (this.isEnded) return;
    if (seen === undefined) return this.#checkChanged();
    this.owner.foundComplete();
    this.#stage = "resting";
    if (this.#isWanted || this.#byHand !== undefined) await this.#serve(seen);
    else this.#announce();
  }

  /** @returns `undefined` where the files are not what they were when the torrent was complete. */
  #look(): Promise<FoundSeed | undefined> {
    return this.services.looks.run(this, () => lookAtSeed(this.services, this.owner));
  }

  async #checkChanged(): Promise<void> {
    this.checkedFraction = 0;
    this.owner.foundChanged();
    await this.#open(false);
  }

  async #open(mustCheck: boolean): Promise<void> {
    const owner = this.owner;
    this.#stage = "open";
    this.isRecorded = false;
    this.#lock = await this.services.locks.acquire(this.infoHash, owner.savePath);
    if (this.isEnded) return;
    await owner.settleMove();
    if (this.isEnded) return;
    const metainfo = await owner.loadMetainfo();
    this.metainfo = metainfo;
    const storage = this.services.makeStorage(metainfo, owner.savePath);
    this.storage = storage;
    await storage.open(storageEventsOf(this));
    if (this.isEnded) return;
    const plan = await planOf(this.services.store, owner, { metainfo, storage }, mustCheck);
    if (this.isEnded) return;
    this.#abort = new AbortController();
    const have = await carryOut(plan, storage, this, this.#abort.signal);
    owner.log(`have ${have.count} of ${have.length} pieces, ${plan.recheck.count} checked`);
    if (this.isEnded) return;
    owner.have = have;
    this.checkedFraction = null;
    const left = await this.selection.begin(this.services.ports.files, owner, { metainfo, storage });
    if (left === 0 && !this.isEnded) await this.selection.finish(storage, owner.wasCompleted);
    if (this.isEnded) return;
    const recorded = owner.checked(this);
    // Neighbours are found meanwhile.
    this.#join(have, storage);
    const taken = left > 0 ? this.selection.takeSpace(storage, have) : undefined;
    await Promise.allSettled([recorded, taken]);
    await recorded;
    await taken;
    if (this.isEnded) return;
    this.isRecorded = true;
    this.swarm?.storageRelieved();
    if (left === 0) owner.completed(this, undefined).catch((error: unknown) => owner.failed(this, error));
  }

  /** A seed whose files are what they were. */
  async #serve(found: FoundSeed): Promise<void> {
    this.metainfo = found.metainfo;
    this.storage = found.storage;
    await found.storage.open(storageEventsOf(this));
    if (this.isEnded) return;
    await this.selection.begin(this.services.ports.files, this.owner, found);
    this.isRecorded = true;
    if (!this.isEnded) this.#join(this.owner.have, found.storage);
  }

  #join(have: Bitfield, storage: Storage): void {
    const { ports } = this.services;
    const { regularSlots, neighboursMax } = this.limits;
    const { infoHash, geometry } = this.owner;
    const { rankOf, sendBuffers } = this.services;
    const slots = { regularSlots, neighboursMax, rankOf, sendBuffers, isSuperSeeding: this.owner.choices.isSuperSeed };
    const options = { infoHash, geometry, have, ...slots, ...this.selection.pieces, mayFetch: () => this.isRecorded };
    this.#stage = "open";
    this.#startedMs = ports.clock.nowMs();
    this.#busyMs = this.#startedMs;
    this.swarm = new Swarm(ports, options, storage, this);
    this.#announce();
    if (this.#peers.joined(this.swarm)) this.wantPeers();
  }

  #announce(): void {
    this.announcer ??= announcerOf(this.services, this.owner, this);
    this.announcer.start();
  }

  #fallAsleep(swarm: Swarm): void {
    const { storage } = this;
    this.#stage = "resting";
    this.#isWanted = false;
    this.swarm = undefined;
    swarm.close("nobody is connected");
    // Also where the run ends meanwhile: then its end follows this.
    this.#stages = this.#stages
      .then(async () => {
        await storage?.close();
        await this.owner.rested(this);
      })
      .catch((error: unknown) => this.log(messageOf(error)))
      .then(async () => {
        this.storage = undefined;
        this.metainfo = undefined;
        await this.#lock?.release();
        this.#lock = undefined;
      });
  }

  async #end(reason: string): Promise<void> {
    const { swarm, announcer } = this;
    this.#abort?.abort();
    this.services.looks.leave(this);
    this.checkedFraction = null;
    this.swarm = undefined;
    this.announcer = undefined;
    swarm?.close(reason);
    this.#peers.close(reason);
    this.limits.close();
    this.selection.close();
    const told = announcer?.stop(stopAnnounceMs);
    await this.#stages;
    const problem = (error: unknown) => this.log(messageOf(error));
    if (!this.isSynced) await this.unsynced.settle(() => this.storage?.sync()).catch(problem);
    await this.storage?.close().catch(problem);
    await this.#lock?.release();
    await told;
  }

  found(peer: Endpoint): void {
    if (!this.isEnded) this.addPeers([peer], "manual");
  }

  addPeers(endpoints: readonly Endpoint[], source: NamingSource): void {
    this.#peers.add(this.swarm, endpoints, source);
    this.wantPeers();
  }

  // ── what its announcer asks and tells ──────────────────────────────────────────────────────────────────────────

  wantedPeers(): number {
    return this.swarm === undefined ? restNumwant : this.#peers.soughtBy(this.swarm);
  }

  peersCame(peers: readonly Endpoint[], from: PeersFrom, leeches: number | null): void {
    if (this.swarm === undefined) {
      // A seed has no use for seeds.
      if (leeches !== 0 && this.canWake && this.services.mayWakeToDial())
        void this.wake().then((isAwake) => (isAwake ? this.peersCame(peers, from, leeches) : undefined));
      return;
    }
    this.#peers.named(this.swarm, peers, from);
    this.wantPeers();
  }

  // ── PeerTorrent ────────────────────────────────────────────────────────────────────────────────────────────────

  admit(link: NeighbourLink, info: NeighbourInfo): Neighbour {
    return this.#peers.admit(this.swarm, link, info, this.metainfo);
  }

  ended(peer: PeerConnection, neighbour: Neighbour | undefined, reason: string): void {
    this.#peers.ended(this.swarm, peer, neighbour, reason);
    this.wantPeers();
  }

  // ── SwarmHost ──────────────────────────────────────────────────────────────────────────────────────────────────

  wantPeers(): void {
    if (this.swarm !== undefined && this.#peers.dial(this.swarm, this)) this.announcer?.needPeers();
  }

  pieceVerified(piece: PieceIndex): void {
    this.unsynced.verified();
    this.services.store.pieceVerified(this.infoHash, piece);
  }

  completed(): void {
    void this.#inTurn(() => this.#finish());
  }

  superSeeded(): void {
    this.owner.change({ isSuperSeed: false }).catch((error: unknown) => this.log(messageOf(error)));
  }

  storageFailed(error: unknown): void {
    if (!this.isEnded) this.owner.failed(this, error);
  }

  extended(neighbour: Neighbour, extendedId: number, payload: Uint8Array): void {
    if (this.#peers.extended(this.swarm, neighbour, extendedId, payload, this.metainfo)) this.wantPeers();
  }

  log(text: string): void {
    this.owner.log(text);
  }

  async #finish(): Promise<void> {
    // More may be wanted by now.
    if (this.swarm?.isFinished !== true) return;
    const seconds = (this.services.ports.clock.nowMs() - this.#startedMs) / 1000;
    await this.unsynced.settle(() => this.storage?.finish());
    if (this.isEnded) return;
    if (this.owner.have.isFull) this.announcer?.complete();
    await this.owner.completed(this, seconds);
  }
}
