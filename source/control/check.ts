/**
 * Small checkers from which the validators of the protocol are built: `unknown` in, a fresh value of exactly the
 * checked type out. Properties that are not asked for are left behind, so nothing of the input is kept. Whatever the
 * input, nothing but `ProtocolError` `bad-message` is thrown; texts and arrays are measured before they are walked.
 */
import { ProtocolError } from "../base/errors.ts";

export type Check<T> = (value: unknown, path: Path) => T;

/** Where in the message the value is, "" at the top; `undefined`: not followed. */
export type Path = string | undefined;

/**
 * Checks a whole message. Frames are large and right: only in one that is wrong the way to the wrong value is followed, by
 * going through it again.
 */
export function checked<T>(check: Check<T>, message: unknown): T {
  try {
    return check(message, undefined);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return check(message, "");
  }
}

export function refuse(path: Path, expected: string): never {
  throw new ProtocolError("bad-message", `${path || "message"} is not ${expected}`);
}

/** @param lengthMax UTF-16 units. */
export function text(lengthMax: number): Check<string> {
  return (value, path) =>
    typeof value === "string" && value.length <= lengthMax ? value : refuse(path, `text of at most ${lengthMax}`);
}

/** A whole number in `min` … `max`. */
export function whole(min: number, max: number): Check<number> {
  return (value, path) =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
      ? value
      : refuse(path, `a whole number from ${min} to ${max}`);
}

/** Finite and not negative: lengths, rates, counts, durations. */
export const amount: Check<number> = (value, path) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : refuse(path, "an amount");

/** Finite, of either sign: wall clock times. */
export const finite: Check<number> = (value, path) =>
  typeof value === "number" && Number.isFinite(value) ? value : refuse(path, "a number");

/** Of a request, subscription or frame: counted up one by one. */
export const anId: Check<number> = whole(0, Number.MAX_SAFE_INTEGER);

export const boolean: Check<boolean> = (value, path) =>
  typeof value === "boolean" ? value : refuse(path, "true or false");

export function oneOf<const T extends string>(...values: readonly T[]): Check<T> {
  return (value, path) => values.find((candidate) => candidate === value) ?? refuse(path, values.join(" or "));
}

export function literal<const T extends string | number | boolean>(expected: T): Check<T> {
  return (value, path) => (value === expected ? expected : refuse(path, String(expected)));
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, path) => (value === null ? null : check(value, path));
}

export function arrayOf<T>(check: Check<T>, lengthMax: number): Check<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > lengthMax) return refuse(path, `a list of at most ${lengthMax}`);
    const items: T[] = [];
    // By index: a hole in a sparse array is refused like any other wrong item.
    for (let i = 0; i < value.length; i++) items.push(check(value[i], path === undefined ? path : `${path}[${i}]`));
    return items;
  };
}

export function object<T extends object>(checks: { readonly [K in keyof T]-?: Check<T[K]> }): Check<T> {
  const entries = Object.entries(checks) as [string, Check<unknown>][];
  let blank: Readonly<Record<string, unknown>> | undefined;
  return (value, path) => {
    const source = recordOf(value, path);
    blank ??= compact(entries.map(([key]) => key));
    const result = { ...blank };
    for (const [key, check] of entries) result[key] = check(own(source, key), within(path, key));
    return result as T;
  };
}

/**
 * An object with these fields, all null. V8 keeps objects compact that were parsed, and copies of them; one that gets a dozen
 * fields by computed names becomes a hash table of three times the size.
 */
function compact(keys: readonly string[]): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(Object.fromEntries(keys.map((key) => [key, null])))) as Record<string, unknown>;
}

function within(path: Path, key: string): Path {
  if (path === undefined) return undefined;
  return path === "" ? key : `${path}.${key}`;
}

/** As `object`, but fields may be left out (or undefined): then the result has none of them. */
export function partial<T extends object>(
  checks: { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> },
): Check<T> {
  const entries = Object.entries(checks) as [string, Check<unknown>][];
  return (value, path) => {
    const source = recordOf(value, path);
    const result: Record<string, unknown> = {};
    for (const [key, check] of entries) {
      const field = own(source, key);
      if (field !== undefined) result[key] = check(field, within(path, key));
    }
    return result as T;
  };
}

/** Both, of one object. */
export function both<A extends object, B extends object>(one: Check<A>, other: Check<B>): Check<A & B> {
  return (value, path) => ({ ...one(value, path), ...other(value, path) });
}

/** A discriminated union: the variant is chosen by the text under `tag`. */
export function variant<T>(tag: string, checks: Readonly<Record<string, Check<T>>>): Check<T> {
  const byTag = new Map(Object.entries(checks));
  return (value, path) => {
    const name = own(recordOf(value, path), tag);
    const check = typeof name === "string" ? byTag.get(name) : undefined;
    return check === undefined ? refuse(within(path, tag), "known") : check(value, path);
  };
}

function recordOf(value: unknown, path: Path): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(path, "an object");
  return value as Record<string, unknown>;
}

function own(source: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(source, key) ? source[key] : undefined;
}
