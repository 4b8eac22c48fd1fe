/** Peer exchange (BEP 11): which neighbours a neighbour has gained and lost since it last told. */
import { compactEndpoint, type Endpoint, familyOf, formatEndpoint, parseCompactEndpoints } from "../base/ip-address.ts";
import { decodeDict } from "../bencode/decode.ts";
import { encode } from "../bencode/encode.ts";
import type { BencodeDict } from "../bencode/value.ts";

export interface PexPeer {
  readonly endpoint: Endpoint;
  /** It has everything, or wants nothing. */
  readonly isSeed: boolean;
  /** Somebody has connected to it. */
  readonly isReachable: boolean;
}

export interface PexMessage {
  readonly added: readonly PexPeer[];
  readonly dropped: readonly Endpoint[];
}

/** BEP 11: not more than 50 each in a message; the first may be longer, and clients differ. */
export const pexPeersMax = 50;
/** Taken of one message, of each family. */
const pexTakenMax = 100;

const flags = { encryption: 0x01, seed: 0x02, utp: 0x04, holepunch: 0x08, reachable: 0x10 } as const;

/** @param message each list at most `pexPeersMax` long. */
export function encodePex({ added, dropped }: PexMessage): Uint8Array {
  const of = (family: 4 | 6): readonly PexPeer[] =>
    added.filter(({ endpoint }) => familyOf(endpoint.address) === family);
  const gone = (family: 4 | 6): readonly Endpoint[] => dropped.filter(({ address }) => familyOf(address) === family);
  const six = of(6);
  const goneSix = gone(6);
  return encode({
    added: joined(of(4).map(({ endpoint }) => endpoint)),
    "added.f": flagBytes(of(4)),
    ...(six.length === 0 ? {} : { added6: joined(six.map(({ endpoint }) => endpoint)), "added6.f": flagBytes(six) }),
    dropped: joined(gone(4)),
    ...(goneSix.length === 0 ? {} : { dropped6: joined(goneSix) }),
  });
}

/** What is of another type counts as absent. @throws ProtocolError `bad-bencode`. */
export function decodePex(payload: Uint8Array): PexMessage {
  const dict = decodeDict(payload, { depthMax: 4, itemCountMax: 100 });
  return {
    added: unique([...peersIn(dict, "added", 4), ...peersIn(dict, "added6", 6)]),
    dropped: [...endpointsIn(dict, "dropped", 4), ...endpointsIn(dict, "dropped6", 6)],
  };
}

function joined(endpoints: readonly Endpoint[]): Uint8Array {
  const parts = endpoints.map(compactEndpoint);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function flagBytes(peers: readonly PexPeer[]): Uint8Array {
  return Uint8Array.from(
    peers,
    ({ isSeed, isReachable }) => (isSeed ? flags.seed : 0) | (isReachable ? flags.reachable : 0),
  );
}

function endpointsIn(dict: BencodeDict, key: string, family: 4 | 6): readonly Endpoint[] {
  return parseCompactEndpoints(dict.bytes(key) ?? new Uint8Array(0), family, pexTakenMax);
}

function peersIn(dict: BencodeDict, key: string, family: 4 | 6): readonly PexPeer[] {
  const flagsOf = dict.bytes(`${key}.f`) ?? new Uint8Array(0);
  return endpointsIn(dict, key, family).map((endpoint, i) => ({
    endpoint,
    isSeed: ((flagsOf[i] ?? 0) & flags.seed) !== 0,
    isReachable: ((flagsOf[i] ?? 0) & flags.reachable) !== 0,
  }));
}

function unique(peers: readonly PexPeer[]): readonly PexPeer[] {
  return [...new Map(peers.map((peer) => [formatEndpoint(peer.endpoint), peer])).values()];
}
