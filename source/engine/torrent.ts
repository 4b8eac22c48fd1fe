/**
 * One torrent's life: locked, opened, checked where need be, then its swarm, until it is paused, fails or is removed.
 *
 * `#run` is one stretch from start to pause; everything it began is ended by `#halt`. A stretch that was overtaken (paused
 * while checking, say) sees by its number that it is no longer the current one, and goes no further.
 */
import { Bitfield } from "../base/bitfield.ts";
import { codeOf, messageOf, OperationalError, ProtocolError } from "../base/errors.ts";
import type { InfoHash, PieceIndex } from "../base/ids.ts";
import { type Endpoint, parseHostPort } from "../base/ip-address.ts";
import { Announcer } from "../discovery/announcer.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { DownloadLock } from "../ports/locks.ts";
import type { Storage } from "../storage/storage.ts";
import type { Neighbour } from "../swarm/neighbour.ts";
import type { NeighbourInfo, NeighbourLink } from "../swarm/neighbour-owner.ts";
import { Swarm } from "../swarm/swarm.ts";
import type { SwarmHost } from "../swarm/swarm-host.ts";
import { uploadQueueMax } from "../swarm/upload-queue.ts";
import { decodeExtensionHandshake, encodeExtensionHandshake } from "../wire/extension-handshake.ts";
import { EventLog } from "./event-log.ts";
import type { PeerConnection, PeerTorrent } from "./peer-connection.ts";
import { RateHistory } from "./rate-history.ts";
import type { TorrentServices } from "./torrent-services.ts";
import type { TorrentRecord } from "./torrent-store.ts";

export type TorrentState = "checking" | "downloading" | "seeding" | "paused" | "failed";

/** Neighbours of one torrent, and how many we seek by dialling; the rest is for those who come to us. */
const neighboursMax = 80;
const neighboursSought = 50;
const dialingMax = 16;
const saveMs = 30_000;
const stopAnnounceMs = 3_000;

export interface TorrentOptions {
  readonly savePath: string;
  /** `HOST:PORT` to dial besides what trackers say. */
  readonly peers: readonly string[];
  readonly isPaused: boolean;
  /** Hash what is there even where the record vouches for it. */
  readonly mustCheck: boolean;
  /** From an earlier run. */
  readonly record: TorrentRecord | undefined;
}

export class Torrent implements PeerTorrent, SwarmHost {
  readonly metainfo: Metainfo;
  readonly geometry: Geometry;
  readonly savePath: string;
  readonly bitfieldLength: number;
  readonly log: EventLog;
  readonly downHistory = new RateHistory();
  readonly upHistory = new RateHistory();
  readonly addedWallMs: number;
  completedWallMs: number | null;
  state: TorrentState = "paused";
  reason = "";
  checkedFraction: number | null = null;
  downloadedBytes: number;
  uploadedBytes: number;
  wastedBytes = 0;
  /** What is verified; the swarm's while it runs. */
  have: Bitfield;
  readonly #services: TorrentServices;
  /** Of the current stretch; a closed storage is not opened again. */
  #storage: Storage | undefined;
  readonly #peers: readonly string[];
  #swarm: Swarm | undefined;
  #announcer: Announcer | undefined;
  #lock: DownloadLock | undefined;
  #abort = new AbortController();
  #stretch = 0;
  /** The beginning of the current stretch, and the end of the last one: neither overlaps the other. */
  #running: Promise<void> = Promise.resolve();
  #halting: Promise<void> = Promise.resolve();
  #mustCheck: boolean;
  /** Connections that are no neighbours yet. */
  readonly #dialing = new Set<NeighbourLink>();
  #startedMs = 0;
  #savedMs = 0;
  #isFinishing = false;
  /** BEP 3 counts what an announce reports from its `started`. */
  #sessionDown = 0;
  #sessionUp = 0;

