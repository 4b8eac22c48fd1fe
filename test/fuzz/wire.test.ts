/** Hostile bytes at the wire: whatever comes, nothing but `ProtocolError` is thrown, and no more is given than came. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../source/base/errors.ts";
import { WireDecoder } from "../../source/wire/decoder.ts";
import { decodeExtensionHandshake } from "../../source/wire/extension-handshake.ts";
import { decodeHandshake, handshakeLength } from "../../source/wire/handshake.ts";
import { anyMessage, bitfieldLength, feedInReads, joined } from "../wire/any-message.ts";
import { Recorder } from "../wire/recorder.ts";

const runs = { numRuns: 1000 };

/** Whether all was taken. @throws whatever is no ProtocolError. */
function isTaken(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function feed(bytes: Uint8Array, readLengths: readonly number[]): Recorder {
  const recorder = new Recorder();
  const decoder = new WireDecoder(recorder, bitfieldLength);
  isTaken(() => feedInReads(decoder, bytes, readLengths));
  expect(recorder.heldViews).toBe(0);
  return recorder;
}

const readLengths = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 50 });

/** Bytes that look like messages: small lengths, ids around the known ones. */
const messageLike = fc
  .array(
    fc
      .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 22 }), fc.uint8Array({ maxLength: 40 }))
      .map(([length, id, body]) => new Uint8Array([0, 0, 0, length, id, ...body])),
    { maxLength: 20 },
  )
  .map(joined);

describe("the decoder under fuzzing", () => {
  it("takes or refuses random bytes, however they are cut", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 500 }), messageLike), readLengths, (bytes, lengths) => {
        const recorder = feed(bytes, lengths);
        // Five bytes a message at the least, four a keep-alive.
        expect(recorder.calls.length).toBeLessThanOrEqual(bytes.length / 4);
      }),
      runs,
    );
  });

  it("gives the same calls for the same bytes, whole or cut", () => {
    fc.assert(
      fc.property(messageLike, readLengths, (bytes, lengths) => {
        expect(feed(bytes, lengths).calls).toEqual(feed(bytes, []).calls);
      }),
      runs,
    );
  });

  it("survives real messages with bytes changed, dropped and doubled", () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom("set", "drop", "double", "cut"),
      value: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(
        fc.array(anyMessage, { minLength: 1, maxLength: 12 }),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        readLengths,
        (messages, changes, lengths) => {
          let bytes = [...joined(messages.map((message) => message.bytes))];
          for (const { at, kind, value } of changes) {
            const index = bytes.length === 0 ? 0 : at % bytes.length;
            if (kind === "set") bytes[index] = value;
            else if (kind === "drop") bytes.splice(index, 1);
            else if (kind === "double") bytes.splice(index, 0, ...bytes.slice(index, index + value));
            else bytes = bytes.slice(0, index);
          }
          feed(new Uint8Array(bytes), lengths);
        },
      ),
      runs,
    );
  });
});

describe("handshakes under fuzzing", () => {
  it("a handshake of any 68 bytes and more is taken or refused", () => {
    const start = new TextEncoder().encode("\x13BitTorrent protocol");
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array({ minLength: handshakeLength, maxLength: 100 }), (isNamed, bytes) => {
        if (isNamed) bytes.set(start);
        expect(isTaken(() => decodeHandshake(bytes))).toBe(isNamed);
      }),
    );
  });

  it("an extension handshake of any bytes is taken or refused, and what is taken is in range", () => {
    const key = fc.constantFrom("1:v", "1:p", "4:reqq", "11:upload_only", "1:m", "6:yourip", "1:x");
    const value = fc.oneof(
      fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map((n) => `i${n}e`),
      fc.string({ maxLength: 60 }).map((text) => `${text.length}:${text}`),
      fc.constantFrom("le", "de", "i1e", "i65535e", "i65536e", "l", "d", "i", "e", "-1:", "99999999999:"),
    );
    const text = fc
      .array(fc.tuple(key, value), { maxLength: 8 })
      .map((entries) => `d${entries.map(([k, v]) => k + v).join("")}e`);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          text.map((t) => Uint8Array.from(t, (c) => c.charCodeAt(0) & 0xff)),
        ),
        (bytes) => {
          isTaken(() => {
            const handshake = decodeExtensionHandshake(bytes);
            expect(handshake.client.length).toBeLessThanOrEqual(40);
            expect(handshake.client).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
            if (handshake.port !== undefined) expect(handshake.port % 65536).toBeGreaterThan(0);
            if (handshake.requestQueue !== undefined) expect(handshake.requestQueue).toBeGreaterThan(0);
          });
        },
      ),
      runs,
    );
  });
});
