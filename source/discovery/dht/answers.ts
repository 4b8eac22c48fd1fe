/**
 * What a node answers to each query (BEP 5, 32, 33, 44, 51). Nothing here sends: the node does, and bounds how often.
 *
 * An address that has not shown that it is one gets at most three times what its query was long (HOSTILE C8): first the
 * number of nodes gives way, then that of peers. What cannot be cut, a value or a filter, waits until it has shown it.
 */
import type { Endpoint } from "../../base/ip-address.ts";
import { joined } from "../../bencode/raw.ts";
import type { Hasher } from "../../ports/hasher.ts";
import type { Signatures } from "../../ports/signatures.ts";
import { compactLength } from "./contact.ts";
import type { ItemStore } from "./item-store.ts";
import { immutableTarget, isSignedRight, mutableTarget } from "./items.ts";
import { type Answer, type ErrorCode, type Query, sentLengthMax, type Want } from "./krpc.ts";
import { encodeAnswer, encodeError } from "./krpc-encode.ts";
import type { NodeId } from "./node-id.ts";
import type { PeerStore } from "./peer-store.ts";
import type { RateGate } from "./rate-gate.ts";
import { bucketSize, type RoutingTable } from "./routing-table.ts";
import type { Tokens } from "./tokens.ts";

/** An answer to an address that may be another's is at most so many times as long as the query. */
export const amplificationMax = 3;
/** What passes every link of IPv6 (1,280 less the headers), for the one answer that may be longer than BEP 32 wants. */
const valueAnswerLengthMax = 1_232;
const peersMax = 100;
const samplesMax = 20;

export interface AnswerWorld {
  readonly family: 4 | 6;
  readonly hasher: Hasher;
  readonly signatures: Signatures;
  /** Of signatures that are verified: each takes a tenth of a millisecond. */
  readonly signatureGate: RateGate;
  readonly tokens: Tokens;
  readonly peers: PeerStore;
  readonly items: ItemStore;
  /** The other family's only where we have it. */
  table(family: 4 | 6): RoutingTable | undefined;
}

export interface Asked {
  readonly id: NodeId;
  readonly transaction: Uint8Array;
  readonly query: Query;
  readonly from: Endpoint;
  /** Bytes of the datagram. */
  readonly length: number;
  readonly isVerified: boolean;
}

export interface Answered {
  readonly bytes: Uint8Array;
  /** A value or filter would be in it if the address were verified. */
  readonly isCutShort: boolean;
}

export function answerTo(world: AnswerWorld, ownId: NodeId, asked: Asked, nowMs: number): Answered {
  const { transaction, query, from, isVerified } = asked;
  const stated = statedIn(world, ownId, asked, nowMs);
  if (typeof stated === "number") return { bytes: encodeError(transaction, stated), isCutShort: false };
  const { base, whole } = stated;
  const lengthMax = query.method === "get" && whole.value !== undefined ? valueAnswerLengthMax : sentLengthMax;
  const room = isVerified ? lengthMax : Math.min(lengthMax, amplificationMax * asked.length);
  const lengthOf = (answer: Answer) => encodeAnswer(transaction, ownId, answer, undefined).length;
  const isWhole = lengthOf({ ...base, ...whole }) <= room;
  const fixed = isWhole ? { ...base, ...whole } : base;
  const lists = listsIn(world, query, room - lengthOf(fixed), nowMs);
  const answer = { ...fixed, ...lists };
  // Where we saw the query come from is of use, and the first thing that can be left out.
  const told = encodeAnswer(transaction, ownId, answer, from);
  return {
    bytes: told.length <= room ? told : encodeAnswer(transaction, ownId, answer, undefined),
    isCutShort: !isWhole && !isVerified,
  };
}

interface Stated {
  readonly base: Answer;
  /** Said only if all of it fits. */
  readonly whole: Answer;
}

