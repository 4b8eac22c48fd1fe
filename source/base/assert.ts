/** Internal invariants. A failed assertion is always a bug of ours, never of input. */
export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** Ends an exhaustive `switch`: a new variant of the union then fails to compile. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unexpected variant: ${String(value)}`);
}

/** Narrows away `undefined` where an invariant says the value is there. */
export function present<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new AssertionFailure(message);
  return value;
}
