/**
 * The engine: all torrents of a profile, the listening port, the connections, the limits. It is driven by calls (see
 * control/engine-target.ts) and tells what happens by events; it ends when `stop` resolves.
 */
import { messageOf, OperationalError } from "../base/errors.ts";
import type { InfoHash, PeerId } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import { Trackers } from "../discovery/trackers.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { parseMetainfo } from "../metainfo/parse-metainfo.ts";
import type { Timer } from "../ports/clock.ts";
import type { Ports } from "../ports/ports.ts";
import { SendBuffers } from "../swarm/send-buffers.ts";
import { createPeerId } from "../wire/peer-id.ts";
import { AbsenceWatch } from "./files/absence-watch.ts";
import { LookLane } from "./files/look-lane.ts";
import { RemovedTorrents } from "./files/removed-torrents.ts";
import { settleMove, settleMoves } from "./files/settle-moves.ts";
import type { SessionDht } from "./finders/session-dht.ts";
import { SessionFinders } from "./finders/session-finders.ts";
import { finishRemoval } from "./finish-removal.ts";
import { Housekeeping } from "./housekeeping/housekeeping.ts";
import { IdleSeeds } from "./housekeeping/idle-seeds.ts";
import { Bandwidth } from "./limits/bandwidth.ts";
import { Magnets } from "./magnets/magnets.ts";
import { Admittance } from "./network/admittance.ts";
import { Connections } from "./network/connections.ts";
import { Home } from "./network/home.ts";
import { homePorts } from "./network/home-ports.ts";
import { NetworkWatch } from "./network/network-watch.ts";
import type { PeerConnection, PeerHost, PeerTorrent } from "./network/peer-connection.ts";
import { savedAsNew } from "./new-torrent.ts";
import { Notices } from "./notices.ts";
import type { Removal, RemovedMark, TorrentEntry } from "./profile/torrent-entry.ts";
import type { TorrentOptions } from "./profile/torrent-options.ts";
import type { SessionEvent } from "./session-events.ts";
import type { AddOptions, SessionOptions } from "./session-options.ts";
import { defaultRules, type SessionRules } from "./session-rules.ts";
import { Torrent } from "./torrent.ts";
import type { TorrentServices } from "./torrent-services.ts";

const tickMs = 1000;
/** On a start nobody's files are looked at before whoever waits for the list has it. */
const listFirstMs = 500;

export class Session implements PeerHost {
  readonly peerId: PeerId;
  readonly downLimit: Bandwidth;
  readonly upLimit: Bandwidth;
  readonly options: SessionOptions;
  readonly house: Housekeeping;
  readonly startedMs: number;
  readonly admittance: Admittance;
  readonly trackers: Trackers;
  readonly removed: RemovedTorrents;
  readonly magnets: Magnets;
  readonly dht: SessionDht;
  readonly finders: SessionFinders;
  readonly #ports: Ports;
  readonly #services: TorrentServices;
  readonly #torrents = new Map<InfoHash, Torrent>();
  /** Being added: not in `#torrents` before the profile knows them. */
  readonly #adding = new Map<InfoHash, Promise<void>>();
  readonly #connections: Connections;
  readonly #network: NetworkWatch;
  readonly #notices: Notices;
  readonly #idleSeeds = new IdleSeeds();
  #ticker: Timer | undefined;
  #neighbourCount = 0;
  #isStopping = false;
  #rules: SessionRules;

