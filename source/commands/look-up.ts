/** The torrents of magnet links, asked of peers through an engine. */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { isMetainfoResult } from "../control/protocol.ts";
import { parseMagnet } from "../metainfo/magnet.ts";
import type { Ports } from "../ports/ports.ts";
import { type LoadedTorrent, parseTorrent } from "./load-torrent.ts";

/** Asked again after this: the engine answers what it has found so far. */
const seconds = 20;

export interface LookUpOptions {
  /** `HOST:PORT`. */
  readonly peers: readonly string[];
  readonly stop: AbortSignal;
  /** Told each time when nobody has sent it yet, with the reason in words. */
  readonly waiting: (text: string) => void;
}

/**
 * @returns when somebody has sent the metadata.
 * @throws OperationalError `bad-magnet`, `v2-only`; `cancelled` when `stop` says so.
 */
export async function lookUp(
  ports: Pick<Ports, "hasher">,
  client: EngineClient,
  link: string,
  { peers, stop, waiting }: LookUpOptions,
): Promise<LoadedTorrent> {
  const { name, infoHash } = parseMagnet(link);
  const stopped = new Promise<never>((_, reject) => {
    const cancel = (): void => reject(new OperationalError("cancelled", "it was not waited for"));
    if (stop.aborted) cancel();
    else stop.addEventListener("abort", cancel, { once: true });
  });
  for (;;) {
    try {
      const result = await Promise.race([client.request({ name: "look-up", link, peers, seconds }), stopped]);
      if (isMetainfoResult(result))
        return parseTorrent(ports, Buffer.from(result.metainfo, "base64"), name || infoHash);
    } catch (error) {
      if (codeOf(error) !== "not-found") throw error;
      waiting(`${sanitise(name) || infoHash}: ${messageOf(error)}`);
    }
  }
}
