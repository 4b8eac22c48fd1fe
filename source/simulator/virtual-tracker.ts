/** The embedded tracker at a made-up URL: as far away as its link says, and sometimes dead. */
import { OperationalError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../ports/http.ts";
import { Tracker, type TrackerOptions } from "../tracker/tracker.ts";
import { answerTrackerRequest } from "../tracker/tracker-http.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const address = "198.51.100.1";
const answerMs = 100;

export class VirtualTracker {
  readonly url = `http://${address}/announce`;
  readonly tracker: Tracker;
  /** Answers nobody. */
  isDead = false;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, random: Random, options: TrackerOptions = {}) {
    this.#clock = clock;
    this.tracker = new Tracker(random, options);
  }

  /** HTTP as the host with this address sees it: there is nothing but the tracker. */
  clientAt(remote: string): HttpClient {
    return { get: (request) => this.#get(request, remote) };
  }

  async #get({ url, timeoutMs }: HttpRequest, remote: string): Promise<HttpResponse> {
    const { host, pathname, search } = new URL(url);
    const isAnswered = host === address && !this.isDead;
    await new Promise<void>((resolve) => this.#clock.after(isAnswered ? answerMs : timeoutMs, resolve));
    if (!isAnswered) throw new OperationalError("timeout", "the tracker does not answer");
    const request = { target: pathname + search, remote: { address: remote, port: 1024 } };
    const { status, body } = answerTrackerRequest(this.tracker, request, this.#clock.nowMs());
    return { status, headers: {}, body, remoteAddress: address };
  }
}
