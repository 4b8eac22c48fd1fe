/**
 * One torrent as the user knows it: what it is, where it lies, what we have of it, whether it is active. While it is,
 * a `TorrentRun` does the work; runs follow one another, never two at once.
 */
import { Bitfield } from "../base/bitfield.ts";
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import type { Announcer } from "../discovery/announcer.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { withRenames } from "../metainfo/renames.ts";
import { diskErrorOf } from "../storage/disk-error.ts";
import type { Swarm } from "../swarm/swarm.ts";
import type { DiskForecast } from "./files/disk-forecast.ts";
import { Recovery } from "./files/recovery.ts";
import { removeFilesOf } from "./files/remove-files.ts";
import { TorrentMover } from "./files/torrent-mover.ts";
import { RecordKeeper } from "./profile/record-keeper.ts";
import { ShownMetainfo } from "./profile/shown-metainfo.ts";
import { changedChoices, type TorrentChanges } from "./profile/torrent-choices.ts";
import type { Removal, RemovedMark, TorrentEntry } from "./profile/torrent-entry.ts";
import type { TorrentOptions } from "./profile/torrent-options.ts";
import type { RunOwner } from "./run/run-owner.ts";
import { TorrentAmounts } from "./run/torrent-amounts.ts";
import { EventLog } from "./statistics/event-log.ts";
import { RateHistory } from "./statistics/rate-history.ts";
import { SeedingTime } from "./statistics/seeding-time.ts";
import { TorrentRun } from "./torrent-run.ts";
import type { TorrentServices } from "./torrent-services.ts";

export type TorrentState = "queued" | "checking" | "downloading" | "seeding" | "moving" | "paused" | "failed";

export class Torrent extends TorrentAmounts implements RunOwner {
  readonly geometry: Geometry;
  readonly eventLog: EventLog;
  readonly downHistory = new RateHistory();
  readonly upHistory = new RateHistory();
  readonly expectsFiles: boolean;
  completedWallMs: number | null;
  state: TorrentState = "paused";
  /** In words, why it failed; "" otherwise. */
  reason = "";
  /** It is being removed, or is closed for good: nothing of it begins. */
  isEnding = false;
  have: Bitfield;
  downloadedBytes: number;
  uploadedBytes: number;
  wastedBytes = 0;
  readonly seedingTime: SeedingTime;
  /** Moves and renames its files. */
  readonly mover: TorrentMover;
  readonly #services: TorrentServices;
  readonly #recovery: Recovery;
  readonly #shown: ShownMetainfo;
  readonly #keeper: RecordKeeper;
  #entry: TorrentEntry;
  #run: TorrentRun | undefined;
  /** The ends of earlier runs: the next begins after them. */
  #ended: Promise<void> = Promise.resolve();
  #mustCheck: boolean;
  #beganMs = 0;
  /** Not what was so on the start of the program and is found to be so still. */
  #isNews: boolean;

  /** Begins to work at once, unless its entry says that it is paused. */
  constructor(services: TorrentServices, options: TorrentOptions) {
    super();
    this.#services = services;
    const { entry, record } = options;
    const { summary } = entry;
    this.#entry = entry;
    this.geometry = new Geometry(summary.pieceLength, summary.totalLength);
    this.eventLog = new EventLog(services.ports.clock);
    this.#recovery = new Recovery(services.ports, services.absences, this);
    this.mover = new TorrentMover(services, this, {
      halt: (reason) => {
        this.state = "moving";
        this.reason = this.#entry.goalReached ?? "";
        return this.#halt(reason);
      },
      decide: (decision) => this.#decide(decision),
      settled: (failure) => this.#moved(failure),
    });
    this.#shown = new ShownMetainfo(services.ports.clock, this);
    this.#mustCheck = options.mustCheck;
    this.expectsFiles = options.expectsFiles;
    this.have = record?.have.clone() ?? new Bitfield(this.geometry.pieceCount);
    this.completedWallMs = record?.completedWallMs ?? null;
    this.downloadedBytes = record?.downloaded ?? 0;
    this.uploadedBytes = record?.uploaded ?? 0;
    this.seedingTime = new SeedingTime(services.ports.clock, record?.seedingSeconds ?? 0, record?.idleSeconds ?? 0);
    this.#keeper = new RecordKeeper(services, this);
    this.#isNews = !options.expectsFiles;
    if (entry.isPaused) this.reason = entry.goalReached ?? "";
    else this.#begin();
  }

  /** What the user decided, as it is in the profile. */
  get entry(): TorrentEntry {
    return this.#entry;
  }

  /** What its .torrent file says, while that is in memory: as long as it is active or somebody looks. */
  get metainfo(): Metainfo | undefined {
    return this.#run?.metainfo ?? this.#shown.current;
  }

  /** Somebody looks at more than its row. @returns whether `metainfo` is there; if not, it is being read. */
  look(): boolean {
    return this.#run?.metainfo !== undefined || this.#shown.ask();
  }

