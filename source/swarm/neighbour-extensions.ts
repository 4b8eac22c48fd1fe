/** What a neighbour has told of itself under the extension protocol (BEP 10), and the way to speak its extensions. */
import type { PeerExtensionHandshake, PeerExtensionName } from "../wire/extension-handshake.ts";
import { encodeExtended } from "../wire/messages.ts";

export class NeighbourExtensions {
  /** Name and version of its client, "" until known. */
  client = "";
  /** Where it listens, at its address; `undefined` where it has not said. */
  listenPort: number | undefined;
  /** It has said what it speaks. */
  isKnown = false;
  readonly #post: (message: Uint8Array) => void;
  #ids: PeerExtensionHandshake["extensions"] = {};

  constructor(post: (message: Uint8Array) => void) {
    this.#post = post;
  }

  /** May come more than once: what it does not name in a later handshake stays as it was (BEP 10). */
  introduced({ client, extensions, port }: PeerExtensionHandshake): void {
    this.isKnown = true;
    if (client !== "") this.client = client;
    if (port !== undefined) this.listenPort = port;
    this.#ids = { ...this.#ids, ...extensions };
  }

  /** @param handshake ours, the first one or another. */
  introduce(handshake: Uint8Array): void {
    this.#post(encodeExtended(0, handshake));
  }

  speaks(name: PeerExtensionName): boolean {
    return (this.#ids[name] ?? 0) > 0;
  }

  /** Does nothing where it does not speak it. */
  send(name: PeerExtensionName, payload: Uint8Array): void {
    const id = this.#ids[name] ?? 0;
    if (id > 0) this.#post(encodeExtended(id, payload));
  }
}
