/**
 * The embedded tracker as HTTP sees it: `/announce` and `/scrape` (BEP 3, 23, 48), and at `/` a page of text for people.
 * A refusal is a bencoded `failure reason` under status 200, as clients expect of trackers.
 */

import { infoHashToBytes, peerIdToBytes } from "../base/ids.ts";
import { compactEndpoint, type Endpoint } from "../base/ip-address.ts";
import { plural } from "../base/units.ts";
import { type Encodable, encode } from "../bencode/encode.ts";
import type { HttpServerRequest, HttpServerResponse } from "../ports/http.ts";
import type { SwarmPeer } from "./swarm-store.ts";
import type { Tracker, TrackerAnnounceResult } from "./tracker.ts";
import { type AnnounceFormat, parseAnnounce, parseScrape, parseTarget } from "./tracker-query.ts";

/** @param nowMs monotonic. */
export function answerTrackerRequest(tracker: Tracker, request: HttpServerRequest, nowMs: number): HttpServerResponse {
  const target = parseTarget(request.target);
  if (target === undefined) return failure(tracker, "the request is too long");
  switch (target.path) {
    case "/announce": {
      const parsed = parseAnnounce(target);
      if (parsed.kind === "bad") return failure(tracker, parsed.reason);
      const result = tracker.announce(parsed.announce, request.remote, nowMs);
      return bencoded(announceBody(result, parsed.format));
    }
    case "/scrape": {
      const infoHashes = parseScrape(target);
      if (infoHashes.length === 0) return failure(tracker, "a scrape names its torrents with info_hash");
      const files = new Map<Uint8Array, Encodable>();
      for (const { infoHash, seeds, leeches, completions } of tracker.scrape(infoHashes, nowMs)) {
        files.set(infoHashToBytes(infoHash), { complete: seeds, incomplete: leeches, downloaded: completions });
      }
      return bencoded({ files });
    }
    case "/":
      return page(tracker, nowMs);
    default:
      return { status: 404, contentType: plainText, body: utf8.encode("not found: trackers answer at /announce\n") };
  }
}

const utf8 = new TextEncoder();
const plainText = "text/plain; charset=utf-8";

function failure(tracker: Tracker, reason: string): HttpServerResponse {
  return bencoded({ "failure reason": tracker.fail(reason).reason });
}

function bencoded(value: Encodable): HttpServerResponse {
  return { status: 200, contentType: "text/plain", body: encode(value) };
}

function announceBody(result: TrackerAnnounceResult, format: AnnounceFormat): Encodable {
  if (result.kind === "failure") return { "failure reason": result.reason };
  const isV6 = ({ endpoint }: SwarmPeer) => endpoint.address.includes(":");
  const v6 = result.peers.filter(isV6);
  return {
    interval: result.intervalSeconds,
    "min interval": result.minIntervalSeconds,
    complete: result.seeds,
    incomplete: result.leeches,
    downloaded: result.completions,
    "external ip": addressBytes(result.externalAddress),
    ...(format.isCompact
      ? {
          peers: compact(result.peers.filter((peer) => !isV6(peer))),
          ...(v6.length === 0 ? {} : { peers6: compact(v6) }),
        }
      : { peers: result.peers.map((peer) => peerEntry(peer, format)) }),
  };
}

function peerEntry({ endpoint, peerId }: SwarmPeer, format: AnnounceFormat): Encodable {
  return {
    ip: endpoint.address,
    port: endpoint.port,
    ...(format.hasNoPeerId ? {} : { "peer id": peerIdToBytes(peerId) }),
  };
}

function compact(peers: readonly SwarmPeer[]): Uint8Array {
  const parts = peers.map(({ endpoint }) => compactEndpoint(endpoint));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function addressBytes(address: Endpoint["address"]): Uint8Array {
  return compactEndpoint({ address, port: 0 }).subarray(0, -2);
}

/** Numbers only: no names, hashes or addresses of anybody. */
function page(tracker: Tracker, nowMs: number): HttpServerResponse {
  tracker.expire(nowMs);
  const { torrents, peers, seeds, announces, scrapes, failures } = tracker.statistics;
  const text = [
    "p2p-tui tracker",
    "",
    `torrents   ${torrents}`,
    `peers      ${peers} (${plural(seeds, "seed")}, ${plural(peers - seeds, "leech", "leeches")})`,
    `announces  ${announces}`,
    `scrapes    ${scrapes}`,
    `refused    ${failures}`,
    "",
  ];
  return { status: 200, contentType: plainText, body: utf8.encode(text.join("\n")) };
}
