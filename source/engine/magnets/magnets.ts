/**
 * Magnet links whose torrents are not known yet: those that were added, and those that somebody wants to look at first.
 * What was added is on the disk before the answer, and becomes a torrent as soon as its metadata is here: first the torrent
 * is saved, then the link forgotten, so that a kill in between leaves both, and the next start drops the link.
 */
import { messageOf, OperationalError } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import { plural } from "../../base/units.ts";
import { formatMagnet, type Magnet, parseMagnet, torrentOfInfo } from "../../metainfo/magnet.ts";
import { parseMetainfo } from "../../metainfo/parse-metainfo.ts";
import type { NamedPeer } from "../../swarm/peer-source.ts";
import type { PeerTorrent } from "../network/peer-connection.ts";
import { ProfileRecord, type RecordPlace, tellUnsaved } from "../profile/profile-record.ts";
import {
  changedChoices,
  defaultChoices,
  type TorrentChanges,
  type TorrentChoices,
} from "../profile/torrent-choices.ts";
import { summaryOf } from "../profile/torrent-entry.ts";
import type { AddOptions } from "../session-options.ts";
import { EventLog } from "../statistics/event-log.ts";
import type { TorrentServices } from "../torrent-services.ts";
import { MagnetFetch } from "./magnet-fetch.ts";
import { type MagnetRecord, magnetRecordKind } from "./magnet-record.ts";

export interface MagnetOptions {
  /** Absolute. */
  readonly savePath: string;
  /** The torrent is paused when it is known at last. */
  readonly startsPaused: boolean;
  /** But for priorities: files are not known. */
  readonly choices: TorrentChoices;
}

export interface PendingMagnet {
  readonly magnet: Magnet;
  readonly options: MagnetOptions;
  readonly addedWallMs: number;
  /** Not fetched until it is resumed. */
  readonly isPaused: boolean;
  readonly log: EventLog;
  /** In words, why its metadata was of no use; "" otherwise. It is paused then. */
  readonly problem: string;
  /** `undefined` while it is paused, waits for its turn, or is being added. */
  readonly fetcher: MagnetFetch | undefined;
  /** Its metadata is here, and its torrent is being saved; resolves when it is, or cannot be. */
  readonly adding: Promise<void> | undefined;
}

export interface MagnetsHost {
  has(infoHash: InfoHash): boolean;
  /** @param bytes a .torrent file. */
  add(bytes: Uint8Array, options: AddOptions): Promise<unknown>;
  warn(message: string): void;
}

interface Pending extends PendingMagnet {
  fetcher: MagnetFetch | undefined;
  adding: Promise<void> | undefined;
  isPaused: boolean;
  problem: string;
  options: MagnetOptions;
  beganMs: number;
}

interface Asking {
  readonly fetcher: MagnetFetch;
  /** When somebody last waited for it. */
  wantedMs: number;
  readonly waiters: Set<{ readonly resolve: (bytes: Uint8Array) => void; readonly reject: (error: Error) => void }>;
}

/** Fetched at once; the others wait their turn. */
const activeMax = 20;
/** A turn of those that find nobody. */
const turnMs = 120_000;
/** Links in the profile; looked at by people at once. */
const pendingMax = 10_000;
const askedMax = 20;
/** Torrents whose senders of metadata are remembered until they are added. */
const sendersMax = 100;
/** Somebody who looks at a link may ask again: what was found so far is kept so long. */
const lingerMs = 20_000;

/** What the link selects (BEP 53); nothing where it selects all, or nothing that there is. */
export function prioritiesOf({ only }: Magnet, fileCount: number): NonNullable<TorrentChanges["priorities"]> {
  const isWanted = (file: number): boolean => only.some(({ first, last }) => first <= file && file <= last);
  const skipped = Array.from({ length: fileCount }, (_, file) => file).filter((file) => !isWanted(file));
  return skipped.length === fileCount ? [] : skipped.map((file) => ({ file, priority: "skip" }));
}

