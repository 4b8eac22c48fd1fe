/**
 * Few cases in which every pair of values of any two dimensions occurs together at least once. Greedy and without
 * chance: the same dimensions give the same cases.
 */
export type Dimensions = Readonly<Record<string, readonly unknown[]>>;
export type Case<D extends Dimensions> = { readonly [K in keyof D]: D[K][number] };

export function pairwise<const D extends Dimensions>(dimensions: D): Case<D>[] {
  const names = Object.keys(dimensions);
  const sizes = names.map((name) => dimensions[name]?.length ?? 0);
  const missing = new Set<string>();
  for (let a = 0; a < names.length; a++) {
    for (let b = a + 1; b < names.length; b++) {
      for (let i = 0; i < (sizes[a] ?? 0); i++) {
        for (let j = 0; j < (sizes[b] ?? 0); j++) missing.add(pairKey(a, i, b, j));
      }
    }
  }
  const cases: Case<D>[] = [];
  /** How often each value was taken: where nothing is gained, the rarest goes next, so that all get their share. */
  const uses = sizes.map((size) => new Uint32Array(size));
  while (missing.size > 0) {
    const chosen = oneCase(sizes, missing, uses);
    for (const [d, value] of chosen.entries()) count(uses, d, value);
    for (const key of pairsOf(chosen)) missing.delete(key);
    const entries = names.map((name, d) => [name, dimensions[name]?.[chosen[d] ?? 0]]);
    cases.push(Object.fromEntries(entries) as Case<D>);
  }
  return cases;
}

/** Begins with a pair that is still missing, then takes for each dimension the value that adds most. */
function oneCase(sizes: readonly number[], missing: ReadonlySet<string>, uses: readonly Uint32Array[]): number[] {
  const [first = ""] = missing;
  const [a = 0, i = 0, b = 0, j = 0] = first.split(",").map(Number);
  const chosen: number[] = sizes.map(() => -1);
  chosen[a] = i;
  chosen[b] = j;
  for (let d = 0; d < sizes.length; d++) {
    if (chosen[d] !== -1) continue;
    let best = 0;
    let bestGain = -1;
    for (let value = 0; value < (sizes[d] ?? 0); value++) {
      chosen[d] = value;
      const gain = pairsOf(chosen).filter((key) => missing.has(key)).length;
      const isRarer = gain === bestGain && (uses[d]?.[value] ?? 0) < (uses[d]?.[best] ?? 0);
      if (gain > bestGain || isRarer) [best, bestGain] = [value, gain];
    }
    chosen[d] = best;
  }
  return chosen;
}

function count(uses: readonly Uint32Array[], dimension: number, value: number): void {
  const counts = uses[dimension];
  if (counts !== undefined) counts[value] = (counts[value] ?? 0) + 1;
}

function pairsOf(chosen: readonly number[]): string[] {
  const keys: string[] = [];
  for (let a = 0; a < chosen.length; a++) {
    for (let b = a + 1; b < chosen.length; b++) {
      const i = chosen[a] ?? -1;
      const j = chosen[b] ?? -1;
      if (i >= 0 && j >= 0) keys.push(pairKey(a, i, b, j));
    }
  }
  return keys;
}

function pairKey(a: number, i: number, b: number, j: number): string {
  return `${a},${i},${b},${j}`;
}