  constructor(services: TorrentServices, metainfo: Metainfo, options: TorrentOptions) {
    this.#services = services;
    this.metainfo = metainfo;
    this.geometry = new Geometry(metainfo.pieceLength, metainfo.totalLength);
    this.savePath = options.savePath;
    this.bitfieldLength = (this.geometry.pieceCount + 7) >> 3;
    this.log = new EventLog(services.ports.clock);
    this.#peers = options.peers;
    this.#mustCheck = options.mustCheck;
    const { record } = options;
    this.have = record?.have.clone() ?? new Bitfield(this.geometry.pieceCount);
    this.addedWallMs = record?.addedWallMs ?? services.ports.clock.wallMs();
    this.completedWallMs = record?.completedWallMs ?? null;
    this.downloadedBytes = record?.downloaded ?? 0;
    this.uploadedBytes = record?.uploaded ?? 0;
    if (!options.isPaused) this.resume();
  }

  get infoHash(): InfoHash {
    return this.metainfo.infoHash;
  }

  get swarm(): Swarm | undefined {
    return this.#swarm;
  }

  get announcer(): Announcer | undefined {
    return this.#announcer;
  }

  get verifiedLength(): number {
    const { pieceCount } = this.geometry;
    const last = this.geometry.piece(pieceCount - 1);
    const shortBy = this.have.has(last) ? this.geometry.pieceLength - this.geometry.lengthOf(last) : 0;
    return this.have.count * this.geometry.pieceLength - shortBy;
  }

  /** Bytes verified of a span of the content, for a file's progress. */
  verifiedIn(offset: number, length: number): number {
    const { geometry } = this;
    let sum = 0;
    const end = offset + length;
    for (let i = Math.floor(offset / geometry.pieceLength); i * geometry.pieceLength < end; i++) {
      if (!this.have.has(i)) continue;
      const begin = i * geometry.pieceLength;
      sum += Math.min(end, begin + geometry.lengthOf(geometry.piece(i))) - Math.max(offset, begin);
    }
    return sum;
  }

  // ── what the user can do ───────────────────────────────────────────────────────────────────────────────────────

  resume(): void {
    if (this.state !== "paused" && this.state !== "failed") return;
    this.state = "checking";
    this.reason = "";
    this.checkedFraction = 0;
    const stretch = ++this.#stretch;
    this.#abort = new AbortController();
    this.#running = this.#run(stretch, this.#halting).catch((error: unknown) => this.#fail(stretch, error));
  }

  /** Ends all activity; resolves when files are closed and trackers told (or three seconds are over). */
  pause(): Promise<void> {
    if (this.state !== "failed") {
      this.state = "paused";
      this.reason = "";
    }
    return this.#halt("we paused");
  }

  async recheck(): Promise<void> {
    await this.#halt("we check our files");
    this.#mustCheck = true;
    this.state = "paused";
    this.resume();
  }

  /** Ends all activity for good. */
  close(): Promise<void> {
    return this.#halt("we are stopping");
  }

  async removeFiles(): Promise<void> {
    await this.#halt("we removed the torrent");
    await this.#services.makeStorage(this.metainfo, this.savePath).removeFiles();
  }

