/** Addresses and networks in CIDR notation: `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`. */
import { formatAddress, parseAddress, parseIpv6 } from "./ip-address.ts";

export interface CidrRange {
  /** 4 or 16 bytes. */
  readonly first: Uint8Array;
  readonly last: Uint8Array;
  /** Bits that all its addresses have in common. */
  readonly length: number;
}

/** @returns `undefined` for anything else. Bits below the network's length are ignored; mapped IPv4 is IPv4. */
export function cidrRange(text: string): CidrRange | undefined {
  const [, address = "", lengthText] = /^([^/]{1,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = parseAddress(address);
  if (bytes === undefined) return undefined;
  const bits = 8 * bytes.length;
  // In a mapped address the length counts the 96 bits of the prefix, too.
  const mappedBits = bits === 32 && parseIpv6(address) !== undefined ? 96 : 0;
  const length = lengthText === undefined ? bits : Number(lengthText) - mappedBits;
  if (length < 0 || length > bits) return undefined;
  const first = bytes.slice();
  const last = bytes.slice();
  for (let at = length >> 3; at < bytes.length; at++) {
    const mask = at === length >> 3 ? 0xff >> (length & 7) : 0xff;
    first[at] = (first[at] ?? 0) & ~mask;
    last[at] = (last[at] ?? 0) | mask;
  }
  return { first, last, length };
}

/** Canonical: the network's own address, without a length where it is one address. */
export function cidrText({ first, length }: CidrRange): string {
  return length === 8 * first.length ? formatAddress(first) : `${formatAddress(first)}/${length}`;
}
