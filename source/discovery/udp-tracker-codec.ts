/**
 * The UDP tracker protocol without I/O, the asking half (BEP 15; BEP 41 for what a URL has besides host and port). Answers
 * are strict in what they must be long enough for, and clamped as those of HTTP trackers are (`tracker-answer.ts`).
 */
import { type InfoHash, infoHashToBytes, peerIdToBytes } from "../base/ids.ts";
import { parseCompactEndpoints } from "../base/ip-address.ts";
import { sanitise } from "../base/sanitise.ts";
import { textOf } from "../bencode/value.ts";
import {
  type AnnounceSuccess,
  answerPeersMax,
  countOrNull,
  distinctPeers,
  intervalOf,
  messageLengthMax,
  type ScrapeRow,
} from "./tracker-answer.ts";
import { type AnnounceEvent, type AnnounceQuery, clampNumwant, whole } from "./tracker-codec.ts";

export const udpAction = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;
export const udpEvents: readonly (AnnounceEvent | undefined)[] = [undefined, "completed", "started", "stopped"];
/** What a connect request begins with, so that nothing else is taken for one. */
export const udpProtocolId = 0x417_2710_1980n;

export const connectRequestLength = 16;
export const announceRequestLength = 98;
export const requestHeadLength = 16;
/** Action and transaction id, with which every answer begins. */
export const udpHeadLength = 8;
/** BEP 15: what fits into a datagram that no link cuts. */
export const udpScrapeHashesMax = 74;

/** BEP 41, and the longest piece of a URL that one option can hold. */
const urlDataOption = 2;
const urlDataLengthMax = 255;

export function encodeConnect(transactionId: number): Uint8Array {
  const bytes = new Uint8Array(connectRequestLength);
  writeHead(bytes, udpProtocolId, udpAction.connect, transactionId);
  return bytes;
}

/** @param urlData path and query of the tracker's URL, "" if it has none. */
export function encodeUdpAnnounce(
  connectionId: bigint,
  transactionId: number,
  query: AnnounceQuery,
  urlData: string,
): Uint8Array {
  const options = urlDataOptions(urlData);
  const bytes = new Uint8Array(announceRequestLength + options.length);
  const view = writeHead(bytes, connectionId, udpAction.announce, transactionId);
  bytes.set(infoHashToBytes(query.infoHash), 16);
  bytes.set(peerIdToBytes(query.peerId), 36);
  view.setBigUint64(56, BigInt(whole(query.downloaded)));
  view.setBigUint64(64, BigInt(whole(query.left)));
  view.setBigUint64(72, BigInt(whole(query.uploaded)));
  view.setUint32(80, udpEvents.indexOf(query.event));
  // 84: our address; 0 for the one that we send from.
  view.setUint32(88, query.key >>> 0);
  view.setUint32(92, clampNumwant(query.numwant));
  view.setUint16(96, query.port);
  bytes.set(options, announceRequestLength);
  return bytes;
}

/** @param infoHashes 1 … `udpScrapeHashesMax`; more are left out. */
export function encodeUdpScrape(
  connectionId: bigint,
  transactionId: number,
  infoHashes: readonly InfoHash[],
): Uint8Array {
  const asked = infoHashes.slice(0, udpScrapeHashesMax);
  const bytes = new Uint8Array(requestHeadLength + 20 * asked.length);
  writeHead(bytes, connectionId, udpAction.scrape, transactionId);
  asked.forEach((infoHash, i) => {
    bytes.set(infoHashToBytes(infoHash), requestHeadLength + 20 * i);
  });
  return bytes;
}

export interface UdpAnswerHead {
  readonly action: number;
  readonly transactionId: number;
}

/** @returns `undefined` for what is too short to be an answer. */
export function udpAnswerHead(bytes: Uint8Array): UdpAnswerHead | undefined {
  if (bytes.length < udpHeadLength) return undefined;
  const view = viewOf(bytes);
  return { action: view.getUint32(0), transactionId: view.getUint32(4) };
}

/** @returns the connection id, `undefined` where the answer is too short. */
export function parseConnectAnswer(bytes: Uint8Array): bigint | undefined {
  return bytes.length < 16 ? undefined : viewOf(bytes).getBigUint64(8);
}

/** @param family over which it came: then its peers are of that family. @returns `undefined` where it is too short. */
export function parseUdpAnnounceAnswer(bytes: Uint8Array, family: 4 | 6): AnnounceSuccess | undefined {
  if (bytes.length < 20) return undefined;
  const view = viewOf(bytes);
  return {
    kind: "success",
    intervalMs: intervalOf(view.getUint32(8)),
    minIntervalMs: null,
    leeches: countOrNull(view.getUint32(12)),
    seeds: countOrNull(view.getUint32(16)),
    completions: null,
    peers: distinctPeers(parseCompactEndpoints(bytes.subarray(20), family, answerPeersMax)),
    trackerId: null,
    warning: "",
    externalAddress: null,
  };
}

/** @param infoHashes as they were asked about. @returns `undefined` where the answer is too short for all of them. */
export function parseUdpScrapeAnswer(
  bytes: Uint8Array,
  infoHashes: readonly InfoHash[],
): ReadonlyMap<InfoHash, ScrapeRow> | undefined {
  const asked = infoHashes.slice(0, udpScrapeHashesMax);
  if (bytes.length < 8 + 12 * asked.length) return undefined;
  const view = viewOf(bytes);
  return new Map(
    asked.map((infoHash, i) => {
      const at = 8 + 12 * i;
      const seeds = countOrNull(view.getUint32(at));
      const completions = countOrNull(view.getUint32(at + 4));
      return [infoHash, { seeds, completions, leeches: countOrNull(view.getUint32(at + 8)) }];
    }),
  );
}

/** What the tracker says went wrong, sanitised. */
export function parseUdpError(bytes: Uint8Array): string {
  const text = sanitise(textOf(bytes.subarray(8, 8 + 4 * messageLengthMax)), messageLengthMax).trim();
  return text || "the tracker refused without a reason";
}

function writeHead(bytes: Uint8Array, first: bigint, action: number, transactionId: number): DataView {
  const view = viewOf(bytes);
  view.setBigUint64(0, first);
  view.setUint32(8, action);
  view.setUint32(12, transactionId);
  return view;
}

/** In as many options as it takes. */
function urlDataOptions(urlData: string): Uint8Array {
  const data = new TextEncoder().encode(urlData);
  const parts: number[] = [];
  for (let at = 0; at < data.length; at += urlDataLengthMax) {
    const part = data.subarray(at, at + urlDataLengthMax);
    parts.push(urlDataOption, part.length, ...part);
  }
  return Uint8Array.from(parts);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