  addPeers(endpoints: readonly Endpoint[], source: "tracker" | "manual"): void {
    const swarm = this.#swarm;
    if (swarm === undefined) return;
    const now = this.#services.ports.clock.nowMs();
    for (const endpoint of endpoints) {
      if (!this.#services.isSelf(endpoint)) swarm.peers.add(endpoint, source, now);
    }
    this.wantPeers();
  }

  reannounce(): void {
    this.#announcer?.reannounce();
  }

  // ── one stretch ────────────────────────────────────────────────────────────────────────────────────────────────

  async #run(stretch: number, earlier: Promise<void>): Promise<void> {
    const { signal } = this.#abort;
    await earlier;
    if (stretch !== this.#stretch) return;
    const lock = await this.#services.locks.acquire(this.infoHash, this.savePath);
    if (stretch !== this.#stretch) {
      await lock.release();
      return;
    }
    this.#lock = lock;
    const storage = this.#services.makeStorage(this.metainfo, this.savePath);
    this.#storage = storage;
    await storage.open({
      onPieceChecked: (piece, isRight) => this.#swarm?.pieceChecked(piece, isRight),
      onFailure: (error) => this.#fail(stretch, error),
      onRelieved: () => this.#swarm?.storageRelieved(),
    });
    if (stretch !== this.#stretch) return;
    await this.#check(storage, signal);
    if (stretch !== this.#stretch) return;
    this.checkedFraction = null;
    this.#services.notify({
      kind: "checked",
      infoHash: this.infoHash,
      verifiedLength: this.verifiedLength,
      totalLength: this.metainfo.totalLength,
    });
    if (this.have.isFull) {
      if (this.completedWallMs === null) await storage.finish();
      if (stretch !== this.#stretch) return;
    }
    this.#beginSwarm(storage);
  }

  /** Finds out what we have: from the record where it can be trusted, by hashing what it cannot vouch for. */
  async #check(storage: Storage, signal: AbortSignal): Promise<void> {
    const all = new Bitfield(this.geometry.pieceCount);
    all.fill();
    const plan = this.#mustCheck
      ? { trusted: new Bitfield(this.geometry.pieceCount), recheck: all }
      : await this.#services.store.planResume(this.metainfo, await storage.fingerprint());
    const have = plan.trusted.clone();
    if (!plan.recheck.isEmpty) {
      const right = await storage.check(
        ({ checkedPieces, pieceCount }) => {
          this.checkedFraction = checkedPieces / Math.max(1, pieceCount);
        },
        signal,
        plan.recheck,
      );
      if (signal.aborted) return;
      for (let piece = 0; piece < have.length; piece++) if (right.has(piece)) have.set(piece);
    }
    this.have = have;
    this.#mustCheck = false;
    this.log.add(`have ${have.count} of ${have.length} pieces, ${plan.recheck.count} of them checked`);
    await this.save(false);
  }

  #beginSwarm(storage: Storage): void {
    const { ports, regularSlots, localAddress } = this.#services;
    const options = { infoHash: this.infoHash, geometry: this.geometry, have: this.have, regularSlots, neighboursMax };
    this.#swarm = new Swarm(ports, options, storage, this);
    this.#startedMs = ports.clock.nowMs();
    this.#sessionDown = 0;
    this.#sessionUp = 0;
    this.state = this.have.isFull ? "seeding" : "downloading";
    if (this.state === "seeding") this.#seeding();
    this.#announcer = new Announcer(
      ports,
      {
        infoHash: this.infoHash,
        peerId: this.#services.peerId,
        listenPort: () => this.#services.listenPort(),
        totals: () => ({
          uploaded: this.#sessionUp,
          downloaded: this.#sessionDown,
          left: this.metainfo.totalLength - this.verifiedLength,
        }),
        wantedPeers: () => Math.max(0, neighboursSought - (this.#swarm?.neighbours.size ?? 0)),
        onPeers: (peers, url) => this.#peersCame(peers, url),
        log: (text) => this.log.add(text),
      },
      {
        tiers: this.metainfo.trackerTiers,
        key: this.#services.trackerKey,
        userAgent: this.#services.userAgent,
        ...(localAddress === undefined ? {} : { localAddress }),
      },
    );
    this.#announcer.start();
    this.#addManualPeers().catch((error: unknown) => this.log.add(messageOf(error)));
  }

  async #addManualPeers(): Promise<void> {
    for (const text of this.#peers) {
      const { host, port } = parseHostPort(text);
      const addresses = await this.#services.ports.network.resolve(host);
      this.addPeers(
        addresses.slice(0, 1).map((address) => ({ address, port })),
        "manual",
      );
    }
  }

