/** The embedded tracker at a made-up URL: as far away as its link says, and sometimes dead. */
import { OperationalError } from "../base/errors.ts";
import { type Random, randomBelow } from "../base/random.ts";
import { encode } from "../bencode/encode.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../ports/http.ts";
import { Tracker, type TrackerOptions } from "../tracker/tracker.ts";
import { answerTrackerRequest } from "../tracker/tracker-http.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const address = "198.51.100.1";
const answerMs = 100;
/** Peers that it makes up for each that asks. */
const liesCount = 50;

export class VirtualTracker {
  readonly url = `http://${address}/announce`;
  readonly tracker: Tracker;
  /** It answers; or nobody; or with addresses where nobody is. */
  state: "alive" | "dead" | "lies" = "alive";
  readonly #clock: VirtualClock;
  readonly #random: Random;

  constructor(clock: VirtualClock, random: Random, options: TrackerOptions = {}) {
    this.#clock = clock;
    this.#random = random;
    this.tracker = new Tracker(random, options);
  }

  /** HTTP as the host with this address sees it: there is nothing but the tracker. */
  clientAt(remote: string): HttpClient {
    return { get: (request) => this.#get(request, remote) };
  }

  /** Addresses of the benchmarking networks (RFC 2544), which nobody has. */
  #lie(): Uint8Array {
    const peers = Uint8Array.from({ length: 6 * liesCount }, (_, i) =>
      i % 6 === 0 ? 198 : i % 6 === 1 ? 18 : randomBelow(this.#random, 256),
    );
    return encode({ interval: 60, complete: liesCount, incomplete: 0, peers });
  }

  async #get({ url, timeoutMs }: HttpRequest, remote: string): Promise<HttpResponse> {
    const { host, pathname, search } = new URL(url);
    const isAnswered = host === address && this.state !== "dead";
    await new Promise<void>((resolve) => this.#clock.arrange(isAnswered ? answerMs : timeoutMs, resolve));
    if (!isAnswered) throw new OperationalError("timeout", "the tracker does not answer");
    if (this.state === "lies") return { status: 200, headers: {}, body: this.#lie(), remoteAddress: address };
    const request = { target: pathname + search, remote: { address: remote, port: 1024 } };
    const { status, body } = answerTrackerRequest(this.tracker, request, this.#clock.nowMs());
    return { status, headers: {}, body, remoteAddress: address };
  }
}