export class Magnets {
  readonly #services: TorrentServices;
  readonly #host: MagnetsHost;
  readonly #record: ProfileRecord<readonly MagnetRecord[]>;
  readonly #all = new Map<InfoHash, Pending>();
  readonly #asked = new Map<InfoHash, Asking>();
  readonly #senders = new Map<InfoHash, readonly NamedPeer[]>();
  #isStopped = false;

  constructor(services: TorrentServices, place: RecordPlace | undefined, host: MagnetsHost) {
    this.#services = services;
    this.#host = host;
    this.#record = new ProfileRecord(place, magnetRecordKind);
  }

  /** In the order in which they were added. */
  get all(): ReadonlyMap<InfoHash, PendingMagnet> {
    return this.#all;
  }

  /** What is under way, for whomever. */
  get fetches(): readonly MagnetFetch[] {
    const fetches = [...this.#asked.values()].map(({ fetcher }) => fetcher);
    for (const { fetcher } of this.#all.values()) if (fetcher !== undefined) fetches.push(fetcher);
    return fetches;
  }

  /** Those of an earlier run of the program. */
  async restore(): Promise<void> {
    await this.#record.load((records) => {
      for (const record of records) this.#takeUp(record);
    });
    this.#schedule();
  }

  /** @returns whether it is new. @throws OperationalError `too-many`, and what writing throws. */
  async add(
    magnet: Magnet,
    options: Omit<MagnetOptions, "choices"> & { readonly choices: TorrentChanges },
  ): Promise<boolean> {
    const { infoHash } = magnet;
    if (this.#host.has(infoHash) || this.#all.has(infoHash)) return false;
    if (this.#all.size >= pendingMax) throw new OperationalError("too-many", "there are too many magnet links already");
    const { priorities: _, ...choices } = options.choices;
    const known = { ...options, choices: changedChoices(defaultChoices, choices, 0) };
    this.#put(magnet, known, this.#services.ports.clock.wallMs(), false);
    try {
      await this.#save();
    } catch (error) {
      this.#all.delete(infoHash);
      throw error;
    }
    this.#schedule();
    return true;
  }

  /** @throws OperationalError `unknown-torrent`. */
  async setPaused(infoHash: InfoHash, isPaused: boolean): Promise<void> {
    const pending = this.#get(infoHash);
    pending.isPaused = isPaused;
    pending.problem = "";
    if (isPaused) this.#halt(pending, "it was paused");
    this.#schedule();
    await this.#save();
  }

  /** @throws OperationalError `unknown-torrent`, `bad-label`; `no-metadata` for what concerns files. */
  async change(infoHash: InfoHash, changes: TorrentChanges): Promise<void> {
    const pending = this.#get(infoHash);
    if (changes.priorities !== undefined) {
      throw new OperationalError("no-metadata", "its files are not known yet: they are asked of peers");
    }
    pending.options = { ...pending.options, choices: changedChoices(pending.options.choices, changes, 0) };
    await this.#save();
  }

  /** @throws OperationalError `unknown-torrent`. */
  async remove(infoHash: InfoHash): Promise<void> {
    const pending = this.#get(infoHash);
    this.#all.delete(infoHash);
    this.#halt(pending, "it was removed");
    this.#schedule();
    await this.#save();
  }

  reannounce(infoHash: InfoHash): void {
    this.#get(infoHash).fetcher?.announcer.reannounce();
  }

  /**
   * The .torrent file of a link, only to look at it. Where that was added too, both get it.
   * @throws OperationalError `too-many`, and `cancelled` when the signal says so or the engine stops.
   */
  look(magnet: Magnet, signal: AbortSignal): Promise<Uint8Array> {
    const { infoHash } = magnet;
    let asking = this.#asked.get(infoHash);
    if (asking === undefined) {
      if (this.#asked.size >= askedMax) throw new OperationalError("too-many", "too many magnet links are looked at");
      const log = new EventLog(this.#services.ports.clock);
      const found = (info: Uint8Array, peers: readonly NamedPeer[]) => {
        this.#remember(infoHash, peers);
        this.#answer(infoHash, torrentOfInfo(info, magnet));
      };
      asking = {
        fetcher: new MagnetFetch(this.#services, { magnet, log, found }),
        wantedMs: this.#services.ports.clock.nowMs(),
        waiters: new Set(),
      };
      this.#asked.set(infoHash, asking);
      asking.fetcher.start();
    }
    const { waiters } = asking;
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      waiters.add(waiter);
      const cancel = (): void => {
        if (!waiters.delete(waiter)) return;
        reject(new OperationalError("cancelled", "it was not waited for"));
      };
      if (signal.aborted) cancel();
      else signal.addEventListener("abort", cancel, { once: true });
    });
  }

  /** In words, how far looking at a link came that nobody has sent. */
  lookedAt(infoHash: InfoHash): string {
    const fetcher = this.#asked.get(infoHash)?.fetcher;
    const known = fetcher?.peers.size ?? 0;
    if (known === 0) return "no peer is known that could send the metadata";
    const connected = fetcher?.connected.size ?? 0;
    return `nobody has sent the metadata yet: ${plural(known, "peer")} known, ${connected} connected`;
  }

  /**
   * Who sent the metadata of a torrent that is added now: they have its pieces too. That it is private nobody knew before; its
   * peers are only those of its trackers (BEP 27), and whom the user named.
   */
  takePeers(infoHash: InfoHash, isPrivate: boolean): readonly NamedPeer[] {
    const peers = this.#senders.get(infoHash) ?? [];
    this.#senders.delete(infoHash);
    return isPrivate ? peers.filter(({ source }) => source === "tracker" || source === "manual") : peers;
  }

  /** What a handshake for this torrent is for. */
  torrentOf(infoHash: InfoHash): PeerTorrent | undefined {
    return this.#all.get(infoHash)?.fetcher ?? this.#asked.get(infoHash)?.fetcher;
  }

  tick(): void {
    if (this.#all.size + this.#asked.size === 0) return;
    const nowMs = this.#services.ports.clock.nowMs();
    for (const [infoHash, asking] of this.#asked) {
      if (asking.waiters.size > 0) asking.wantedMs = nowMs;
      if (nowMs - asking.wantedMs < lingerMs) continue;
      this.#asked.delete(infoHash);
      void asking.fetcher.stop("nobody wants it any more");
    }
    for (const [infoHash, pending] of this.#all) {
      if (pending.adding !== undefined || !this.#host.has(infoHash)) continue;
      // It came as a .torrent file, or was brought back: there is nothing left to ask for.
      this.#all.delete(infoHash);
      this.#halt(pending, "it is a torrent now");
      this.#save().catch((error: unknown) => tellUnsaved(error, (message) => this.#host.warn(message)));
    }
    for (const fetcher of this.fetches) fetcher.tick();
    this.#schedule();
  }

  networkChanged(): void {
    for (const fetcher of this.fetches) fetcher.networkChanged();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const error = new OperationalError("cancelled", "the engine stops");
    for (const { waiters } of this.#asked.values()) for (const { reject } of waiters) reject(error);
    await Promise.all(this.fetches.map((fetcher) => fetcher.stop("we are stopping")));
  }

  #remember(infoHash: InfoHash, peers: readonly NamedPeer[]): void {
    this.#senders.set(infoHash, peers);
    const [oldest] = this.#senders.keys();
    if (this.#senders.size > sendersMax && oldest !== undefined) this.#senders.delete(oldest);
  }

  #get(infoHash: InfoHash): Pending {
    const pending = this.#all.get(infoHash);
    if (pending === undefined) throw new OperationalError("unknown-torrent", "there is no such torrent");
    return pending;
  }

  #takeUp({ link, addedWallMs, isPaused, ...options }: MagnetRecord): void {
    try {
      const magnet = parseMagnet(link);
      const isThere = this.#host.has(magnet.infoHash) || this.#all.has(magnet.infoHash);
      if (!isThere) this.#put(magnet, options, addedWallMs, isPaused);
    } catch (error) {
      this.#host.warn(`a magnet link in the profile is not one: ${messageOf(error)}`);
    }
  }

  #put(magnet: Magnet, options: MagnetOptions, addedWallMs: number, isPaused: boolean): void {
    const log = new EventLog(this.#services.ports.clock);
    this.#all.set(magnet.infoHash, {
      magnet,
      options,
      addedWallMs,
      isPaused,
      problem: "",
      log,
      fetcher: undefined,
      adding: undefined,
      beganMs: 0,
    });
  }

  /** Begins those whose turn it is. */
  #schedule(): void {
    if (this.#isStopped) return;
    const nowMs = this.#services.ports.clock.nowMs();
    const wanted = [...this.#all.values()].filter(({ isPaused, adding }) => !isPaused && adding === undefined);
    const active = wanted.filter(({ fetcher }) => fetcher !== undefined);
    const waiting = wanted
      .filter(({ fetcher }) => fetcher === undefined)
      .sort((a, b) => a.beganMs - b.beganMs || a.addedWallMs - b.addedWallMs);
    const idle = active.filter(
      ({ fetcher, beganMs }) => fetcher?.download.sourceCount === 0 && nowMs - beganMs >= turnMs,
    );
    let room = activeMax - active.length;
    for (const pending of waiting) {
      if (room <= 0) {
        const giving = idle.shift();
        if (giving === undefined) return;
        this.#halt(giving, "others wait for their turn");
      } else room--;
      this.#begin(pending, nowMs);
    }
  }

  #begin(pending: Pending, nowMs: number): void {
    const { magnet, log } = pending;
    const found = (info: Uint8Array, peers: readonly NamedPeer[]) => this.#known(pending, info, peers);
    pending.fetcher = new MagnetFetch(this.#services, { magnet, log, found });
    pending.beganMs = nowMs;
    pending.fetcher.start();
  }

  #halt(pending: Pending, reason: string): void {
    void pending.fetcher?.stop(reason);
    pending.fetcher = undefined;
  }

  #known(pending: Pending, info: Uint8Array, peers: readonly NamedPeer[]): void {
    const { infoHash } = pending.magnet;
    const bytes = torrentOfInfo(info, pending.magnet);
    this.#halt(pending, "the metadata is here");
    this.#remember(infoHash, peers);
    this.#answer(infoHash, bytes);
    pending.adding = this.#add(pending, bytes).finally(() => {
      pending.adding = undefined;
      this.#schedule();
    });
  }

  async #add(pending: Pending, bytes: Uint8Array): Promise<void> {
    const { infoHash, name } = pending.magnet;
    try {
      await this.#host.add(bytes, this.#addOptions(bytes, pending));
      // Not always the same: the link may have been removed meanwhile, and added again.
      const known = this.#all.get(infoHash);
      if (known !== undefined) this.#halt(known, "it is a torrent now");
      this.#all.delete(infoHash);
      await this.#save();
    } catch (error) {
      // Its metadata may be no torrent that we can use: trying again brings the same.
      pending.isPaused = true;
      pending.problem = messageOf(error);
      pending.log.add(messageOf(error));
      this.#host.warn(`${name || infoHash}: ${messageOf(error)}`);
    }
  }

  #addOptions(bytes: Uint8Array, { magnet, options }: Pending): AddOptions {
    const { fileCount } = summaryOf(parseMetainfo(bytes, this.#services.ports.hasher));
    const { savePath, startsPaused } = options;
    const choices = { ...options.choices, priorities: prioritiesOf(magnet, fileCount) };
    return { savePath, isPaused: startsPaused, peers: magnet.peers, mustCheck: false, choices };
  }

  #answer(infoHash: InfoHash, bytes: Uint8Array): void {
    const asking = this.#asked.get(infoHash);
    if (asking === undefined) return;
    this.#asked.delete(infoHash);
    void asking.fetcher.stop("the metadata is here");
    for (const { resolve } of asking.waiters) resolve(bytes);
  }

  #save(): Promise<void> {
    const recordOf = ({ magnet, options, addedWallMs, isPaused }: Pending): MagnetRecord => ({
      link: formatMagnet(magnet),
      ...options,
      addedWallMs,
      isPaused,
    });
    return this.#record.save(() => [...this.#all.values()].map(recordOf));
  }
}
