/**
 * The session's part in local discovery (BEP 14): a socket for each network that the machine is on and home is at, what is said
 * there of active torrents, and what is heard. Private torrents are never said, nor looked for (BEP 27).
 */
import { messageOf } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import { type Endpoint, familyOf } from "../../base/ip-address.ts";
import { encodeLsd, lsdGroups } from "../../discovery/lsd/lsd-codec.ts";
import { LsdEar } from "../../discovery/lsd/lsd-ear.ts";
import { LsdSchedule, type LsdSubject } from "../../discovery/lsd/lsd-schedule.ts";
import type { DatagramSocket } from "../../ports/datagram.ts";
import type { InterfaceAddress } from "../../ports/interfaces.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Home } from "../network/home.ts";
import type { TorrentServices } from "../torrent-services.ts";

export interface SessionLsdOptions {
  /** Active torrents and links that are not private. */
  readonly subjects: () => Iterable<LsdSubject>;
  /** Somebody on the local network has it. @returns whether we want to know. */
  readonly found: (infoHash: InfoHash, peer: Endpoint) => boolean;
}

/** How often there is something to do. */
const paceMs = 5_000;
/** A network that could not be joined is tried again. */
const retryMs = 5 * 60_000;

type LsdServices = Pick<TorrentServices, "ports" | "rules" | "listenPort">;

export class SessionLsd {
  readonly #services: LsdServices;
  readonly #ports: Ports;
  readonly #home: Home;
  readonly #options: SessionLsdOptions;
  readonly #schedule: LsdSchedule;
  readonly #ear: LsdEar;
  readonly #cookie: string;
  /** By interface and address; `undefined` where it could not be joined. */
  readonly #joined = new Map<string, DatagramSocket | undefined>();
  /** Addresses of ours, as they were a moment ago. */
  #own: readonly string[] = [];
  #joinedMs = Number.NEGATIVE_INFINITY;
  #nextMs = Number.NEGATIVE_INFINITY;
  #following: Promise<void> | undefined;
  #isStopped = false;
  /** Why the last network that was tried could not be joined. */
  #joinProblem = "";

  constructor(services: LsdServices, home: Home, options: SessionLsdOptions) {
    const { ports } = services;
    this.#services = services;
    this.#ports = ports;
    this.#home = home;
    this.#options = options;
    this.#schedule = new LsdSchedule(ports.random);
    this.#cookie = `p2p-tui-${ports.random.uint32().toString(16)}${ports.random.uint32().toString(16)}`;
    this.#ear = new LsdEar(this.#cookie, () => this.#own);
  }

  /** Why it is of no use now, "" where it is. */
  get problem(): string {
    if (!this.#services.rules().lsd.enabled) return "";
    if (this.#home.problem !== "") return this.#home.problem;
    const sockets = [...this.#joined.values()];
    if (sockets.length === 0) return "there is no local network";
    return sockets.every((socket) => socket === undefined) ? this.#joinProblem : "";
  }

  /** About once a second. */
  tick(): void {
    const now = this.#ports.clock.nowMs();
    if (this.#isStopped || now < this.#nextMs || this.#following !== undefined) return;
    this.#nextMs = now + paceMs;
    this.#following = this.#follow(now).then(() => {
      this.#following = undefined;
    });
  }

  /** Other networks may be there, or the same ones with others on them. */
  networkChanged(): void {
    this.#joinedMs = Number.NEGATIVE_INFINITY;
    this.#nextMs = Number.NEGATIVE_INFINITY;
    this.#schedule.again();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#following;
    await this.#leaveAll();
  }

  async #follow(now: number): Promise<void> {
    if (!this.#services.rules().lsd.enabled) {
      await this.#leaveAll();
      return;
    }
    await this.#join(now);
    const port = this.#services.listenPort();
    const sockets = [...this.#joined.values()].filter((socket) => socket !== undefined);
    if (port === 0 || sockets.length === 0 || this.#isStopped) return;
    for (const infoHashes of this.#schedule.messages(this.#options.subjects(), now)) {
      for (const socket of sockets) {
        const group = lsdGroups[familyOf(socket.local.address)];
        socket.send(encodeLsd(group, { port, infoHashes, cookie: this.#cookie }), group);
      }
    }
  }

  /** Has a socket on each network that there is now, and on no other. */
  async #join(now: number): Promise<void> {
    const { localNetworks } = this.#home;
    const networks = new Map(localNetworks.map((via) => [`${via.name} ${via.address}`, via]));
    this.#own = localNetworks.map(({ address }) => address);
    for (const [key, socket] of [...this.#joined]) {
      const isToTryAgain = socket === undefined && now - this.#joinedMs >= retryMs;
      if (networks.has(key) && !isToTryAgain && socket?.isOpen !== false) continue;
      this.#joined.delete(key);
      await socket?.close();
    }
    for (const [key, via] of networks) {
      if (this.#joined.has(key) || this.#isStopped) continue;
      this.#joinedMs = now;
      this.#joined.set(key, await this.#joinOne(via));
    }
  }

  async #joinOne(via: InterfaceAddress): Promise<DatagramSocket | undefined> {
    try {
      const group = lsdGroups[familyOf(via.address)];
      const socket = await this.#ports.datagrams.join(group, via, {
        onDatagram: (bytes, remote) => this.#heard(bytes, remote),
      });
      return socket;
    } catch (error) {
      this.#joinProblem = messageOf(error);
      return undefined;
    }
  }

  #heard(bytes: Uint8Array, remote: Endpoint): void {
    const now = this.#ports.clock.nowMs();
    const heard = this.#ear.heard(bytes, remote, now);
    for (const infoHash of heard?.infoHashes ?? []) {
      if (heard !== undefined && this.#options.found(infoHash, heard.peer)) this.#schedule.hurry(infoHash, now);
    }
  }

  async #leaveAll(): Promise<void> {
    const sockets = [...this.#joined.values()];
    this.#joined.clear();
    await Promise.all(sockets.map((socket) => socket?.close()));
  }
}
