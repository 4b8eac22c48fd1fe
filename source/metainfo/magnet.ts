/**
 * Magnet links (BEP 9; file selection: BEP 53) and bare info hashes as a `Magnet`, and back. What a link names is taken only
 * where it may be used: trackers and web seeds by URL, peers by address, everything bounded. `xs` (where a .torrent file lies)
 * is never fetched: whoever made the link would learn who opens it.
 */
import { OperationalError } from "../base/errors.ts";
import { type InfoHash, infoHashFromBytes, infoHashFromHex } from "../base/ids.ts";
import { parseHostPort } from "../base/ip-address.ts";
import { percentEncode } from "../base/percent-encoding.ts";
import { encode } from "../bencode/encode.ts";
import type { Metainfo } from "./metainfo.ts";
import { isTrackerUrl, isWebSeedUrl, trackersMax, webSeedsMax } from "./metainfo-urls.ts";

export interface Magnet {
  readonly infoHash: InfoHash;
  /** What the link calls the torrent, "" where it does not: a claim. Sanitise before it is shown. */
  readonly name: string;
  /** Each its own tier, in the order of the link (BEP 9 says nothing of tiers; clients do it so). */
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  /** `HOST:PORT`, to dial. */
  readonly peers: readonly string[];
  /** Indices of the files that are wanted (BEP 53), ascending, as ranges; empty: all. */
  readonly only: readonly FileRange[];
}

/** First and last index, both included. */
export interface FileRange {
  readonly first: number;
  readonly last: number;
}

/** Characters. Links with a hundred trackers are some 10,000 long. */
export const magnetLengthMax = 64 * 1024;
const peersMax = 100;
const nameLengthMax = 1_000;
const rangesMax = 10_000;
/** Below the number of files that a torrent may have. */
const fileIndexMax = 1_000_000;

/** Whether it is meant as a magnet link or an info hash, right or wrong. */
export function looksLikeMagnet(text: string): boolean {
  return /^magnet:/i.test(text.trim()) || infoHashOf(text.trim()) !== undefined;
}

/**
 * @param text a link, or 40 hex or 32 base32 digits.
 * @throws OperationalError `bad-magnet`, `v2-only`.
 */
export function parseMagnet(text: string): Magnet {
  const trimmed = text.trim();
  if (trimmed.length > magnetLengthMax) refuse("it is too long");
  const bare = infoHashOf(trimmed);
  if (bare !== undefined) return { infoHash: bare, name: "", trackers: [], webSeeds: [], peers: [], only: [] };
  const match = /^magnet:\?(.*)$/is.exec(trimmed);
  if (match === null) return refuse("it does not begin with magnet:?");
  const parameters = parametersOf(match[1] ?? "");
  const all = (name: string): readonly string[] =>
    parameters.filter((each) => each.name === name).map(({ value }) => value);
  const [name = ""] = all("dn");
  return {
    infoHash: topicOf(all("xt")),
    name: name.slice(0, nameLengthMax),
    trackers: unique(all("tr").filter(isTrackerUrl)).slice(0, trackersMax),
    webSeeds: unique(all("ws").filter(isWebSeedUrl)).slice(0, webSeedsMax),
    peers: unique(all("x.pe").filter(isEndpoint)).slice(0, peersMax),
    only: rangesOf(all("so")),
  };
}

/** What a link of a torrent says. */
export function magnetOf({ infoHash, name, trackerTiers, webSeeds }: Metainfo): Magnet {
  return { infoHash, name, trackers: trackerTiers.flat(), webSeeds, peers: [], only: [] };
}

/** The link of a torrent. Lists that are too long for a link are not shortened: they are the caller's. */
export function formatMagnet(magnet: Magnet): string {
  const utf8 = new TextEncoder();
  const escaped = (text: string): string => percentEncode(utf8.encode(text));
  const parts = [`xt=urn:btih:${magnet.infoHash}`];
  if (magnet.name !== "") parts.push(`dn=${escaped(magnet.name)}`);
  for (const url of magnet.trackers) parts.push(`tr=${escaped(url)}`);
  for (const url of magnet.webSeeds) parts.push(`ws=${escaped(url)}`);
  for (const peer of magnet.peers) parts.push(`x.pe=${peer}`);
  if (magnet.only.length > 0) {
    parts.push(`so=${magnet.only.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(",")}`);
  }
  return `magnet:?${parts.join("&")}`;
}

