/** A peer that does nothing but announce, over real HTTP on the system's clock. */
import { randomFillSync } from "node:crypto";
import { type InfoHash, type PeerId, peerIdFromBytes } from "../../source/base/ids.ts";
import { type Endpoint, formatEndpoint } from "../../source/base/ip-address.ts";
import { Announcer } from "../../source/discovery/announcer.ts";
import type { AnnouncerHost } from "../../source/discovery/announcer-host.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeHttpClient } from "../../source/platform/node-http-client.ts";
import { NodeRandom } from "../../source/platform/node-random.ts";
import type { HttpClient } from "../../source/ports/http.ts";

export class AnnouncingPeer implements AnnouncerHost {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId = peerIdFromBytes(randomFillSync(new Uint8Array(20)));
  readonly announcer: Announcer;
  left = 100;
  readonly #port: number;
  #heard: Endpoint[] = [];
  readonly #lines: string[] = [];
  #onLine: () => void = () => {};

  /** @param localAddress to announce from. */
  constructor(url: string, infoHash: InfoHash, port: number, localAddress?: string) {
    this.infoHash = infoHash;
    this.#port = port;
    const client = new NodeHttpClient();
    const source = localAddress === undefined ? {} : { localAddress };
    const http: HttpClient = { get: (request) => client.get({ ...request, ...source }) };
    const ports = { clock: new NodeClock(), random: new NodeRandom(), http };
    this.announcer = new Announcer(ports, this, { tiers: [[url]], key: port, userAgent: "p2p-tui/test" });
  }

  listenPort(): number {
    return this.#port;
  }
  totals() {
    return { uploaded: 0, downloaded: 0, left: this.left };
  }
  wantedPeers(): number {
    return 50;
  }
  onPeers(peers: readonly Endpoint[]): void {
    this.#heard = [...peers];
  }
  log(text: string): void {
    this.#lines.push(text);
    this.#onLine();
  }

  /** Starts, and waits until the tracker has answered or failed. @returns whom it named, sorted. */
  async start(): Promise<readonly string[]> {
    const logged = new Promise<void>((resolve) => {
      this.#onLine = resolve;
    });
    this.announcer.start();
    await logged;
    return this.#heard.map(formatEndpoint).sort();
  }

  stop(): Promise<void> {
    return this.announcer.stop(5000);
  }
}
