/**
 * A torrent while it is active: from the lock of its download, through the check of its files, to the swarm and its
 * trackers, until `end`. A run is used once; a torrent that is resumed gets a new one. After `end` was called nothing of
 * a run touches its torrent any more but to close what it had opened.
 */
import { Bitfield } from "../base/bitfield.ts";
import { messageOf, OperationalError, ProtocolError } from "../base/errors.ts";
import type { InfoHash, PieceIndex } from "../base/ids.ts";
import { type Endpoint, formatEndpoint } from "../base/ip-address.ts";
import { Announcer } from "../discovery/announcer.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { DownloadLock } from "../ports/locks.ts";
import { isMissing } from "../storage/file-care.ts";
import type { Storage } from "../storage/storage.ts";
import type { Neighbour } from "../swarm/neighbour.ts";
import type { NeighbourInfo, NeighbourLink } from "../swarm/neighbour-owner.ts";
import { Swarm } from "../swarm/swarm.ts";
import type { SwarmHost } from "../swarm/swarm-host.ts";
import { uploadQueueMax } from "../swarm/upload-queue.ts";
import { decodeExtensionHandshake, encodeExtensionHandshake } from "../wire/extension-handshake.ts";
import { assertRoom } from "./disk-room.ts";
import type { PeerConnection, PeerTorrent } from "./peer-connection.ts";
import { PeersByHand } from "./peers-by-hand.ts";
import { RunLimits } from "./run-limits.ts";
import type { RunOwner } from "./run-owner.ts";
import type { TorrentServices } from "./torrent-services.ts";

const dialingMax = 16;
const stopAnnounceMs = 3_000;

export class TorrentRun implements PeerTorrent, SwarmHost {
  readonly infoHash: InfoHash;
  readonly bitfieldLength: number;
  readonly limits: RunLimits;
  /** 0 … 1 while files are checked. */
  checkedFraction: number | null = 0;
  swarm: Swarm | undefined;
  announcer: Announcer | undefined;
  storage: Storage | undefined;
  /** From the beginning of the run on, when it was read. */
  metainfo: Metainfo | undefined;
  readonly #services: TorrentServices;
  readonly #owner: RunOwner;
  /** Connections that are no neighbours yet. */
  readonly #dialing = new Set<NeighbourLink>();
  readonly #abort = new AbortController();
  #byHand: PeersByHand | undefined;
  #lock: DownloadLock | undefined;
  #beginning: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  #startedMs = 0;
  #isFinishing = false;
  /** BEP 3 counts what an announce reports from its `started`. */
  #runDown = 0;
  #runUp = 0;

  constructor(services: TorrentServices, owner: RunOwner) {
    this.#services = services;
    this.#owner = owner;
    this.infoHash = owner.infoHash;
    this.bitfieldLength = (owner.geometry.pieceCount + 7) >> 3;
    this.limits = new RunLimits(
      services,
      () => owner.choices,
      (neighbour) => this.swarm?.requestMore(neighbour),
    );
  }

