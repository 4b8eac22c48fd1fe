/**
 * `get` and `seed`: torrents that are followed through the control protocol until they are where the command wants
 * them, or a signal comes. Knows the engine only as a client does.
 */
import { messageOf, OperationalError } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import type { EngineClient, Subscription } from "../control/engine-client.ts";
import type { Notice, SessionRow, TorrentRow } from "../control/protocol.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { exitCode } from "./command.ts";
import type { LoadedTorrent } from "./load-torrent.ts";
import type { Reporter, TorrentLabel } from "./reporter.ts";
import { waitingReason } from "./waiting-reason.ts";

export interface ForegroundPlan {
  /** `get` ends when all is complete; `get-and-seed` goes on; `seed` wants everything complete from the start. */
  readonly mode: "get" | "get-and-seed" | "seed";
  readonly torrents: readonly LoadedTorrent[];
  /** Absolute. */
  readonly directory: string;
  readonly peers: readonly string[];
  /** Seeds as the first of the swarm. Default: no. */
  readonly isSuperSeed?: boolean;
}

const progressMs = 1000;

type Stage = "under way" | "complete" | "failed";

class Foreground {
  readonly #client: EngineClient;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #plan: ForegroundPlan;
  readonly #labels: ReadonlyMap<InfoHash, TorrentLabel>;
  readonly #stages = new Map<InfoHash, Stage>();
  readonly #rows = new Map<InfoHash, TorrentRow>();
  readonly #seeding = new Set<InfoHash>();
  readonly #finish: (code: number | OperationalError) => void;
  #waiting: { readonly infoHash: InfoHash; readonly subscription: Subscription; reason: string } | undefined;
  #listenPort: number | null = null;
  #isProblemTold = false;
  #timer: Timer | undefined;

  constructor(
    clock: Clock,
    client: EngineClient,
    reporter: Reporter,
    plan: ForegroundPlan,
    finish: (code: number | OperationalError) => void,
  ) {
    this.#clock = clock;
    this.#client = client;
    this.#reporter = reporter;
    this.#plan = plan;
    this.#finish = finish;
    this.#labels = new Map(
      plan.torrents.map(({ metainfo: { infoHash, name, totalLength } }) => [infoHash, { infoHash, name, totalLength }]),
    );
    for (const infoHash of this.#labels.keys()) this.#stages.set(infoHash, "under way");
  }

