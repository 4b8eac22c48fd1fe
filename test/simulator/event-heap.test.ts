import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventHeap } from "../../source/simulator/event-heap.ts";

describe("the heap of events", () => {
  it("gives them in the order of their times, equal ones in the order they came", () => {
    const steps = fc.array(fc.oneof(fc.nat(20), fc.constant("take" as const)), { maxLength: 3000 });
    fc.assert(
      fc.property(steps, (all) => {
        const heap = new EventHeap<readonly [number, number]>();
        const model: (readonly [number, number])[] = [];
        all.forEach((step, order) => {
          if (step === "take") {
            expect(heap.pop()).toBe(model.shift());
            return;
          }
          const event = [step, order] as const;
          heap.push(step, event);
          model.push(event);
          model.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
          expect(heap.nextMs).toBe(model[0]?.[0]);
          expect(heap.size).toBe(model.length);
        });
      }),
    );
  });
});
