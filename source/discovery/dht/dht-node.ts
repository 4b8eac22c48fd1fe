/**
 * One node of the DHT, in one address family (BEP 5; BEP 32 has a DHT for each). Without I/O: datagrams and time come in by
 * calls, datagrams go out by `send`.
 *
 * What comes in is bounded before it is read: for each address, in all, and for those that have shown that they are there
 * apart from the rest, so that a flood of made-up senders leaves them their share. Answers to queries of ours get
 * past that. What is no message is not answered; what is answered is never larger than answers.ts allows.
 */
import { type Endpoint, familyOf, formatEndpoint } from "../../base/ip-address.ts";
import type { Random } from "../../base/random.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { Hasher } from "../../ports/hasher.ts";
import type { Signatures } from "../../ports/signatures.ts";
import { type AnswerWorld, type Asked, answerTo } from "./answers.ts";
import type { Contact } from "./contact.ts";
import { ExternalAddress } from "./external-address.ts";
import { ItemStore } from "./item-store.ts";
import type { Query, QueryMessage, Want } from "./krpc.ts";
import { decodeMessage, looksLikeMessage } from "./krpc-decode.ts";
import { encodeError, encodeQuery } from "./krpc-encode.ts";
import { Lookup, type LookupHost, type LookupOptions } from "./lookup.ts";
import { type NodeId, randomId, roughDistance } from "./node-id.ts";
import { type Asking, OpenQueries, type Outcome } from "./open-queries.ts";
import { PeerStore } from "./peer-store.ts";
import { RateGate } from "./rate-gate.ts";
import { bucketSize, hostOf, RoutingTable } from "./routing-table.ts";
import { isSecureId, secureIdFor } from "./secure-id.ts";
import { Tokens } from "./tokens.ts";
import { VerifiedAddresses } from "./verified-addresses.ts";

export interface DhtPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly signatures: Signatures;
}

export interface DhtNodeOptions {
  readonly family: 4 | 6;
  /** Of an earlier run. Default: drawn. */
  readonly id?: NodeId | undefined;
  readonly send: (bytes: Uint8Array, remote: Endpoint) => void;
  /** BEP 43: we ask, and answer nobody. Default: no. */
  readonly isReadOnly?: () => boolean;
  /** Of the other family, where there is one. */
  readonly sibling?: () => DhtNode | undefined;
  /** Whether an endpoint may be sent to at all. Default: any. */
  readonly mayReach?: (remote: Endpoint) => boolean;
  /** Of the gates that have one for each address (rate-gate.ts). Default: as a node on the open network needs. */
  readonly gatePlaces?: number;
}

const tickMs = 5_000;
/** Where our own place in the network is looked for again, if nothing else has happened. */
const selfLookupMs = 15 * 60_000;
const expireMs = 60_000;
/** An address may ask so much; a busy client does a tenth of it. */
const addressPace = { perSecond: 10, burst: 60 };
/** 128 KiB for each gate. */
const addressPlaces = 16_384;
/** In all, of those that have shown that they are there, and of all others: each takes some 5 % of a core at most. */
const allPace = { perSecond: 400, burst: 400, places: 1 };
const signaturePace = { perSecond: 50, burst: 50, places: 1 };
/** Nodes that ask us, and would have a place in the table, are asked back at this pace. */
const meetPace = { perSecond: 2, burst: 20, places: 1 };
/** Answers that wait until their address has shown that it is one, and how long they do. */
const deferredMax = 64;
const deferredMs = 1_000;
/** Hosts that everybody begins with. */
const keptOutMax = 200;
/** By chance the eighth closest of two places differ so much in one of some hundred cases. */
const thinnest = 3;

export interface DhtTraffic {
  /** Datagrams that came, and those of them that were not read: too many, or no messages. */
  received: number;
  dropped: number;
  malformed: number;
  /** Queries of others that we answered. */
  answered: number;
}

