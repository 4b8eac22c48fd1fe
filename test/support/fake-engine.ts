/** An engine that exists only on screens: fake swarms behind the same interface as the real one. */
import { OperationalError } from "../../source/base/errors.ts";
import type { InfoHash } from "../../source/base/ids.ts";
import type { EngineClient, Subscription } from "../../source/control/engine-client.ts";
import type { Graph } from "../../source/control/insight.ts";
import type { MoveReport } from "../../source/control/move-protocol.ts";
import type {
  Command,
  CommandResult,
  DiskRow,
  Frame,
  GraphTopic,
  Notice,
  SessionRow,
  ShortDisk,
  Topic,
} from "../../source/control/protocol.ts";
import { fakeGraph } from "./fake-insight.ts";
import type { FakeSettings } from "./fake-settings.ts";
import { FakeSwarm, type FakeSwarmOptions } from "./fake-swarm.ts";

export const livelySwarm: FakeSwarmOptions = {
  seed: 7,
  name: "debian-13.2.0-amd64-netinst.iso",
  pieceCount: 2_640,
  pieceLength: 1_048_576,
  neighbours: 23,
  seeds: 2,
  done: 0.34,
};

export const someSwarms: readonly FakeSwarmOptions[] = [
  livelySwarm,
  {
    seed: 21,
    name: "Big Buck Bunny (2008) 4K",
    labels: ["film"],
    pieceCount: 900,
    pieceLength: 1_048_576,
    neighbours: 9,
    seeds: 9,
    done: 1,
    state: "seeding",
  },
  {
    seed: 22,
    name: "wikipedia_en_all_maxi_2026-09.zim",
    pieceCount: 27_000,
    pieceLength: 4_194_304,
    neighbours: 31,
    seeds: 3,
    done: 0.08,
  },
  {
    seed: 23,
    name: "archlinux-2026.11.01-x86_64.iso",
    labels: ["linux", "images"],
    pieceCount: 2_400,
    pieceLength: 524_288,
    neighbours: 0,
    seeds: 0,
    done: 0.99,
    state: "paused",
  },
  {
    seed: 24,
    name: "librispeech-train-clean-360",
    pieceCount: 5_500,
    pieceLength: 4_194_304,
    neighbours: 0,
    seeds: 0,
    done: 0.62,
    state: "checking",
  },
  {
    seed: 25,
    name: "holiday pictures",
    pieceCount: 300,
    pieceLength: 262_144,
    neighbours: 0,
    seeds: 0,
    done: 0.3,
    state: "failed",
    reason: "no space left on the disk",
  },
  {
    seed: 26,
    name: "資料集 数据集 データセット 2026",
    pieceCount: 700,
    pieceLength: 262_144,
    neighbours: 0,
    seeds: 0,
    done: 0,
  },
];

export class FakeEngine implements EngineClient {
  readonly engine = { version: "0.1.0", pid: 4711, profile: "/home/me/.local/state/p2p-tui" };
  readonly swarms = new Map<InfoHash, FakeSwarm>();
  /** Removed, and to be restored. */
  readonly removed = new Map<InfoHash, FakeSwarm>();
  /** Every command, in order. */
  readonly commands: Command[] = [];
  /** Every topic that was asked for, in order. */
  readonly topics: Topic[] = [];
  isClosed = false;
  readonly #subscriptions = new Set<{ topic: Topic; readonly onFrame: (frame: Frame) => void }>();
  readonly #noticeListeners = new Set<(notice: Notice) => void>();
  readonly #closeListeners = new Set<(reason: string) => void>();
  #upSeconds = 4_210;
  /** Answers a dry run. */
  movePlan: MoveReport = {
    renamed: 0,
    copied: 12,
    absent: 3,
    copyBytes: 3e9,
    freeBytes: 8e10,
    fits: true,
    conflicts: 0,
    reasons: [],
  };
  shortDisk: ShortDisk | null = null;
  alternative: SessionRow["alternative"] = { isOn: false, isByHand: false, nextSwitchWallMs: null };
  /** What a graph shows. */
  graphOf: (topic: GraphTopic) => Graph = fakeGraph;
  limits = { maxDownRate: 0, maxUpRate: 0 };
  disks: readonly DiskRow[] = [{ folder: "/home/me/Downloads", freeBytes: 5.6e10, leftBytes: 1.2e9 }];
  /** What peers say to magnet links. */
  lookUps: "found" | "never" = "never";
  /** `undefined`: it has no settings file. */
  settings: FakeSettings | undefined;
  /** Makes the next request fail. */
  refusal: OperationalError | undefined;
  /** False: shutting down never ends. */
  answersShutdown = true;

  constructor(swarms: readonly FakeSwarmOptions[] = [livelySwarm]) {
    for (const options of swarms) this.addSwarm(options);
  }

  addSwarm(options: FakeSwarmOptions): FakeSwarm {
    const swarm = new FakeSwarm(options);
    this.swarms.set(swarm.infoHash, swarm);
    swarm.queuePosition = this.swarms.size;
    return swarm;
  }

