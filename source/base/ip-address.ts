/**
 * IP addresses and endpoints: one canonical text for each address, so that texts can be compared and used as keys.
 * IPv4 is dotted; IPv6 is RFC 5952 lower case; an IPv4-mapped IPv6 address is written as its IPv4 address.
 */
import { OperationalError } from "./errors.ts";

export interface Endpoint {
  /** Canonical, without brackets or zone. */
  readonly address: string;
  /** 0 … 65535; 0 only where "any free port" is meant. */
  readonly port: number;
}

/** How far an address reaches. A source of peers may only name peers as local as itself. */
export type Locality = "loopback" | "private" | "public" | "unusable";

/** @returns 4 bytes, or `undefined` for anything but a dotted quad in plain decimal. */
export function parseIpv4(text: string): Uint8Array | undefined {
  // By hand: peers are named by the hundred, and an expression costs ten times as much.
  const bytes = new Uint8Array(4);
  let part = 0;
  let value = -1;
  for (let at = 0; at <= text.length; at++) {
    const digit = at === text.length ? dot : text.charCodeAt(at) - zero;
    if (digit === dot) {
      if (value < 0 || part > 3) return undefined;
      bytes[part++] = value;
      value = -1;
    } else {
      // No leading zeros: elsewhere they mean octal numbers.
      if (digit < 0 || digit > 9 || value === 0) return undefined;
      value = (value < 0 ? 0 : 10 * value) + digit;
      if (value > 255) return undefined;
    }
  }
  return part === 4 ? bytes : undefined;
}

const zero = 0x30;
/** As a digit it would be. */
const dot = 0x2e - zero;

/** @returns 16 bytes, or `undefined`. A zone (`%eth0`) is not accepted. */
export function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  let head = text;
  const tail: number[] = [];
  const lastColon = text.lastIndexOf(":");
  if (text.includes(".")) {
    const v4 = parseIpv4(text.slice(lastColon + 1));
    if (v4 === undefined || lastColon < 0) return undefined;
    tail.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0));
    head = text.slice(0, lastColon);
    if (head.endsWith(":")) head += ":";
  }
  const halves = head.split("::");
  if (halves.length > 2) return undefined;
  const groupsOf = (part: string | undefined): number[] | undefined => {
    if (part === undefined || part === "") return [];
    const groups: number[] = [];
    for (const group of part.split(":")) {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      groups.push(Number.parseInt(group, 16));
    }
    return groups;
  };
  const left = groupsOf(halves[0]);
  const right = groupsOf(halves[1]);
  if (left === undefined || right === undefined) return undefined;
  const known = left.length + right.length + tail.length;
  if (halves.length === 1 ? known !== 8 : known > 7) return undefined;
  const groups = [...left, ...new Array<number>(8 - known).fill(0), ...right, ...tail];
  const bytes = new Uint8Array(16);
  groups.forEach((group, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 255;
  });
  return bytes;
}

/** The canonical text of 4 or 16 address bytes. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (isMapped(bytes)) return bytes.subarray(12).join(".");
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) {
      bestStart = i;
      bestLength = length;
    }
    if (length > 0) i += length - 1;
  }
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(":");
  if (bestStart < 0) return text(groups);
  return `${text(groups.slice(0, bestStart))}::${text(groups.slice(bestStart + bestLength))}`;
}

/** @returns the address's bytes (4 for an IPv4 and for an IPv4-mapped one, else 16), `undefined` if it is none. */
export function parseAddress(text: string): Uint8Array | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return v4;
  const v6 = parseIpv6(text);
  if (v6 === undefined) return undefined;
  return isMapped(v6) ? v6.slice(12) : v6;
}

/** @returns the canonical text, `undefined` if `text` is no address. A zone is cut off. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = parseAddress(text.replace(/%.*$/, ""));
  return bytes === undefined ? undefined : formatAddress(bytes);
}

/** The longest that any system has. */
const interfaceNameLengthMax = 64;

/**
 * An address in its canonical text, or what may be the name of a network interface: `tun0`, `eth0.100`, `Wi-Fi 2`.
 * @returns `undefined` for anything else; for `localhost` too, by which people mean an address.
 */
export function addressOrInterface(text: string): string | undefined {
  const address = canonicalAddress(text);
  if (address !== undefined) return address;
  const isName = text.length <= interfaceNameLengthMax && /^\p{L}[^:/\p{C}]*$/u.test(text) && text !== "localhost";
  return isName ? text : undefined;
}

export function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** `127.0.0.1:6881`, `[2001:db8::1]:6881`. */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.address.includes(":")
    ? `[${endpoint.address}]:${endpoint.port}`
    : `${endpoint.address}:${endpoint.port}`;
}

/** `HOST:PORT` or `[V6]:PORT` into its parts; the host may be a name. @throws OperationalError `bad-endpoint`. */
export function parseHostPort(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? 0);
  const host = match?.[1] ?? match?.[2] ?? "";
  if (host === "" || port < 1 || port > 65535) {
    throw new OperationalError("bad-endpoint", `${JSON.stringify(text)} is not HOST:PORT`);
  }
  return { host, port };
}

/** 6 or 18 bytes, BEP 23 and BEP 7. The address must be canonical. */
export function compactEndpoint(endpoint: Endpoint): Uint8Array {
  const address = parseAddress(endpoint.address) ?? new Uint8Array(4);
  const bytes = new Uint8Array(address.length + 2);
  bytes.set(address);
  bytes[address.length] = endpoint.port >> 8;
  bytes[address.length + 1] = endpoint.port & 255;
  return bytes;
}

/** Endpoints from compact bytes; trailing bytes that make no whole entry are ignored. @param max entries read. */
export function parseCompactEndpoints(bytes: Uint8Array, family: 4 | 6, max: number): Endpoint[] {
  const size = family === 4 ? 6 : 18;
  const endpoints: Endpoint[] = [];
  for (let at = 0; at + size <= bytes.length && endpoints.length < max; at += size) {
    const address = formatAddress(bytes.subarray(at, at + size - 2));
    endpoints.push({ address, port: ((bytes[at + size - 2] ?? 0) << 8) | (bytes[at + size - 1] ?? 0) });
  }
  return endpoints;
}

/** How far an address reaches: RFC 1122, 1918, 3927, 4193, 4291, 5771, 6598. Unusable: multicast, unspecified, reserved. */
export function localityOf(address: string): Locality {
  const bytes = parseAddress(address);
  if (bytes === undefined) return "unusable";
  const [a = 0, b = 0] = bytes;
  if (bytes.length === 4) {
    if (a === 127) return "loopback";
    if (a === 0 || a >= 224) return "unusable";
    if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return "private";
    if ((a === 169 && b === 254) || (a === 100 && b >= 64 && b < 128)) return "private";
    return "public";
  }
  if (bytes.subarray(0, 15).every((byte) => byte === 0)) return bytes[15] === 1 ? "loopback" : "unusable";
  if (a === 0xff) return "unusable";
  if ((a & 0xfe) === 0xfc || (a === 0xfe && (b & 0xc0) === 0x80)) return "private";
  return "public";
}

const reach: Readonly<Record<Locality, number>> = { loopback: 0, private: 1, public: 2, unusable: 3 };

/** Whether a source at `source` may name a peer at `peer`: never one more local than itself. */
export function mayName(source: string, peer: string): boolean {
  const of = localityOf(peer);
  if (of === "unusable") return false;
  return reach[of] >= reach[localityOf(source)];
}

function isMapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}
