/** The DHT nodes that a .torrent file names (BEP 5 "torrent file extensions"), for who has no other way into the network. */
import { canonicalAddress } from "../base/ip-address.ts";
import { asInteger, asList, asText, type BencodeDict } from "../bencode/value.ts";

export interface NamedNode {
  /** A name or a canonical address. */
  readonly host: string;
  readonly port: number;
}

/** BEP 5 has eight. */
const nodesMax = 20;
/** RFC 1035. */
const hostLengthMax = 253;

/** `nodes`: a list of `[host, port]`. What is none is passed over. */
export function nodesOf(root: BencodeDict): readonly NamedNode[] {
  const nodes: NamedNode[] = [];
  for (const item of root.list("nodes") ?? []) {
    const [first, second] = asList(item) ?? [];
    const text = asText(first) ?? "";
    const host = canonicalAddress(text) ?? (isHostName(text) ? text : undefined);
    const port = asInteger(second) ?? 0;
    if (host !== undefined && port > 0 && port < 65_536) nodes.push({ host, port });
    if (nodes.length >= nodesMax) break;
  }
  return nodes;
}

function isHostName(text: string): boolean {
  return (
    text.length <= hostLengthMax &&
    /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*\.?$/i.test(text)
  );
}
