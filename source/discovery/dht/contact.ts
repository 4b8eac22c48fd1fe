/** Nodes as others name them, and their compact form: 20 bytes of id, then an endpoint (BEP 5 "contact encoding", BEP 32). */
import { compactEndpoint, type Endpoint, parseCompactEndpoints } from "../../base/ip-address.ts";
import { idLength, type NodeId, nodeIdFrom } from "./node-id.ts";

export interface Contact {
  readonly id: NodeId;
  readonly endpoint: Endpoint;
}

/** Bytes of one. */
export function compactLength(family: 4 | 6): number {
  return idLength + (family === 4 ? 6 : 18);
}

/** @param contacts all of one family. */
export function compactContacts(contacts: readonly Contact[], family: 4 | 6): Uint8Array {
  const size = compactLength(family);
  const bytes = new Uint8Array(size * contacts.length);
  contacts.forEach(({ id, endpoint }, i) => {
    bytes.set(id, i * size);
    bytes.set(compactEndpoint(endpoint), i * size + idLength);
  });
  return bytes;
}

/** @param max those read. @returns `undefined` where these bytes are no whole number of contacts. */
export function parseCompactContacts(bytes: Uint8Array, family: 4 | 6, max: number): readonly Contact[] | undefined {
  const size = compactLength(family);
  if (bytes.length % size !== 0) return undefined;
  const contacts: Contact[] = [];
  for (let at = 0; at < bytes.length && contacts.length < max; at += size) {
    const id = nodeIdFrom(bytes.subarray(at, at + idLength));
    const [endpoint] = parseCompactEndpoints(bytes.subarray(at + idLength, at + size), family, 1);
    if (id !== undefined && endpoint !== undefined) contacts.push({ id, endpoint });
  }
  return contacts;
}
