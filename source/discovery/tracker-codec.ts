/**
 * The HTTP tracker protocol without I/O, the asking half: announce URLs (BEP 3, 7, 23) and scrape URLs (BEP 48).
 * `tracker-answer.ts` reads what comes back.
 */
import { type InfoHash, infoHashToBytes, type PeerId, peerIdToBytes } from "../base/ids.ts";
import { percentEncode } from "../base/percent-encoding.ts";

export type AnnounceEvent = "started" | "completed" | "stopped";

export interface AnnounceQuery {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** 1 … 65535. */
  readonly port: number;
  /** Bytes since `started`. */
  readonly uploaded: number;
  readonly downloaded: number;
  /** Bytes still missing. */
  readonly left: number;
  /** Peers wanted, 0 … `numwantMax`. */
  readonly numwant: number;
  /** 32 bits that tell the tracker we are the same peer when our address changes. */
  readonly key: number;
  readonly event?: AnnounceEvent;
  /** What the tracker gave us to say again. */
  readonly trackerId?: Uint8Array;
}

/** More helps no swarm, and trackers cap it near this themselves. */
export const numwantMax = 200;

/** Longer than any real announce URL, short enough to be logged and sent. */
export const trackerUrlLengthMax = 2048;

export type TrackerKind =
  | { readonly kind: "http"; readonly host: string; readonly isLiteral: boolean }
  | ({ readonly kind: "udp"; readonly isLiteral: boolean } & UdpTrackerPlace)
  | { readonly kind: "unsupported"; readonly message: string };

/** Where a UDP tracker is (BEP 15), and what its URL says besides (BEP 41). */
export interface UdpTrackerPlace {
  /** A name, or an address without brackets. */
  readonly host: string;
  /** 1 … 65535. */
  readonly port: number;
  /** Path and query, "" if there is none. */
  readonly urlData: string;
}

/** Whether we can announce there, and if not, why, in words. */
export function trackerKindOf(url: string): TrackerKind {
  if (url.length > trackerUrlLengthMax) return { kind: "unsupported", message: "its URL is too long" };
  const parsed = URL.parse(url);
  if (parsed === null) return { kind: "unsupported", message: "its URL is not valid" };
  const scheme = parsed.protocol.slice(0, -1);
  if (scheme === "udp") return udpKindOf(url, parsed.port);
  if (scheme !== "http" && scheme !== "https") {
    return { kind: "unsupported", message: `${scheme} trackers are not supported yet` };
  }
  return { kind: "http", ...hostOf(parsed) };
}

function udpKindOf(url: string, portText: string): TrackerKind {
  // The rules for names and addresses hold for the schemes of the web alone.
  const parsed = URL.parse(url.replace(/^udp:/i, "http:"));
  if (parsed === null) return { kind: "unsupported", message: "its URL is not valid" };
  const port = Number(portText);
  if (port < 1) return { kind: "unsupported", message: "its URL names no port" };
  const urlData = `${parsed.pathname}${parsed.search}`.replace(/^\/$/, "");
  return { kind: "udp", ...hostOf(parsed), port, urlData };
}

function hostOf({ hostname }: URL): { readonly host: string; readonly isLiteral: boolean } {
  const host = hostname.replace(/^\[|\]$/g, "");
  return { host, isLiteral: /^[\d.]+$/.test(host) || host.includes(":") };
}

/** Whether the last path element begins with `announce`, as every tracker's does that can be scraped. */
export function hasAnnouncePath(url: string): boolean {
  return /\/announce[^/]*$/.test(URL.parse(url)?.pathname ?? "");
}

/** @param base the tracker's URL as the torrent gives it; a query it has is kept. */
export function announceUrl(base: string, query: AnnounceQuery): string {
  const parts = [
    `info_hash=${percentEncode(infoHashToBytes(query.infoHash))}`,
    `peer_id=${percentEncode(peerIdToBytes(query.peerId))}`,
    `port=${query.port}`,
    `uploaded=${whole(query.uploaded)}`,
    `downloaded=${whole(query.downloaded)}`,
    `left=${whole(query.left)}`,
    "compact=1",
    `numwant=${clampNumwant(query.numwant)}`,
    `key=${(query.key >>> 0).toString(16).toUpperCase().padStart(8, "0")}`,
  ];
  if (query.event !== undefined) parts.push(`event=${query.event}`);
  if (query.trackerId !== undefined) parts.push(`trackerid=${percentEncode(query.trackerId)}`);
  return withQuery(base, parts);
}

/** At most this many torrents are asked about in one scrape: the URL stays below 8 KiB. */
export const scrapeHashesMax = 64;

/**
 * @returns `undefined` where the tracker has no scrape: the last path element must begin with `announce` (BEP 48).
 * @param infoHashes 1 … `scrapeHashesMax`; more are left out.
 */
export function scrapeUrl(base: string, infoHashes: readonly InfoHash[]): string | undefined {
  const match = /^([^?#]*\/)announce([^/?#]*)(\?[^#]*)?(?:#.*)?$/s.exec(base);
  if (match === null) return undefined;
  const parts = infoHashes
    .slice(0, scrapeHashesMax)
    .map((infoHash) => `info_hash=${percentEncode(infoHashToBytes(infoHash))}`);
  return withQuery(`${match[1] ?? ""}scrape${match[2] ?? ""}${match[3] ?? ""}`, parts);
}

function withQuery(base: string, parts: readonly string[]): string {
  const url = base.replace(/#.*$/s, "");
  const joint = !url.includes("?") ? "?" : /[?&]$/.test(url) ? "" : "&";
  return url + joint + parts.join("&");
}

export function clampNumwant(numwant: number): number {
  return Math.min(numwantMax, whole(numwant));
}

/** What may be said of a count: a whole number, 0 for what is none. */
export function whole(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
