/**
 * Asks UDP trackers (BEP 15) for all torrents. There is a socket for each family while anything is asked over it and a minute
 * longer: as long as the connection ids hold. A tracker of several addresses is asked at the first, and at each further one
 * where those before it keep silent for two seconds; what answers first counts.
 *
 * Whoever made the torrent chose the tracker. What is sent before it has answered as a tracker is fixed (a connect request of
 * 16 bytes), so that no service on this machine or network can be made to do anything by it; what is no host's address
 * (multicast, broadcast) is not asked.
 */
import { OperationalError } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import { type Endpoint, familyOf, localityOf } from "../base/ip-address.ts";
import type { Timer } from "../ports/clock.ts";
import type { Datagrams } from "../ports/datagram.ts";
import type { Ports } from "../ports/ports.ts";
import type { AnnounceSuccess, ScrapeRow } from "./tracker-answer.ts";
import type { TrackerCall, TrackerHeard } from "./tracker-call.ts";
import type { AnnounceQuery, UdpTrackerPlace } from "./tracker-codec.ts";
import { UdpLine } from "./udp-line.ts";
import { connectionLifeMs, type UdpRequest } from "./udp-tracker.ts";
import {
  encodeUdpAnnounce,
  encodeUdpScrape,
  parseUdpAnnounceAnswer,
  parseUdpScrapeAnswer,
  udpAction,
} from "./udp-tracker-codec.ts";

/** How long a silent address holds up the next one. */
const nextAddressMs = 2_000;
/** More than any honest tracker has. */
const addressesMax = 6;
/** A name is looked up once for all torrents of its tracker. */
const namesLifeMs = 60_000;
const namesMax = 256;

export type UdpTrackersPorts = Pick<Ports, "clock" | "random" | "network"> & {
  readonly datagrams: Pick<Datagrams, "bind">;
};

interface Question<Answer> extends Pick<UdpRequest, "action" | "encode"> {
  /** `undefined` for what makes no sense. */
  parse(bytes: Uint8Array, family: 4 | 6): Answer | undefined;
}

export class UdpTrackers {
  readonly #ports: UdpTrackersPorts;
  readonly #lines = new Map<4 | 6, Promise<UdpLine>>();
  readonly #names = new Map<string, { readonly addresses: Promise<readonly string[]>; readonly untilMs: number }>();
  #underWay = 0;
  #idle: Timer | undefined;
  #isClosed = false;

  constructor(ports: UdpTrackersPorts) {
    this.#ports = ports;
  }

