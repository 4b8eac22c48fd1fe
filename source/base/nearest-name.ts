/** What somebody may have meant who wrote a name that nobody knows. */

/** A longer one is no slip of the fingers. */
const nameLengthMax = 64;

/** @returns the likest of `known`, where one is like it at all; also one whose last part is the whole name's. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > nameLengthMax) return undefined;
  const last = lastPart(name);
  const elsewhere = known.find((each) => lastPart(each) === last);
  if (elsewhere !== undefined) return elsewhere;
  const ranked = known
    .map((each) => ({ each, distance: Math.min(editDistance(name, each), editDistance(last, lastPart(each))) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.ceil(last.length / 3) ? best.each : undefined;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Levenshtein's: letters put in, left out or changed. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(changed, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
