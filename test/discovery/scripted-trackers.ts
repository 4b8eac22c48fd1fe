/** Trackers that say what a test tells them to, without a network; and an announcer's host that remembers what it heard. */
import bencode from "bencode";
import { OperationalError } from "../../source/base/errors.ts";
import { infoHashFromHex, peerIdFromBytes } from "../../source/base/ids.ts";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { Announcer } from "../../source/discovery/announcer.ts";
import type { AnnouncerHost, AnnouncerOptions } from "../../source/discovery/announcer-host.ts";
import { Trackers } from "../../source/discovery/trackers.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../../source/ports/http.ts";
import { MemoryDatagrams } from "../support/memory-datagrams.ts";
import { MemoryNetwork } from "../support/memory-network.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

export const infoHash = infoHashFromHex("00ff7e20".repeat(5));
export const peerId = peerIdFromBytes(new TextEncoder().encode("-PT0100-abcdefghijkl"));

/** A dictionary to be bencoded, an error to be thrown, or `hang`: no answer until the request's time is over. */
export type Reply = Readonly<Record<string, unknown>> | Error | "hang";

export interface Heard {
  readonly atMs: number;
  /** Scheme, host and path. */
  readonly tracker: string;
  readonly event: string | null;
  readonly query: URLSearchParams;
  readonly request: HttpRequest;
}

export const refused = new OperationalError("refused", "10.0.0.1:80 refused the connection");

export class ScriptedTrackers implements HttpClient {
  readonly heard: Heard[] = [];
  readonly #clock: VirtualClock;
  readonly #replies = new Map<string, Reply | ((heard: Heard) => Reply)>();
  /** Which address answers. */
  remoteAddress = "198.51.100.1";
  /** Hosts that have both families; others have IPv4 alone. */
  readonly dualHosts = new Set<string>();
  /** How long an answer takes; it is the tracker's when it comes. */
  lateByMs: (heard: Heard) => number = () => 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** From now on, `tracker` (scheme, host and path) replies so. What is not scripted refuses. */
  script(tracker: string, reply: Reply | ((heard: Heard) => Reply)): void {
    this.#replies.set(tracker, reply);
  }

  async get(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    const tracker = `${url.protocol}//${url.host}${url.pathname}`;
    if (request.family === 6 && !this.dualHosts.has(url.hostname)) {
      throw new OperationalError("unresolved", "there is no such host");
    }
    const heard: Heard = {
      atMs: this.#clock.nowMs(),
      tracker,
      event: url.searchParams.get("event"),
      query: url.searchParams,
      request,
    };
    this.heard.push(heard);
    const lateByMs = this.lateByMs(heard);
    if (lateByMs > 0) await new Promise<void>((resolve) => this.#clock.after(lateByMs, resolve));
    const scripted = this.#replies.get(tracker) ?? refused;
    const reply = typeof scripted === "function" ? scripted(heard) : scripted;
    if (reply instanceof Error) throw reply;
    if (reply === "hang") {
      return new Promise((_resolve, reject) => {
        this.#clock.after(request.timeoutMs, () => reject(new OperationalError("timeout", "it did not answer")));
      });
    }
    const remoteAddress = request.family === 6 ? "2001:db8::1" : this.remoteAddress;
    return { status: 200, headers: {}, body: bencode.encode(reply), remoteAddress };
  }

  /** `tracker event` of each announce, in order. */
  get story(): readonly string[] {
    return this.heard.map(({ tracker, event }) => `${new URL(tracker).hostname} ${event ?? "-"}`);
  }
}

export class RecordingHost implements AnnouncerHost {
  readonly infoHash = infoHash;
  readonly peerId = peerId;
  readonly peers: { readonly peers: readonly Endpoint[]; readonly url: string }[] = [];
  readonly lines: string[] = [];
  port = 6881;
  wanted = 50;
  left = 1000;

  listenPort(): number {
    return this.port;
  }
  totals() {
    return { uploaded: 10, downloaded: 20, left: this.left };
  }
  wantedPeers(): number {
    return this.wanted;
  }
  onPeers(peers: readonly Endpoint[], url: string): void {
    this.peers.push({ peers, url });
  }
  log(text: string): void {
    this.lines.push(text);
  }
}

export function makeBench(tiers: readonly (readonly string[])[], options: Partial<AnnouncerOptions> = {}, seed = 1) {
  const clock = new VirtualClock();
  const trackers = new ScriptedTrackers(clock);
  const host = new RecordingHost();
  const random = new SeededRandom(seed);
  const all = trackersOver(clock, trackers);
  const make = () => new Announcer({ clock, random }, host, { tiers, key: 0xdeadbeef, trackers: all, ...options });
  /** `next` makes another of the same torrent. */
  return { clock, trackers, host, announcer: make(), next: make };
}

/** Trackers by this HTTP, and by no other way. */
export function trackersOver(clock: VirtualClock, http: HttpClient): Trackers {
  const network = new MemoryNetwork(clock).host("10.0.0.1");
  const datagrams = new MemoryDatagrams(clock).host("10.0.0.1");
  return new Trackers({ clock, random: new SeededRandom(1), network, datagrams, http }, "p2p-tui/test");
}
