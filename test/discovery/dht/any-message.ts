/** Messages of the DHT of every kind, for properties of the codec and for attacks on it. */
import fc from "fast-check";
import { type Endpoint, formatAddress } from "../../../source/base/ip-address.ts";
import { encode } from "../../../source/bencode/encode.ts";
import type { Contact } from "../../../source/discovery/dht/contact.ts";
import type { Answer, Query, Signature } from "../../../source/discovery/dht/krpc.ts";
import type { NodeId } from "../../../source/discovery/dht/node-id.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
export const anyId = bytes(20) as fc.Arbitrary<NodeId>;
export const anyTransaction = fc.uint8Array({ minLength: 1, maxLength: 20 });

export function anyEndpoint(family: 4 | 6): fc.Arbitrary<Endpoint> {
  const address = bytes(family === 4 ? 4 : 16).map((raw) => {
    if (family === 6) raw[0] = 0x20; // never an IPv4 address in disguise
    return formatAddress(raw);
  });
  return fc.record({ address, port: fc.integer({ min: 1, max: 65_535 }) });
}

const anyContacts = (family: 4 | 6): fc.Arbitrary<readonly Contact[]> =>
  fc.array(fc.record({ id: anyId, endpoint: anyEndpoint(family) }), { maxLength: 8 });
const anyWant = fc.option(fc.record({ nodes4: fc.boolean(), nodes6: fc.boolean() }), { nil: undefined });
const anySequence = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const anyToken = fc.uint8Array({ maxLength: 64 });
/** Encoded. */
const anyValue = fc
  .oneof(
    fc.uint8Array({ maxLength: 900 }),
    fc.integer(),
    fc.array(fc.string({ maxLength: 20 }), { maxLength: 10 }),
    fc.dictionary(fc.string({ maxLength: 8 }), fc.integer(), { maxKeys: 5 }),
  )
  .map((value) => encode(value));
const anySignature: fc.Arbitrary<Signature> = fc.record({
  publicKey: bytes(32),
  sequence: anySequence,
  signature: bytes(64),
});

export const anyQuery: fc.Arbitrary<Query> = fc.oneof(
  fc.constant<Query>({ method: "ping" }),
  fc.record({
    method: fc.constantFrom("find_node" as const, "sample_infohashes" as const),
    target: anyId,
    want: anyWant,
  }),
  fc.record({
    method: fc.constant("get_peers" as const),
    infoHash: anyId,
    want: anyWant,
    noSeeds: fc.boolean(),
    isScrape: fc.boolean(),
  }),
  fc.record({
    method: fc.constant("announce_peer" as const),
    infoHash: anyId,
    port: fc.integer({ min: 1, max: 65_535 }),
    isPortImplied: fc.boolean(),
    token: anyToken,
    isSeed: fc.boolean(),
  }),
  fc.record({
    method: fc.constant("get" as const),
    target: anyId,
    want: anyWant,
    newerThan: fc.option(anySequence, { nil: undefined }),
  }),
  fc.record({
    method: fc.constant("put" as const),
    token: anyToken,
    value: anyValue,
    signed: fc.option(
      fc
        .tuple(
          anySignature,
          fc.record({
            salt: fc.uint8Array({ maxLength: 64 }),
            replaces: fc.option(anySequence, { nil: undefined }),
          }),
        )
        .map(([signature, more]) => ({ ...signature, ...more })),
      { nil: undefined },
    ),
  }),
);

export const anyAnswer: fc.Arbitrary<Answer> = fc
  .tuple(
    fc.record({ nodes4: anyContacts(4), nodes6: anyContacts(6) }),
    fc.array(fc.oneof(anyEndpoint(4), anyEndpoint(6)), { maxLength: 8 }),
    fc.option(anyToken, { nil: undefined }),
    fc.option(fc.tuple(bytes(256), bytes(256)), { nil: undefined }),
    fc.option(anySignature, { nil: undefined }),
  )
  .map(([nodes, peers, token, filters, signature]) => ({
    ...nodes,
    peers,
    ...(token === undefined ? {} : { token }),
    // Both together would not fit a datagram.
    ...(filters === undefined
      ? signature === undefined
        ? {}
        : { value: encode("x"), ...signature }
      : { seedFilter: filters[0], peerFilter: filters[1] }),
  }));
