/** Tracker requests as they come in URLs: tolerant of what clients do, bounded, raw bytes decoded once. */
import { type InfoHash, infoHashFromBytes, peerIdFromBytes } from "../base/ids.ts";
import { canonicalAddress } from "../base/ip-address.ts";
import { percentDecode } from "../base/percent-encoding.ts";
import type { TrackerAnnounce } from "./tracker.ts";

/** The longest honest request is a scrape of `scrapeHashesMax` torrents, 71 characters each at most. */
const targetLengthMax = 8 * 1024;
const parametersMax = 128;
export const scrapeHashesMax = 100;
/** Long enough for an info hash or an IPv6 address; nothing longer matters to us. */
const valueLengthMax = 64;

export interface TrackerTarget {
  readonly path: string;
  /** Name and raw value, in order. */
  readonly parameters: readonly (readonly [name: string, rawValue: string])[];
}

/** @returns `undefined` for a target beyond the limits. */
export function parseTarget(target: string): TrackerTarget | undefined {
  if (target.length > targetLengthMax) return undefined;
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  if (mark < 0) return { path, parameters: [] };
  const parts = target.slice(mark + 1).split(/[&;]/, parametersMax + 1);
  if (parts.length > parametersMax) return undefined;
  const parameters = parts.map((part) => {
    const equals = part.indexOf("=");
    return equals < 0 ? ([part, ""] as const) : ([part.slice(0, equals), part.slice(equals + 1)] as const);
  });
  return { path, parameters };
}

export interface AnnounceFormat {
  readonly isCompact: boolean;
  /** Peer ids are left out of a dictionary answer. */
  readonly hasNoPeerId: boolean;
}

export type ParsedAnnounce =
  | { readonly kind: "announce"; readonly announce: TrackerAnnounce; readonly format: AnnounceFormat }
  | { readonly kind: "bad"; readonly reason: string };

export function parseAnnounce(target: TrackerTarget): ParsedAnnounce {
  const infoHash = bytesOf(target, "info_hash");
  if (infoHash?.length !== 20) return bad("info_hash must be 20 bytes");
  const peerId = bytesOf(target, "peer_id");
  if (peerId?.length !== 20) return bad("peer_id must be 20 bytes");
  const port = integerOf(target, "port");
  if (port === undefined || port < 1 || port > 65_535) return bad("port must be 1 to 65535");
  const event = textOf(target, "event");
  const numwant = integerOf(target, "numwant");
  return {
    kind: "announce",
    announce: {
      infoHash: infoHashFromBytes(infoHash),
      peerId: peerIdFromBytes(peerId),
      port,
      // Without it we cannot know: most that leave it out are leeches that do not know the size yet.
      left: integerOf(target, "left") ?? 1,
      event: event === "started" || event === "completed" || event === "stopped" ? event : undefined,
      // A negative number means "as you like" to some clients.
      numwant: numwant === undefined || numwant < 0 ? undefined : numwant,
      ip: canonicalAddress(textOf(target, "ip")),
    },
    format: { isCompact: textOf(target, "compact") === "1", hasNoPeerId: textOf(target, "no_peer_id") === "1" },
  };
}

/** The torrents a scrape names, without what is no info hash, at most `scrapeHashesMax`. */
export function parseScrape(target: TrackerTarget): readonly InfoHash[] {
  const hashes = new Set<InfoHash>();
  for (const [name, raw] of target.parameters) {
    if (name !== "info_hash" || hashes.size >= scrapeHashesMax) continue;
    const bytes = percentDecode(raw, valueLengthMax);
    if (bytes?.length === 20) hashes.add(infoHashFromBytes(bytes));
  }
  return [...hashes];
}

function bad(reason: string): ParsedAnnounce {
  return { kind: "bad", reason };
}

/** The first of that name counts. */
function bytesOf(target: TrackerTarget, name: string): Uint8Array | undefined {
  const raw = target.parameters.find(([key]) => key === name)?.[1];
  return raw === undefined ? undefined : percentDecode(raw, valueLengthMax);
}

function textOf(target: TrackerTarget, name: string): string {
  return String.fromCharCode(...(bytesOf(target, name) ?? []));
}

/** Beyond 2^53 (a `left` of 2^64 - 1 stands for "not known") it is the largest safe integer. */
function integerOf(target: TrackerTarget, name: string): number | undefined {
  const text = textOf(target, name);
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
  return Math.max(-1, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
}
