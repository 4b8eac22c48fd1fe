import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { SamplingHasher } from "../../source/simulator/virtual-content.ts";

describe("the hasher of a virtual world", () => {
  it("gives one hash, be it fed at once or in parts: pieces of one block come at once", () => {
    const hasher = new SamplingHasher(new NodeHasher());
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.array(fc.nat(3000), { maxLength: 4 }), (bytes, cuts) => {
        const running = hasher.begin();
        const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        let at = 0;
        for (const end of ends) {
          running.update(bytes.subarray(at, end));
          at = end;
        }
        expect(running.digest()).toEqual(hasher.sha1(bytes));
      }),
    );
  });
});
