/**
 * Does the work for all items, a few at once: hides the round trips of a disk, and leaves the thread pool to others. Where one
 * fails no further is begun; rejects with the first failure, when none is under way any more.
 * @param countMax at once. Default 16.
 */
export async function fewAtOnce<T>(items: Iterable<T>, work: (item: T) => Promise<void>, countMax = 16): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true && failures.length === 0; next = waiting.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: countMax }, worker));
  if (failures.length > 0) throw failures[0];
}