  get first(): FakeSwarm {
    const [swarm] = this.swarms.values();
    if (swarm === undefined) throw new Error("the fake engine has no torrent");
    return swarm;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** Lets time pass and sends frames to whoever subscribed. */
  step(ms: number, isQuiet = false): void {
    this.#upSeconds += ms / 1000;
    for (const swarm of this.swarms.values()) swarm.step(ms);
    if (!isQuiet) this.publish();
  }

  publish(): void {
    for (const subscription of this.#subscriptions) this.#send(subscription);
  }

  async request(command: Command): Promise<CommandResult> {
    this.commands.push(command);
    if (this.isClosed) throw new OperationalError("engine-lost", "the engine is gone");
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) throw refusal;
    switch (command.name) {
      case "add": {
        const { infoHash } = this.addSwarm({ ...livelySwarm, seed: 99, name: "added.iso" });
        this.publish();
        return { infoHash, isNew: true };
      }
      case "alternative":
        this.alternative = { ...this.alternative, isByHand: command.mode !== "auto", isOn: command.mode === "on" };
        break;
      case "limits":
        this.limits = { maxDownRate: command.maxDownRate, maxUpRate: command.maxUpRate };
        break;
      case "look-up":
        if (this.lookUps === "found") return { metainfo: "" };
        return new Promise(() => {});
      case "pause":
      case "resume": {
        const swarm = this.swarms.get(command.infoHash);
        if (swarm !== undefined)
          swarm.state = command.name === "pause" ? "paused" : swarm.isComplete ? "seeding" : "downloading";
        break;
      }
      case "settings":
      case "set":
        if (this.settings === undefined) throw new OperationalError("no-settings", "it has no settings file");
        if (command.name === "set") await this.settings.file.change(command.changes);
        return this.settings.report();
      case "move":
        if (command.isDryRun) return this.movePlan;
        break;
      case "change": {
        const before = this.swarms.get(command.infoHash)?.change(command.changes) ?? {};
        this.publish();
        return { before };
      }
      case "remove": {
        const swarm = this.swarms.get(command.infoHash);
        const name = swarm?.options.name ?? "";
        if (swarm !== undefined && command.data === "keep") this.removed.set(command.infoHash, swarm);
        this.swarms.delete(command.infoHash);
        const inTrash = command.data === "trash" ? `/home/me/.local/share/Trash/files/${name}` : "";
        this.notify({ kind: "removed", infoHash: command.infoHash, name, isKept: command.data === "keep", inTrash });
        break;
      }
      case "restore":
        for (const infoHash of command.infoHashes) {
          const swarm = this.removed.get(infoHash);
          if (swarm === undefined) throw new OperationalError("unknown-torrent", "it is not kept any more");
          this.removed.delete(infoHash);
          this.swarms.set(infoHash, swarm);
          this.notify({ kind: "restored", infoHash, name: swarm.options.name });
        }
        break;
      case "shutdown":
        if (!this.answersShutdown) return new Promise(() => {});
        break;
      default:
    }
    this.publish();
    return null;
  }

  subscribe(topic: Topic, onFrame: (frame: Frame) => void): Subscription {
    const subscription = { topic, onFrame };
    this.topics.push(topic);
    this.#subscriptions.add(subscription);
    queueMicrotask(() => {
      if (this.#subscriptions.has(subscription)) this.#send(subscription);
    });
    return {
      change: (next) => {
        subscription.topic = next;
        this.topics.push(next);
      },
      close: () => {
        this.#subscriptions.delete(subscription);
      },
    };
  }

  #send(subscription: { readonly topic: Topic; readonly onFrame: (frame: Frame) => void }): void {
    const { topic } = subscription;
    if (topic.kind === "torrents") {
      const rows = [...this.swarms.values()].map((swarm) => swarm.row());
      subscription.onFrame({ kind: "torrents", isWhole: true, rows, removed: [], session: this.session() });
      return;
    }
    if (topic.kind === "graph") {
      subscription.onFrame({ kind: "graph", graph: this.graphOf(topic) });
      return;
    }
    const swarm = this.swarms.get(topic.infoHash);
    subscription.onFrame(swarm === undefined ? { kind: "gone" } : { kind: "torrent", detail: swarm.detail(topic) });
  }

  session(): SessionRow {
    const rows = [...this.swarms.values()].map((swarm) => swarm.row());
    return {
      version: "0.1.0",
      pid: 4711,
      profile: "/home/me/.local/state/p2p-tui",
      listenAddress: "0.0.0.0",
      listenPort: 51_413,
      listenProblem: "",
      refused: 0,
      hasIncoming: true,
      dhtNodes: 312,
      dhtProblem: "",
      downRate: rows.reduce((sum, row) => sum + row.downRate, 0),
      upRate: rows.reduce((sum, row) => sum + row.upRate, 0),
      ...this.limits,
      neighbours: rows.reduce((sum, row) => sum + row.neighbours, 0),
      alternative: this.alternative,
      disks: this.disks,
      shortDisk: this.shortDisk,
      lifetime: { downloaded: 3e9, uploaded: 4e9, seconds: 90_000, sessions: 3 },
      settingsRevision: this.settings?.file.revision ?? null,
      upSeconds: this.#upSeconds,
    };
  }

  notify(notice: Notice): void {
    for (const listener of this.#noticeListeners) listener(notice);
  }

  /** As if the engine's process had ended. */
  die(reason: string): void {
    this.isClosed = true;
    this.#subscriptions.clear();
    for (const listener of this.#closeListeners) listener(reason);
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  onClose(listener: (reason: string) => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  close(): void {
    this.isClosed = true;
    this.#subscriptions.clear();
  }
}
