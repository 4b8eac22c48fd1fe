import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDict } from "../../source/bencode/decode.ts";
import { encode } from "../../source/bencode/encode.ts";
import { decodePex, encodePex } from "../../source/wire/ut-pex.ts";

const four = { endpoint: { address: "192.0.2.1", port: 6881 }, isSeed: true, isReachable: false };
const six = { endpoint: { address: "2001:db8::1", port: 51413 }, isSeed: false, isReachable: true };

describe("peer exchange (BEP 11)", () => {
  it("says who came and who went, of both families, with flags", () => {
    const message = { added: [four, six], dropped: [{ address: "192.0.2.9", port: 1 }] };
    const bytes = encodePex(message);
    const dict = decodeDict(bytes);
    expect(dict.bytes("added")).toEqual(Uint8Array.of(192, 0, 2, 1, 0x1a, 0xe1));
    expect(dict.bytes("added.f")).toEqual(Uint8Array.of(0x02));
    expect(dict.bytes("added6.f")).toEqual(Uint8Array.of(0x10));
    expect(dict.bytes("added6")).toHaveLength(18);
    expect(decodePex(bytes)).toEqual(message);
  });

  it("takes what lacks flags, and leaves out what is no endpoint or there twice", () => {
    const one = [192, 0, 2, 1, 0x1a, 0xe1];
    const bytes = encode({ added: Uint8Array.from([...one, ...one, 1, 2]), dropped: 5 });
    expect(decodePex(bytes)).toEqual({ added: [{ ...four, isSeed: false }], dropped: [] });
  });

  it("takes no more than a hundred of each family", () => {
    expect(
      decodePex(encode({ added: Uint8Array.from({ length: 60_000 }, (_, i) => i) })).added.length,
    ).toBeLessThanOrEqual(100);
  });

  it("throws nothing but ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          decodePex(bytes);
        } catch (error) {
          expect((error as Error).name).toBe("ProtocolError");
        }
      }),
    );
  });
});
