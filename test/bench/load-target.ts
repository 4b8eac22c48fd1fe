/**
 * An engine under load that exists only for whoever watches it: thousands of torrents whose rates change, one of them with a
 * swarm that never rests. It is moved on when it is asked, by as much time as has passed.
 */
import { infoHashFromBytes } from "../../source/base/ids.ts";
import { randomBelow, randomFraction, SeededRandom } from "../../source/base/random.ts";
import type { ControlTarget } from "../../source/control/control-target.ts";
import type {
  CommandResult,
  Frame,
  GraphTopic,
  SessionRow,
  TorrentRow,
  TorrentTopic,
} from "../../source/control/protocol.ts";
import type { Clock } from "../../source/ports/clock.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { fakeGraph } from "../support/fake-insight.ts";
import { LoadSwarm } from "./load-swarm.ts";

/** Of the one that has all the neighbours. */
const swarmPieces = 12_000;

export interface LoadOptions {
  readonly torrents: number;
  /** Rows that change, a second. */
  readonly changes: number;
  readonly neighbours: number;
  /** Neighbours that come, and as many that leave, a second. */
  readonly churn: number;
}

const names = [
  "debian-13.2.0-amd64-DVD",
  "Big Buck Bunny (2008) 2160p 60fps",
  "librispeech train-clean",
  "wikipedia_en_all_maxi",
  "資料集 データセット",
  "archlinux x86_64.iso",
  "Les Misérables — livre audio",
  "openstreetmap planet.osm.pbf",
];
const labels: readonly (readonly string[])[] = [[], ["linux"], ["films"], ["science", "audio"]];
const hosts: readonly string[] = ["tracker.example.org", "open.example.net"];
const paths = ["/home/me/Downloads", "/srv/media/linux images", "/srv/media/films"];

export class LoadTarget implements ControlTarget {
  readonly #clock: Clock;
  readonly #options: LoadOptions;
  readonly #random = new SeededRandom(11);
  readonly #rows: TorrentRow[];
  readonly #swarm: LoadSwarm;
  readonly #session: SessionRow;
  readonly #startMs: number;
  #movedMs: number;
  #owed = 0;
  #next = 0;

  constructor(clock: Clock, options: LoadOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#startMs = clock.nowMs();
    this.#movedMs = this.#startMs;
    this.#rows = Array.from({ length: options.torrents }, (_, i) => this.#newRow(i));
    this.#swarm = new LoadSwarm(options, swarmPieces);
    this.#session = new FakeEngine().session();
  }

  execute(): Promise<CommandResult> {
    return Promise.resolve(null);
  }

