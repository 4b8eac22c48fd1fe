import { expect, test } from "vitest";
import { pairwise } from "./pairwise.ts";

test("every pair of values of any two dimensions occurs together", () => {
  const dimensions = { a: [1, 2, 3, 4], b: ["x", "y", "z"], c: [true, false], d: [0] } as const;
  const cases = pairwise(dimensions);
  for (const a of dimensions.a)
    for (const b of dimensions.b) expect(cases.some((k) => k.a === a && k.b === b)).toBe(true);
  for (const a of dimensions.a)
    for (const c of dimensions.c) expect(cases.some((k) => k.a === a && k.c === c)).toBe(true);
  for (const b of dimensions.b)
    for (const c of dimensions.c) expect(cases.some((k) => k.b === b && k.c === c)).toBe(true);
  expect(cases.length).toBeLessThan(16);
  expect(cases).toEqual(pairwise(dimensions));
});
