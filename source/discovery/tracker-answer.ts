/**
 * The HTTP tracker protocol without I/O, the answering half (BEP 3, 7, 23, 24, 31, 48). What a tracker says is bounded and
 * clamped here (HOSTILE C1–C4), so that nobody behind this module can be made to announce too often, wait for ever or keep
 * too many peers. Fields of the wrong type count as absent; only what is no tracker answer at all is an error.
 */

import { ProtocolError } from "../base/errors.ts";
import { type InfoHash, infoHashToBytes } from "../base/ids.ts";
import {
  canonicalAddress,
  type Endpoint,
  formatAddress,
  formatEndpoint,
  localityOf,
  parseCompactEndpoints,
} from "../base/ip-address.ts";
import { sanitise } from "../base/sanitise.ts";
import { decodeDictPrefix } from "../bencode/decode.ts";
import { asDict, type BencodeDict, type BencodeValue, keyOf, textOf } from "../bencode/value.ts";

/** HOSTILE C2: far more than the largest honest answer. */
export const answerLengthMax = 1024 * 1024;
/** We ask for at most 200; what a generous tracker adds is welcome within reason. */
export const answerPeersMax = 1000;
/** It travels in every URL. */
const trackerIdLengthMax = 256;
export const messageLengthMax = 300;

const secondMs = 1000;
const intervalMinMs = 60 * secondMs;
const intervalMaxMs = 24 * 3600 * secondMs;
const intervalDefaultMs = 1800 * secondMs;
const minIntervalMinMs = 30 * secondMs;
/** Counts beyond this are nonsense. */
const countMax = 2 ** 31 - 1;

export interface AnnounceSuccess {
  readonly kind: "success";
  /** 60 s … 24 h; 30 min where the tracker names none. */
  readonly intervalMs: number;
  /** 30 s … `intervalMs`; `null` where the tracker names none. */
  readonly minIntervalMs: number | null;
  /** At most `answerPeersMax`, each once, ports above 0; hosts given by name are left out. */
  readonly peers: readonly Endpoint[];
  readonly seeds: number | null;
  readonly leeches: number | null;
  /** Completed downloads that the tracker has seen. */
  readonly completions: number | null;
  /** To be said again with every further announce. Ours to keep. */
  readonly trackerId: Uint8Array | null;
  /** Sanitised, "" if none. */
  readonly warning: string;
  /** How the tracker sees us (BEP 24). */
  readonly externalAddress: string | null;
}

export interface AnnounceFailure {
  readonly kind: "failure";
  /** Sanitised, not empty. */
  readonly reason: string;
  /** BEP 31: 1 min … 24 h. */
  readonly retryMs: number | "never" | null;
}

export type AnnounceAnswer = AnnounceSuccess | AnnounceFailure;

/**
 * @param body not kept. @param status of the HTTP answer.
 * @throws ProtocolError `bad-tracker-answer`, with a sentence for the user.
 */
export function parseAnnounceAnswer(body: Uint8Array, status: number): AnnounceAnswer {
  const dict = answerDict(body, status);
  if (dict.has("failure reason")) {
    const reason = message(dict, "failure reason") || "the tracker refused without a reason";
    return { kind: "failure", reason, retryMs: retryOf(dict.get("retry in")) };
  }
  if (status !== 200 || !(dict.has("interval") || dict.has("peers") || dict.has("peers6"))) throw notAnAnswer(status);
  const intervalMs = intervalOf(dict.get("interval"));
  return {
    kind: "success",
    intervalMs,
    minIntervalMs: clampSeconds(dict.get("min interval"), minIntervalMinMs, intervalMs) ?? null,
    peers: peersOf(dict),
    seeds: countOf(dict, "complete"),
    leeches: countOf(dict, "incomplete"),
    completions: countOf(dict, "downloaded"),
    trackerId: trackerIdOf(dict),
    warning: message(dict, "warning message"),
    externalAddress: addressOf(dict.bytes("external ip")),
  };
}

export interface ScrapeRow {
  readonly seeds: number | null;
  readonly leeches: number | null;
  /** Completed downloads that the tracker has seen. */
  readonly completions: number | null;
}

/**
 * @returns what the answer says of the torrents asked about; those it leaves out are absent.
 * @throws ProtocolError `bad-tracker-answer`.
 */
