/** The URLs that a .torrent file names: trackers (BEP 3, 12) and web seeds (BEP 19). Only kinds we may ever dial. */
import { asList, asText, type BencodeDict, type BencodeValue } from "../bencode/value.ts";

/** Trackers in all tiers together: public lists have a few hundred, and each is an announce. */
export const trackersMax = 500;
export const webSeedsMax = 100;
/** Longer than any real URL of these, short enough to be sent and logged. */
const urlLengthMax = 2048;

const trackerSchemes = new Set(["http:", "https:", "udp:"]);
const webSeedSchemes = new Set(["http:", "https:"]);

/** `announce-list` where it names a tracker at all, else `announce`. No URL twice, no empty tier. */
export function trackerTiersOf(root: BencodeDict): readonly (readonly string[])[] {
  const seen = new Set<string>();
  const tiers: string[][] = [];
  for (const tier of root.list("announce-list") ?? []) {
    // A flat list of URLs instead of a list of tiers is a known mistake of makers: each is then a tier.
    const urls = usable(asList(tier) ?? [tier], trackerSchemes, seen, trackersMax);
    if (urls.length > 0) tiers.push(urls);
  }
  if (tiers.length > 0) return tiers;
  const announce = usable([root.get("announce")], trackerSchemes, seen, trackersMax);
  return announce.length > 0 ? [announce] : [];
}

/** `url-list`: one URL or a list. */
export function webSeedsOf(root: BencodeDict): readonly string[] {
  const value = root.get("url-list");
  return usable(asList(value) ?? [value], webSeedSchemes, new Set(), webSeedsMax);
}

/** Whether a torrent may name this tracker. */
export function isTrackerUrl(url: string): boolean {
  return url.length <= urlLengthMax && hasScheme(url, trackerSchemes);
}

/** Whether a torrent may name this web seed. */
export function isWebSeedUrl(url: string): boolean {
  return url.length <= urlLengthMax && hasScheme(url, webSeedSchemes);
}

function hasScheme(url: string, schemes: ReadonlySet<string>): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && schemes.has(parsed.protocol) && parsed.hostname !== "";
}

/** @param seen what was taken before; grows. @param max size of `seen`. */
function usable(
  values: readonly (BencodeValue | undefined)[],
  schemes: ReadonlySet<string>,
  seen: Set<string>,
  max: number,
): string[] {
  const urls: string[] = [];
  for (const value of values) {
    if (seen.size >= max) break;
    const url = asText(value)?.trim();
    if (url === undefined || url === "" || url.length > urlLengthMax || seen.has(url)) continue;
    if (!hasScheme(url, schemes)) continue;
    seen.add(url);
    urls.push(url);
  }
  return urls;
}
