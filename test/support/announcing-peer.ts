/** A peer that does nothing but announce, over real HTTP or UDP on the system's clock. */
import { randomFillSync } from "node:crypto";
import { type InfoHash, type PeerId, peerIdFromBytes } from "../../source/base/ids.ts";
import { type Endpoint, formatEndpoint } from "../../source/base/ip-address.ts";
import { Announcer } from "../../source/discovery/announcer.ts";
import type { AnnouncerHost } from "../../source/discovery/announcer-host.ts";
import { Trackers } from "../../source/discovery/trackers.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeDatagrams } from "../../source/platform/node-datagrams.ts";
import { NodeHttpClient } from "../../source/platform/node-http-client.ts";
import { NodeNetwork } from "../../source/platform/node-network.ts";
import { NodeRandom } from "../../source/platform/node-random.ts";
import type { Datagrams } from "../../source/ports/datagram.ts";
import type { HttpClient } from "../../source/ports/http.ts";

export class AnnouncingPeer implements AnnouncerHost {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId = peerIdFromBytes(randomFillSync(new Uint8Array(20)));
  readonly announcer: Announcer;
  left = 100;
  readonly #port: number;
  readonly trackers: Trackers;
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
    const datagrams: Pick<Datagrams, "bind"> = {
      bind: (local, handler) => new NodeDatagrams().bind({ ...local, address: localAddress ?? local.address }, handler),
    };
    const world = { clock: new NodeClock(), random: new NodeRandom(), network: new NodeNetwork(), http, datagrams };
    this.trackers = new Trackers(world, "p2p-tui/test");
    this.announcer = new Announcer(world, this, { tiers: [[url]], key: port, trackers: this.trackers });
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

  async stop(): Promise<void> {
    await this.announcer.stop(5000);
    this.trackers.close();
  }
}
