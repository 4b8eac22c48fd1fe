/** Peers that the user named for a torrent. Their names are looked up once, again where there was no network to ask. */
import { codeOf } from "../../base/errors.ts";
import { type Endpoint, parseHostPort } from "../../base/ip-address.ts";
import type { Network } from "../../ports/network.ts";

export class PeersByHand {
  readonly #network: Pick<Network, "resolve">;
  readonly #waiting: Set<string>;
  readonly #found: (peer: Endpoint) => void;

  /** @param texts `HOST:PORT`. @param found is told where each is. */
  constructor(network: Pick<Network, "resolve">, texts: readonly string[], found: (peer: Endpoint) => void) {
    this.#network = network;
    this.#waiting = new Set(texts);
    this.#found = found;
  }

  /** Looks up those that are still to be. @throws OperationalError `bad-endpoint`, `unresolved`. */
  async look(): Promise<void> {
    for (const text of [...this.#waiting]) {
      const { host, port } = parseHostPort(text);
      try {
        const [address] = await this.#network.resolve(host);
        if (this.#waiting.delete(text) && address !== undefined) this.#found({ address, port });
      } catch (error) {
        if (codeOf(error) !== "no-home") throw error;
      }
    }
  }
}