export class DhtNode implements LookupHost {
  readonly family: 4 | 6;
  readonly external = new ExternalAddress();
  readonly peers: PeerStore;
  readonly items: ItemStore;
  readonly queries: OpenQueries;
  readonly traffic: DhtTraffic = { received: 0, dropped: 0, malformed: 0, answered: 0 };
  readonly ports: DhtPorts;
  readonly #options: DhtNodeOptions;
  readonly #world: AnswerWorld;
  readonly #addressGate: RateGate;
  readonly #verifiedGate: RateGate;
  readonly #strangersGate: RateGate;
  readonly #meetGate: RateGate;
  readonly #verified = new VerifiedAddresses();
  readonly #lookups = new Set<Lookup>();
  readonly #keptOut = new Set<string>();
  #table: RoutingTable;
  readonly #deferred = new Set<Timer>();
  #ticker: Timer | undefined;
  #selfLookedMs = Number.NEGATIVE_INFINITY;
  #expiredMs: number;
  #isClosed = false;

  constructor(ports: DhtPorts, options: DhtNodeOptions) {
    const { clock, random, hasher, signatures } = ports;
    const now = clock.nowMs();
    this.ports = ports;
    this.family = options.family;
    this.#options = options;
    this.#table = new RoutingTable(options.id ?? randomId(random), now);
    this.#expiredMs = now;
    this.peers = new PeerStore(hasher, random);
    this.items = new ItemStore();
    const places = options.gatePlaces ?? addressPlaces;
    this.queries = new OpenQueries(clock, random, options.send, places);
    this.#addressGate = new RateGate(random, { ...addressPace, places });
    this.#verifiedGate = new RateGate(random, allPace);
    this.#strangersGate = new RateGate(random, allPace);
    this.#meetGate = new RateGate(random, meetPace);
    this.#world = {
      family: options.family,
      hasher,
      signatures,
      signatureGate: new RateGate(random, signaturePace),
      tokens: new Tokens(hasher, random, now),
      peers: this.peers,
      items: this.items,
      table: (family) => (family === this.family ? this.#table : options.sibling?.()?.table),
    };
  }

  get id(): NodeId {
    return this.#table.id;
  }

  get table(): RoutingTable {
    return this.#table;
  }

