import { describe, expect, it } from "vitest";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { allowedFastSet } from "../../source/wire/allowed-fast.ts";

const hasher = new NodeHasher();
const sha1 = (bytes: Uint8Array) => hasher.sha1(bytes);
const infoHash = new Uint8Array(20).fill(0xaa);

describe("the allowed fast set", () => {
  it("is that of BEP 6 for its examples", () => {
    const seven = [1059, 431, 808, 1217, 287, 376, 1188];
    expect(allowedFastSet(sha1, infoHash, "80.4.4.200", 1313, 7)).toEqual(seven);
    expect(allowedFastSet(sha1, infoHash, "80.4.4.200", 1313, 9)).toEqual([...seven, 353, 508]);
  });

  it("is the same for a whole /24, and another elsewhere", () => {
    const here = allowedFastSet(sha1, infoHash, "80.4.4.200", 1313);
    expect(here).toHaveLength(10);
    expect(allowedFastSet(sha1, infoHash, "80.4.4.1", 1313)).toEqual(here);
    expect(allowedFastSet(sha1, infoHash, "80.4.5.200", 1313)).not.toEqual(here);
  });

  it("has all pieces of a torrent with fewer than its size, each once", () => {
    for (let pieceCount = 0; pieceCount <= 12; pieceCount++) {
      const set = allowedFastSet(sha1, infoHash, "10.0.0.1", pieceCount);
      expect(set).toHaveLength(Math.min(10, pieceCount));
      expect(new Set(set).size).toBe(set.length);
      for (const piece of set) expect(piece).toBeLessThan(pieceCount);
    }
  });

  it("is empty for IPv6 and for what is no address", () => {
    expect(allowedFastSet(sha1, infoHash, "2001:db8::1", 1313)).toEqual([]);
    expect(allowedFastSet(sha1, infoHash, "somewhere", 1313)).toEqual([]);
  });
});