function statedIn(world: AnswerWorld, ownId: NodeId, { query, from }: Asked, nowMs: number): Stated | ErrorCode {
  const { tokens, peers, items } = world;
  const nothing = { base: {}, whole: {} };
  switch (query.method) {
    case "ping":
    case "find_node":
    case "sample_infohashes":
      return nothing;
    case "get_peers": {
      const base = { token: tokens.give(from.address, query.infoHash, nowMs) };
      const filters = query.isScrape ? peers.filtersOf(query.infoHash, nowMs) : undefined;
      if (filters === undefined) return { base, whole: {} };
      return { base, whole: { seedFilter: filters.seeds, peerFilter: filters.peers } };
    }
    case "announce_peer": {
      const { infoHash, token, isPortImplied, isSeed } = query;
      if (!tokens.isGood(token, from.address, infoHash, nowMs)) return 203;
      const peer = { address: from.address, port: isPortImplied ? from.port : query.port };
      return peers.announce(ownId, infoHash, peer, isSeed, nowMs) ? nothing : 202;
    }
    case "get": {
      const base = { token: tokens.give(from.address, query.target, nowMs) };
      const item = items.get(query.target, nowMs);
      if (item?.signed === undefined) return { base, whole: item === undefined ? {} : { value: item.value } };
      const { sequence } = item.signed;
      const isNews = query.newerThan === undefined || sequence > query.newerThan;
      return { base: { ...base, sequence }, whole: isNews ? { value: item.value, ...item.signed } : {} };
    }
    case "put":
      return put(world, ownId, query, from, nowMs) ?? nothing;
  }
}

function put(
  { hasher, signatures, signatureGate, tokens, items }: AnswerWorld,
  ownId: NodeId,
  { value, signed, token }: Extract<Query, { method: "put" }>,
  from: Endpoint,
  nowMs: number,
): ErrorCode | undefined {
  const target =
    signed === undefined ? immutableTarget(hasher, value) : mutableTarget(hasher, signed.publicKey, signed.salt);
  if (!tokens.isGood(token, from.address, target, nowMs)) return 203;
  if (signed === undefined) {
    return items.put(ownId, target, { value: value.slice(), signed: undefined }, undefined, from, nowMs);
  }
  if (!signatureGate.admits("", nowMs)) return 202;
  const { publicKey, sequence, signature, salt, replaces } = signed;
  if (!isSignedRight(signatures, signed, salt, value)) return 206;
  const kept = { publicKey: publicKey.slice(), sequence, signature: signature.slice() };
  return items.put(ownId, target, { value: value.slice(), signed: kept }, replaces, from, nowMs);
}

/** `5:nodes208:` or `6:nodes6304:`; `6:values`, `l`, `e`; `7:samples400:`, and the numbers beside them. */
const headLength = { nodes: 12, peers: 10, samples: 13 + "8:intervali21600e3:numi50000e".length } as const;
/** In a list, each with its length before it. */
const peerLength = { 4: 2 + 6, 6: 3 + 18 } as const;

/** As many nodes as there is room for, and peers or samples: they share it by halves where it is too little for both. */
function listsIn(world: AnswerWorld, query: Query, room: number, nowMs: number): Answer {
  if (query.method === "ping" || query.method === "announce_peer" || query.method === "put") return {};
  const target = query.method === "get_peers" ? query.infoHash : query.target;
  const want: Want = query.want ?? { nodes4: world.family === 4, nodes6: world.family === 6 };
  const tables = { 4: want.nodes4 ? world.table(4) : undefined, 6: want.nodes6 ? world.table(6) : undefined };
  const families = ([4, 6] as const).filter((family) => tables[family] !== undefined);
  const nodesLength = families.reduce((sum, each) => sum + headLength.nodes + bucketSize * compactLength(each), 0);
  const isPeers = query.method === "get_peers";
  const unit = isPeers ? peerLength[world.family] : 20;
  const othersMax = Math.floor(
    (Math.max(room / 2, room - nodesLength) - (isPeers ? headLength.peers : headLength.samples)) / unit,
  );
  let others: Answer = {};
  let left = room;
  if (isPeers) {
    const peers = world.peers.peersOf(target, Math.min(peersMax, Math.max(0, othersMax)), query.noSeeds, nowMs);
    if (peers.length > 0) {
      others = { peers };
      left -= headLength.peers + unit * peers.length;
    }
  } else if (query.method === "sample_infohashes") {
    const sample = world.peers.sample(Math.min(samplesMax, Math.max(0, othersMax)), nowMs);
    others = { samples: joined(sample.hashes), sampledOf: world.peers.hashCount, sampleSeconds: sample.seconds };
    left -= headLength.samples + unit * sample.hashes.length;
  }
  const each = left / Math.max(1, families.length);
  const nodes = (family: 4 | 6) => {
    const count = Math.floor((each - headLength.nodes) / compactLength(family));
    return tables[family]?.closest(target, Math.min(bucketSize, Math.max(0, count)), nowMs, "questionable");
  };
  const [nodes4, nodes6] = [nodes(4), nodes(6)];
  return { ...others, ...(nodes4 === undefined ? {} : { nodes4 }), ...(nodes6 === undefined ? {} : { nodes6 }) };
}