  constructor(ports: Ports, options: SessionOptions) {
    this.#ports = ports;
    this.#notices = new Notices(ports.clock);
    this.options = options;
    this.peerId = createPeerId(ports.random, options.version);
    this.downLimit = new Bandwidth(ports.clock, options.maxDownRate);
    this.upLimit = new Bandwidth(ports.clock, options.maxUpRate);
    this.startedMs = ports.clock.nowMs();
    const { maxDownRate, maxUpRate, slots } = options;
    this.#rules = { ...defaultRules, limits: { ...defaultRules.limits, down: maxDownRate, up: maxUpRate, slots } };
    this.house = new Housekeeping(ports, options.records, {
      rules: () => this.#rules,
      torrents: this.#torrents,
      isHome: () => this.homeProblem === "",
      seededEnough: (torrent, reason) => this.#seededEnough(torrent, reason),
      limitsChanged: () => this.#limitsChanged(),
      warn: (message) => this.warn(message),
    });
    this.admittance = options.admittance ?? new Admittance();
    this.removed = new RemovedTorrents({
      ...{ clock: ports.clock, store: options.store, records: options.records },
      returned: (torrent, place) => this.#returned(torrent, place),
      forgotten: (infoHash) => this.house.forget(infoHash),
      warn: (message) => this.warn(message),
    });
    const { listen, localAddress, interfaceName, interfaces } = options;
    const home = new Home({ listenAddress: listen.address, localAddress, interfaceName, interfaces });
    this.#connections = new Connections(ports.network, this, {
      home,
      port: options.listen.port,
      admittance: this.admittance,
      connectionsMax: () => this.#rules.network.connections,
      listening: ({ address, port }) => this.#notices.tell({ kind: "listening", address, port }),
      warn: (message) => this.warn(message),
    });
    this.#network = new NetworkWatch(ports.clock, tickMs, home, this.#connections, () => this.#networkChanged());
    this.admittance.onChange(() => this.#admittanceChanged());
    const userAgent = `p2p-tui/${options.version}`;
    const fromHome = homePorts(ports, home);
    this.trackers = new Trackers(fromHome, userAgent);
    this.#services = {
      ports: fromHome,
      peerId: this.peerId,
      trackerKey: ports.random.uint32(),
      userAgent,
      downLimit: this.downLimit,
      upLimit: this.upLimit,
      trackers: this.trackers,
      ...{ looks: new LookLane(ports.clock), sendBuffers: new SendBuffers(ports.clock) },
      absences: new AbsenceWatch(ports.clock, ports.files),
      locks: options.locks,
      store: options.store,
      records: options.records,
      makeStorage: options.makeStorage,
      house: this.house,
      rules: () => this.#rules,
      listenPort: () => this.listening?.port ?? 0,
      admittance: this.admittance,
      rankOf: (endpoint) => this.finders.rankOf(endpoint),
      sawUs: (voter, address) => this.finders.sawUs(voter, address),
      dial: (torrent, remote) => this.#connections.dial(torrent, remote),
      isSelf: (endpoint) => this.#connections.isSelf(endpoint),
      mayWakeToDial: () => this.#idleSeeds.hasRoom && this.#connections.size < this.#rules.network.connections / 2,
      notify: (event) => this.#notices.tell(event),
      report: (error) => this.report(error),
    };
    this.magnets = new Magnets(this.#services, options.records, {
      has: (infoHash) => this.#torrents.has(infoHash),
      add: (bytes, options) => this.add(bytes, options),
      warn: (message) => this.warn(message),
    });
    this.finders = new SessionFinders(this.#services, home, this);
    this.dht = this.finders.dht;
  }

  get clock() {
    return this.#ports.clock;
  }

  get torrents(): ReadonlyMap<InfoHash, Torrent> {
    return this.#torrents;
  }

  get listening(): Endpoint | undefined {
    return this.#connections.local;
  }

  /** Why nothing goes out, "" where it does. */
  get homeProblem(): string {
    return this.#connections.homeProblem;
  }

  /** Why nobody can reach us, "" where somebody can. */
  get listenProblem(): string {
    return this.#connections.listenProblem;
  }

  /** Somebody has reached us from outside: then the port is open. */
  get hasIncoming(): boolean {
    return this.#connections.hasIncoming;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  onEvent(listener: (event: SessionEvent) => void): () => void {
    return this.#notices.onEvent(listener);
  }

  /**
   * Listens, and takes up the torrents of earlier runs. A port that cannot be had is told, not thrown.
   * @throws OperationalError `no-such-address` where the address to bind to is not this machine's.
   */
  async start(): Promise<void> {
    await this.#connections.listen();
    // The list comes first.
    this.#services.looks.holdOff(listFirstMs);
    const removed: TorrentEntry[] = [];
    for (const { entry, record, hadData } of await this.options.store.loadAll()) {
      if (entry.removal === "torrent") removed.push(entry);
      else if (entry.removal !== null)
        await finishRemoval(this.#services, entry, entry.removal).catch((error: unknown) =>
          this.warn(messageOf(error)),
        );
      else this.#addTorrent({ entry, record, mustCheck: false, expectsFiles: hadData });
    }
    await this.house.restore();
    await this.removed.restart(removed);
    await settleMoves(this.options.records, this.#torrents, (message) => this.warn(message));
    await this.magnets.restore();
    await this.finders.start();
    this.#tick();
  }

  /** Tells trackers and neighbours, closes files, writes records. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#notices.tell({ kind: "stopping" });
    this.#ticker?.cancel();
    this.#connections.beginClosing();
    await Promise.allSettled(this.#adding.values());
    await Promise.allSettled([this.magnets.stop(), ...[...this.#torrents.values()].map((torrent) => torrent.close())]);
    this.trackers.close();
    await this.#connections.close("we are stopping");
    await Promise.all([this.house.stop(), this.removed.close(), this.finders.stop()]);
    this.#notices.close();
    this.downLimit.close();
    this.upLimit.close();
  }

  /**
   * Adds a torrent. One that is there already is left as it is.
   * @param metainfoBytes a .torrent file. @throws OperationalError `bad-metainfo`, `v2-only`, `stopping`, `ending`.
   */
  async add(
    metainfoBytes: Uint8Array,
    options: AddOptions,
  ): Promise<{ readonly infoHash: InfoHash; readonly isNew: boolean }> {
    const metainfo = parseMetainfo(metainfoBytes, this.#ports.hasher);
    const { infoHash } = metainfo;
    const there = this.#torrents.get(infoHash);
    if (there !== undefined) {
      if (there.isEnding || (there.state === "paused" && !options.isPaused)) await there.resume();
      return { infoHash, isNew: false };
    }
    if (this.#adding.has(infoHash)) return { infoHash, isNew: false };
    if (this.#isStopping) throw new OperationalError("stopping", "the engine is stopping");
    const adding = this.removed.replace(infoHash, () => this.#addNew(metainfo, metainfoBytes, options));
    await this.#whileAdding([infoHash], adding);
    return { infoHash, isNew: true };
  }

  /**
   * Ends a torrent. Without its data it is kept for a while, to be restored.
   * @param removal what becomes of its files. @throws OperationalError `unknown-torrent`.
   */
  async remove(infoHash: InfoHash, removal: Removal): Promise<void> {
    const torrent = this.torrent(infoHash);
    const isKept = removal === "torrent";
    const mark = (): RemovedMark => ({ wallMs: this.clock.wallMs(), place: this.house.turns.placeOf(infoHash) });
    const inTrash = await torrent.remove(removal, isKept ? mark() : undefined);
    // It may have been removed in two ways at once: what is gone is not kept. Others may have left the queue meanwhile.
    if (isKept && this.#torrents.get(infoHash) === torrent) this.removed.keep({ ...torrent.entry, removed: mark() });
    this.#torrents.delete(infoHash);
    this.house.removed(infoHash);
    if (!isKept) this.removed.drop(infoHash);
    this.#notices.tell({ kind: "removed", infoHash, name: torrent.name, isKept, inTrash });
  }

  /** Brings back what was removed without its data. @throws OperationalError as `RemovedTorrents.restore`. */
  async restore(infoHashes: readonly InfoHash[]): Promise<void> {
    await this.#whileAdding(infoHashes, this.removed.restore(infoHashes));
  }

  /** @throws OperationalError `unknown-torrent`. */
  torrent(infoHash: InfoHash): Torrent {
    const torrent = this.#torrents.get(infoHash);
    if (torrent === undefined) throw new OperationalError("unknown-torrent", "there is no such torrent");
    return torrent;
  }

  get rules(): SessionRules {
    return this.#rules;
  }

  /** Follows these from now on. */
  apply(rules: SessionRules): void {
    this.#rules = rules;
    this.house.rulesChanged();
    this.#limitsChanged();
    for (const { run } of this.#torrents.values()) {
      run?.applyLimits();
      run?.announcer?.setAllTiers(rules.trackers.allTiers);
    }
    this.#connections.keepToMax();
  }

  setLimits(maxDownRate: number, maxUpRate: number): void {
    this.apply({ ...this.#rules, limits: { ...this.#rules.limits, down: maxDownRate, up: maxUpRate } });
  }

  // ── PeerHost ───────────────────────────────────────────────────────────────────────────────────────────────────

  torrentOf(infoHash: InfoHash): PeerTorrent | undefined | Promise<PeerTorrent | undefined> {
    const run = this.#torrents.get(infoHash)?.run;
    if (run === undefined) return this.magnets.torrentOf(infoHash);
    if (run.swarm !== undefined) return run;
    return run.canWake ? run.wake().then((isAwake) => (isAwake ? run : undefined)) : undefined;
  }

  nextNeighbourId(): number {
    return ++this.#neighbourCount;
  }

  peerBecameNeighbour(peer: PeerConnection): void {
    this.#connections.becameNeighbour(peer);
  }

  peerEnded(peer: PeerConnection): void {
    this.#connections.ended(peer);
  }

  /** Something that the user should know of. */
  warn(message: string): void {
    this.#notices.tell({ kind: "warning", message });
  }

  report(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#notices.tell({ kind: "warning", message: `internal error: ${stack}` });
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Nobody else adds these meanwhile, and who stops us waits for it. */
  async #whileAdding(infoHashes: readonly InfoHash[], adding: Promise<void>): Promise<void> {
    for (const infoHash of infoHashes) this.#adding.set(infoHash, adding);
    await adding.finally(() => {
      for (const infoHash of infoHashes) this.#adding.delete(infoHash);
    });
  }

  /** Others are blocked than before, or it is known at last who is. */
  #admittanceChanged(): void {
    this.#connections.dropBlocked();
    for (const { run } of this.#torrents.values()) run?.wantPeers();
  }

  /** Trackers and peers that were out of reach may be in reach, and should know where we are now. */
  #networkChanged(): void {
    this.trackers.networkChanged();
    for (const { run } of this.#torrents.values()) run?.networkChanged();
    this.magnets.networkChanged();
    this.finders.networkChanged();
  }

  async #addNew(metainfo: Metainfo, bytes: Uint8Array, options: AddOptions): Promise<void> {
    const torrent = this.#addTorrent(await savedAsNew(this.#ports, this.options.store, metainfo, bytes, options));
    for (const { endpoint, source } of this.magnets.takePeers(torrent.infoHash, metainfo.isPrivate))
      torrent.run?.addPeers([endpoint], source);
  }

  #addTorrent(options: TorrentOptions, kind: "added" | "restored" = "added"): Torrent {
    const { infoHash, summary } = options.entry;
    const torrent = new Torrent(this.#services, options);
    this.#torrents.set(infoHash, torrent);
    this.house.turns.add(torrent);
    this.#notices.tell({ kind, infoHash, name: summary.name });
    return torrent;
  }

  async #returned(options: TorrentOptions, place: number): Promise<void> {
    const torrent = this.#addTorrent(options, "restored");
    await this.house.returned(torrent.infoHash, place);
    if (torrent.entry.isPaused) await settleMove(torrent, (message) => this.warn(message));
  }

  #tick(): void {
    this.#ticker = this.clock.after(tickMs, () => {
      this.#idleSeeds.tick(this.#torrents.values());
      this.magnets.tick();
      this.house.tick();
      this.removed.tick();
      this.#network.tick();
      this.finders.tick();
      if (!this.#isStopping) this.#tick();
    });
  }

  #limitsChanged(): void {
    const { down, up } = this.house.limits;
    if (this.downLimit.bytesPerSecond !== down) this.downLimit.setLimit(down);
    if (this.upLimit.bytesPerSecond !== up) this.upLimit.setLimit(up);
  }

  /** It has reached a seeding goal. */
  #seededEnough(torrent: Torrent, reason: string): void {
    const { infoHash, name } = torrent;
    const { action } = this.#rules.seeding;
    torrent.log(reason);
    this.#notices.tell({ kind: "goal", infoHash, name, reason, action });
    const done =
      action === "pause" ? torrent.pause(reason) : this.remove(infoHash, action === "remove" ? "torrent" : "data");
    done.catch((error: unknown) => this.warn(`${name} ${reason}, but it could not be ended: ${messageOf(error)}`));
  }
}
