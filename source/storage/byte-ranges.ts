/**
 * Which bytes of a piece have arrived: disjoint ranges in ascending order, neighbours merged. Blocks that come in order
 * make one range; the worst case is every other block, half as many ranges as the piece has blocks.
 */
export class ByteRanges {
  /** start, end, start, end, … */
  readonly #bounds: number[] = [];
  #total = 0;

  /** Bytes in all ranges. */
  get total(): number {
    return this.#total;
  }

  /** Where the range that covers `at` ends; `at` itself where none does. */
  coveredTo(at: number): number {
    const bounds = this.#bounds;
    const next = this.#firstEndAbove(at);
    const start = bounds[next];
    return start !== undefined && start <= at ? (bounds[next + 1] ?? at) : at;
  }

  /** Adds the range unless some of it is there already: then nothing changes and the result is false. */
  addNew(start: number, end: number): boolean {
    const bounds = this.#bounds;
    const count = bounds.length;
    if (count > 0 && bounds[count - 1] === start) {
      bounds[count - 1] = end;
      this.#total += end - start;
      return true;
    }
    const at = this.#firstEndAbove(start);
    const following = bounds[at];
    if (following !== undefined && following < end) return false;
    const joinsBefore = at > 0 && bounds[at - 1] === start;
    const joinsAfter = following === end;
    if (joinsBefore && joinsAfter) bounds.splice(at - 1, 2);
    else if (joinsBefore) bounds[at - 1] = end;
    else if (joinsAfter) bounds[at] = start;
    else if (at === count) bounds.push(start, end);
    else bounds.splice(at, 0, start, end);
    this.#total += end - start;
    return true;
  }

  /** The parts of the range that are not there, as start, end, start, end, … */
  gaps(start: number, end: number): number[] {
    const bounds = this.#bounds;
    const gaps: number[] = [];
    let at = start;
    for (let i = this.#firstEndAbove(start); at < end; i += 2) {
      const next = bounds[i] ?? end;
      if (next > at) gaps.push(at, Math.min(next, end));
      at = Math.max(at, bounds[i + 1] ?? end);
    }
    return gaps;
  }

  /** Index in `#bounds` of the first range that ends after `at`. */
  #firstEndAbove(at: number): number {
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length >> 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[2 * middle + 1] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return 2 * low;
  }
}
