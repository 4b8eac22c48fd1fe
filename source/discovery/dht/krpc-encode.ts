/** The DHT's messages as datagrams (BEP 5, 32, 33, 42, 43, 44, 51). */
import { compactEndpoint, type Endpoint } from "../../base/ip-address.ts";
import { rawDict, rawInteger, rawList, rawString } from "../../bencode/raw.ts";
import { type Contact, compactContacts } from "./contact.ts";
import { type Answer, type ErrorCode, errorTexts, type Query, type Want } from "./krpc.ts";
import type { NodeId } from "./node-id.ts";

/** Who we are: two letters as in our peer ids, and a version (BEP 5 "v"). */
const client = rawString(Uint8Array.of(0x50, 0x32, 0, 1));

/** @param isReadOnly that we answer nobody (BEP 43). */
export function encodeQuery(transaction: Uint8Array, id: NodeId, query: Query, isReadOnly: boolean): Uint8Array {
  return rawDict({
    a: rawDict({ id: rawString(id), ...argumentsOf(query) }),
    q: rawString(query.method),
    ro: isReadOnly ? rawInteger(1) : undefined,
    t: rawString(transaction),
    v: client,
    y: rawString("q"),
  });
}

/** @param seenAs where the query came from; told where it is there. */
export function encodeAnswer(
  transaction: Uint8Array,
  id: NodeId,
  answer: Answer,
  seenAs: Endpoint | undefined,
): Uint8Array {
  const { nodes4, nodes6, peers, token, value, publicKey, sequence, signature, samples, sampledOf, sampleSeconds } =
    answer;
  return rawDict({
    ip: seenAs === undefined ? undefined : rawString(compactEndpoint(seenAs)),
    r: rawDict({
      BFpe: bytesOr(answer.peerFilter),
      BFsd: bytesOr(answer.seedFilter),
      id: rawString(id),
      interval: integerOr(sampleSeconds),
      k: bytesOr(publicKey),
      nodes: contactsOr(nodes4, 4),
      nodes6: contactsOr(nodes6, 6),
      num: integerOr(sampledOf),
      samples: bytesOr(samples),
      seq: integerOr(sequence),
      sig: bytesOr(signature),
      token: bytesOr(token),
      v: value,
      values: peers === undefined ? undefined : rawList(peers.map((peer) => rawString(compactEndpoint(peer)))),
    }),
    t: rawString(transaction),
    y: rawString("r"),
  });
}

export function encodeError(transaction: Uint8Array, code: ErrorCode): Uint8Array {
  return rawDict({
    e: rawList([rawInteger(code), rawString(errorTexts[code])]),
    t: rawString(transaction),
    y: rawString("e"),
  });
}

function argumentsOf(query: Query): Readonly<Record<string, Uint8Array | undefined>> {
  switch (query.method) {
    case "ping":
      return {};
    case "find_node":
    case "sample_infohashes":
      return { target: rawString(query.target), want: wantOr(query.want) };
    case "get_peers":
      return {
        info_hash: rawString(query.infoHash),
        noseed: flagOr(query.noSeeds),
        scrape: flagOr(query.isScrape),
        want: wantOr(query.want),
      };
    case "announce_peer":
      return {
        implied_port: flagOr(query.isPortImplied),
        info_hash: rawString(query.infoHash),
        port: rawInteger(query.port),
        seed: flagOr(query.isSeed),
        token: rawString(query.token),
      };
    case "get":
      return { seq: integerOr(query.newerThan), target: rawString(query.target), want: wantOr(query.want) };
    case "put": {
      const { signed, token, value } = query;
      return {
        cas: integerOr(signed?.replaces),
        k: bytesOr(signed?.publicKey),
        salt: signed === undefined || signed.salt.length === 0 ? undefined : rawString(signed.salt),
        seq: integerOr(signed?.sequence),
        sig: bytesOr(signed?.signature),
        token: rawString(token),
        v: value,
      };
    }
  }
}

function bytesOr(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : rawString(value);
}

function integerOr(value: number | bigint | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : rawInteger(value);
}

function flagOr(isSet: boolean): Uint8Array | undefined {
  return isSet ? rawInteger(1) : undefined;
}

function wantOr(want: Want | undefined): Uint8Array | undefined {
  if (want === undefined) return undefined;
  return rawList([...(want.nodes4 ? [rawString("n4")] : []), ...(want.nodes6 ? [rawString("n6")] : [])]);
}

function contactsOr(contacts: readonly Contact[] | undefined, family: 4 | 6): Uint8Array | undefined {
  return contacts === undefined ? undefined : rawString(compactContacts(contacts, family));
}
