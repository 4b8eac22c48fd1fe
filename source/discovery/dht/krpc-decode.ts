/**
 * Datagrams of the DHT from outside, strictly and within bounds. What is no message at all is not answered (HOSTILE C9), so
 * it is `undefined` here and no error.
 */
import { ProtocolError } from "../../base/errors.ts";
import { type Endpoint, familyOf, parseCompactEndpoints } from "../../base/ip-address.ts";
import { decodeDict } from "../../bencode/decode.ts";
import { asBytes, asInteger, asText, type BencodeDict } from "../../bencode/value.ts";
import { filterLength } from "./bloom-filter.ts";
import { type Contact, parseCompactContacts } from "./contact.ts";
import {
  type Answer,
  type ErrorCode,
  type Message,
  type Query,
  type QueryMessage,
  type Signature,
  saltLengthMax,
  valueLengthMax,
  type Want,
} from "./krpc.ts";
import { nodeIdFrom } from "./node-id.ts";

/** BEP 32 has 1,024; others send what fits a frame of Ethernet. */
export const receivedLengthMax = 1500;
/** Peers in compact form take 8 bytes each. */
const itemCountMax = 400;
/** Those of the BEPs have 2, of other clients up to 8; who sends more would have us send it back. */
const transactionLengthMax = 20;
const tokenLengthMax = 64;
/** Of an answer: BEP 5 has 8, libtorrent asks for 16 at times. */
const nodesMax = 32;
const peersMax = 200;
const errorTextMax = 200;
const sequenceMax = 2n ** 63n - 1n;

/** Whether it may be a message at all, by its ends: a dictionary, and no longer than any. */
export function looksLikeMessage(bytes: Uint8Array): boolean {
  return bytes.length <= receivedLengthMax && bytes[0] === 0x64 && bytes[bytes.length - 1] === 0x65;
}

/** @returns `undefined` for what is no message. Never throws. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (!looksLikeMessage(bytes)) return undefined;
  try {
    const dict = decodeDict(bytes, { lengthMax: receivedLengthMax, itemCountMax });
    const transaction = dict.bytes("t");
    if (transaction === undefined || transaction.length === 0 || transaction.length > transactionLengthMax) {
      return undefined;
    }
    switch (dict.text("y")) {
      case "q":
        return queryOf(dict, transaction);
      case "r":
        return answerOf(dict, transaction);
      case "e":
        return errorOf(dict, transaction);
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

// ── queries ────────────────────────────────────────────────────────────────────────────────────────────────────────

function queryOf(dict: BencodeDict, transaction: Uint8Array): Message | undefined {
  const method = dict.text("q");
  const args = dict.dict("a");
  const id = nodeIdFrom(args?.bytes("id"));
  if (method === undefined) return undefined;
  const bad = (code: ErrorCode): Message => ({ kind: "bad-query", transaction, code });
  if (args === undefined || id === undefined) return bad(203);
  const query = argumentsOf(method, args);
  if (typeof query === "number") return bad(query);
  return { kind: "query", transaction, id, query, isReadOnly: dict.integer("ro") === 1 } satisfies QueryMessage;
}

/** @returns why not, where it is none. */
function argumentsOf(method: string, args: BencodeDict): Query | ErrorCode {
  const target = nodeIdFrom(args.bytes("target"));
  const infoHash = nodeIdFrom(args.bytes("info_hash"));
  const token = args.bytes("token");
  const want = wantOf(args);
  const isSet = (key: string): boolean => (args.integer(key) ?? 0) !== 0;
  switch (method) {
    case "ping":
      return { method };
    case "find_node":
    case "sample_infohashes":
      return target === undefined ? 203 : { method, target, want };
    case "get_peers":
      if (infoHash === undefined) return 203;
      return { method, infoHash, want, noSeeds: isSet("noseed"), isScrape: isSet("scrape") };
    case "announce_peer": {
      const isPortImplied = isSet("implied_port");
      const port = args.integer("port") ?? 0;
      if (infoHash === undefined || token === undefined || token.length > tokenLengthMax) return 203;
      if (port < (isPortImplied ? 0 : 1) || port > 65_535) return 203;
      return { method, infoHash, token, port, isPortImplied, isSeed: isSet("seed") };
    }
    case "get": {
      const newerThan = args.has("seq") ? sequenceOf(args, "seq") : undefined;
      return target === undefined ? 203 : { method, target, want, newerThan };
    }
    case "put":
      return putOf(args, token);
    default:
      return 204;
  }
}

function putOf(args: BencodeDict, token: Uint8Array | undefined): Query | ErrorCode {
  const value = args.span("v");
  if (value === undefined || token === undefined || token.length > tokenLengthMax) return 203;
  if (value.length > valueLengthMax) return 205;
  const isSigned = ["k", "sig", "seq"].some((key) => args.has(key));
  if (!isSigned) return { method: "put", token, value, signed: undefined };
  const signature = signatureOf(args);
  const salt = args.has("salt") ? args.bytes("salt") : new Uint8Array(0);
  const replaces = args.has("cas") ? sequenceOf(args, "cas") : undefined;
  if (signature === undefined || salt === undefined || (args.has("cas") && replaces === undefined)) return 203;
  if (salt.length > saltLengthMax) return 207;
  return { method: "put", token, value, signed: { ...signature, salt, replaces } };
}

