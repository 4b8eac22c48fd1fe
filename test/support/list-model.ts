/**
 * What an engine's list must be, whenever the engine is killed: each torrent as the last answered request left it, or, where a
 * request had no answer yet, as before or after it. The same model drives a real process and an engine on a virtual disk.
 */
import { OperationalError } from "../../source/base/errors.ts";
import type { InfoHash } from "../../source/base/ids.ts";
import { type Random, randomBelow } from "../../source/base/random.ts";
import type { EngineClient } from "../../source/control/engine-client.ts";
import type {
  Command,
  FilePriority,
  TorrentDetail,
  TorrentRow,
  TorrentsFrame,
  TorrentTopic,
} from "../../source/control/protocol.ts";
import { isRemovedReport } from "../../source/control/removal-protocol.ts";

export interface ModelTorrent {
  readonly infoHash: InfoHash;
  /** The .torrent file, base64. */
  readonly metainfo: string;
  /** As its .torrent file has it. */
  readonly name: string;
  readonly fileCount: number;
  /** `HOST:PORT` given with it. */
  readonly peers: readonly string[];
  /** It is only paused, resumed and labelled, so that it can download. */
  readonly isKept: boolean;
}

interface Expected {
  readonly isPaused: boolean;
  readonly labels: readonly string[];
  readonly priorities: readonly FilePriority[];
  readonly savePath: string;
  /** Of all files. */
  readonly root: string;
}

interface State {
  /** `null`: not on the list. */
  readonly shown: Expected | null;
  /** It was removed, and this is what comes back. */
  readonly kept: Expected | null;
}

const unknown: State = { shown: null, kept: null };

const priorities: readonly FilePriority[] = ["skip", "low", "normal", "high"];
const labels = ["linux", "music", "old", "work"];

export class ListModel {
  readonly #random: Random;
  readonly #torrents: readonly ModelTorrent[];
  readonly #savePaths: readonly string[];
  /** More than one where an answer is outstanding or was lost. */
  readonly #allowed = new Map<InfoHash, readonly State[]>();
  readonly #busy = new Set<InfoHash>();
  /** Verified bytes that were told and must not get less. */
  readonly #floors = new Map<InfoHash, number>();
  answered = 0;
  lost = 0;
  /** Whether a refusal says nothing of whether the request was carried out. */
  isUnanswered: (error: OperationalError) => boolean = (error) => error.code === "engine-lost";

  constructor(random: Random, torrents: readonly ModelTorrent[], savePaths: readonly string[]) {
    this.#random = random;
    this.#torrents = torrents;
    this.#savePaths = savePaths;
    for (const { infoHash } of torrents) this.#allowed.set(infoHash, [unknown]);
  }