  #peersCame(peers: readonly Endpoint[], url: string): void {
    const before = this.#swarm?.peers.size ?? 0;
    this.addPeers(peers, "tracker");
    const fresh = (this.#swarm?.peers.size ?? 0) - before;
    if (fresh > 0) this.log.add(`${fresh} new peers from ${url}`);
  }

  /** Undoes whatever the current stretch has begun. */
  #halt(reason: string): Promise<void> {
    this.#stretch++;
    this.#abort.abort();
    this.checkedFraction = null;
    const swarm = this.#swarm;
    const announcer = this.#announcer;
    this.#swarm = undefined;
    this.#announcer = undefined;
    const hadSwarm = swarm !== undefined;
    swarm?.close(reason);
    for (const link of [...this.#dialing]) link.close(reason);
    const told = announcer?.stop(stopAnnounceMs);
    this.#halting = Promise.allSettled([this.#halting, this.#running]).then(async () => {
      try {
        await this.#storage?.close();
        if (hadSwarm) await this.save(true);
      } catch (error) {
        this.log.add(messageOf(error));
      }
      this.#storage = undefined;
      await this.#lock?.release();
      this.#lock = undefined;
      await told;
    });
    return this.#halting;
  }

  #fail(stretch: number, error: unknown): void {
    if (stretch !== this.#stretch) return;
    if (!(error instanceof OperationalError)) this.#services.report(error, this.infoHash);
    this.state = "failed";
    this.reason = messageOf(error);
    this.log.add(`stopped: ${this.reason}`);
    this.#halt("our disk failed").catch(() => {});
    this.#services.notify({ kind: "failed", infoHash: this.infoHash, code: codeOf(error), message: this.reason });
  }

  // ── time and record ────────────────────────────────────────────────────────────────────────────────────────────

  /** About once a second. */
  tick(): void {
    const now = this.#services.ports.clock.nowMs();
    this.downHistory.add(this.#swarm?.down.rate(now) ?? 0);
    this.upHistory.add(this.#swarm?.up.rate(now) ?? 0);
    this.#swarm?.tick();
    if (this.#swarm !== undefined && now - this.#savedMs > saveMs) {
      this.save(false).catch((error: unknown) => this.log.add(messageOf(error)));
    }
  }

  /** Writes the record. @param isClean the files are closed and nothing will change them after this. */
  async save(isClean: boolean): Promise<void> {
    this.#savedMs = this.#services.ports.clock.nowMs();
    const storage = this.#storage;
    if (storage === undefined) return;
    const have = this.have.clone();
    // What the record calls verified is on the disk before the record is.
    if (!isClean && this.state === "downloading") await storage.sync();
    await this.#services.store.save(this.metainfo, {
      have,
      isClean,
      isPaused: this.state === "paused",
      savePath: this.savePath,
      fingerprint: await storage.fingerprint(),
      downloaded: this.downloadedBytes,
      uploaded: this.uploadedBytes,
      addedWallMs: this.addedWallMs,
      completedWallMs: this.completedWallMs,
    });
  }

  // ── PeerTorrent ────────────────────────────────────────────────────────────────────────────────────────────────

  admit(link: NeighbourLink, info: NeighbourInfo): Neighbour {
    const swarm = this.#swarm;
    if (swarm === undefined) throw new ProtocolError("inactive", "the torrent is paused");
    if (swarm.peers.isBanned(info.endpoint, info.peerId)) throw new ProtocolError("banned", "it is banned");
    const refusal = swarm.refusal(info, this.#services.peerId);
    if (refusal !== undefined) throw new ProtocolError("refused", refusal);
    this.#dialing.delete(link);
    const port = this.#services.listenPort();
    const extension = encodeExtensionHandshake({
      client: this.#services.userAgent.replace("/", " "),
      port: port === 0 ? undefined : port,
      requestQueue: uploadQueueMax,
      isUploadOnly: this.have.isFull,
      yourAddress: info.endpoint.address,
    });
    return swarm.addNeighbour(link, info, extension);
  }

  ended(peer: PeerConnection, neighbour: Neighbour | undefined, reason: string): void {
    const swarm = this.#swarm;
    this.#dialing.delete(peer);
    if (swarm === undefined) {
      neighbour?.closed();
      return;
    }
    if (neighbour !== undefined) swarm.removeNeighbour(neighbour);
    const wasUseful = neighbour !== undefined && neighbour.down.total + neighbour.up.total > 0;
    const known = swarm.peers.get(peer.remote);
    if (known !== undefined && !peer.isIncoming) {
      swarm.peers.disconnected(known, wasUseful, this.#services.ports.clock.nowMs());
      if (reason === "we reached ourselves") swarm.peers.forget(peer.remote);
    }
    this.wantPeers();
  }

  // ── SwarmHost ──────────────────────────────────────────────────────────────────────────────────────────────────

  wantPeers(): void {
    const swarm = this.#swarm;
    if (swarm === undefined) return;
    const now = this.#services.ports.clock.nowMs();
    while (this.#dialing.size < dialingMax && swarm.neighbours.size + this.#dialing.size < neighboursSought) {
      const peer = swarm.peers.next(now, this.have.isFull);
      if (peer === undefined) break;
      const connection = this.#services.dial(this, peer.endpoint);
      if (connection === undefined) break;
      swarm.peers.connected(peer);
      this.#dialing.add(connection);
    }
    if (swarm.neighbours.size === 0 && this.#dialing.size === 0) this.#announcer?.needPeers();
  }

  grantUpload(neighbour: Neighbour, bytes: number): boolean {
    const { upLimit } = this.#services;
    if (upLimit.take(bytes)) return true;
    upLimit.wait(neighbour.serveUploads);
    return false;
  }

  uploaded(bytes: number): void {
    this.uploadedBytes += bytes;
    this.#sessionUp += bytes;
  }

  downloaded(bytes: number): void {
    this.downloadedBytes += bytes;
    this.#sessionDown += bytes;
  }

  wasted(bytes: number): void {
    this.wastedBytes += bytes;
  }

  pieceVerified(piece: PieceIndex): void {
    this.#services.store.pieceVerified(this.infoHash, piece);
  }

  completed(): void {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    const stretch = this.#stretch;
    this.#finish(stretch)
      .catch((error: unknown) => this.#fail(stretch, error))
      .finally(() => {
        this.#isFinishing = false;
      });
  }

  storageFailed(error: unknown): void {
    this.#fail(this.#stretch, error);
  }

  extended(neighbour: Neighbour, extendedId: number, payload: Uint8Array): void {
    if (extendedId !== 0) return;
    const handshake = decodeExtensionHandshake(payload);
    neighbour.clientVersion = handshake.client;
    neighbour.isUploadOnly = handshake.isUploadOnly;
    if (handshake.requestQueue !== undefined) neighbour.pipeline.setReqq(handshake.requestQueue);
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #finish(stretch: number): Promise<void> {
    const { clock } = this.#services.ports;
    const seconds = (clock.nowMs() - this.#startedMs) / 1000;
    await this.#storage?.finish();
    if (stretch !== this.#stretch) return;
    this.state = "seeding";
    this.completedWallMs = clock.wallMs();
    this.#announcer?.complete();
    this.#services.notify({
      kind: "complete",
      infoHash: this.infoHash,
      bytes: this.metainfo.totalLength,
      seconds,
    });
    this.log.add(`complete after ${Math.round(seconds)} s`);
    await this.save(false);
    this.#seeding();
  }

  #seeding(): void {
    this.completedWallMs ??= this.#services.ports.clock.wallMs();
    this.#services.notify({ kind: "seeding", infoHash: this.infoHash });
  }
}
