/**
 * The embedded tracker as UDP sees it (BEP 15), without I/O: a datagram in, an answer out or none.
 *
 * Nothing is kept of whoever has not proven that he gets what is sent to his address. A connection id is a keyed hash of the
 * address and the minute, so it can be checked without being remembered; it holds for one to two minutes, as BEP 15 asks. A
 * connect request is answered with as many bytes as it has at the least, all else that comes without a right id not at all:
 * whoever writes another's address on his datagrams gets that one nothing, or no more than he sends himself (HOSTILE C8).
 */
import { type InfoHash, infoHashFromBytes, peerIdFromBytes } from "../base/ids.ts";
import { compactEndpoint, type Endpoint, familyOf, formatAddress, parseAddress } from "../base/ip-address.ts";
import { type Random, randomBytes } from "../base/random.ts";
import {
  announceRequestLength,
  connectRequestLength,
  requestHeadLength,
  udpAction,
  udpEvents,
  udpHeadLength,
  udpProtocolId,
  udpScrapeHashesMax,
} from "../discovery/udp-tracker-codec.ts";
import type { Hasher } from "../ports/hasher.ts";
import type { Tracker, TrackerAnnounce } from "./tracker.ts";

const idLifeMs = 60_000;
const secretLength = 20;
/** No link on the way cuts an answer of this size into pieces. */
const answerLengthMax = 1400;
const peersMax = { 4: Math.floor((answerLengthMax - 20) / 6), 6: Math.floor((answerLengthMax - 20) / 18) } as const;

export class TrackerUdp {
  readonly #tracker: Tracker;
  readonly #hasher: Hasher;
  /** Before what is hashed. */
  readonly #secret: Uint8Array;

  constructor(tracker: Tracker, ports: { readonly random: Random; readonly hasher: Hasher }) {
    this.#tracker = tracker;
    this.#hasher = ports.hasher;
    this.#secret = randomBytes(ports.random, secretLength);
  }

  /** @param request not kept. @param nowMs monotonic. @returns what is to be sent to `remote`, if anything. */
  answer(request: Uint8Array, remote: Endpoint, nowMs: number): Uint8Array | undefined {
    if (request.length < requestHeadLength || remote.port === 0) return undefined;
    const view = viewOf(request);
    const first = view.getBigUint64(0);
    const action = view.getUint32(8);
    const transactionId = view.getUint32(12);
    if (action === udpAction.connect) {
      return first === udpProtocolId ? this.#connectAnswer(transactionId, remote, nowMs) : undefined;
    }
    if (!this.#isRightId(first, remote, nowMs)) return undefined;
    if (action === udpAction.announce) return this.#announceAnswer(request, transactionId, remote, nowMs);
    if (action === udpAction.scrape) return this.#scrapeAnswer(request, transactionId, nowMs);
    return undefined;
  }

  #connectAnswer(transactionId: number, remote: Endpoint, nowMs: number): Uint8Array {
    const answer = begun(udpAction.connect, transactionId, connectRequestLength);
    viewOf(answer).setBigUint64(8, this.#idOf(remote, Math.floor(nowMs / idLifeMs)));
    return answer;
  }

  #announceAnswer(request: Uint8Array, transactionId: number, remote: Endpoint, nowMs: number): Uint8Array {
    const announce = parseUdpAnnounce(request);
    if (typeof announce === "string") return this.#errorAnswer(transactionId, announce);
    const family = familyOf(remote.address);
    const numwant = Math.min(announce.numwant ?? peersMax[family], peersMax[family]);
    // The answer has no place to say which family an address is of: the asker's own is meant.
    const result = this.#tracker.announce({ ...announce, numwant, family }, remote, nowMs);
    if (result.kind === "failure") return errorBytes(transactionId, result.reason);
    const { peers } = result;
    const size = family === 4 ? 6 : 18;
    const answer = begun(udpAction.announce, transactionId, 20 + size * peers.length);
    const view = viewOf(answer);
    view.setUint32(8, result.intervalSeconds);
    view.setUint32(12, result.leeches);
    view.setUint32(16, result.seeds);
    peers.forEach(({ endpoint }, i) => {
      answer.set(compactEndpoint(endpoint), 20 + size * i);
    });
    return answer;
  }

  #scrapeAnswer(request: Uint8Array, transactionId: number, nowMs: number): Uint8Array {
    const asked: InfoHash[] = [];
    for (let at = requestHeadLength; at + 20 <= request.length && asked.length < udpScrapeHashesMax; at += 20) {
      asked.push(infoHashFromBytes(request.subarray(at, at + 20)));
    }
    if (asked.length === 0) return this.#errorAnswer(transactionId, "a scrape names its torrents");
    const rows = new Map(this.#tracker.scrape(asked, nowMs).map((row) => [row.infoHash, row]));
    const answer = begun(udpAction.scrape, transactionId, udpHeadLength + 12 * asked.length);
    const view = viewOf(answer);
    asked.forEach((infoHash, i) => {
      const { seeds = 0, completions = 0, leeches = 0 } = rows.get(infoHash) ?? {};
      [seeds, completions, leeches].forEach((count, k) => {
        view.setUint32(udpHeadLength + 12 * i + 4 * k, count);
      });
    });
    return answer;
  }

  #errorAnswer(transactionId: number, reason: string): Uint8Array {
    return errorBytes(transactionId, this.#tracker.fail(reason).reason);
  }

  #isRightId(id: bigint, remote: Endpoint, nowMs: number): boolean {
    const minute = Math.floor(nowMs / idLifeMs);
    // The last bit says whether it was an odd minute, so that one hash tells.
    const issued = (id & 1n) === BigInt(minute & 1) ? minute : minute - 1;
    return id === this.#idOf(remote, issued);
  }

  #idOf(remote: Endpoint, minute: number): bigint {
    const address = parseAddress(remote.address) ?? new Uint8Array(0);
    const bytes = new Uint8Array(secretLength + 8 + address.length);
    bytes.set(this.#secret);
    viewOf(bytes).setFloat64(secretLength, minute);
    bytes.set(address, secretLength + 8);
    const hash = viewOf(this.#hasher.sha1(bytes)).getBigUint64(0);
    return (hash & ~1n) | BigInt(minute & 1);
  }
}

/** @returns why it is none, where it is none. */
function parseUdpAnnounce(request: Uint8Array): TrackerAnnounce | string {
  if (request.length < announceRequestLength) return "the announce is too short";
  const view = viewOf(request);
  const port = view.getUint16(96);
  if (port === 0) return "port must be 1 to 65535";
  const ip = request.subarray(84, 88);
  const numwant = view.getInt32(92);
  return {
    infoHash: infoHashFromBytes(request.subarray(16, 36)),
    peerId: peerIdFromBytes(request.subarray(36, 56)),
    port,
    left: Number(view.getBigUint64(64)),
    event: udpEvents[view.getUint32(80)],
    numwant: numwant < 0 ? undefined : numwant,
    ip: ip.every((byte) => byte === 0) ? undefined : formatAddress(ip),
  };
}

function begun(action: number, transactionId: number, length: number): Uint8Array {
  const answer = new Uint8Array(length);
  const view = viewOf(answer);
  view.setUint32(0, action);
  view.setUint32(4, transactionId);
  return answer;
}

function errorBytes(transactionId: number, reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason);
  const answer = begun(udpAction.error, transactionId, udpHeadLength + text.length);
  answer.set(text, udpHeadLength);
  return answer;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