  session(): SessionRow {
    let downRate = 0;
    let upRate = 0;
    for (const row of this.#rows) {
      downRate += row.downRate;
      upRate += row.upRate;
    }
    return { ...this.#session, downRate, upRate, upSeconds: Math.round((this.#clock.nowMs() - this.#startMs) / 1000) };
  }

  torrents(): readonly TorrentRow[] {
    this.#move();
    return this.#rows;
  }

  torrent(topic: TorrentTopic): Exclude<Frame, { readonly kind: "torrents" }> {
    this.#move();
    const row = this.#rows.find(({ infoHash }) => infoHash === topic.infoHash);
    return row === undefined ? { kind: "gone" } : { kind: "torrent", detail: this.#swarm.detail(topic, row) };
  }

  graph(topic: GraphTopic): Exclude<Frame, { readonly kind: "torrents" | "torrent" }> {
    return { kind: "graph", graph: fakeGraph(topic) };
  }

  onNotice(): () => void {
    return () => {};
  }

  #move(): void {
    const nowMs = this.#clock.nowMs();
    const ms = nowMs - this.#movedMs;
    // Several ask at one tick.
    if (ms < 20) return;
    this.#movedMs = nowMs;
    this.#swarm.move(ms);
    this.#owed += (this.#options.changes * ms) / 1000;
    // Whatever changes: a different part of the list each time, the first among them.
    this.#change(0, ms);
    for (; this.#owed >= 1; this.#owed--) {
      this.#next = (this.#next + 7) % this.#rows.length;
      this.#change(this.#next, (1000 * this.#rows.length) / this.#options.changes);
    }
  }

  #change(at: number, ms: number): void {
    const row = this.#rows[at];
    if (row === undefined || row.state === "paused" || row.state === "queued" || row.state === "failed") return;
    const isDownloading = row.state === "downloading";
    // Each round a rate of its own.
    const wobble = (rate: number, usual: number): number =>
      Math.round(0.8 * rate + 0.4 * randomFraction(this.#random) * usual);
    const downRate = isDownloading ? wobble(row.downRate, 10_000 + (((at + 1) * 7919) % 4000) * 1000) : 0;
    const upRate = wobble(row.upRate, 1000 + (((at + 1) * 104_729) % 900) * 1000);
    const verifiedLength = Math.min(row.totalLength, row.verifiedLength + Math.floor((downRate * ms) / 1000));
    const leftLength = row.totalLength - verifiedLength;
    this.#rows[at] = {
      ...row,
      downRate,
      upRate,
      verifiedLength,
      leftLength,
      verifiedPieces: Math.floor(verifiedLength / row.pieceLength),
      downloaded: row.downloaded + Math.floor((downRate * ms) / 1000),
      uploaded: row.uploaded + Math.floor((upRate * ms) / 1000),
      etaSeconds: downRate > 0 ? Math.ceil(leftLength / downRate) : null,
      neighbours: at === 0 ? this.#options.neighbours : randomBelow(this.#random, 40),
      knownPeers: row.knownPeers + 1,
    };
  }

  #newRow(i: number): TorrentRow {
    const random = this.#random;
    const pieceLength = 2 ** (i === 0 ? 22 : 18 + (i % 4));
    const pieceCount = i === 0 ? swarmPieces : 200 + randomBelow(random, 9_000);
    const totalLength = pieceLength * pieceCount;
    const state =
      i === 0
        ? "downloading"
        : ((["seeding", "downloading", "seeding", "seeding", "paused"] as const)[i % 5] ?? "seeding");
    const verifiedPieces = state === "seeding" ? pieceCount : Math.floor(pieceCount * randomFraction(random) * 0.7);
    const verifiedLength = verifiedPieces * pieceLength;
    return {
      infoHash: infoHashFromBytes(Uint8Array.from({ length: 20 }, () => randomBelow(random, 256))),
      name: i === 0 ? "the swarm that never rests" : `${names[i % names.length]} ${i}`,
      state,
      queuePosition: i + 1,
      reason: "",
      savePath: paths[i % paths.length] ?? "/",
      labels: labels[i % labels.length] ?? [],
      isPrivate: false,
      totalLength,
      verifiedLength,
      wantedLength: totalLength,
      leftLength: totalLength - verifiedLength,
      pieceLength,
      pieceCount,
      verifiedPieces,
      checkedFraction: null,
      downRate: state === "downloading" ? randomBelow(random, 4_000_000) : 0,
      upRate: state === "paused" ? 0 : randomBelow(random, 900_000),
      downloaded: verifiedLength,
      uploaded: randomBelow(random, 2 ** 31),
      wasted: randomBelow(random, 10) * 16_384,
      etaSeconds: null,
      missingSpace: 0,
      neighbours: state === "paused" ? 0 : randomBelow(random, 40),
      neighbourSeeds: state === "paused" ? 0 : randomBelow(random, 9),
      knownPeers: randomBelow(random, 200),
      swarmSeeds: randomBelow(random, 900),
      swarmLeeches: randomBelow(random, 900),
      trackerHosts: hosts,
      addedWallMs: 1_795_000_000_000 + i * 60_000,
      completedWallMs: state === "seeding" ? 1_795_100_000_000 + i * 60_000 : null,
    };
  }
}
