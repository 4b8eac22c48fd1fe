import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { peerIdFromBytes, peerIdToBytes } from "../../source/base/ids.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { clientName, createPeerId } from "../../source/wire/peer-id.ts";

function nameOf(start: string): string {
  const bytes = new Uint8Array(20).fill(0x80);
  for (let i = 0; i < start.length; i++) bytes[i] = start.charCodeAt(i);
  return clientName(peerIdFromBytes(bytes));
}

describe("a peer id", () => {
  it("of ours names us and our version, and is else random", () => {
    const random = new SeededRandom(1);
    const one = createPeerId(random, "1.2.3");
    expect(clientName(one)).toBe("p2p-tui 1.2.3");
    expect(createPeerId(random, "1.2.3")).not.toBe(one);
    expect(peerIdToBytes(one)).toHaveLength(20);
    expect(clientName(createPeerId(random, "0.10.0-rc1"))).toBe("p2p-tui 0.0");
  });

  it.each([
    ["-TR2940-", "Transmission 2.94"],
    ["-TR3000-", "Transmission 3.00"],
    ["-TR4060-", "Transmission 4.0.6"],
    ["-qB4630-", "qBittorrent 4.6.3"],
    ["-qB5000-", "qBittorrent 5.0"],
    ["-LT20B0-", "libtorrent 2.0.11"],
    ["-lt0D80-", "rTorrent 0.13.8"],
    ["-DE13F0-", "Deluge 1.3.15"],
    ["-ZZ1234-", "ZZ 1.2.3.4"],
    ["A2-1-37-0-", "aria2 1.37.0"],
    ["M7-10-5--", "BitTorrent 7.10.5"],
  ])("that begins %s is %s", (start, name) => {
    expect(nameOf(start)).toBe(name);
  });

  it("that tells nothing gives no name", () => {
    expect(nameOf("")).toBe("");
    expect(nameOf("abc")).toBe("");
  });

  it("gives a name that is short and plain, whatever its bytes", () => {
    const plain = /^[\x20-\x7eµ]{0,40}$/;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        expect(clientName(peerIdFromBytes(bytes))).toMatch(plain);
      }),
    );
    fc.assert(
      fc.property(fc.string({ minLength: 20, maxLength: 20 }), (text) => {
        const bytes = Uint8Array.from(text.slice(0, 20), (character) => character.charCodeAt(0) & 0xff);
        expect(clientName(peerIdFromBytes(bytes))).toMatch(plain);
      }),
    );
  });
});