  /** Of what it failed with; "" where it did not. */
  get failureCode(): string {
    return this.state === "failed" ? this.#recovery.code : "";
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

  /** 0 … 1 while it is checked or moved. */
  get checkedFraction(): number | null {
    return (this.state === "moving" ? this.mover.fraction : this.#run?.checkedFraction) ?? null;
  }

  // ── what the user can do ───────────────────────────────────────────────────────────────────────────────────────

  /** Goes on, also where it has seeded enough. Resolves when the profile knows it. @throws OperationalError `ending`. */
  async resume(): Promise<void> {
    if (this.isEnding) throw new OperationalError("ending", "the torrent is being removed");
    const waivedGoal = this.#services.house.goals.waivedBy(this);
    this.#begin();
    await this.#decide({ isPaused: false, goalReached: undefined, waivedGoal, removal: null, removed: undefined });
  }

  /**
   * Ends all activity; resolves when files are closed, trackers told and the profile knows it.
   * @param goalReached in words, the seeding goal that it is paused for.
   */
  async pause(goalReached?: string): Promise<void> {
    if (this.state !== "moving") this.state = "paused";
    this.reason = goalReached ?? "";
    await Promise.all([this.#halt("we paused"), this.#decide({ isPaused: true, goalReached })]);
  }

  /** Resolves when the profile knows it. @throws OperationalError `bad-label`, `unknown-file`. */
  async change(changes: TorrentChanges): Promise<void> {
    await this.#decide({ choices: changedChoices(this.choices, changes, this.summary.fileCount) });
    this.#run?.applyChanges(changes);
    // What is missing now is found out when it is active again.
    if (changes.priorities !== undefined && this.#run === undefined && !this.have.isFull) this.completedWallMs = null;
    if (changes.isForced !== undefined) this.#services.house.turns.rulesChanged();
  }

  async recheck(): Promise<void> {
    // Before anything else can begin it.
    this.#mustCheck = true;
    await this.#halt("we check our files");
    await this.resume();
  }

  settleMove(): Promise<void> {
    return this.mover.settle();
  }

  /** Ends all activity for good; the record keeps whether it was paused. */
  async close(): Promise<void> {
    this.isEnding = true;
    await this.mover.stop();
    await this.#halt("we are stopping");
  }

  /**
   * Ends all activity for good, and for the files what is said; a start finishes what was begun, unless it was resumed.
   * After `no-trash` it stays.
   * @param removed where the profile is to keep it for a while. @returns where its files are in the trash, "" where none are.
   */
  async remove(removal: Removal, removed?: RemovedMark): Promise<string> {
    this.isEnding = true;
    try {
      await this.#decide({ removal, removed });
      await this.mover.stop();
      this.state = "paused";
      await this.#halt("we removed the torrent");
      const stay = () => Promise.all([this.pause(), this.#decide({ removal: null })]);
      return removed === undefined ? await removeFilesOf(this, removal, this.#services, stay) : "";
    } catch (error) {
      this.isEnding = false;
      throw error;
    }
  }

  /** With the names that its files have on the disk. */
  async loadMetainfo(): Promise<Metainfo> {
    return withRenames(await this.#services.store.loadMetainfo(this.infoHash), this.#entry.renames ?? []);
  }

  reannounce(): void {
    this.announcer?.reannounce();
  }

  /** About once a second. @param restAfterMs how long an idle seed stays awake. */
  tick(restAfterMs: number): void {
    const now = this.#services.ports.clock.nowMs();
    if (this.state === "failed" && this.#recovery.isDue) this.#recover();
    this.#shown.tick();
    this.downHistory.add(this.swarm?.down.rate(now) ?? 0);
    this.upHistory.add(this.swarm?.up.rate(now) ?? 0);
    const run = this.#run;
    if (run?.swarm === undefined) {
      if (run?.canWake === true) this.#keeper.keepTime(false).catch((error: unknown) => this.log(messageOf(error)));
      return;
    }
    run.tick(restAfterMs);
    if (run.isRecorded) this.#keeper.tick(run);
  }

  // ── what a run tells ───────────────────────────────────────────────────────────────────────────────────────────

  log(text: string): void {
    this.eventLog.add(text);
  }

  async checked(run: TorrentRun): Promise<void> {
    const { infoHash, verifiedLength } = this;
    if (!run.selection.neededOf(this.have).isEmpty) this.unfinished(run);
    this.#services.notify({ kind: "checked", infoHash, verifiedLength, totalLength: this.summary.totalLength });
    await this.#keeper.begin(run);
    // Not before what was found is remembered: else an earlier record would be trusted the next time.
    if (run !== this.#run) return;
    this.#mustCheck = false;
    this.#recovery.succeeded();
  }

  foundComplete(): void {
    this.#recovery.succeeded();
    this.log(`have ${this.have.count} of ${this.have.length} pieces, 0 checked`);
    this.#keeper.confirmed();
    this.state = "seeding";
    this.reason = "";
    this.seedingTime.see(true, this.uploadedBytes);
    const { infoHash, verifiedLength } = this;
    if (!this.#isNews) return;
    this.#services.notify({ kind: "checked", infoHash, verifiedLength, totalLength: verifiedLength });
    this.#services.notify({ kind: "seeding", infoHash });
  }

  foundChanged(): void {
    this.state = "checking";
    this.reason = "";
  }

  rested(run: TorrentRun): Promise<void> {
    return this.#keeper.save(run, true);
  }

  async completed(run: TorrentRun, seconds: number | undefined): Promise<void> {
    this.state = "seeding";
    this.seedingTime.see(true, this.uploadedBytes);
    this.completedWallMs ??= this.#services.ports.clock.wallMs();
    if (seconds !== undefined) {
      this.log(`complete after ${Math.round(seconds)} s`);
      await this.#keeper.save(run, false).catch((error: unknown) => this.log(messageOf(error)));
      this.#services.notify({ kind: "complete", infoHash: this.infoHash, bytes: this.summary.totalLength, seconds });
    }
    this.#services.notify({ kind: "seeding", infoHash: this.infoHash });
  }

  unfinished(run: TorrentRun): void {
    if (run !== this.#run) return;
    this.state = "downloading";
    this.completedWallMs = null;
  }

  failed(run: TorrentRun, error: unknown): void {
    if (run === this.#run) this.#fail(error);
  }

  // ── its turn in the queue ──────────────────────────────────────────────────────────────────────────────────────

  get queuePosition(): number {
    return this.#services.house.turns.placeOf(this.infoHash);
  }

  /** Of the disk that it downloads to; `undefined` while it does not, or where that is not known. */
  get diskForecast(): DiskForecast | undefined {
    return this.state === "downloading" ? this.#services.house.disks.forecastOf(this.savePath) : undefined;
  }

  /** When it began to be active, `undefined` while it is not. */
  get activeSinceMs(): number | undefined {
    return this.#run === undefined ? undefined : this.#beganMs;
  }

  takeTurn(): void {
    if (this.state === "queued" && !this.isEnding) this.#beginNow();
  }

  yieldTurn(): void {
    if (this.#run === undefined) return;
    this.state = "queued";
    this.#halt("others have their turn").catch((problem: unknown) => this.log(messageOf(problem)));
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #fail(error: unknown): void {
    if (!(error instanceof OperationalError)) this.#services.report(error, this.infoHash);
    const code = codeOf(error);
    const isNews = this.#recovery.failed(code);
    const hope = this.#recovery.hope;
    this.state = "failed";
    this.reason = hope === "" ? messageOf(error) : `${messageOf(error)} (${hope})`;
    this.#isNews = true;
    this.#halt(this.reason).catch((problem: unknown) => this.log(messageOf(problem)));
    if (!isNews) return;
    this.log(`stopped: ${this.reason}`);
    this.#services.notify({ kind: "failed", infoHash: this.infoHash, code, message: messageOf(error) });
  }

  /** Becomes active, or waits for its turn. */
  #begin(): void {
    if (this.#run !== undefined || this.state === "moving" || this.isEnding) return;
    const mayBegin = this.#services.house.turns.mayBegin(this);
    if (!mayBegin) this.state = "queued";
    if (this.state !== "failed") this.reason = "";
    if (mayBegin) this.#beginNow();
  }

  /** The mover is done. */
  #moved(failure: unknown): void {
    this.#shown.forget();
    if (this.state !== "moving") return;
    this.state = "paused";
    if (failure !== undefined) this.#fail(failure);
    else if (!this.#entry.isPaused) this.#begin();
  }

  #beginNow(): void {
    this.#beganMs = this.#services.ports.clock.nowMs();
    const run = new TorrentRun(this.#services, this, this.#mustCheck);
    this.#run = run;
    if (!run.canWake) {
      this.state = "checking";
      this.reason = "";
      // One that failed is shown so until its files were found.
    } else if (this.state !== "failed") this.state = "seeding";
    this.#ended = this.#ended.then(() => {
      if (!run.isEnded) run.begin(this.#entry.peers);
    });
  }

  /** The user's decisions are on the disk when this resolves. */
  async #decide(decision: Partial<TorrentEntry>): Promise<void> {
    const before = this.#entry;
    const decided = { ...before, ...decision };
    this.#entry = decided;
    try {
      await this.#services.store.saveEntry(decided);
    } catch (error) {
      if (this.#entry === decided) this.#entry = before;
      throw diskErrorOf(error, "write what the profile knows of", this.name);
    }
  }

  #recover(): void {
    this.#recovery.isOver(this.leftLength).then(
      (isOver) => {
        if (isOver && this.state === "failed") this.#begin();
      },
      (error: unknown) => this.log(messageOf(error)),
    );
  }

  #halt(reason: string): Promise<void> {
    const run = this.#run;
    if (run === undefined) return this.#ended;
    this.#run = undefined;
    this.seedingTime.see(false, this.uploadedBytes);
    this.#isNews = true;
    const { isRecorded, canWake } = run;
    const ending = run.end(reason);
    this.#ended = this.#ended
      .then(async () => {
        await ending;
        if (canWake || isRecorded) await this.#keeper.ended(run, canWake);
      })
      .catch((error: unknown) => this.log(messageOf(error)));
    return this.#ended;
  }
}
