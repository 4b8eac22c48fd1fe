/**
 * Node ids that follow from the node's address (BEP 42): who would sit close to an info hash needs addresses for it, not
 * just random numbers.
 */
import { crc32c } from "../../base/crc32c.ts";
import { type Locality, localityOf, parseAddress } from "../../base/ip-address.ts";
import { type Random, randomBytes } from "../../base/random.ts";
import { idLength, type NodeId } from "./node-id.ts";

const mask4 = Uint8Array.of(0x03, 0x0f, 0x3f, 0xff);
const mask6 = Uint8Array.of(0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff);
const exempt: ReadonlySet<Locality> = new Set(["loopback", "private"]);

/**
 * An id for a node at this address.
 * @param address canonical. @param seed the id's last byte; drawn where it is absent.
 */
export function secureIdFor(address: string, random: Random, seed?: number): NodeId {
  const id = randomBytes(random, idLength);
  if (seed !== undefined) id[idLength - 1] = seed;
  const crc = prefixFor(address, id[idLength - 1] ?? 0);
  id[0] = crc >>> 24;
  id[1] = crc >>> 16;
  id[2] = ((crc >>> 8) & 0xf8) | ((id[2] ?? 0) & 0x07);
  return id as NodeId;
}

/** Whether a node at this address may have this id. All may whose address is local. */
export function isSecureId(id: NodeId, address: string): boolean {
  if (exempt.has(localityOf(address))) return true;
  const crc = prefixFor(address, id[idLength - 1] ?? 0);
  const prefix = (((id[0] ?? 0) << 24) | ((id[1] ?? 0) << 16) | ((id[2] ?? 0) << 8)) >>> 0;
  return (prefix ^ crc) >>> 11 === 0;
}

/** Its first 21 bits count. */
function prefixFor(address: string, seed: number): number {
  const bytes = parseAddress(address) ?? new Uint8Array(4);
  const mask = bytes.length === 4 ? mask4 : mask6;
  const masked = mask.map((bits, i) => (bytes[i] ?? 0) & bits);
  masked[0] = (masked[0] ?? 0) | ((seed & 7) << 5);
  return crc32c(masked);
}
