/** What a session finds peers by besides trackers, and what it knows of its own address. */
import type { Endpoint } from "../../base/ip-address.ts";
import type { Home } from "../network/home.ts";
import { OwnAddress } from "../network/own-address.ts";
import type { Session } from "../session.ts";
import type { TorrentServices } from "../torrent-services.ts";
import { dhtSubjects } from "./dht-subjects.ts";
import { lsdFound, lsdSubjects } from "./lsd-subjects.ts";
import { SessionDht } from "./session-dht.ts";
import { SessionLsd } from "./session-lsd.ts";

/** What it sees of the session. */
type FindersHost = Pick<Session, "options" | "torrents" | "magnets" | "warn">;

export class SessionFinders {
  readonly dht: SessionDht;
  readonly lsd: SessionLsd;
  readonly #own: OwnAddress;
  readonly #session: FindersHost;

  constructor(services: TorrentServices, home: Home, session: FindersHost) {
    const { localAddress, interfaces } = session.options;
    this.#session = session;
    this.#own = new OwnAddress(localAddress, interfaces, services.listenPort);
    this.lsd = new SessionLsd(services, home, {
      subjects: () => lsdSubjects(session.torrents.values(), session.magnets),
      found: (infoHash, peer) => lsdFound(session.torrents.get(infoHash), session.magnets, infoHash, peer),
    });
    this.dht = new SessionDht(services, {
      home,
      borrowed: session.options.borrowedNodes,
      subjects: () => dhtSubjects(session.torrents.values(), session.magnets),
      warn: (message) => session.warn(message),
    });
  }

  rankOf(endpoint: Endpoint): number {
    return this.#own.rankOf(endpoint);
  }

  /** Somebody says at which address he sees us. */
  sawUs(voter: string, address: string): void {
    if (this.#own.said(voter, address)) this.#rankAgain();
  }

  async start(): Promise<void> {
    await this.dht.start();
  }

  /** About once a second. */
  tick(): void {
    this.dht.tick();
    this.lsd.tick();
  }

  networkChanged(): void {
    this.dht.networkChanged();
    this.lsd.networkChanged();
    this.#own.networkChanged();
    this.#rankAgain();
  }

  async stop(): Promise<void> {
    await Promise.all([this.dht.stop(), this.lsd.stop()]);
  }

  #rankAgain(): void {
    for (const { swarm } of this.#session.torrents.values()) swarm?.peers.rankAgain();
  }
}
