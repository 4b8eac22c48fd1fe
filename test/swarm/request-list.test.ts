import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { BlockLedger } from "../../source/swarm/block-ledger.ts";
import { RequestList } from "../../source/swarm/request-list.ts";
import type { OutstandingRequest } from "../../source/swarm/request-pipeline.ts";

const geometry = new Geometry(2 ** 28, 2 ** 28);
const active = new BlockLedger(geometry).begin(geometry.piece(0));

function request(key: number): OutstandingRequest {
  return { key, active, block: key, sentMs: 0, isLate: false };
}

describe("the list of requests", () => {
  it("is as a map from keys to requests, in the order in which they were added", () => {
    // Most are taken from the beginning, some from anywhere, some are not there.
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant("add" as const) },
      { weight: 4, arbitrary: fc.constant("first" as const) },
      { weight: 3, arbitrary: fc.nat(400) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1200, size: "max" }), (steps) => {
        const list = new RequestList();
        const map = new Map<number, OutstandingRequest>();
        let next = 0;
        for (const step of steps) {
          if (step === "add") {
            const added = request(next++);
            list.add(added);
            map.set(added.key, added);
          } else {
            const key = step === "first" ? [...map.keys()][0] : step;
            if (key === undefined) continue;
            expect(list.has(key)).toBe(map.has(key));
            expect(list.take(key)).toBe(map.get(key));
            map.delete(key);
          }
          expect(list.size).toBe(map.size);
        }
        expect(list.all()).toEqual([...map.values()]);
        list.clear();
        expect([list.size, list.all(), list.has(0)]).toEqual([0, [], false]);
      }),
      { numRuns: 60 },
    );
  });

  it("finds the next as fast where the first is never sent", () => {
    const list = new RequestList();
    list.add(request(-1));
    for (let key = 0; key < 200_000; key++) {
      list.add(request(key));
      expect(list.take(key)?.key).toBe(key);
    }
    expect(list.all().map(({ key }) => key)).toEqual([-1]);
  });
});
