/**
 * Who may become a neighbour. One connection for each peer, but for one that comes back while its old one is silent. When
 * places run out, first those give way that neither give nor take, then those of the largest crowd from one network, then, of
 * those with which nothing is exchanged, the one of the least rank to whoever outranks it (BEP 40). Some places are only for
 * peers that we dialled: however many come to us, they cannot keep us from those we choose.
 */
import { largestCrowd, networkOf } from "../base/crowd.ts";
import type { PeerId } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NeighbourInfo } from "./neighbour-owner.ts";

/** Of all places, those for peers that we dialled. */
const dialledShare = 0.25;
/** A neighbour that neither side wants anything from makes room for others after this. */
const uselessMs = 120_000;
/** So long a neighbour is left to show what it has, before one of greater rank may take its place. */
const outrankedMs = 30_000;
/** As many as this of one network are no crowd: a household, a campus behind one address. */
const crowdMin = 4;

export class Admission {
  readonly #neighbours: ReadonlyMap<number, Neighbour>;
  readonly #rankOf: (endpoint: Endpoint) => number;
  #neighboursMax: number;

  /** @param rankOf as for `PeerList`. */
  constructor(
    neighbours: ReadonlyMap<number, Neighbour>,
    neighboursMax: number,
    rankOf: (endpoint: Endpoint) => number = () => 0,
  ) {
    this.#neighbours = neighbours;
    this.#neighboursMax = neighboursMax;
    this.#rankOf = rankOf;
  }

  get neighboursMax(): number {
    return this.#neighboursMax;
  }

  /**
   * Where there are more already, those go that neither give nor take, then those with which least was exchanged, of these
   * those of the least rank.
   */
  setMax(neighboursMax: number, nowMs: number): void {
    this.#neighboursMax = neighboursMax;
    const exchanged = (one: Neighbour) => (isUseless(one, nowMs) ? -1 : one.down.total + one.up.total);
    const rank = (one: Neighbour) => this.#rankOf(one.info.endpoint);
    const least = [...this.#neighbours.values()].sort(
      (a, b) => exchanged(a) - exchanged(b) || rank(a) - rank(b) || b.id - a.id,
    );
    for (const one of least.slice(0, Math.max(0, least.length - neighboursMax))) {
      one.close("we allow fewer neighbours now");
    }
  }

  /** How many more may be dialled so that there are `sought` neighbours, and some of our own choice in any case. */
  room(sought: number, dialing: number): number {
    const { size } = this.#neighbours;
    if (size + dialing >= this.#neighboursMax) return 0;
    let dialled = 0;
    for (const neighbour of this.#neighbours.values()) if (!neighbour.info.isIncoming) dialled++;
    const chosen = Math.floor(this.#neighboursMax * dialledShare) - dialled;
    return Math.max(0, Math.min(Math.max(sought - size, chosen), this.#neighboursMax - size) - dialing);
  }

  /**
   * Why this peer may not become a neighbour, `undefined` if it may; then there is room, where need be because another
   * had to go. Where two peers dial each other at once, both keep the connection that the one with the greater peer id
   * opened, so that not both are dropped.
   */
  refusal(peer: NeighbourInfo, ourPeerId: PeerId, nowMs: number): string | undefined {
    for (const neighbour of this.#neighbours.values()) {
      if (neighbour.info.peerId !== peer.peerId) continue;
      const isSameHost = neighbour.info.endpoint.address === peer.endpoint.address;
      // Peer ids are public. Who claims another's neither replaces it nor, giving nothing, keeps it out.
      if (!isSameHost && isIdle(neighbour)) continue;
      // It may be the same indeed, come back while its old line is dead and will be found out later. Both are there until then:
      // behind one address there may be many, so that not even who has the address and the name may end what may live.
      if ((peer.isIncoming || !isSameHost) && neighbour.watch.isQuiet(nowMs)) continue;
      const isOpenedByGreater = peer.isIncoming ? peer.peerId > ourPeerId : ourPeerId > peer.peerId;
      if (neighbour.info.isIncoming === peer.isIncoming || !isOpenedByGreater || !isSameHost) {
        return "we are connected to it already";
      }
      neighbour.close("it has a second connection to us");
      return undefined;
    }
    const rivals = this.#rivals(peer);
    if (rivals.length === 0 || this.#makeRoom(rivals, peer, nowMs)) return undefined;
    return "we have as many neighbours as we allow";
  }

  /** @returns whether one of them was dropped. */
  #makeRoom(rivals: readonly Neighbour[], peer: NeighbourInfo, nowMs: number): boolean {
    const loser =
      rivals.find((rival) => isUseless(rival, nowMs)) ??
      leastOfCrowd(rivals, peer) ??
      this.#outranked(rivals, peer, nowMs);
    loser?.close("others have more to offer");
    return loser !== undefined;
  }

  #outranked(rivals: readonly Neighbour[], peer: NeighbourInfo, nowMs: number): Neighbour | undefined {
    // One address has one rank: however often it comes, it outranks others a few times only.
    if (fellowsOf(rivals, peer) >= crowdMin) return undefined;
    let least: Neighbour | undefined;
    let leastRank = this.#rankOf(peer.endpoint);
    for (const rival of rivals) {
      const isExchanging = rival.down.rate(nowMs) + rival.up.rate(nowMs) > 0;
      if (isExchanging || nowMs - rival.connectedMs < outrankedMs) continue;
      // Whom we chose is safe from those who come by themselves.
      if (peer.isIncoming && !rival.info.isIncoming) continue;
      const rank = this.#rankOf(rival.info.endpoint);
      if (rank >= leastRank) continue;
      least = rival;
      leastRank = rank;
    }
    return least;
  }

  /** One of whom has to go so that this one may come; empty where there is room. */
  #rivals(peer: NeighbourInfo): readonly Neighbour[] {
    const all = [...this.#neighbours.values()];
    if (all.length >= this.#neighboursMax) return all;
    if (!peer.isIncoming) return [];
    const incoming = all.filter((neighbour) => neighbour.info.isIncoming);
    return incoming.length < this.#neighboursMax - Math.floor(this.#neighboursMax * dialledShare) ? [] : incoming;
  }
}

function isIdle(neighbour: Neighbour): boolean {
  return neighbour.isSnubbed || neighbour.down.total + neighbour.up.total === 0;
}

function isUseless(neighbour: Neighbour, nowMs: number): boolean {
  const isWanted = neighbour.amInterested || neighbour.peerInterested;
  const isSilent = neighbour.isSnubbed && neighbour.amChoking;
  return (!isWanted || isSilent) && nowMs - neighbour.connectedMs > uselessMs;
}

/** Of the largest crowd the one with which least was exchanged, the newest of those; nobody for who is of it himself. */
function leastOfCrowd(rivals: readonly Neighbour[], peer: NeighbourInfo): Neighbour | undefined {
  const crowd = largestCrowd(rivals, (rival) => rival.info.endpoint.address);
  if (crowd.length <= Math.max(crowdMin, fellowsOf(rivals, peer) + 1)) return undefined;
  const exchanged = (one: Neighbour) => one.down.total + one.up.total;
  return crowd.reduce((least, one) => (exchanged(one) <= exchanged(least) ? one : least));
}

/** How many of them are of its network. */
function fellowsOf(rivals: readonly Neighbour[], peer: NeighbourInfo): number {
  const network = networkOf(peer.endpoint.address);
  return rivals.filter((rival) => networkOf(rival.info.endpoint.address) === network).length;
}