  get lookupCount(): number {
    return this.#lookups.size;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Looks after its table from now on. */
  start(): void {
    this.#ticker ??= this.ports.clock.after(tickMs, () => {
      this.#ticker = undefined;
      this.start();
      this.#tick();
    });
  }

  /**
   * Nothing is sent any more. Lookups and queries that are under way end with what came so far; such as are begun afterwards
   * find nobody. So whoever waits for one is told, once, also when the socket is lost.
   */
  close(): void {
    this.#isClosed = true;
    this.#ticker?.cancel();
    this.#ticker = undefined;
    for (const timer of this.#deferred) timer.cancel();
    this.#deferred.clear();
    // Before the queries: a lookup that hears of silence would ask the next.
    for (const lookup of [...this.#lookups]) lookup.close();
    this.queries.close();
  }

  // ── asking ─────────────────────────────────────────────────────────────────────────────────────────────────────

  ask(to: Contact | Endpoint, query: Query, asking: Asking): void {
    const contact = "id" in to ? to : undefined;
    const endpoint = "id" in to ? to.endpoint : to;
    if (!this.mayReach(endpoint)) {
      this.ports.clock.after(0, () => asking.onDone({ kind: "silence" }));
      return;
    }
    const isReadOnly = this.#options.isReadOnly?.() ?? false;
    this.queries.ask(endpoint, (transaction) => encodeQuery(transaction, this.id, query, isReadOnly), {
      ...asking,
      onDone: (outcome) => {
        // Who is not waited for is not to blame.
        if (!this.#isClosed) this.#learn(endpoint, contact, outcome);
        asking.onDone(outcome);
      },
    });
  }

  isDense(target: NodeId, eighth: NodeId): boolean {
    const ours = this.#table.closest(this.id, bucketSize, this.ports.clock.nowMs())[bucketSize - 1];
    return ours === undefined || roughDistance(target, eighth) <= thinnest * roughDistance(this.id, ours.id);
  }

  mayReach(endpoint: Endpoint): boolean {
    if (endpoint.port === 0 || familyOf(endpoint.address) !== this.family) return false;
    return this.#options.mayReach?.(endpoint) ?? true;
  }

  /** That one is asked, but never comes into the table. */
  keepOut(endpoint: Endpoint): void {
    if (this.#keptOut.size < keptOutMax) this.#keptOut.add(formatEndpoint(endpoint));
  }

  /** A node that somebody told us of (BEP 5 "PORT message", "nodes"): it is in the table once it has answered. */
  meet(endpoint: Endpoint): void {
    this.ask(endpoint, { method: "ping" }, { onDone: () => {} });
  }

  lookUp(options: Omit<LookupOptions, "from"> & { readonly from?: readonly (Contact | Endpoint)[] }): Lookup {
    const known = this.#table.startsFor(options.target, this.ports.clock.nowMs());
    const from = this.#isClosed ? [] : [...known, ...(options.from ?? [])];
    let isOver = false;
    let lookup: Lookup | undefined;
    lookup = new Lookup(this, {
      ...options,
      from,
      onDone: (result) => {
        isOver = true;
        if (lookup !== undefined) this.#lookups.delete(lookup);
        options.onDone(result);
      },
    });
    if (!isOver) this.#lookups.add(lookup);
    return lookup;
  }

  /**
   * Finds our place in the network, which fills the table on the way.
   * @param from where to begin besides the table. @param onDone exactly once, as for every lookup.
   */
  findSelf(from: readonly (Contact | Endpoint)[], onDone: () => void): void {
    this.#selfLookedMs = this.ports.clock.nowMs();
    this.#findNodes(this.id, from, onDone);
  }

  /** We were out of reach, and are back: nobody is to blame for silence. */
  networkChanged(): void {
    this.#table.forgive();
    this.#selfLookedMs = Number.NEGATIVE_INFINITY;
  }

  // ── being asked ────────────────────────────────────────────────────────────────────────────────────────────────

  /** @param bytes the node's from now on. */
  receive(bytes: Uint8Array, remote: Endpoint): void {
    if (this.#isClosed) return;
    const now = this.ports.clock.nowMs();
    this.traffic.received++;
    // Noise is not to take the places of those who ask.
    if (!looksLikeMessage(bytes)) {
      this.traffic.malformed++;
      return;
    }
    const isVerified = this.#verified.has(remote.address, now);
    if (!this.queries.expects(remote) && !this.#isAdmitted(remote, isVerified, now)) {
      this.traffic.dropped++;
      return;
    }
    const message = this.mayReach(remote) ? decodeMessage(bytes) : undefined;
    if (message === undefined) {
      this.traffic.malformed++;
      return;
    }
    if (message.kind === "answer" || message.kind === "error") {
      if (this.queries.settle(message, remote)) this.#verified.add(remote.address, now);
      return;
    }
    if (this.#options.isReadOnly?.() === true) return;
    this.traffic.answered++;
    if (message.kind === "bad-query") this.#options.send(encodeError(message.transaction, message.code), remote);
    else this.#answer(message, remote, bytes.length, isVerified);
  }

  #isAdmitted(remote: Endpoint, isVerified: boolean, now: number): boolean {
    if (!this.#addressGate.admits(hostOf(remote), now)) return false;
    return (isVerified ? this.#verifiedGate : this.#strangersGate).admits("", now);
  }

  #answer(message: QueryMessage, remote: Endpoint, length: number, isVerified: boolean): void {
    const { id, transaction, query } = message;
    const now = this.ports.clock.nowMs();
    const asked: Asked = { id, transaction, query, from: remote, length, isVerified };
    const { bytes, isCutShort } = answerTo(this.#world, this.id, asked, now);
    const contact = { id, endpoint: remote };
    this.#table.asked(contact, now);
    if (isCutShort && !message.isReadOnly && this.#deferred.size < deferredMax) this.#defer(asked, bytes);
    else this.#options.send(bytes, remote);
    const mayAsk = !message.isReadOnly && !this.queries.isAsking(remote);
    if (mayAsk && this.#table.isWorthAsking(contact, now) && this.#meetGate.admits("", now))
      this.ask(contact, { method: "ping" }, { onDone: () => {} });
  }

  /** Until the address has answered a ping, or has not for a while. The ping is smaller than what it is sent for. */
  #defer(asked: Asked, short: Uint8Array): void {
    const { from } = asked;
    const settle = (send: () => void): void => {
      if (!this.#deferred.delete(timer)) return;
      timer.cancel();
      send();
    };
    const timer = this.ports.clock.after(deferredMs, () => settle(() => this.#options.send(short, from)));
    this.#deferred.add(timer);
    this.ask(
      { id: asked.id, endpoint: from },
      { method: "ping" },
      {
        onDone: ({ kind }) => {
          const isVerified = kind !== "silence";
          settle(() => {
            const now = this.ports.clock.nowMs();
            this.#options.send(
              isVerified ? answerTo(this.#world, this.id, { ...asked, isVerified }, now).bytes : short,
              from,
            );
          });
        },
      },
    );
  }

  // ── the table ──────────────────────────────────────────────────────────────────────────────────────────────────

  #learn(endpoint: Endpoint, contact: Contact | undefined, outcome: Outcome): void {
    const now = this.ports.clock.nowMs();
    if (outcome.kind === "silence") {
      if (contact !== undefined) this.#table.silent(contact, now);
      return;
    }
    if (outcome.kind === "error") return;
    const { id, seenAs } = outcome;
    const isKept = !this.#keptOut.has(formatEndpoint(endpoint));
    const doubtful = isKept ? this.#table.answered({ id, endpoint }, now) : undefined;
    if (doubtful !== undefined && this.#meetGate.admits("", now)) {
      this.ask(doubtful, { method: "ping" }, { onDone: () => {} });
    }
    if (seenAs !== undefined && familyOf(seenAs.address) === this.family) {
      if (this.external.vote(endpoint.address, seenAs.address)) this.#moveTo(seenAs.address);
    }
  }

  /** Others see us at an address from which our id does not follow: it is changed (BEP 42 "bootstrapping"). */
  #moveTo(address: string): void {
    if (isSecureId(this.id, address)) return;
    this.#table = this.#table.rehomed(secureIdFor(address, this.ports.random), this.ports.clock.nowMs());
    this.#selfLookedMs = Number.NEGATIVE_INFINITY;
  }

  #tick(): void {
    const { clock, random } = this.ports;
    const now = clock.nowMs();
    if (now - this.#expiredMs >= expireMs) {
      this.#expiredMs = now;
      this.peers.expire(now);
      this.items.expire(now);
    }
    const stalest = this.#table.stalest(now);
    if (stalest !== undefined) this.ask(stalest, { method: "ping" }, { onDone: () => {} });
    if (this.#table.size === 0) return;
    if (now - this.#selfLookedMs >= selfLookupMs) {
      this.findSelf([], () => {});
      return;
    }
    const target = this.#table.staleTarget(random, now);
    if (target !== undefined) this.#findNodes(target, [], () => {});
  }

  #findNodes(target: NodeId, from: readonly (Contact | Endpoint)[], onDone: () => void): void {
    const sibling = this.#options.sibling?.();
    // Nodes of the other family are of use where that has few (BEP 32 "bootstrapping").
    const isShared = sibling !== undefined && sibling.table.size < bucketSize;
    const want: Want | undefined = isShared ? { nodes4: true, nodes6: true } : undefined;
    this.lookUp({
      target,
      query: { method: "find_node", target, want },
      from,
      onAnswer: ({ nodes4, nodes6 }) => {
        if (isShared && sibling.table.size < bucketSize) {
          for (const { endpoint } of (this.family === 4 ? nodes6 : nodes4) ?? []) sibling.meet(endpoint);
        }
        return false;
      },
      onDone,
    });
  }
}
