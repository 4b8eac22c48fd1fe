import type { Endpoint } from "../base/ip-address.ts";
import type { Neighbour } from "./neighbour.ts";

/** Where others may connect to it, `undefined` where that is not known: it came to us and has not said (BEP 10, "p"). */
export function listeningAt({ info, extensions }: Neighbour): Endpoint | undefined {
  if (!info.isIncoming) return info.endpoint;
  const { listenPort } = extensions;
  return listenPort === undefined ? undefined : { address: info.endpoint.address, port: listenPort };
}