/** A .torrent file around an info dictionary that neighbours sent: its bytes stay as they are, since they are hashed. */
export function torrentOfInfo(infoBytes: Uint8Array, { trackers, webSeeds }: Pick<Magnet, "trackers" | "webSeeds">) {
  const [announce] = trackers;
  const head = encode({
    ...(announce === undefined ? {} : { announce, "announce-list": trackers.map((url) => [url]) }),
  });
  // Keys are in order: announce… < info < url-list.
  const tail = webSeeds.length === 0 ? new Uint8Array([ending]) : encode({ "url-list": webSeeds }).subarray(1);
  const key = new TextEncoder().encode("4:info");
  const out = new Uint8Array(head.length - 1 + key.length + infoBytes.length + tail.length);
  out.set(head.subarray(0, -1));
  out.set(key, head.length - 1);
  out.set(infoBytes, head.length - 1 + key.length);
  out.set(tail, out.length - tail.length);
  return out;
}

/** The `e` of a dictionary's end. */
const ending = 0x65;

function refuse(problem: string): never {
  throw new OperationalError("bad-magnet", `not a valid magnet link: ${problem}`);
}

interface Parameter {
  /** Lower case, without the number of `tr.1`. */
  readonly name: string;
  readonly value: string;
}

function parametersOf(query: string): readonly Parameter[] {
  return query
    .replace(/#.*$/s, "")
    .split("&")
    .map((part) => {
      const at = part.indexOf("=");
      const name = (at < 0 ? part : part.slice(0, at)).toLowerCase();
      return { name: name.replace(/\.\d+$/, ""), value: decoded(at < 0 ? "" : part.slice(at + 1)) };
    });
}

/** A `+` is a space, as in forms: names are written so. What is badly escaped stays as it stands. */
function decoded(value: string): string {
  const text = value.replaceAll("+", " ");
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function topicOf(topics: readonly string[]): InfoHash {
  for (const topic of topics) {
    const hash = /^urn:btih:(.*)$/i.exec(topic)?.[1];
    if (hash !== undefined) return infoHashOf(hash) ?? refuse("its info hash is neither 40 hex nor 32 base32 digits");
  }
  if (topics.some((topic) => /^urn:btmh:/i.test(topic))) {
    throw new OperationalError(
      "v2-only",
      "this magnet link is of a BitTorrent v2-only torrent; those are not supported",
    );
  }
  return refuse("it has no info hash (xt=urn:btih:…)");
}

/** @returns `undefined` for what is none. */
function infoHashOf(text: string): InfoHash | undefined {
  if (/^[0-9a-f]{40}$/i.test(text)) return infoHashFromHex(text);
  if (!/^[a-z2-7]{32}$/i.test(text)) return undefined;
  const bytes = new Uint8Array(20);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const digit of text.toUpperCase()) {
    value = ((value << 5) | base32.indexOf(digit)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (value >> bits) & 255;
  }
  return infoHashFromBytes(bytes);
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function isEndpoint(text: string): boolean {
  try {
    return text.length <= 300 && parseHostPort(text).port > 0;
  } catch {
    return false;
  }
}

/** `0,2,4-6` (BEP 53). What is no range is passed over; without any, all files are meant. */
function rangesOf(values: readonly string[]): readonly FileRange[] {
  const ranges: FileRange[] = [];
  for (const part of values.join(",").split(",")) {
    const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part.trim());
    if (match === null || ranges.length >= rangesMax) continue;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first <= last && last <= fileIndexMax) ranges.push({ first, last });
  }
  return ranges.sort((a, b) => a.first - b.first);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
