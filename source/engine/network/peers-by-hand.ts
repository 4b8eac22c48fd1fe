/**
 * Peers that the user named for a torrent. Their names are looked up until each is found: a name server that is out of reach, or
 * a peer that is gone, must hold up nothing else.
 */
import { codeOf, messageOf } from "../../base/errors.ts";
import { type Endpoint, parseHostPort } from "../../base/ip-address.ts";
import type { Ports } from "../../ports/ports.ts";

/** Between two attempts at first; twice as long each time, up to the longest. */
const retryMs = 15_000;
const retryMaxMs = 600_000;

export interface PeersByHandHost {
  found(peer: Endpoint): void;
  log(text: string): void;
}

export class PeersByHand {
  readonly #ports: Pick<Ports, "network" | "clock">;
  readonly #host: PeersByHandHost;
  readonly #waiting: Set<string>;
  #delayMs = retryMs;
  #dueMs = Number.POSITIVE_INFINITY;

  /** @param texts `HOST:PORT`. */
  constructor(ports: Pick<Ports, "network" | "clock">, texts: readonly string[], host: PeersByHandHost) {
    this.#ports = ports;
    this.#waiting = new Set(texts);
    this.#host = host;
  }

  /** Looks up those that are still to be, now: at first, and where the network is another. Never rejects. */
  async look(): Promise<void> {
    this.#delayMs = retryMs;
    await this.#lookUpAll();
  }

  /** About once a second. */
  tick(nowMs: number): void {
    if (nowMs >= this.#dueMs) void this.#lookUpAll();
  }

  async #lookUpAll(): Promise<void> {
    this.#dueMs = Number.POSITIVE_INFINITY;
    await Promise.all([...this.#waiting].map((text) => this.#lookUp(text)));
    if (this.#waiting.size === 0) return;
    this.#dueMs = this.#ports.clock.nowMs() + this.#delayMs;
    this.#delayMs = Math.min(2 * this.#delayMs, retryMaxMs);
  }

  async #lookUp(text: string): Promise<void> {
    try {
      const { host, port } = parseHostPort(text);
      const [address] = await this.#ports.network.resolve(host);
      if (this.#waiting.delete(text) && address !== undefined) this.#host.found({ address, port });
    } catch (error) {
      const code = codeOf(error);
      if (code === "bad-endpoint") this.#waiting.delete(text);
      // Without a network there is nothing to tell of a name.
      if (code !== "no-home") this.#host.log(messageOf(error));
    }
  }
}
