/**
 * One torrent as the user knows it: what it is, where it lies, what we have of it, whether it is active. While it is,
 * a `TorrentRun` does the work; runs follow one another, never two at once.
 */
import { Bitfield } from "../base/bitfield.ts";
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import type { Announcer } from "../discovery/announcer.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Swarm } from "../swarm/swarm.ts";
import { EventLog } from "./event-log.ts";
import { RateHistory } from "./rate-history.ts";
import { Recovery } from "./recovery.ts";
import { type RunOwner, TorrentRun } from "./torrent-run.ts";
import type { TorrentServices } from "./torrent-services.ts";
import type { SavedRecord, TorrentRecord } from "./torrent-store.ts";

export type TorrentState = "checking" | "downloading" | "seeding" | "paused" | "failed";

export interface TorrentOptions {
  readonly savePath: string;
  /** `HOST:PORT` to dial besides what trackers say. */
  readonly peers: readonly string[];
  readonly isPaused: boolean;
  /** Hash what is there even where the record vouches for it. */
  readonly mustCheck: boolean;
  /** From an earlier run of the program. */
  readonly record: TorrentRecord | undefined;
  /** It was in the profile: nobody has just asked for it, so files that are gone are waited for. */
  readonly isRestored: boolean;
}

/** Between two records of a download. What is verified in between is in the journal. */
const saveMs = 30_000;

export class Torrent implements RunOwner {
  readonly metainfo: Metainfo;
  readonly geometry: Geometry;
  readonly savePath: string;
  readonly eventLog: EventLog;
  readonly downHistory = new RateHistory();
  readonly upHistory = new RateHistory();
  readonly addedWallMs: number;
  readonly expectsFiles: boolean;
  completedWallMs: number | null;
  state: TorrentState = "paused";
  /** In words, why it failed; "" otherwise. */
  reason = "";
  have: Bitfield;
  downloadedBytes: number;
  uploadedBytes: number;
  wastedBytes = 0;
  readonly #services: TorrentServices;
  readonly #peers: readonly string[];
  readonly #recovery: Recovery;
  #run: TorrentRun | undefined;
  /** The ends of earlier runs: the next begins after them. */
  #ended: Promise<void> = Promise.resolve();
  #mustCheck: boolean;
  #savedMs = 0;
  #savedUploaded = 0;