export function parseScrapeAnswer(
  body: Uint8Array,
  status: number,
  infoHashes: readonly InfoHash[],
): ReadonlyMap<InfoHash, ScrapeRow> {
  const dict = answerDict(body, status);
  const files = dict.dict("files");
  if (status !== 200 || files === undefined) {
    const reason = message(dict, "failure reason");
    throw reason === "" ? notAnAnswer(status) : new ProtocolError("bad-tracker-answer", reason);
  }
  const rows = new Map<InfoHash, ScrapeRow>();
  for (const infoHash of infoHashes) {
    const row = files.dict(keyOf(infoHashToBytes(infoHash)));
    if (row === undefined) continue;
    rows.set(infoHash, {
      seeds: countOf(row, "complete"),
      leeches: countOf(row, "incomplete"),
      completions: countOf(row, "downloaded"),
    });
  }
  return rows;
}

function answerDict(body: Uint8Array, status: number): BencodeDict {
  try {
    // Some trackers end their answers with a line break.
    return decodeDictPrefix(body, { lengthMax: answerLengthMax, depthMax: 8 }).dict;
  } catch (error) {
    if (error instanceof ProtocolError) throw notAnAnswer(status);
    throw error;
  }
}

function notAnAnswer(status: number): ProtocolError {
  return new ProtocolError(
    "bad-tracker-answer",
    status === 200 ? "what answers there is no tracker" : `the tracker answered with HTTP status ${status}`,
  );
}

function message(dict: BencodeDict, key: string): string {
  return sanitise(textOf((dict.bytes(key) ?? new Uint8Array(0)).subarray(0, 4 * messageLengthMax)), messageLengthMax);
}

/** A number, also where it is written as a string. Infinite beyond the safe integers. */
function numberOf(value: BencodeValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return value > 0n ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > 15) return undefined;
  const text = textOf(value);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** @returns milliseconds, within what is sensible. */
export function intervalOf(seconds: BencodeValue | undefined): number {
  return clampSeconds(seconds, intervalMinMs, intervalMaxMs) ?? intervalDefaultMs;
}

/** What is not positive was not said. */
function clampSeconds(value: BencodeValue | undefined, minMs: number, maxMs: number): number | undefined {
  const seconds = numberOf(value);
  if (seconds === undefined || seconds <= 0) return undefined;
  return Math.min(maxMs, Math.max(minMs, seconds * secondMs));
}

function retryOf(value: BencodeValue | undefined): number | "never" | null {
  if (value instanceof Uint8Array && textOf(value.subarray(0, 8)) === "never") return "never";
  const minutes = numberOf(value);
  if (minutes === undefined || minutes <= 0) return null;
  return Math.min(intervalMaxMs, minutes * 60 * secondMs);
}

function countOf(dict: BencodeDict, key: string): number | null {
  return countOrNull(dict.integer(key));
}

export function countOrNull(count: number | undefined): number | null {
  return count === undefined || count < 0 || count > countMax ? null : count;
}

function trackerIdOf(dict: BencodeDict): Uint8Array | null {
  const bytes = dict.bytes("tracker id");
  return bytes === undefined || bytes.length === 0 || bytes.length > trackerIdLengthMax ? null : bytes.slice();
}

function addressOf(bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null;
  const address = bytes.length === 4 || bytes.length === 16 ? formatAddress(bytes) : canonicalAddress(textOf(bytes));
  return address === undefined || localityOf(address) === "unusable" ? null : address;
}

function peersOf(dict: BencodeDict): readonly Endpoint[] {
  // Both families get their share, so that a crowd of one cannot hide the other.
  const v6 = parseCompactEndpoints(dict.bytes("peers6") ?? new Uint8Array(0), 6, answerPeersMax / 2);
  const listed = dict.get("peers");
  if (listed instanceof Uint8Array) return distinctPeers([...v6, ...parseCompactEndpoints(listed, 4, answerPeersMax)]);
  const named = (dict.list("peers") ?? []).slice(0, 2 * answerPeersMax);
  return distinctPeers([...v6, ...named.flatMap((entry) => endpointOf(asDict(entry)) ?? [])]);
}

/** Each once, none with port 0, at most `answerPeersMax`. */
export function distinctPeers(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const peers = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    if (peers.size >= answerPeersMax) break;
    const key = formatEndpoint(endpoint);
    if (endpoint.port !== 0 && !peers.has(key)) peers.set(key, endpoint);
  }
  return [...peers.values()];
}

function endpointOf(entry: BencodeDict | undefined): Endpoint | undefined {
  const ip = entry?.bytes("ip");
  const port = entry?.integer("port");
  if (ip === undefined || ip.length > 64 || port === undefined || port < 1 || port > 65_535) return undefined;
  const address = canonicalAddress(textOf(ip));
  return address === undefined ? undefined : { address, port };
}