function signatureOf(dict: BencodeDict): Signature | undefined {
  const publicKey = dict.bytes("k");
  const signature = dict.bytes("sig");
  const sequence = sequenceOf(dict, "seq");
  if (publicKey?.length !== 32 || signature?.length !== 64 || sequence === undefined) return undefined;
  return { publicKey, sequence, signature };
}

/** BEP 44 lets us refuse negative ones, and such as no 64 bits hold. */
function sequenceOf(dict: BencodeDict, key: string): bigint | undefined {
  const value = dict.get(key);
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  const sequence = BigInt(value);
  return sequence >= 0n && sequence <= sequenceMax ? sequence : undefined;
}

function wantOf(args: BencodeDict): Want | undefined {
  const list = args.list("want");
  if (list === undefined) return undefined;
  const flags = list.map(asText);
  return { nodes4: flags.includes("n4"), nodes6: flags.includes("n6") };
}

// ── answers ────────────────────────────────────────────────────────────────────────────────────────────────────────

function answerOf(dict: BencodeDict, transaction: Uint8Array): Message | undefined {
  const r = dict.dict("r");
  const id = nodeIdFrom(r?.bytes("id"));
  if (r === undefined || id === undefined) return undefined;
  const nodes4 = contactsOf(r, "nodes", 4);
  const nodes6 = contactsOf(r, "nodes6", 6);
  const peers = peersOf(r);
  const token = r.bytes("token");
  if (nodes4 === undefined || nodes6 === undefined || peers === undefined) return undefined;
  if (token !== undefined && token.length > tokenLengthMax) return undefined;
  const answer: Answer = {
    ...(token === undefined ? {} : { token: token.slice() }),
    nodes4,
    nodes6,
    peers,
    ...filtersOf(r),
    ...itemOf(r),
  };
  return { kind: "answer", transaction, id, answer, seenAs: seenAs(dict) };
}

function contactsOf(r: BencodeDict, key: string, family: 4 | 6): readonly Contact[] | undefined {
  if (!r.has(key)) return [];
  const bytes = r.bytes(key);
  const contacts = bytes === undefined ? undefined : parseCompactContacts(bytes, family, nodesMax);
  // A mapped address is IPv4, wherever it stands.
  return contacts?.filter(({ endpoint }) => endpoint.port !== 0 && familyOf(endpoint.address) === family);
}

/** Of both families, in one list (BEP 32). */
function peersOf(r: BencodeDict): readonly Endpoint[] | undefined {
  if (!r.has("values")) return [];
  const list = r.list("values");
  if (list === undefined) return undefined;
  const peers: Endpoint[] = [];
  for (const each of list.slice(0, peersMax)) {
    const bytes = asBytes(each);
    if (bytes?.length !== 6 && bytes?.length !== 18) return undefined;
    const [peer] = parseCompactEndpoints(bytes, bytes.length === 6 ? 4 : 6, 1);
    if (peer !== undefined && peer.port !== 0) peers.push(peer);
  }
  return peers;
}

function filtersOf(r: BencodeDict): Pick<Answer, "seedFilter" | "peerFilter"> {
  const seedFilter = r.bytes("BFsd");
  const peerFilter = r.bytes("BFpe");
  if (seedFilter?.length !== filterLength || peerFilter?.length !== filterLength) return {};
  return { seedFilter: seedFilter.slice(), peerFilter: peerFilter.slice() };
}

function itemOf(r: BencodeDict): Pick<Answer, "value" | "publicKey" | "sequence" | "signature"> {
  const value = r.span("v");
  const sequence = sequenceOf(r, "seq");
  const known = sequence === undefined ? {} : { sequence };
  if (value === undefined || value.length > valueLengthMax) return known;
  const { publicKey, signature } = signatureOf(r) ?? {};
  if (publicKey === undefined || signature === undefined) return { value: value.slice(), ...known };
  return { value: value.slice(), ...known, publicKey: publicKey.slice(), signature: signature.slice() };
}

function seenAs(dict: BencodeDict): Endpoint | undefined {
  const bytes = dict.bytes("ip");
  if (bytes?.length !== 6 && bytes?.length !== 18) return undefined;
  return parseCompactEndpoints(bytes, bytes.length === 6 ? 4 : 6, 1)[0];
}

// ── errors ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function errorOf(dict: BencodeDict, transaction: Uint8Array): Message | undefined {
  const [code, text] = dict.list("e") ?? [];
  const number = asInteger(code);
  if (number === undefined) return undefined;
  return { kind: "error", transaction, code: number, text: (asText(text) ?? "").slice(0, errorTextMax) };
}
