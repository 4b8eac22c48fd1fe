/**
 * Peer exchange with the neighbours of one torrent (BEP 11): each is told about once a minute whom else we are connected to,
 * and tells us. Nobody is told of a peer that lies nearer than he does, and no incoming peer's port is guessed: it is named
 * only where it said where it listens.
 */
import { ProtocolError } from "../base/errors.ts";
import { type Endpoint, formatEndpoint, mayName } from "../base/ip-address.ts";
import { decodePex, encodePex, type PexPeer, pexPeersMax } from "../wire/ut-pex.ts";
import { listeningAt } from "./listening-at.ts";
import type { Neighbour } from "./neighbour.ts";

/** BEP 11: not more than one message a minute. */
const tellMs = 60_000;
/** A neighbour is told of so many that are there at once: for finding others, some are enough. */
const toldMax = 100;
/** Clients keep to the minute, more or less; what comes sooner than this, after a few, is not read. */
const hearMs = 30_000;
const burstMax = 3;
/** Unread ones before it goes. */
const unreadMax = 30;
/** Addresses that one neighbour may name in its life. */
const namedMax = 1_000;

/** Who names peers. */
type Namer = Pick<Neighbour, "info">;

interface Exchange {
  /** By id, whom it was told of. */
  readonly told: Map<number, Endpoint>;
  tellAtMs: number;
  /** Messages it may send now. */
  credit: number;
  creditMs: number;
  unread: number;
  named: number;
}

export class PeerExchange {
  readonly #exchanges = new WeakMap<Namer, Exchange>();
  /** Nobody is to be told before then. */
  #dueMs = 0;

  /** Somebody has said which extensions it speaks. */
  met(): void {
    this.#dueMs = 0;
  }

  /** About once a second. */
  tick(neighbours: ReadonlyMap<number, Neighbour>, nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#dueMs = Number.POSITIVE_INFINITY;
    for (const neighbour of neighbours.values()) {
      if (!neighbour.extensions.speaks("ut_pex")) continue;
      const exchange = this.#of(neighbour, nowMs);
      if (nowMs >= exchange.tellAtMs) {
        exchange.tellAtMs = nowMs + tellMs;
        this.#tell(neighbour, exchange, neighbours);
      }
      this.#dueMs = Math.min(this.#dueMs, exchange.tellAtMs);
    }
  }

  /**
   * @returns whom it names, and may name. @param wantsSeeds false: seeds are left out.
   * @throws ProtocolError for what is none, and for a flood.
   */
  came(neighbour: Namer, payload: Uint8Array, wantsSeeds: boolean, nowMs: number): readonly Endpoint[] {
    const exchange = this.#of(neighbour, nowMs);
    exchange.credit = Math.min(burstMax, exchange.credit + (nowMs - exchange.creditMs) / hearMs);
    exchange.creditMs = nowMs;
    if (exchange.credit < 1) {
      if (++exchange.unread > unreadMax) throw new ProtocolError("flood", "it names peers far too often");
      return [];
    }
    exchange.credit--;
    const { address } = neighbour.info.endpoint;
    const named = decodePex(payload)
      .added.filter(({ endpoint, isSeed }) => mayName(address, endpoint.address) && (wantsSeeds || !isSeed))
      .map(({ endpoint }) => endpoint)
      .slice(0, Math.max(0, namedMax - exchange.named));
    exchange.named += named.length;
    return named;
  }

  #of(neighbour: Namer, nowMs: number): Exchange {
    let exchange = this.#exchanges.get(neighbour);
    if (exchange === undefined) {
      exchange = { told: new Map(), tellAtMs: nowMs, credit: burstMax, creditMs: nowMs, unread: 0, named: 0 };
      this.#exchanges.set(neighbour, exchange);
    }
    return exchange;
  }

  #tell(neighbour: Neighbour, { told }: Exchange, neighbours: ReadonlyMap<number, Neighbour>): void {
    const dropped = new Map<string, Endpoint>();
    for (const [id, endpoint] of told) {
      if (neighbours.has(id) || dropped.size >= pexPeersMax) continue;
      told.delete(id);
      dropped.set(formatEndpoint(endpoint), endpoint);
    }
    const added: PexPeer[] = [];
    for (const other of neighbours.values()) {
      if (added.length >= pexPeersMax || told.size >= toldMax) break;
      if (other === neighbour || told.has(other.id)) continue;
      const endpoint = listeningAt(other);
      if (endpoint === undefined || !mayName(neighbour.info.endpoint.address, endpoint.address)) continue;
      // A seed has no use for seeds.
      if (neighbour.isSeed && other.isSeed) continue;
      told.set(other.id, endpoint);
      // It has come again meanwhile: nobody may be in both lists (BEP 11), and to the neighbour nothing has changed.
      if (dropped.delete(formatEndpoint(endpoint))) continue;
      added.push({ endpoint, isSeed: other.isSeed, isReachable: !other.info.isIncoming });
    }
    if (added.length + dropped.size === 0) return;
    neighbour.extensions.send("ut_pex", encodePex({ added, dropped: [...dropped.values()] }));
  }
}
