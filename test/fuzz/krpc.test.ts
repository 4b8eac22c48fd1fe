/** Datagrams of the DHT from attackers: whatever they are, nothing is thrown and nothing made that is larger than they are. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { DhtNode } from "../../source/discovery/dht/dht-node.ts";
import type { Message } from "../../source/discovery/dht/krpc.ts";
import { decodeMessage } from "../../source/discovery/dht/krpc-decode.ts";
import { encodeAnswer, encodeQuery } from "../../source/discovery/dht/krpc-encode.ts";
import { randomId } from "../../source/discovery/dht/node-id.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { NodeSignatures } from "../../source/platform/node-signatures.ts";
import { anyAnswer, anyEndpoint, anyId, anyQuery, anyTransaction } from "../discovery/dht/any-message.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const runs = { numRuns: 20_000 };

const anyDatagram = fc.oneof(
  fc.tuple(anyTransaction, anyId, anyQuery, fc.boolean()).map((parts) => encodeQuery(...parts)),
  fc.tuple(anyTransaction, anyId, anyAnswer, anyEndpoint(4)).map((parts) => encodeAnswer(...parts)),
);

/** Bytes replaced, cut out, doubled: what bencode's parser takes now and then, and what it does not. */
const anyDamage = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("replace", "remove", "insert", "digit"),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
  { minLength: 1, maxLength: 6 },
);

function damaged(bytes: Uint8Array, damage: readonly { at: number; kind: string; byte: number }[]): Uint8Array {
  const out = [...bytes];
  for (const { at, kind, byte } of damage) {
    const place = at % (out.length + 1);
    if (kind === "remove") out.splice(place, 1 + (byte % 4));
    else if (kind === "insert") out.splice(place, 0, byte);
    else out[place] = kind === "digit" ? 0x30 + (byte % 10) : byte;
  }
  return Uint8Array.from(out);
}

/** What was made of it is no larger than it: nothing is made for a claimed size. */
function holdsTo(message: Message | undefined, bytes: Uint8Array): void {
  if (message === undefined) return;
  expect(message.transaction.length).toBeLessThanOrEqual(20);
  if (message.kind === "answer") {
    const { nodes4 = [], nodes6 = [], peers = [] } = message.answer;
    expect(26 * nodes4.length + 38 * nodes6.length + 8 * peers.length).toBeLessThanOrEqual(bytes.length);
    for (const { endpoint } of [...nodes4, ...nodes6]) expect(endpoint.port).toBeGreaterThan(0);
  }
  if (message.kind === "error") expect(message.text.length).toBeLessThanOrEqual(200);
}

describe("datagrams of the DHT", () => {
  it("of any bytes are read without a word", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => holdsTo(decodeMessage(bytes), bytes)),
      runs,
    );
  });

  it("that were damaged on the way, or made to look so, are read without a word", () => {
    fc.assert(
      fc.property(anyDatagram, anyDamage, (bytes, damage) => {
        const sent = damaged(bytes, damage);
        holdsTo(decodeMessage(sent), sent);
      }),
      runs,
    );
  });

  it("whatever they are, a node takes them, and nobody gets back more than three times what was sent in his name", () => {
    const clock = new VirtualClock();
    const random = new SeededRandom(3);
    const sent = new Map<string, number>();
    const back = new Map<string, number>();
    const count = (of: Map<string, number>, { address }: Endpoint, length: number) =>
      of.set(address, (of.get(address) ?? 0) + length);
    const node = new DhtNode(
      { clock, random, hasher: new NodeHasher(), signatures: new NodeSignatures() },
      { family: 4, gatePlaces: 256, send: (bytes, remote) => count(back, remote, bytes.length) },
    );
    for (let i = 0; i < 40; i++) {
      const endpoint = { address: `198.51.100.${i}`, port: 1 };
      node.table.answered({ id: randomId(random), endpoint }, 0);
    }
    const addressesKnown = () => node.table.contacts().map(({ endpoint }) => endpoint.address);
    // What those are asked, nobody has brought about in their name, also where they have lost their place since.
    const known = new Set(addressesKnown());
    node.start();
    fc.assert(
      fc.property(anyDatagram, anyDamage, fc.boolean(), anyEndpoint(4), (bytes, damage, isWhole, from) => {
        // Pings that were sent to a victim before count as what its query has brought it.
        const datagram = isWhole ? bytes : damaged(bytes, damage);
        count(sent, from, datagram.length);
        node.receive(datagram, from);
        clock.advance(20);
      }),
      { numRuns: 5_000 },
    );
    clock.advance(60_000);
    node.close();
    expect(clock.pendingTimers).toBe(0);
    for (const address of addressesKnown()) known.add(address);
    for (const [address, length] of back) {
      // An answer, and a ping to see who asks.
      if (!known.has(address)) expect(length).toBeLessThanOrEqual(3 * (sent.get(address) ?? 0) + 70);
    }
  });

  it("that nest or claim without end cost nothing", () => {
    const ascii = (text: string) => new TextEncoder().encode(text);
    for (const text of [
      "d1:a".repeat(370),
      `d1:t${"l".repeat(1490)}`,
      "d1:t999999999:x",
      `d1:ti${"9".repeat(1000)}ee`,
    ]) {
      expect(decodeMessage(ascii(text))).toBeUndefined();
    }
  });
});
