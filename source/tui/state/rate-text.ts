/** Rate limits as they are typed and shown: `2MB`, `500KiB`, `none`; and one step more or less. Pure. */
import { parseSize } from "../../base/units.ts";

const units: readonly (readonly [name: string, bytes: number])[] = [
  ["GB", 1e9],
  ["GiB", 1024 ** 3],
  ["MB", 1e6],
  ["MiB", 1024 ** 2],
  ["KB", 1e3],
  ["KiB", 1024],
];

/** @param rate bytes a second, 0 for none. Nothing is lost: read again it is the same. */
export function rateText(rate: number): string {
  if (rate === 0) return "none";
  for (const [name, bytes] of units) {
    const text = `${Number((rate / bytes).toFixed(2))}${name}`;
    if (rate >= bytes && parseSize(text) === rate) return text;
  }
  return String(rate);
}

/** @throws OperationalError `bad-size`. */
export function readRate(text: string): number {
  return text.trim().toLowerCase() === "none" ? 0 : parseSize(text);
}

/** Of each power of ten, in KB. */
const steps = [1, 1.5, 2, 3, 5, 7.5];
const lowestKb = 10;
const highestKb = 1e6;
/** While nothing flows: a line that many have is just below. */
const stillFrom = 11e6;
const rates: readonly number[] = [10, 100, 1e3, 1e4, 1e5]
  .flatMap((power) => steps.map((step) => step * power))
  .filter((kb) => kb >= lowestKb && kb < highestKb)
  .map((kb) => kb * 1000);

/**
 * @param rate 0 for none, which is more than any. @param flowing bytes a second just now: where the first limit begins.
 * @returns the next easy one.
 */
export function rateStep(rate: number, step: 1 | -1, flowing: number): number {
  const [lowest = 0] = rates;
  if (step > 0) return rate === 0 ? 0 : (rates.find((each) => each > rate) ?? 0);
  const from = rate === 0 ? (flowing > lowest ? flowing : stillFrom) : rate;
  return rates.findLast((each) => each < from) ?? lowest;
}
