/**
 * For records that we wrote ourselves and read again: each function gives the value if it is of its kind and throws
 * TypeError if not. A record is read inside one `try`: whatever is wrong with it, it is damaged.
 */
export type Fields<T> = { readonly [Key in keyof T]?: unknown };

/** An object whose fields are to be read one by one. */
export function fieldsOf<T>(value: unknown): Fields<T> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("no record");
  return value as Fields<T>;
}

export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("no list");
  return value;
}

export function textOf(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("no text");
  return value;
}

export function truthOf(value: unknown): boolean {
  if (typeof value !== "boolean") throw new TypeError("no truth value");
  return value;
}

export function finiteOf(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError("no number");
  return value;
}

/** Finite and not negative. */
export function amountOf(value: unknown): number {
  const number = finiteOf(value);
  if (number < 0) throw new TypeError("no amount");
  return number;
}

export function naturalOf(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new TypeError("no natural number");
  return value as number;
}
