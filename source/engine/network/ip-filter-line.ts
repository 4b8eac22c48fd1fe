/**
 * A line of an IP filter, in whichever of the forms in use it is written:
 *
 *   001.002.003.000 - 001.002.003.255 , 100 , text      eMule .dat: what has a level of 128 or more is let in
 *   text:1.2.3.4-1.2.3.255                              PeerGuardian .p2p; the text may have anything in it
 *   1.2.3.0/24 or 1.2.3.4                               CIDR and single addresses
 *
 * each with IPv6 addresses too. `#`, `;` and `//` begin comments. Leading zeros are decimal, as eMule writes them.
 */
import { parseIpv6 } from "../../base/ip-address.ts";
import { cidrRange } from "../../base/ip-cidr.ts";
import type { IpRangesBuilder } from "../../base/ip-ranges.ts";

/** Longer ones are no lines of a filter. */
export const filterLineLengthMax = 2000;
/** From here on eMule lets an address in. */
const allowedLevel = 128;

const v4 = String.raw`\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}`;
const v4Dat = new RegExp(`^(${v4})\\s*-\\s*(${v4})\\s*(?:,\\s*(\\d{1,9})\\s*(?:,.*)?)?$`);
const v6Dat = /^([\da-fA-F:.]+)\s*-\s*([\da-fA-F:.]+)\s*,\s*(\d{1,9})\s*(?:,.*)?$/;
const v4P2p = new RegExp(`:\\s*(${v4})\\s*-\\s*(${v4})$`);
const v6Last = /^(.*?)\s*-\s*([\da-fA-F:.]+)$/;
const comment = String.raw`(?:\s*[#;].*|\s*\/\/.*)?`;
const v4Cidr = new RegExp(`^(${v4})(?:/(\\d{1,2}))?${comment}$`);
const v6Cidr = new RegExp(`^([\\da-fA-F:.]*:[\\da-fA-F:.]*(?:/\\d{1,3})?)${comment}$`);

/** Adds what the line blocks. @returns what it was; `nothing` for comments, blank lines and what it lets in. */
export function readFilterLine(line: string, into: IpRangesBuilder): "range" | "nothing" | "bad" {
  const text = line.trim();
  if (text === "" || text.startsWith("#") || text.startsWith(";") || text.startsWith("//")) return "nothing";
  if (text.length > filterLineLengthMax) return "bad";
  const dat = v4Dat.exec(text) ?? v4P2p.exec(text);
  if (dat !== null) {
    const [first, last] = [paddedIpv4(dat[1] ?? ""), paddedIpv4(dat[2] ?? "")];
    if (first === undefined || last === undefined || first > last) return "bad";
    if (isAllowed(dat[3])) return "nothing";
    into.addV4(first, last);
    return "range";
  }
  const cidr = v4Cidr.exec(text);
  if (cidr === null) return readV6(text, into);
  const address = paddedIpv4(cidr[1] ?? "");
  const length = Number(cidr[2] ?? 32);
  if (address === undefined || length > 32) return "bad";
  const size = 2 ** (32 - length);
  const first = address - (address % size);
  into.addV4(first, first + size - 1);
  return "range";
}

function readV6(text: string, into: IpRangesBuilder): "range" | "nothing" | "bad" {
  const cidr = v6Cidr.exec(text)?.[1];
  if (cidr !== undefined) {
    const range = cidrRange(cidr);
    return range !== undefined && into.add(range.first, range.last) ? "range" : "bad";
  }
  const dat = v6Dat.exec(text);
  if (dat !== null) {
    const [first, last] = [parseIpv6(dat[1] ?? ""), parseIpv6(dat[2] ?? "")];
    if (first === undefined || last === undefined) return "bad";
    if (isAllowed(dat[3])) return "nothing";
    return into.add(first, last) ? "range" : "bad";
  }
  const [, before = "", end = ""] = v6Last.exec(text.slice(Math.max(0, text.length - 200))) ?? [];
  const last = parseIpv6(end);
  const first = last === undefined ? undefined : nearestFirst(before, last);
  return first !== undefined && last !== undefined && into.add(first, last) ? "range" : "bad";
}

/**
 * The address that `text` ends with and a range to `last` begins at. Where the text of a .p2p line ends and the address
 * begins is not always clear, as both may have colons (`cafe:2001:db8::`): then it is the smallest range, which blocks no more
 * than was meant.
 */
function nearestFirst(text: string, last: Uint8Array): Uint8Array | undefined {
  let nearest: Uint8Array | undefined;
  const consider = (candidate: string): void => {
    const address = parseIpv6(candidate.trim());
    if (address === undefined || isAfter(address, last)) return;
    if (nearest === undefined || isAfter(address, nearest)) nearest = address;
  };
  consider(text);
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) consider(text.slice(at + 1));
  return nearest;
}

function isAfter(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}

function isAllowed(level: string | undefined): boolean {
  return level !== undefined && Number(level) >= allowedLevel;
}

/** As a 32-bit number, `undefined` where a part is over 255. */
function paddedIpv4(text: string): number | undefined {
  let address = 0;
  let part = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      address = address * 256 + part;
      part = 0;
    } else {
      part = 10 * part + code - 0x30;
      if (part > 255) return undefined;
    }
  }
  return address * 256 + part;
}
