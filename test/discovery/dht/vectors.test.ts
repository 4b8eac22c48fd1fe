/** The test vectors of the BEPs. */
import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes } from "../../../source/base/hex.ts";
import { randomBytes, SeededRandom } from "../../../source/base/random.ts";
import { BloomFilter } from "../../../source/discovery/dht/bloom-filter.ts";
import type { NodeId } from "../../../source/discovery/dht/node-id.ts";
import { isSecureId, secureIdFor } from "../../../source/discovery/dht/secure-id.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";

const random = new SeededRandom(1);

describe("node ids of BEP 42", () => {
  const vectors = [
    ["124.31.75.21", 1, "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"],
    ["21.75.31.124", 86, "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256"],
    ["65.23.51.170", 22, "a5d43220bc8f112a3d426c84764f8c2a1150e616"],
    ["84.124.73.14", 65, "1b0321dd1bb1fe518101ceef99462b947a01ff41"],
    ["43.213.53.83", 90, "e56f6cbf5b7c4be0237986d5243b87aa6d51305a"],
  ] as const;

  it("follow from the address as in its examples", () => {
    for (const [address, seed, hex] of vectors) {
      expect(isSecureId(hexToBytes(hex) as NodeId, address), address).toBe(true);
      const id = bytesToHex(secureIdFor(address, random, seed));
      expect(id.slice(0, 5), address).toBe(hex.slice(0, 5));
      expect(Number.parseInt(id.slice(4, 6), 16) >> 3).toBe(Number.parseInt(hex.slice(4, 6), 16) >> 3);
      expect(id.slice(-2)).toBe(seed.toString(16).padStart(2, "0"));
    }
  });

  it("are refused with one bit of the first 21, or the seed, another, and at another's address", () => {
    for (const [address, , hex] of vectors) {
      for (let bit = 0; bit < 160; bit++) {
        const id = hexToBytes(hex);
        id[bit >> 3] = (id[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        // Bits of the last byte above its lowest three are free, as is the middle.
        expect(isSecureId(id as NodeId, address), `bit ${bit}`).toBe(bit >= 21 && bit < 157);
      }
      expect(isSecureId(hexToBytes(hex) as NodeId, "203.0.113.7")).toBe(false);
    }
  });

  it("go by the first half of an IPv6 address", () => {
    const id = secureIdFor("2001:db8:1:2::7", random);
    expect(isSecureId(id, "2001:db8:1:2::7")).toBe(true);
    expect(isSecureId(id, "2001:db8:1:2:ffff::1")).toBe(true);
    expect(isSecureId(id, "2001:db8:1:3::7")).toBe(false);
  });

  it("may be anything at local addresses", () => {
    const id = randomBytes(random, 20) as NodeId;
    for (const address of ["10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.0.1", "127.0.0.1", "::1", "fe80::1"]) {
      expect(isSecureId(id, address), address).toBe(true);
    }
    expect(isSecureId(id, "198.51.100.1")).toBe(false);
  });
});

describe("bloom filters of BEP 33", () => {
  it("are those of its example, and count as it does", () => {
    const hasher = new NodeHasher();
    const filter = new BloomFilter();
    for (let i = 0; i < 256; i++) filter.add(hasher, `192.0.2.${i}`);
    for (let i = 0; i < 1000; i++) filter.add(hasher, i === 0 ? "2001:db8::" : `2001:db8::${i.toString(16)}`);
    expect(bytesToHex(filter.bytes)).toBe(
      "f6c3f5eaa07ffd91bde89f777f26fb2bff37bdb8fb2bbaa2fd3ddde7bacfff75ee7ccbaefe5eedb1fbfaff67f6abff5e" +
        "43ddbca3fd9b9ffdf4ffd3e9dff12d1bdf59db53dbe9fa5b7ff3b8fdfcde1afb8bedd7be2f3ee71ebbbfe93bcdeefe14" +
        "8246c2bc5dbff7e7efdcf24fd8dc7adffd8fffdfddfff7a4bbeedf5cb95ce81fc7fcff1ff4ffffdfe5f7fdcbb7fd79b3" +
        "fa1fc77bfe07fff905b7b7ffc7fefeffe0b8370bb0cd3f5b7f2bd93feb4386cfdd6f7fd5bfaf2e9ebffffeecd67adbf7" +
        "c67f17efd5d75eba6ffeba7fff47a91eb1bfbb53e8abfb5762abe8ff237279bfefbfeef5ffc5febfdfe5adffadfee1fb" +
        "737ffffbfd9f6aeffeee76b6fd8f72ef",
    );
    expect(filter.count).toBeCloseTo(1224.9308, 3);
  });

  it("count a union as if it had been one", () => {
    const hasher = new NodeHasher();
    const [a, b, all] = [new BloomFilter(), new BloomFilter(), new BloomFilter()];
    for (let i = 0; i < 200; i++) {
      for (const filter of [i < 120 ? a : b, i > 80 ? b : a, all]) filter.add(hasher, `198.51.100.${i}`);
    }
    a.unite(b.bytes);
    expect(a.bytes).toEqual(all.bytes);
    expect(new BloomFilter().count).toBe(0);
  });
});