  constructor(services: TorrentServices, metainfo: Metainfo, options: TorrentOptions) {
    this.#services = services;
    this.metainfo = metainfo;
    this.geometry = new Geometry(metainfo.pieceLength, metainfo.totalLength);
    this.savePath = options.savePath;
    this.eventLog = new EventLog(services.ports.clock);
    this.#peers = options.peers;
    const [name = ""] = metainfo.files[0]?.path ?? [];
    this.#recovery = new Recovery(services.ports, options.savePath, `${options.savePath}/${name}`);
    this.#mustCheck = options.mustCheck;
    const { record } = options;
    this.expectsFiles = options.isRestored && record !== undefined && !record.have.isEmpty;
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

  /** The current run, `undefined` while paused or failed. */
  get run(): TorrentRun | undefined {
    return this.#run;
  }

  get swarm(): Swarm | undefined {
    return this.#run?.swarm;
  }

  get announcer(): Announcer | undefined {
    return this.#run?.announcer;
  }

  get checkedFraction(): number | null {
    return this.#run?.checkedFraction ?? null;
  }

  get wasCompleted(): boolean {
    return this.completedWallMs !== null;
  }

  get verifiedLength(): number {
    const { geometry, have } = this;
    const last = geometry.piece(geometry.pieceCount - 1);
    const shortBy = have.has(last) ? geometry.pieceLength - geometry.lengthOf(last) : 0;
    return have.count * geometry.pieceLength - shortBy;
  }

  /** Bytes verified of a span of the content, for a file's progress. */
  verifiedIn(offset: number, length: number): number {
    const { geometry, have } = this;
    let sum = 0;
    const end = offset + length;
    for (let i = Math.floor(offset / geometry.pieceLength); i * geometry.pieceLength < end; i++) {
      if (!have.has(i)) continue;
      const begin = i * geometry.pieceLength;
      sum += Math.min(end, begin + geometry.lengthOf(geometry.piece(i))) - Math.max(offset, begin);
    }
    return sum;
  }

  // ── what the user can do ───────────────────────────────────────────────────────────────────────────────────────

  resume(): void {
    if (this.#run !== undefined) return;
    this.state = "checking";
    this.reason = "";
    const run = new TorrentRun(this.#services, this);
    this.#run = run;
    const mustCheck = this.#mustCheck;
    this.#mustCheck = false;
    this.#ended = this.#ended.then(() => {
      if (!run.isEnded) run.begin(mustCheck, this.#peers);
    });
  }

  /** Ends all activity; resolves when files are closed and trackers told. */
  async pause(): Promise<void> {
    this.state = "paused";
    this.reason = "";
    await this.#halt("we paused");
  }

  async recheck(): Promise<void> {
    await this.#halt("we check our files");
    this.#mustCheck = true;
    this.resume();
  }

  /** Ends all activity for good; the record keeps whether it was paused. */
  close(): Promise<void> {
    return this.#halt("we are stopping");
  }

  async removeFiles(): Promise<void> {
    await this.#halt("we removed the torrent");
    await this.#services.makeStorage(this.metainfo, this.savePath).removeFiles();
  }

  reannounce(): void {
    this.announcer?.reannounce();
  }

  /** About once a second. */
  tick(): void {
    const now = this.#services.ports.clock.nowMs();
    if (this.state === "failed") this.#recover();
    this.downHistory.add(this.swarm?.down.rate(now) ?? 0);
    this.upHistory.add(this.swarm?.up.rate(now) ?? 0);
    const run = this.#run;
    if (run?.swarm === undefined) return;
    run.tick();
    const isUnchanged = this.state === "seeding" && this.#savedUploaded === this.uploadedBytes;
    if (now - this.#savedMs > saveMs && !isUnchanged)
      this.#save(run, false).catch((error: unknown) => this.log(messageOf(error)));
  }

  // ── what a run tells ───────────────────────────────────────────────────────────────────────────────────────────

  log(text: string): void {
    this.eventLog.add(text);
  }

  async checked(run: TorrentRun): Promise<void> {
    const { infoHash, verifiedLength } = this;
    this.#recovery.succeeded();
    if (!this.have.isFull) {
      this.state = "downloading";
      this.completedWallMs = null;
    }
    this.#services.notify({ kind: "checked", infoHash, verifiedLength, totalLength: this.metainfo.totalLength });
    const record = await this.#record(run, false);
    if (record !== undefined) await this.#services.store.begin(this.metainfo, record);
  }

  async completed(run: TorrentRun, seconds: number | undefined): Promise<void> {
    const { infoHash } = this;
    this.state = "seeding";
    this.completedWallMs ??= this.#services.ports.clock.wallMs();
    if (seconds !== undefined) {
      this.log(`complete after ${Math.round(seconds)} s`);
      await this.#save(run, false);
      this.#services.notify({ kind: "complete", infoHash, bytes: this.metainfo.totalLength, seconds });
    }
    this.#services.notify({ kind: "seeding", infoHash });
  }

  failed(run: TorrentRun, error: unknown): void {
    if (run !== this.#run) return;
    if (!(error instanceof OperationalError)) this.#services.report(error, this.infoHash);
    const code = codeOf(error);
    const isNews = this.#recovery.failed(code);
    const hope = this.#recovery.hope;
    this.state = "failed";
    this.reason = hope === "" ? messageOf(error) : `${messageOf(error)} (${hope})`;
    this.#halt(this.reason).catch((problem: unknown) => this.log(messageOf(problem)));
    // Trying again and failing for the same reason is no news.
    if (!isNews) return;
    this.log(`stopped: ${this.reason}`);
    this.#services.notify({ kind: "failed", infoHash: this.infoHash, code, message: messageOf(error) });
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #recover(): void {
    const left = this.metainfo.totalLength - this.verifiedLength;
    this.#recovery.isOver(left).then(
      (isOver) => {
        if (isOver && this.state === "failed") this.resume();
      },
      (error: unknown) => this.log(messageOf(error)),
    );
  }

  #halt(reason: string): Promise<void> {
    const run = this.#run;
    if (run === undefined) return this.#ended;
    this.#run = undefined;
    const isActive = run.swarm !== undefined;
    const ending = run.end(reason);
    this.#ended = this.#ended.then(async () => {
      await ending;
      // A run that never came to its swarm found out nothing that the record does not know.
      if (isActive) await this.#save(run, true).catch((error: unknown) => this.log(messageOf(error)));
    });
    return this.#ended;
  }

  async #save(run: TorrentRun, isClean: boolean): Promise<void> {
    const record = await this.#record(run, isClean);
    if (record !== undefined) await this.#services.store.save(this.metainfo, record);
  }

  /** @param isClean the files are closed: what they look like now is what the record vouches for. */
  async #record(run: TorrentRun, isClean: boolean): Promise<SavedRecord | undefined> {
    this.#savedMs = this.#services.ports.clock.nowMs();
    this.#savedUploaded = this.uploadedBytes;
    const { storage } = run;
    if (storage === undefined) return undefined;
    // Before the fingerprints, and only what is on the disk: then the record never claims too much.
    const have = this.have.clone();
    const isWriting = !isClean && this.state === "downloading";
    if (isWriting) await storage.sync();
    return {
      have,
      isClean,
      isSynced: true,
      isPaused: this.state === "paused",
      savePath: this.savePath,
      fingerprint: await storage.fingerprint(),
      downloaded: this.downloadedBytes,
      uploaded: this.uploadedBytes,
      addedWallMs: this.addedWallMs,
      completedWallMs: this.completedWallMs,
    };
  }
}
