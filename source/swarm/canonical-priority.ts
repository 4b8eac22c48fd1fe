/**
 * Canonical peer priority (BEP 40): a number for each pair of peers that both ends come to alike, and that nobody can choose.
 * Where all prefer the same pairs, a newcomer finds places that are free for it, and who comes in great numbers gets no more
 * of them than anybody else. For IPv6 this is the BEP's rule to the letter; libtorrent compares and masks other parts there.
 */
import { crc32c } from "../base/crc32c.ts";
import { type Endpoint, parseAddress } from "../base/ip-address.ts";

/** Of the address bytes that are not alike in any case, every other bit: a network's neighbours all have some of the values. */
const sparse = 0x55;

/** @returns 0 … 2^32 - 1, the greater the better; `undefined` where the two are of different families. */
export function canonicalPriority(a: Endpoint, b: Endpoint): number | undefined {
  const x = parseAddress(a.address);
  const y = parseAddress(b.address);
  if (x === undefined || y === undefined || x.length !== y.length) return undefined;
  if (a.address === b.address) return crc32c(sorted(portBytes(a.port), portBytes(b.port)));
  // The two bytes of a /16, the six of a /48; one more for each that they share.
  let kept = x.length === 4 ? 2 : 6;
  while (kept < x.length && isAlike(x, y, kept)) kept++;
  for (let i = kept; i < x.length; i++) {
    x[i] = (x[i] ?? 0) & sparse;
    y[i] = (y[i] ?? 0) & sparse;
  }
  return crc32c(sorted(x, y));
}

function isAlike(x: Uint8Array, y: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** Both, the lesser first. */
function sorted(x: Uint8Array, y: Uint8Array): Uint8Array {
  const at = x.findIndex((byte, i) => byte !== y[i]);
  const [first, second] = at >= 0 && (x[at] ?? 0) > (y[at] ?? 0) ? [y, x] : [x, y];
  const both = new Uint8Array(x.length + y.length);
  both.set(first);
  both.set(second, x.length);
  return both;
}

function portBytes(port: number): Uint8Array {
  return new Uint8Array([port >> 8, port & 255]);
}