  async begin(): Promise<void> {
    this.#client.onNotice((notice) => this.#noticed(notice));
    this.#client.onClose((reason) => this.#finish(new OperationalError("engine-lost", `the engine ended: ${reason}`)));
    await new Promise<void>((resolve) => {
      this.#client.subscribe({ kind: "torrents" }, (frame) => {
        if (frame.kind !== "torrents") return;
        this.#listening(frame.session);
        for (const row of frame.rows) if (this.#labels.has(row.infoHash)) this.#rows.set(row.infoHash, row);
        resolve();
      });
    });
    const { directory, peers, isSuperSeed } = this.#plan;
    for (const { bytes, metainfo } of this.#plan.torrents) {
      const label = this.#label(metainfo.infoHash);
      this.#reporter.added(label, directory);
      try {
        await this.#client.request({
          name: "add",
          metainfo: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64"),
          savePath: directory,
          isPaused: false,
          peers,
          mustCheck: false,
          ...(isSuperSeed === true ? { choices: { isSuperSeed } } : {}),
        });
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        this.#failed(metainfo.infoHash, error.code, messageOf(error));
      }
    }
    this.#tick();
  }

  end(): void {
    this.#timer?.cancel();
  }

  /** The exit code if everything stopped now. */
  codeNow(): number {
    const stages = [...this.#stages.values()];
    if (this.#plan.mode !== "seed" && stages.includes("under way")) return exitCode.interrupted;
    return stages.includes("failed") ? exitCode.failed : exitCode.done;
  }

  #label(infoHash: InfoHash): TorrentLabel {
    return this.#labels.get(infoHash) ?? { infoHash, name: infoHash, totalLength: 0 };
  }

  #noticed(notice: Notice): void {
    if (notice.kind === "warning") this.#reporter.warning(notice.message);
    if (!("infoHash" in notice) || !this.#labels.has(notice.infoHash)) return;
    const { infoHash } = notice;
    switch (notice.kind) {
      case "checked":
        this.#checked(infoHash, notice.verifiedLength);
        return;
      case "complete":
        this.#complete(infoHash, notice.seconds);
        return;
      case "seeding":
        // All of it was there: there was nothing to download.
        if (this.#plan.mode !== "seed") this.#complete(infoHash, 0);
        if (this.#plan.mode !== "get" && !this.#seeding.has(infoHash)) this.#reporter.seeding(this.#label(infoHash));
        this.#seeding.add(infoHash);
        return;
      case "failed":
        this.#failed(infoHash, notice.code, notice.message);
        return;
      case "removed":
        if (this.#stages.get(infoHash) === "under way") this.#failed(infoHash, "removed", "it was removed");
        return;
      case "added":
      case "restored":
      case "goal":
        return;
    }
  }

  #checked(infoHash: InfoHash, verifiedLength: number): void {
    const label = this.#label(infoHash);
    this.#reporter.checked(label, verifiedLength);
    if (this.#plan.mode !== "seed") return;
    if (verifiedLength === label.totalLength) {
      this.#stages.set(infoHash, "complete");
      return;
    }
    // Whoever says `seed` does not want files to be changed.
    this.#failed(
      infoHash,
      "incomplete",
      verifiedLength === 0
        ? `nothing of it is in ${this.#plan.directory}`
        : `it is not complete in ${this.#plan.directory}: use \`p2p-tui get --seed\` to download the rest`,
    );
    this.#client.request({ name: "remove", infoHash, data: "keep" }).catch((error: unknown) => {
      this.#reporter.warning(messageOf(error));
    });
  }

  #complete(infoHash: InfoHash, seconds: number): void {
    if (this.#stages.get(infoHash) === "complete") return;
    this.#stages.set(infoHash, "complete");
    this.#reporter.complete(this.#label(infoHash), seconds);
    this.#finishIfSettled();
  }

  #failed(infoHash: InfoHash, code: string, message: string): void {
    if (this.#stages.get(infoHash) === "failed") return;
    this.#stages.set(infoHash, "failed");
    this.#reporter.failed(this.#label(infoHash), code, message);
    this.#finishIfSettled();
  }

  /** Ends the command when nothing is left to wait for. */
  #finishIfSettled(): void {
    const stages = [...this.#stages.values()];
    if (stages.includes("under way")) return;
    const isOver = this.#plan.mode === "get" || stages.every((stage) => stage === "failed");
    if (isOver) this.#finish(this.codeNow());
  }

  #listening(session: SessionRow): void {
    if (session.listenProblem !== "" && !this.#isProblemTold) {
      this.#isProblemTold = true;
      this.#reporter.warning(`nobody can connect to us: ${session.listenProblem}`);
    }
    if (session.listenPort === null || session.listenPort === this.#listenPort) return;
    this.#listenPort = session.listenPort;
    this.#reporter.listening(session.listenAddress ?? "", session.listenPort);
  }

  /** Looks closer at the first download that waits for neighbours. */
  #lookAtWaiting(rows: readonly TorrentRow[]): void {
    const infoHash = rows.find(({ state, neighbours }) => state === "downloading" && neighbours === 0)?.infoHash;
    if (infoHash === this.#waiting?.infoHash) return;
    this.#waiting?.subscription.close();
    this.#waiting = undefined;
    if (infoHash === undefined) return;
    const nothing = { offset: 0, limit: 0 };
    const neighbours = { ...nothing, sort: "downRate", isDescending: true } as const;
    const subscription = this.#client.subscribe(
      { kind: "torrent", infoHash, neighbours, files: nothing, logLimit: 0, cells: 0 },
      (frame) => {
        if (frame.kind === "torrent" && this.#waiting?.infoHash === infoHash)
          this.#waiting.reason = waitingReason(frame.detail);
      },
    );
    this.#waiting = { infoHash, subscription, reason: "" };
  }

  #withReason(row: TorrentRow): TorrentRow {
    const waiting = this.#waiting;
    return row.infoHash === waiting?.infoHash && row.reason === "" ? { ...row, reason: waiting.reason } : row;
  }

  #tick(): void {
    this.#timer = this.#clock.after(progressMs, () => {
      const rows = [...this.#rows.values()].filter(({ infoHash }) => this.#stages.get(infoHash) !== "failed");
      this.#lookAtWaiting(rows);
      this.#reporter.progress(rows.map((row) => this.#withReason(row)));
      this.#tick();
    });
  }
}

/**
 * Adds the torrents and follows them.
 * @param stop a signal came. @returns the exit code. @throws OperationalError `engine-lost`.
 */
export async function followInForeground(
  clock: Clock,
  client: EngineClient,
  reporter: Reporter,
  plan: ForegroundPlan,
  stop: AbortSignal,
): Promise<number> {
  let run: Foreground | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const foreground = new Foreground(clock, client, reporter, plan, (result) => {
        if (typeof result === "number") resolve(result);
        else reject(result);
      });
      run = foreground;
      const interrupted = (): void => {
        reporter.stopping();
        resolve(foreground.codeNow());
      };
      if (stop.aborted) return interrupted();
      stop.addEventListener("abort", interrupted, { once: true });
      foreground.begin().catch(reject);
    });
  } finally {
    run?.end();
  }
}