  get isEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** @param mustCheck hash what is there even where the record vouches for it. @param peers `HOST:PORT` to dial. */
  begin(mustCheck: boolean, peers: readonly string[]): void {
    this.#byHand = new PeersByHand(this.#services.ports.network, peers, (peer) => this.addPeers([peer], "manual"));
    this.#beginning = this.#open(mustCheck)
      .then(() => this.#byHand?.look())
      .catch((error: unknown) => {
        if (!this.isEnded) this.#owner.failed(this, error);
      });
  }

  /** Drops neighbours, tells trackers, closes files. Resolves when all that is done. Idempotent. */
  end(reason: string): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  /** The torrent's choices, or the rules for all, are others now. */
  applyLimits(): void {
    this.limits.apply(this.swarm);
    this.wantPeers();
  }

  /** What was out of reach may be in reach: everybody is asked and dialled again, without waiting. */
  networkChanged(): void {
    this.announcer?.reannounce();
    this.swarm?.peers.forgive(this.#services.ports.clock.nowMs());
    this.#byHand?.look().catch((error: unknown) => this.log(messageOf(error)));
    this.wantPeers();
  }

  /** About once a second. */
  tick(): void {
    this.swarm?.tick();
  }

  addPeers(endpoints: readonly Endpoint[], source: "tracker" | "manual"): void {
    const now = this.#services.ports.clock.nowMs();
    for (const endpoint of endpoints) {
      const { isSelf, admittance } = this.#services;
      if (!isSelf(endpoint) && !admittance.refuses(endpoint.address)) this.swarm?.peers.add(endpoint, source, now);
    }
    this.wantPeers();
  }

  // ── beginning ──────────────────────────────────────────────────────────────────────────────────────────────────

  async #open(mustCheck: boolean): Promise<void> {
    const owner = this.#owner;
    await owner.settleMove();
    if (this.isEnded) return;
    this.#lock = await this.#services.locks.acquire(this.infoHash, owner.savePath);
    if (this.isEnded) return;
    const metainfo = await owner.loadMetainfo();
    this.metainfo = metainfo;
    const storage = this.#services.makeStorage(metainfo, owner.savePath);
    this.storage = storage;
    await storage.open({
      onPieceChecked: (piece, isRight) => this.swarm?.pieceChecked(piece, isRight),
      onFailure: (error) => this.storageFailed(error),
      onRelieved: () => this.swarm?.storageRelieved(),
    });
    if (this.isEnded) return;
    const have = await this.#check(metainfo, storage, mustCheck);
    if (this.isEnded) return;
    owner.have = have;
    this.checkedFraction = null;
    if (!have.isFull)
      await assertRoom(this.#services.ports.files, owner.savePath, owner.summary.totalLength - owner.verifiedLength);
    if (this.isEnded) return;
    // Complete, but stopped before that was seen to: files may have to be given their length, or be made empty.
    if (have.isFull && !owner.wasCompleted) await storage.finish();
    if (this.isEnded) return;
    await owner.checked(this);
    if (!this.isEnded) this.#join(storage);
  }

  /** Finds out what we have: from the record where it can be trusted, by hashing what it cannot vouch for. */
  async #check(metainfo: Metainfo, storage: Storage, mustCheck: boolean): Promise<Bitfield> {
    const { geometry, savePath } = this.#owner;
    const fingerprint = await storage.fingerprint();
    // A drive that is not mounted: nothing is to be made in its place, nor downloaded again.
    if (!mustCheck && this.#owner.expectsFiles && fingerprint.every(isMissing)) {
      throw new OperationalError("data-missing", `its files are not in ${savePath}`);
    }
    const plan = mustCheck
      ? { trusted: new Bitfield(geometry.pieceCount), recheck: Bitfield.full(geometry.pieceCount), isSynced: false }
      : await this.#services.store.planResume(metainfo, savePath, fingerprint);
    const have = plan.trusted.clone();
    if (!plan.recheck.isEmpty && !this.isEnded) {
      const right = await storage.check(
        ({ checkedPieces, pieceCount }) => {
          this.checkedFraction = checkedPieces / Math.max(1, pieceCount);
        },
        this.#abort.signal,
        plan.recheck,
      );
      for (let piece = 0; piece < have.length; piece++) if (right.has(piece)) have.set(piece);
    }
    // Records say that what they name is synced: so it has to be before the next one is written.
    if (!have.isEmpty && !(plan.isSynced && plan.recheck.isEmpty) && !this.isEnded) await storage.sync("all");
    this.#owner.log(`have ${have.count} of ${have.length} pieces, ${plan.recheck.count} of them were checked`);
    return have;
  }

  #join(storage: Storage): void {
    const { ports } = this.#services;
    const { have, geometry, summary } = this.#owner;
    const options = {
      infoHash: this.infoHash,
      geometry,
      have,
      regularSlots: this.limits.regularSlots,
      neighboursMax: this.limits.neighboursMax,
    };
    this.#startedMs = ports.clock.nowMs();
    this.swarm = new Swarm(ports, options, storage, this);
    this.announcer = new Announcer(
      ports,
      {
        infoHash: this.infoHash,
        peerId: this.#services.peerId,
        listenPort: () => this.#services.listenPort(),
        totals: () => ({
          uploaded: this.#runUp,
          downloaded: this.#runDown,
          left: summary.totalLength - this.#owner.verifiedLength,
        }),
        wantedPeers: () => this.#seekMax(0),
        onPeers: (peers, url) => this.#peersCame(peers, url),
        log: (text) => this.log(text),
      },
      {
        tiers: summary.trackerTiers,
        key: this.#services.trackerKey,
        userAgent: this.#services.userAgent,
        gate: this.#services.announceGate,
      },
    );
    this.announcer.start();
    if (have.isFull) this.#owner.completed(this, undefined).catch((error: unknown) => this.#owner.failed(this, error));
  }

