import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../source/base/crc32c.ts";
import { formatAddress } from "../../source/base/ip-address.ts";
import { canonicalPriority } from "../../source/swarm/canonical-priority.ts";

const at = (address: string, port = 6881) => ({ address, port });
const hex = (text: string) => Buffer.from(text, "hex");

describe("canonical peer priority (BEP 40)", () => {
  it.each([
    ["123.213.32.10", "98.76.54.32", 0xec2d7224, "624c14007bd50000"],
    ["123.213.32.10", "123.213.32.234", 0x99568189, "7bd5200a7bd520ea"],
  ])("of %s and %s is as the BEP has it", (a, b, priority, hashed) => {
    expect(canonicalPriority(at(a), at(b))).toBe(priority);
    expect(crc32c(hex(hashed))).toBe(priority);
  });

  it.each([
    ["the same address: the ports", at("230.12.123.3", 1234), at("230.12.123.3", 300), "012c04d2"],
    ["one /24: all of both", at("230.12.123.1"), at("230.12.123.3"), "e60c7b01e60c7b03"],
    ["one /16: FF.FF.FF.55", at("230.12.23.1"), at("230.12.123.3"), "e60c1701e60c7b01"],
    ["else: FF.FF.55.55", at("230.120.23.1"), at("230.12.123.3"), "e60c5101e6781501"],
    [
      "IPv6, not one /48: the first six bytes and every other bit",
      at("2001:db8:1:ffff:ffff:ffff:ffff:ffff"),
      at("2001:db8:0:ffff::"),
      "20010db800005555000000000000000020010db8000155555555555555555555",
    ],
    [
      "IPv6, one /48: a byte more",
      at("2001:db8::ffff:ffff"),
      at("2001:db8:0:ff00::"),
      "20010db800000000000000005555555520010db80000ff000000000000000000",
    ],
    [
      "IPv6, one /56: two more",
      at("2001:db8:0:1::ff"),
      at("2001:db8:0:2::"),
      "20010db8000000010000000000000055" + "20010db8000000020000000000000000",
    ],
  ])("of %s", (_name, a, b, hashed) => {
    expect(canonicalPriority(a, b)).toBe(crc32c(hex(hashed)));
  });

  it("is the same from both ends, whatever the addresses", () => {
    const endpoint = (length: number) =>
      fc.record({
        address: fc
          .uint8Array({ minLength: length, maxLength: length })
          .map((bytes) => formatAddress(bytes.map((byte, i) => (i < length / 2 ? byte & 3 : byte)))),
        port: fc.integer({ min: 1, max: 65_535 }),
      });
    const pair = fc.oneof(fc.tuple(endpoint(4), endpoint(4)), fc.tuple(endpoint(16), endpoint(16)));
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(canonicalPriority(a, b)).toBe(canonicalPriority(b, a));
      }),
    );
  });

  it("is none of peers of different families", () => {
    expect(canonicalPriority(at("198.51.100.1"), at("2001:db8::1"))).toBeUndefined();
  });
});
