import { describe, expect, it } from "vitest";
import { fewAtOnce } from "../../source/base/few-at-once.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a few at once", () => {
  it("does the work for each item once, and never for more at a time than told", async () => {
    const done: number[] = [];
    let active = 0;
    let activeMax = 0;
    await fewAtOnce(
      new Set([1, 2, 3, 4, 5, 6, 7]),
      async (item) => {
        activeMax = Math.max(activeMax, ++active);
        await turn();
        active--;
        done.push(item);
      },
      3,
    );
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(activeMax).toBe(3);
  });

  it("begins nothing after a failure, and tells of it when all that was begun has ended", async () => {
    const begun: number[] = [];
    let ended = 0;
    const work = fewAtOnce(
      [1, 2, 3, 4, 5, 6],
      async (item) => {
        begun.push(item);
        if (item === 2) throw new Error("the second");
        await turn();
        ended++;
      },
      2,
    );
    await expect(work).rejects.toThrow("the second");
    expect(begun).toEqual([1, 2]);
    expect(ended).toBe(1);
  });
});
