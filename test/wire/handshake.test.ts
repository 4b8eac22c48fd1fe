import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { infoHashFromHex, peerIdFromBytes } from "../../source/base/ids.ts";
import { decodeHandshake, encodeHandshake, handshakeLength, looksLikeHandshake } from "../../source/wire/handshake.ts";

const infoHash = infoHashFromHex("00112233445566778899aabbccddeeff00112233");
const peerId = peerIdFromBytes(Uint8Array.from({ length: 20 }, (_, i) => 200 + i));

describe("the handshake", () => {
  it("has the bytes of BEP 3, with the reserved bits of BEP 5, 6 and 10", () => {
    const bytes = encodeHandshake({ infoHash, peerId, hasExtensions: true, hasFast: true, hasDht: true });
    expect(bytes).toHaveLength(handshakeLength);
    expect(bytes[0]).toBe(19);
    expect(new TextDecoder().decode(bytes.subarray(1, 20))).toBe("BitTorrent protocol");
    expect([...bytes.subarray(20, 28)]).toEqual([0, 0, 0, 0, 0, 0x10, 0, 0x05]);
    expect(Buffer.from(bytes.subarray(28, 48)).toString("hex")).toBe(infoHash);
    expect(Buffer.from(bytes.subarray(48)).toString("hex")).toBe(peerId);
  });

  it.each([
    [true, true, true],
    [true, false, true],
    [false, true, false],
    [false, false, true],
    [false, false, false],
  ])("comes back as it went (extensions %s, fast %s, DHT %s)", (hasExtensions, hasFast, hasDht) => {
    const handshake = { infoHash, peerId, hasExtensions, hasFast, hasDht };
    expect(decodeHandshake(encodeHandshake(handshake))).toEqual(handshake);
  });

  it("ignores reserved bits that it does not know", () => {
    const bytes = encodeHandshake({ infoHash, peerId, hasExtensions: false, hasFast: false, hasDht: false });
    bytes.fill(0xff, 20, 28);
    expect(decodeHandshake(bytes)).toEqual({ infoHash, peerId, hasExtensions: true, hasFast: true, hasDht: true });
  });

  it("may still become one at every prefix of one, and not from the first wrong byte on", () => {
    const bytes = encodeHandshake({ infoHash, peerId, hasExtensions: true, hasFast: true, hasDht: true });
    for (let length = 0; length <= bytes.length; length++) {
      expect(looksLikeHandshake(bytes.subarray(0, length))).toBe(true);
    }
    for (let at = 0; at < 20; at++) {
      const spoilt = bytes.slice();
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      expect(looksLikeHandshake(spoilt.subarray(0, at))).toBe(true);
      expect(looksLikeHandshake(spoilt.subarray(0, at + 1))).toBe(false);
    }
  });

  it("is refused as a protocol error for any other 68 bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 68, maxLength: 80 }), (bytes) => {
        fc.pre(!looksLikeHandshake(bytes));
        expect(() => decodeHandshake(bytes)).toThrow(
          expect.objectContaining({ name: "ProtocolError", code: "not-bittorrent" }),
        );
      }),
    );
  });
});
