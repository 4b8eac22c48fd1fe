import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../source/bencode/encode.ts";
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  metadataPieceCount,
  metadataPieceLength,
} from "../../source/wire/ut-metadata.ts";

describe("the metadata extension (BEP 9)", () => {
  it("has the messages of the BEP's examples", () => {
    const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
    expect(text(encodeMetadataRequest(0))).toBe("d8:msg_typei0e5:piecei0ee");
    expect(text(encodeMetadataReject(0))).toBe("d8:msg_typei2e5:piecei0ee");
    const data = encodeMetadataData(0, new Uint8Array(3425));
    expect(text(data.subarray(0, 44))).toBe("d8:msg_typei1e5:piecei0e10:total_sizei3425ee");
    expect(data.length).toBe(44 + 3425);
  });

  it("gives back each piece, the last one shorter", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 * metadataPieceLength }), (length) => {
        const metadata = Uint8Array.from({ length }, (_, i) => i * 7);
        const parts: number[] = [];
        for (let piece = 0; piece < metadataPieceCount(length); piece++) {
          const message = decodeMetadataMessage(encodeMetadataData(piece, metadata));
          if (message?.kind !== "data") throw new Error("no data");
          expect(message.totalLength).toBe(length);
          parts.push(...message.data);
        }
        expect(Uint8Array.from(parts)).toEqual(metadata);
      }),
      { numRuns: 20 },
    );
  });

  it("ignores kinds it does not know, and refuses what cannot be", () => {
    expect(decodeMetadataMessage(encode({ msg_type: 9, piece: 0 }))).toBeUndefined();
    for (const bad of [
      encode({ msg_type: 0 }),
      encode({ piece: 1 }),
      encode({ msg_type: 0, piece: -1 }),
      encode({ msg_type: 1, piece: 0, total_size: 100 }),
      encode({ msg_type: 1, piece: 9, total_size: 100 }),
      encode({ msg_type: 1, piece: 0, total_size: 2 ** 40 }),
      new TextEncoder().encode("i1e"),
    ]) {
      expect(() => decodeMetadataMessage(bad)).toThrow(expect.objectContaining({ name: "ProtocolError" }));
    }
  });

  it("throws nothing but ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeMetadataMessage(bytes);
        } catch (error) {
          expect((error as Error).name).toBe("ProtocolError");
        }
      }),
    );
  });
});
