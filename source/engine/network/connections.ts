/**
 * The session's connections to peers: where it listens, who gets in, whom it dials, and how many there may be of all
 * that. Nobody is answered or dialled whom `Admittance` refuses.
 */
import { largestCrowd } from "../../base/crowd.ts";
import { codeOf, messageOf } from "../../base/errors.ts";
import { type Endpoint, familyOf, localityOf } from "../../base/ip-address.ts";
import type { Connection, Listener, Network } from "../../ports/network.ts";
import type { Admittance } from "./admittance.ts";
import type { Home } from "./home.ts";
import { PeerConnection, type PeerHost, type PeerTorrent } from "./peer-connection.ts";

/** `no-way`: home has no address of its family, as a tunnel may have one family alone; it may have one later. */
export type Dialled = PeerConnection | "blocked" | "no-way" | undefined;

export interface ConnectionsOptions {
  readonly home: Home;
  /** Port 0 any free one; `undefined` one of the usual. */
  readonly port: number | undefined;
  readonly admittance: Admittance;
  /** How many there may be now. */
  readonly connectionsMax: () => number;
  /** We listen here now. */
  readonly listening: (local: Endpoint) => void;
  readonly warn: (message: string) => void;
}

/** Where BitTorrent clients have always listened (BEP 3). */
const usualPorts = [6881, 6882, 6883, 6884, 6885, 6886, 6887, 6888, 6889];
/** The rest is for dials: whoever comes to us, in however many torrents, leaves us the choice of some neighbours. */
const incomingShare = 5 / 6;
/** Of these, incoming ones that have not shaken hands. Who comes when it is reached takes another's place (HOSTILE B7). */
const strangersMax = 100;

export class Connections {
  /** Why nobody can reach us, "" where somebody can. */
  listenProblem = "";
  /** The last attempt did not get every address: the next one is to wait. */
  hasFailed = false;
  /** Somebody has reached us from outside: then the port is open. */
  hasIncoming = false;
  readonly #network: Network;
  readonly #host: PeerHost;
  readonly #options: ConnectionsOptions;
  readonly #all = new Set<PeerConnection>();
  /** In the order they came. */
  readonly #strangers = new Set<PeerConnection>();
  /** By the address of home, the first one first; all with the same port. */
  readonly #listeners = new Map<string, Listener>();
  /** Of addresses besides the first: why they cannot be listened on, and whether that was told. */
  readonly #problems = new Map<string, { readonly problem: string; readonly isTold: boolean }>();
  #told: Listener | undefined;
  #isClosing = false;

