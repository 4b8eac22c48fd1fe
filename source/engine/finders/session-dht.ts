/**
 * The session's part in the DHT: its sockets, which follow the settings and the machine's network (at home or not at all), what
 * of it the profile remembers, and what it finds for torrents. One socket a family, on the number of the TCP port where
 * that is free. IPv6 only where the machine has a public address of it, and from that address (BEP 32).
 */
import { codeOf, messageOf } from "../../base/errors.ts";
import { type Endpoint, familyOf } from "../../base/ip-address.ts";
import { Dht } from "../../discovery/dht/dht.ts";
import { type SavedDht, savedDhtFromJson, savedDhtToJson, withoutIds } from "../../discovery/dht/saved-dht.ts";
import type { DatagramSocket } from "../../ports/datagram.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Home } from "../network/home.ts";
import { ProfileRecord, type RecordKind, type RecordPlace, tellUnsaved } from "../profile/profile-record.ts";
import type { TorrentServices } from "../torrent-services.ts";
import { DhtSeeker, type DhtSubject } from "./dht-seeker.ts";

export interface SessionDhtOptions {
  readonly home: Home;
  /** Of a session that may run beside us: read where we have no place of our own. */
  readonly borrowed: RecordPlace | undefined;
  /** Active torrents and links that are not private. */
  readonly subjects: () => Iterable<DhtSubject>;
  readonly warn: (message: string) => void;
}

const saveMs = 10 * 60_000;
/** A socket that could not be had is asked for again. */
const retryMs = 30_000;

const recordKind: RecordKind<SavedDht> = {
  name: "dht",
  what: "the list of the DHT's nodes",
  version: 1,
  lengthMax: 200_000,
  read: savedDhtFromJson,
};

type DhtServices = Pick<TorrentServices, "ports" | "records" | "rules" | "admittance" | "listenPort">;

interface Opened {
  readonly address: string;
  readonly socket: DatagramSocket;
}

export class SessionDht {
  readonly seeker: DhtSeeker;
  readonly #services: DhtServices;
  readonly #ports: Ports;
  readonly #options: SessionDhtOptions;
  readonly #record: ProfileRecord<SavedDht>;
  readonly #isOwn: boolean;
  readonly #sockets = new Map<4 | 6, Opened>();
  #dht: Dht | undefined;
  #saved: SavedDht = {};
  #savedMs: number;
  #triedMs = Number.NEGATIVE_INFINITY;
  /** Why there is no socket. */
  #socketProblem = "";
  #following: Promise<void> | undefined;
  #isStopped = false;

  constructor(services: DhtServices, options: SessionDhtOptions) {
    const { ports, records, listenPort } = services;
    this.#services = services;
    this.#ports = ports;
    this.#options = options;
    this.#record = new ProfileRecord(records ?? options.borrowed, recordKind);
    this.#isOwn = records !== undefined;
    this.#savedMs = ports.clock.nowMs();
    this.seeker = new DhtSeeker(ports.clock, ports.random, listenPort);
  }

  get isEnabled(): boolean {
    return this.#services.rules().dht.enabled;
  }

  /** `undefined` while it is switched off. */
  get dht(): Dht | undefined {
    return this.#dht;
  }

  /** Why it is of no use now, "" where it is, or may soon be. */
  get problem(): string {
    if (this.#dht === undefined) return "";
    return this.#sockets.size === 0 ? this.#options.home.problem || this.#socketProblem : this.#dht.problem;
  }

  /** Where it listens, by family. */
  localOf(family: 4 | 6): Endpoint | undefined {
    return this.#sockets.get(family)?.socket.local;
  }

  /** To be told to a peer at this address (BEP 5 "PORT message", BEP 32); 0 where there is none. */
  portFor(address: string): number {
    return this.localOf(familyOf(address))?.port ?? 0;
  }

  /** A peer says that it has a node there. */
  named(endpoint: Endpoint): void {
    this.#dht?.meet(endpoint);
  }

  async start(): Promise<void> {
    // What is read later is older than what we know then.
    await this.#record.load((saved) => {
      if (this.#dht === undefined) this.#saved = this.#isOwn ? saved : withoutIds(saved);
    });
    this.tick();
    await this.#following;
  }

  /** About once a second. */
  tick(): void {
    if (this.#isStopped) return;
    if (this.isEnabled || this.#dht !== undefined) {
      this.#following ??= this.#follow().then(() => {
        this.#following = undefined;
      });
    }
    this.#dht?.tick();
    this.seeker.tick(this.#options.subjects, this.#dht);
    const now = this.#ports.clock.nowMs();
    if (this.#dht === undefined || now - this.#savedMs < saveMs) return;
    this.#savedMs = now;
    this.#save().catch((error: unknown) => tellUnsaved(error, this.#options.warn));
  }

  networkChanged(): void {
    this.#dht?.networkChanged();
    this.seeker.networkChanged();
    this.#triedMs = Number.NEGATIVE_INFINITY;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#following;
    await this.#closeAll();
    await this.#save().catch((error: unknown) => tellUnsaved(error, this.#options.warn));
  }

  // ── sockets ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Has the sockets that there should be now. */
  async #follow(): Promise<void> {
    if (!this.isEnabled) {
      if (this.#dht !== undefined) {
        await this.#closeAll();
        await this.#save().catch((error: unknown) => tellUnsaved(error, this.#options.warn));
        this.#dht = undefined;
      }
      return;
    }
    this.#dht ??= this.#makeDht();
    for (const family of [4, 6] as const) {
      const address = this.#options.home.datagramAddress(family);
      const opened = this.#sockets.get(family);
      if (opened !== undefined && (opened.address !== address || !opened.socket.isOpen)) await this.#close(family);
      if (address !== undefined && !this.#sockets.has(family)) await this.#open(family, address);
    }
  }

  #makeDht(): Dht {
    const { rules, admittance } = this.#services;
    return new Dht(
      this.#ports,
      {
        bootstrap: () => rules().dht.bootstrap,
        isReadOnly: () => rules().dht.readOnly,
        isBlocked: (address) => !admittance.isReady || admittance.isBlocked(address),
        resolve: (host) => this.#ports.network.resolve(host),
      },
      this.#saved,
    );
  }

  async #open(family: 4 | 6, address: string): Promise<void> {
    const now = this.#ports.clock.nowMs();
    if (now - this.#triedMs < retryMs) return;
    const handler = {
      onDatagram: (bytes: Uint8Array, remote: Endpoint) => this.#dht?.node(family)?.receive(bytes, remote),
    };
    for (const port of new Set([this.#services.listenPort(), 0])) {
      try {
        const socket = await this.#ports.datagrams.bind({ address, port }, handler);
        this.#socketProblem = "";
        this.#sockets.set(family, { address, socket });
        this.#dht?.open(family, socket.local, (bytes, remote) => socket.send(bytes, remote));
        return;
      } catch (error) {
        this.#socketProblem = messageOf(error);
        if (codeOf(error) !== "listen-failed") break;
      }
    }
    this.#triedMs = now;
  }

  async #close(family: 4 | 6): Promise<void> {
    const opened = this.#sockets.get(family);
    this.#sockets.delete(family);
    this.#dht?.close(family);
    await opened?.socket.close();
  }

  async #closeAll(): Promise<void> {
    await this.#close(4);
    await this.#close(6);
  }

  #save(): Promise<void> {
    if (this.#dht === undefined) return Promise.resolve();
    this.#saved = this.#dht.save();
    if (!this.#isOwn) return Promise.resolve();
    return this.#record.save(() => savedDhtToJson(this.#saved) as SavedDht);
  }
}