  /** @throws OperationalError `timeout`, `unresolved`, `unreachable`, …; TrackerRefusal where the tracker says no. */
  announce(place: UdpTrackerPlace, query: AnnounceQuery, call: TrackerCall): Promise<TrackerHeard<AnnounceSuccess>> {
    return this.#ask(place, call, {
      action: udpAction.announce,
      encode: (connectionId, transactionId) => encodeUdpAnnounce(connectionId, transactionId, query, place.urlData),
      parse: parseUdpAnnounceAnswer,
    });
  }

  /** @param infoHashes 1 … `udpScrapeHashesMax`. @throws as `announce` does. */
  scrape(
    place: UdpTrackerPlace,
    infoHashes: readonly InfoHash[],
    call: TrackerCall,
  ): Promise<TrackerHeard<ReadonlyMap<InfoHash, ScrapeRow>>> {
    return this.#ask(place, call, {
      action: udpAction.scrape,
      encode: (connectionId, transactionId) => encodeUdpScrape(connectionId, transactionId, infoHashes),
      parse: (bytes) => parseUdpScrapeAnswer(bytes, infoHashes),
    });
  }

  /** What is under way goes by ways that may not be there any more: it fails, and what follows goes by new sockets. */
  networkChanged(): void {
    this.#idle?.cancel();
    this.#names.clear();
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const line of lines) {
      line.then(
        (open) => open.close(),
        () => undefined,
      );
    }
  }

  /** Ends what is under way, and every later request, with `closed`. */
  close(): void {
    this.#isClosed = true;
    this.networkChanged();
  }

  async #ask<Answer>(
    place: UdpTrackerPlace,
    call: TrackerCall,
    question: Question<Answer>,
  ): Promise<TrackerHeard<Answer>> {
    if (this.#isClosed) throw new OperationalError("closed", "the request was given up");
    this.#underWay++;
    this.#idle?.cancel();
    const attempt = new Attempt(this.#ports, place, call, question);
    try {
      const routes = this.#routes(place, call.family);
      routes.then(
        (found) => attempt.begin(found),
        (error: unknown) => attempt.fail(error),
      );
      return await attempt.heard;
    } finally {
      this.#underWay--;
      if (this.#underWay === 0 && !this.#isClosed) {
        this.#idle = this.#ports.clock.after(connectionLifeMs, () => this.networkChanged());
      }
    }
  }

  /** At least one. @throws OperationalError why there is none. */
  async #routes(place: UdpTrackerPlace, family: 4 | 6 | undefined): Promise<readonly Route[]> {
    const all = await this.#addressesOf(place.host);
    const fitting = all.filter((address) => family === undefined || familyOf(address) === family);
    if (fitting.length === 0) {
      throw new OperationalError(
        "unresolved",
        `${place.host} has no ${family === undefined ? "" : `IPv${family} `}address`,
      );
    }
    const allowed = fitting.filter((address) => localityOf(address) !== "unusable").slice(0, addressesMax);
    if (allowed.length === 0) {
      throw new OperationalError(
        "forbidden-address",
        `${place.host} is at ${fitting[0]}, which may not be contacted from here`,
      );
    }
    const routes: Route[] = [];
    let problem: unknown;
    for (const address of allowed) {
      try {
        routes.push({ line: await this.#line(familyOf(address)), remote: { address, port: place.port } });
      } catch (error) {
        problem = error;
      }
    }
    if (routes.length === 0) throw problem;
    return routes;
  }

  async #line(family: 4 | 6): Promise<UdpLine> {
    const there = this.#lines.get(family);
    if (there !== undefined && (await there).isOpen) return there;
    if (this.#lines.get(family) !== there) return this.#line(family);
    const line = UdpLine.open(this.#ports, family);
    this.#lines.set(family, line);
    line.catch(() => {
      if (this.#lines.get(family) === line) this.#lines.delete(family);
    });
    return line;
  }

  #addressesOf(host: string): Promise<readonly string[]> {
    const nowMs = this.#ports.clock.nowMs();
    const known = this.#names.get(host);
    if (known !== undefined && known.untilMs > nowMs) return known.addresses;
    const [oldest] = this.#names.keys();
    if (this.#names.size >= namesMax && oldest !== undefined) this.#names.delete(oldest);
    const addresses = this.#ports.network.resolve(host);
    this.#names.delete(host);
    this.#names.set(host, { addresses, untilMs: nowMs + namesLifeMs });
    addresses.catch(() => {
      if (this.#names.get(host)?.addresses === addresses) this.#names.delete(host);
    });
    return addresses;
  }
}

interface Route {
  readonly line: UdpLine;
  readonly remote: Endpoint;
}

/** One question at one tracker, over as many of its addresses as it takes. */
class Attempt<Answer> {
  readonly heard: Promise<TrackerHeard<Answer>>;
  readonly #ports: Pick<Ports, "clock">;
  readonly #place: UdpTrackerPlace;
  readonly #question: Question<Answer>;
  readonly #timer: Timer;
  #next: Timer | undefined;
  #left: Route[] = [];
  /** Routes that may bring the answer yet. */
  readonly #asked = new Set<Route>();
  readonly #giveUps: (() => void)[] = [];
  readonly #settle: Pick<PromiseWithResolvers<TrackerHeard<Answer>>, "resolve" | "reject">;
  #isOver = false;
  /** Something came that was no tracker's answer. */
  #isOdd = false;

  constructor(ports: Pick<Ports, "clock">, place: UdpTrackerPlace, call: TrackerCall, question: Question<Answer>) {
    this.#ports = ports;
    this.#place = place;
    this.#question = question;
    const { promise, resolve, reject } = Promise.withResolvers<TrackerHeard<Answer>>();
    this.heard = promise;
    this.#settle = { resolve, reject };
    this.#timer = ports.clock.after(call.timeoutMs, () => this.fail(this.#timeout(call.timeoutMs)));
  }

  begin(routes: readonly Route[]): void {
    this.#left = [...routes];
    this.#tryNext(undefined);
  }

  fail(error: unknown): void {
    this.#end(() => this.#settle.reject(error));
  }

  /** @param problem what ended the one before. */
  #tryNext(problem: OperationalError | undefined): void {
    this.#next?.cancel();
    if (this.#isOver) return;
    const route = this.#left.shift();
    if (route === undefined) {
      if (this.#asked.size === 0 && problem !== undefined) this.fail(problem);
      return;
    }
    this.#asked.add(route);
    this.#giveUps.push(route.line.ask(route.remote, this.#requestBy(route)));
    if (this.#left.length > 0) this.#next = this.#ports.clock.after(nextAddressMs, () => this.#tryNext(undefined));
  }

  #requestBy(route: Route): UdpRequest {
    const { action, encode, parse } = this.#question;
    return {
      action,
      encode,
      take: (bytes) => {
        const answer = parse(bytes, route.line.family);
        if (answer === undefined) this.#isOdd = true;
        else this.#end(() => this.#settle.resolve({ answer, remoteAddress: route.remote.address }));
        return answer !== undefined;
      },
      refused: (error) => {
        this.#asked.delete(route);
        if (error.code === "closed") this.fail(error);
        else this.#tryNext(error);
      },
    };
  }

  #end(act: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.cancel();
    this.#next?.cancel();
    act();
    for (const giveUp of this.#giveUps) giveUp();
  }

  #timeout(timeoutMs: number): OperationalError {
    const where = `${this.#place.host}:${this.#place.port}`;
    if (this.#isOdd) return new OperationalError("bad-tracker-answer", `what answers at ${where} is no tracker`);
    return new OperationalError("timeout", `${where} did not answer within ${Math.ceil(timeoutMs / 1000)} s`);
  }
}