  constructor(network: Network, host: PeerHost, options: ConnectionsOptions) {
    this.#network = network;
    this.#host = host;
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  get local(): Endpoint | undefined {
    const [first] = this.#listeners.values();
    return first?.local;
  }

  get homeProblem(): string {
    return this.#options.home.problem;
  }

  /** Whether every address of home is listened on. */
  get isListening(): boolean {
    const addresses = this.#options.home.listenAddresses;
    return addresses.length > 0 && addresses.every((address) => this.#isOpenAt(address));
  }

  /**
   * Listens where it does not yet. A port that cannot be had is told, not thrown; an address besides the first costs itself alone.
   * @throws OperationalError `no-such-address` where the address to bind to is not this machine's.
   */
  async listen(): Promise<void> {
    const { home, listening, port, warn } = this.#options;
    const [first, ...others] = home.listenAddresses;
    this.hasFailed = true;
    const found =
      first === undefined ? home.problem : (this.#listeners.get(first) ?? (await this.#listenAt(first, port)));
    if (typeof found === "string") {
      if (found !== this.listenProblem) warn(`nobody can connect to us: ${found}`);
      this.listenProblem = found;
      return;
    }
    this.listenProblem = "";
    this.#listeners.set(first ?? "", found);
    await Promise.all(others.map((address) => this.#listenBesides(address, found.local.port)));
    this.hasFailed = this.#listeners.size <= others.length;
    if (this.#isClosing) return this.#stopListening();
    if (found !== this.#told) listening(found.local);
    this.#told = found;
  }

  /** Listens where home is now. What came or went by an address that is gone is ended. */
  async listenAgain(): Promise<void> {
    const { home } = this.#options;
    this.dropLost();
    await this.#stopListening(this.#isOpenAt(home.listenAddresses[0]) ? home.listenAddresses : []);
    try {
      if (!this.#isClosing) await this.listen();
    } catch (error) {
      // It has gone again meanwhile.
      this.listenProblem = home.problem === "" ? messageOf(error) : home.problem;
    }
  }

  /** Ends those whose own address we do not have any more: nothing will come by them. */
  dropLost(): void {
    const { home } = this.#options;
    const isGone = (address: string): boolean => home.problem !== "" || !home.has(address);
    for (const peer of [...this.#all]) {
      if (peer.localAddress !== undefined && isGone(peer.localAddress)) peer.close("our network has changed");
    }
  }

  dropAll(reason: string): void {
    for (const peer of [...this.#all]) peer.close(reason);
  }

  /** @returns `undefined` where nobody may be dialled now; why, where it is only that one. */
  dial(torrent: PeerTorrent, remote: Endpoint): Dialled {
    const { admittance, connectionsMax, home } = this.#options;
    if (this.#isClosing || !admittance.isReady || this.#all.size >= connectionsMax()) return undefined;
    if (admittance.refuses(remote.address)) return "blocked";
    const source = home.source(familyOf(remote.address));
    if (source === undefined) return home.problem === "" ? "no-way" : undefined;
    const peer = PeerConnection.dial(this.#host, this.#network, torrent, remote, source.localAddress);
    this.#all.add(peer);
    return peer;
  }

  /** Whether this is where we ourselves listen. */
  isSelf(endpoint: Endpoint): boolean {
    return [...this.#listeners.values()].some(({ local }) => {
      if (local.port !== endpoint.port) return false;
      const isAnyAddress = local.address === "0.0.0.0" || local.address === "::";
      return endpoint.address === local.address || (isAnyAddress && localityOf(endpoint.address) === "loopback");
    });
  }

  becameNeighbour(peer: PeerConnection): void {
    if (!peer.isIncoming) return;
    this.#strangers.delete(peer);
    // Whoever is on this machine proves nothing, unless nobody else is to reach us.
    const isLocal = localityOf(peer.remote.address) === "loopback";
    if (!isLocal || localityOf(this.local?.address ?? "") === "loopback") this.hasIncoming = true;
  }

  ended(peer: PeerConnection): void {
    this.#all.delete(peer);
    this.#strangers.delete(peer);
  }

  /** Fewer may be allowed than there are. */
  keepToMax(): void {
    for (const peer of [...this.#all].slice(this.#options.connectionsMax())) {
      peer.close("we allow fewer connections now");
    }
  }

  /** Ends those that would not be admitted any more. */
  dropBlocked(): void {
    for (const peer of [...this.#all]) {
      if (this.#options.admittance.isBlocked(peer.remote.address)) peer.close("its address is blocked");
    }
  }

  /** Nobody gets in or is dialled any more. */
  beginClosing(): void {
    this.#isClosing = true;
  }

  async close(reason: string): Promise<void> {
    this.beginClosing();
    this.dropAll(reason);
    await this.#stopListening();
  }

  /** @returns why that failed, where it did. */
  async #listenAt(address: string, port: number | undefined): Promise<Listener | string> {
    let problem = "";
    for (const candidate of port === undefined ? [...usualPorts, 0] : [port]) {
      try {
        return await this.#network.listen({ address, port: candidate }, (connection) => this.#accept(connection));
      } catch (error) {
        // Bound to an address that is not ours, nothing would ever be dialled or announced either. An interface's own may
        // only be too new: IPv6 cannot be bound before the network has been asked whether somebody else has it.
        if (codeOf(error) === "no-such-address" && !this.#options.home.isInterface) throw error;
        problem = messageOf(error);
      }
    }
    return problem;
  }

  async #listenBesides(address: string, port: number): Promise<void> {
    if (this.#listeners.has(address)) return;
    const found = await this.#listenAt(address, port);
    const before = this.#problems.get(address);
    this.#problems.delete(address);
    if (typeof found !== "string") {
      this.#listeners.set(address, found);
      return;
    }
    // The second time, since an IPv6 address that has only just come cannot be bound for a moment; and once.
    const isKnown = before?.problem === found;
    if (isKnown && !before.isTold) this.#options.warn(`nobody can connect to us at ${address}: ${found}`);
    this.#problems.set(address, { problem: found, isTold: isKnown });
  }

  #isOpenAt(address: string | undefined): boolean {
    return address !== undefined && this.#listeners.get(address)?.isOpen === true;
  }

  /** @param kept addresses that are listened on further, where they are. */
  async #stopListening(kept: readonly string[] = []): Promise<void> {
    const ended = [...this.#listeners].filter(([address]) => !kept.includes(address) || !this.#isOpenAt(address));
    for (const [address] of ended) this.#listeners.delete(address);
    await Promise.all(ended.map(([, listener]) => listener.close()));
  }

  #accept(connection: Connection): PeerConnection | undefined {
    const { admittance } = this.#options;
    if (this.#isClosing || !admittance.isReady || admittance.refuses(connection.remote.address)) return undefined;
    if (!this.#makeRoom()) return undefined;
    const peer = PeerConnection.accept(this.#host, connection);
    this.#strangers.add(peer);
    this.#all.add(peer);
    return peer;
  }

  /** Strangers that wait longest in the largest crowd go first: an honest one shakes hands within a round trip. */
  #makeRoom(): boolean {
    const incomingMax = Math.max(1, Math.floor(this.#options.connectionsMax() * incomingShare));
    if (this.#all.size < incomingMax && this.#strangers.size < strangersMax) return true;
    const [oldest] = largestCrowd(this.#strangers, (peer) => peer.remote.address);
    oldest?.close("others want to come in");
    return oldest !== undefined;
  }
}
