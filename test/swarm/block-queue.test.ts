import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { BlockQueue, type BlockRequest } from "../../source/swarm/block-queue.ts";

const blockLength = 16384;
const pieceLength = 8 * blockLength;
const geometry = new Geometry(pieceLength, pieceLength * 100_000);

function request(block: number, length = blockLength): BlockRequest {
  return { piece: geometry.piece(Math.floor(block / 8)), begin: (block % 8) * blockLength, length };
}

describe("the queue of blocks that a neighbour has asked for", () => {
  it("is as a map from places of the content to requests, in the order in which these were first asked for", () => {
    const anyRequest = fc.tuple(fc.nat(60), fc.constantFrom(blockLength, 100));
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.tuple(fc.constant("add" as const), anyRequest) },
      { weight: 3, arbitrary: fc.tuple(fc.constant("take" as const), anyRequest) },
      { weight: 2, arbitrary: fc.tuple(fc.constant("cancel" as const), anyRequest) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1200, size: "max" }), (steps) => {
        const queue = new BlockQueue(pieceLength);
        const map = new Map<number, BlockRequest>();
        for (const [what, [block, length]] of steps) {
          const one = request(block, length);
          if (what === "add") {
            queue.add(one);
            map.set(block, one);
          } else if (what === "cancel") {
            expect(queue.cancel(one)).toBe(map.get(block)?.length === length && map.delete(block));
          } else {
            queue.takeNext();
            for (const first of map.keys()) {
              map.delete(first);
              break;
            }
          }
          const [next] = map.values();
          expect([queue.size, queue.next]).toEqual([map.size, next]);
        }
        expect(queue.all()).toEqual([...map.values()]);
      }),
      { numRuns: 60 },
    );
  });

  it("forgets what was cancelled behind one that stays", () => {
    const queue = new BlockQueue(pieceLength);
    queue.add(request(0));
    for (let block = 1; block < 100_000; block++) {
      queue.add(request(block));
      expect(queue.cancel(request(block))).toBe(true);
    }
    expect([queue.size, queue.next, queue.all()]).toEqual([1, request(0), [request(0)]]);
  });
});