  /** One random request. Resolves when it was answered, or never will be. */
  async act(client: EngineClient): Promise<void> {
    const idle = this.#torrents.filter(({ infoHash }) => !this.#busy.has(infoHash));
    const torrent = idle[randomBelow(this.#random, Math.max(1, idle.length))];
    if (torrent === undefined) return;
    const { infoHash } = torrent;
    const [before = unknown, ...others] = this.#allowed.get(infoHash) ?? [];
    if (others.length > 0) return;
    const [command, after] = this.#choose(torrent, before);
    this.#busy.add(infoHash);
    this.#allowed.set(infoHash, [before, after]);
    if (after.shown === null || command.name === "recheck") this.#floors.delete(infoHash);
    try {
      await client.request(command);
      this.#allowed.set(infoHash, [after]);
      this.answered++;
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      if (this.isUnanswered(error)) this.lost++;
      // A torrent that was removed without its files may have left them where this one shall go.
      else if (command.name === "move" && error.code === "conflict") this.#allowed.set(infoHash, [before]);
      else throw error;
    } finally {
      this.#busy.delete(infoHash);
    }
  }

  /** Notes what the engine says is verified, as long as it says so of a run under way. */
  saw(rows: readonly TorrentRow[]): void {
    for (const row of rows) {
      if (row.state !== "downloading" && row.state !== "seeding") continue;
      const floor = this.#floors.get(row.infoHash) ?? 0;
      if (row.verifiedLength > floor && !this.#busy.has(row.infoHash)) {
        this.#floors.set(row.infoHash, row.verifiedLength);
      }
    }
  }

  /** What was verified may be lost: the power went. */
  forgetVerified(): void {
    this.#floors.clear();
  }

  /** After a restart. @returns what is not as it must be, in words; the model then goes on from what is there. */
  async problems(client: EngineClient): Promise<readonly string[]> {
    const problems: string[] = [];
    const rows = await settledRows(client);
    const report = await client.request({ name: "removed" });
    const kept = new Set<string>(isRemovedReport(report) ? report.removed.map(({ infoHash }) => infoHash) : []);
    const known = new Set<string>(this.#torrents.map(({ infoHash }) => infoHash));
    for (const { infoHash } of rows) if (!known.has(infoHash)) problems.push(`${infoHash} was never added`);
    for (const { infoHash } of this.#torrents) {
      const row = rows.find((one) => one.infoHash === infoHash);
      const shown = row === undefined ? null : stateOf(row, await detailOf(client, infoHash));
      const allowed = this.#allowed.get(infoHash) ?? [];
      const isKept = kept.has(infoHash);
      const fitting = allowed.find((state) => isSame(state.shown, shown) && (state.kept !== null) === isKept);
      if (fitting === undefined) {
        const actual = JSON.stringify({ shown, isKept });
        problems.push(`${infoHash} is ${actual}, and not ${JSON.stringify(allowed)}`);
      }
      this.#allowed.set(infoHash, [fitting ?? { shown, kept: null }]);
      const floor = this.#floors.get(infoHash) ?? 0;
      if (row !== undefined && !shown?.isPaused && row.verifiedLength < floor) {
        problems.push(`${infoHash} has ${row.verifiedLength} verified bytes, and had ${floor}`);
      }
    }
    return problems;
  }

  #choose(torrent: ModelTorrent, { shown, kept }: State): readonly [Command, State] {
    const { infoHash } = torrent;
    if (shown === null && kept !== null && this.#chance(2)) {
      return [
        { name: "restore", infoHashes: [infoHash] },
        { shown: kept, kept: null },
      ];
    }
    const [command, after] = this.#chooseShown(torrent, shown);
    const isKept = command.name === "remove" && command.data === "keep";
    return [command, { shown: after, kept: isKept ? shown : null }];
  }

  #chooseShown(torrent: ModelTorrent, before: Expected | null): readonly [Command, Expected | null] {
    const { infoHash, metainfo, peers, fileCount, isKept } = torrent;
    if (before === null) {
      const isPaused = !isKept && this.#chance(3);
      const added = this.#someLabels();
      const savePath = this.#pick(this.#savePaths);
      const add = { name: "add", metainfo, savePath, isPaused, peers, mustCheck: false } as const;
      const state = {
        isPaused,
        labels: added,
        priorities: new Array<FilePriority>(fileCount).fill("normal"),
        savePath,
        root: torrent.name,
      };
      return [{ ...add, choices: { labels: added } }, state];
    }
    switch (randomBelow(this.#random, isKept ? 5 : 10)) {
      case 0:
        return [
          { name: "pause", infoHash },
          { ...before, isPaused: true },
        ];
      case 1:
        return [
          { name: "resume", infoHash },
          { ...before, isPaused: false },
        ];
      case 2:
      case 3: {
        const changed = this.#someLabels();
        return [
          { name: "change", infoHash, changes: { labels: changed } },
          { ...before, labels: changed },
        ];
      }
      case 5:
      case 6: {
        const file = randomBelow(this.#random, fileCount);
        const priority = this.#pick(priorities);
        const after = before.priorities.with(file, priority);
        return [
          { name: "change", infoHash, changes: { priorities: [{ file, priority }] } },
          { ...before, priorities: after },
        ];
      }
      case 7:
        return [{ name: "remove", infoHash, data: this.#chance(2) ? "delete" : "keep" }, null];
      case 4: {
        const savePath = this.#pick(this.#savePaths);
        return [
          { name: "move", infoHash, savePath, isDryRun: false },
          { ...before, savePath },
        ];
      }
      case 8: {
        const root = `${torrent.name} ${this.#pick(labels)}`;
        return [
          { name: "rename", infoHash, path: "", to: root },
          { ...before, root },
        ];
      }
      default:
        return [
          { name: "recheck", infoHash },
          { ...before, isPaused: false },
        ];
    }
  }

  #someLabels(): readonly string[] {
    return labels.filter(() => this.#chance(2));
  }

  #chance(of: number): boolean {
    return randomBelow(this.#random, of) === 0;
  }

  #pick<T>(all: readonly T[]): T {
    return all[randomBelow(this.#random, all.length)] as T;
  }
}

function stateOf(row: TorrentRow, detail: TorrentDetail): Expected {
  return {
    isPaused: row.state === "paused",
    labels: row.labels,
    priorities: detail.files.map(({ priority }) => priority),
    savePath: row.savePath,
    root: detail.files[0]?.path.split("/")[0] ?? "",
  };
}

function isSame(a: Expected | null, b: Expected | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The first whole list in which nothing is under way that hides what was decided. */
function settledRows(client: EngineClient): Promise<readonly TorrentRow[]> {
  return new Promise((resolve, reject) => {
    const rows = new Map<string, TorrentRow>();
    const stopListening = client.onClose((reason) => reject(new Error(reason)));
    const subscription = client.subscribe({ kind: "torrents" }, (frame) => {
      for (const row of (frame as TorrentsFrame).rows) rows.set(row.infoHash, row);
      if ([...rows.values()].some(({ state }) => state === "checking" || state === "moving")) return;
      subscription.close();
      stopListening();
      resolve([...rows.values()]);
    });
  });
}

function detailOf(client: EngineClient, infoHash: InfoHash): Promise<TorrentDetail> {
  const topic: TorrentTopic = {
    kind: "torrent",
    infoHash,
    neighbours: { offset: 0, limit: 0, sort: "downRate", isDescending: true },
    files: { offset: 0, limit: 500 },
    logLimit: 0,
    cells: 0,
  };
  return new Promise((resolve, reject) => {
    const stopListening = client.onClose((reason) => reject(new Error(reason)));
    const subscription = client.subscribe(topic, (frame) => {
      subscription.close();
      stopListening();
      if (frame.kind === "torrent") resolve(frame.detail);
      else reject(new Error(`${infoHash} is gone`));
    });
  });
}