  #peersCame(peers: readonly Endpoint[], url: string): void {
    const before = this.swarm?.peers.size ?? 0;
    this.addPeers(peers, "tracker");
    const fresh = (this.swarm?.peers.size ?? 0) - before;
    if (fresh > 0) this.log(`${fresh} new peers from ${url}`);
  }

  async #end(reason: string): Promise<void> {
    const { swarm, announcer } = this;
    this.#abort.abort();
    this.checkedFraction = null;
    const isDownload = swarm !== undefined && !this.#owner.have.isFull;
    this.swarm = undefined;
    this.announcer = undefined;
    swarm?.close(reason);
    for (const link of [...this.#dialing]) link.close(reason);
    this.limits.close();
    const told = announcer?.stop(stopAnnounceMs);
    await this.#beginning;
    try {
      if (isDownload) await this.storage?.sync();
      await this.storage?.close();
    } catch (error) {
      this.log(messageOf(error));
    }
    await this.#lock?.release();
    await told;
  }

  /** How many more neighbours are sought. */
  #seekMax(dialing: number): number {
    const { neighboursSought } = this.limits;
    return this.swarm?.admission.room(neighboursSought, dialing) ?? neighboursSought;
  }

  // ── PeerTorrent ────────────────────────────────────────────────────────────────────────────────────────────────

  admit(link: NeighbourLink, info: NeighbourInfo): Neighbour {
    this.#dialing.delete(link);
    const { swarm } = this;
    if (swarm === undefined) throw new ProtocolError("inactive", "the torrent is not active");
    if (swarm.peers.isBanned(info.endpoint, info.peerId)) throw new ProtocolError("banned", "it is banned");
    const refusal = swarm.admission.refusal(info, this.#services.peerId, this.#services.ports.clock.nowMs());
    if (refusal !== undefined) throw new ProtocolError("refused", refusal);
    const port = this.#services.listenPort();
    const extension = encodeExtensionHandshake({
      client: this.#services.userAgent.replace("/", " "),
      port: port === 0 ? undefined : port,
      requestQueue: uploadQueueMax,
      isUploadOnly: this.#owner.have.isFull,
      yourAddress: info.endpoint.address,
    });
    return swarm.addNeighbour(link, info, extension);
  }

  ended(peer: PeerConnection, neighbour: Neighbour | undefined, reason: string): void {
    const { swarm } = this;
    this.#dialing.delete(peer);
    if (swarm === undefined) {
      neighbour?.closed();
      return;
    }
    if (neighbour !== undefined) {
      this.log(`${formatEndpoint(peer.remote)} left: ${reason}`);
      swarm.removeNeighbour(neighbour);
      this.limits.left(neighbour);
    }
    const known = peer.isIncoming ? undefined : swarm.peers.get(peer.remote);
    if (known !== undefined) {
      const wasUseful = neighbour !== undefined && neighbour.down.total + neighbour.up.total > 0;
      swarm.peers.disconnected(known, wasUseful, this.#services.ports.clock.nowMs());
      if (reason === selfReason) swarm.peers.forget(peer.remote);
    }
    this.wantPeers();
  }

  // ── SwarmHost ──────────────────────────────────────────────────────────────────────────────────────────────────

  wantPeers(): void {
    const { swarm } = this;
    if (swarm === undefined) return;
    const now = this.#services.ports.clock.nowMs();
    while (this.#dialing.size < dialingMax && this.#seekMax(this.#dialing.size) > 0) {
      const peer = swarm.peers.next(now, this.#owner.have.isFull);
      if (peer === undefined) break;
      // It was not when it was remembered.
      if (this.#services.admittance.isBlocked(peer.endpoint.address)) {
        swarm.peers.forget(peer.endpoint);
        continue;
      }
      const connection = this.#services.dial(this, peer.endpoint);
      if (connection === undefined) break;
      swarm.peers.connected(peer);
      this.#dialing.add(connection);
    }
    if (swarm.neighbours.size === 0 && this.#dialing.size === 0) this.announcer?.needPeers();
  }

  uploaded(bytes: number): void {
    this.#owner.uploadedBytes += bytes;
    this.#services.house.lifetime.uploaded += bytes;
    this.#runUp += bytes;
  }

  downloaded(bytes: number): void {
    this.#owner.downloadedBytes += bytes;
    this.#services.house.lifetime.downloaded += bytes;
    this.#runDown += bytes;
  }

  wasted(bytes: number): void {
    this.#owner.wastedBytes += bytes;
  }

  pieceVerified(piece: PieceIndex): void {
    this.#services.store.pieceVerified(this.infoHash, piece);
  }

  completed(): void {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    this.#finish().catch((error: unknown) => this.storageFailed(error));
  }

  storageFailed(error: unknown): void {
    if (this.isEnded) return;
    if (!(error instanceof OperationalError)) this.#services.report(error, this.infoHash);
    this.#owner.failed(this, error);
  }

  extended(neighbour: Neighbour, extendedId: number, payload: Uint8Array): void {
    if (extendedId !== 0) return;
    const handshake = decodeExtensionHandshake(payload);
    neighbour.clientVersion = handshake.client;
    if (handshake.requestQueue !== undefined) neighbour.pipeline.setReqq(handshake.requestQueue);
  }

  log(text: string): void {
    this.#owner.log(text);
  }

  async #finish(): Promise<void> {
    const seconds = (this.#services.ports.clock.nowMs() - this.#startedMs) / 1000;
    await this.storage?.finish();
    if (this.isEnded) return;
    this.announcer?.complete();
    await this.#owner.completed(this, seconds);
  }
}

/** What a connection ends with that turned out to be to ourselves. */
export const selfReason = "we reached ourselves";
