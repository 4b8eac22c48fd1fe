/**
 * What is to happen, in order of time; of the same time, in the order in which it was put in. Four children a node, and
 * the times beside the events instead of in them: a world of a thousand engines has tens of thousands of events waiting,
 * and looks at some ten of them for each that happens.
 */
const firstCapacity = 1024;

export class EventHeap<T> {
  #due = new Float64Array(firstCapacity);
  #order = new Float64Array(firstCapacity);
  readonly #events: T[] = [];
  #count = 0;

  get size(): number {
    return this.#events.length;
  }

  /** Time of the next event, Infinity where there is none. */
  get nextMs(): number {
    return this.#events.length === 0 ? Number.POSITIVE_INFINITY : (this.#due[0] ?? 0);
  }

  get next(): T | undefined {
    return this.#events[0];
  }

  push(dueMs: number, event: T): void {
    let at = this.#events.length;
    if (at === this.#due.length) this.#grow();
    const order = this.#count++;
    this.#events.push(event);
    const [dues, orders, events] = [this.#due, this.#order, this.#events];
    while (at > 0) {
      const above = (at - 1) >> 2;
      // What was put in before stays before at the same time, and all that is here was.
      if ((dues[above] ?? 0) <= dueMs) break;
      dues[at] = dues[above] ?? 0;
      orders[at] = orders[above] ?? 0;
      events[at] = events[above] as T;
      at = above;
    }
    dues[at] = dueMs;
    orders[at] = order;
    events[at] = event;
  }

  /** Takes the next event out. */
  pop(): T | undefined {
    const [dues, orders, events] = [this.#due, this.#order, this.#events];
    const first = events[0];
    const last = events.pop();
    const length = events.length;
    if (last === undefined || length === 0) return first;
    const dueMs = dues[length] ?? 0;
    const order = orders[length] ?? 0;
    let at = 0;
    for (;;) {
      const below = 4 * at + 1;
      if (below >= length) break;
      let least = below;
      for (let other = below + 1; other < Math.min(below + 4, length); other++) {
        if (this.#isBefore(other, dues[least] ?? 0, orders[least] ?? 0)) least = other;
      }
      if (!this.#isBefore(least, dueMs, order)) break;
      dues[at] = dues[least] ?? 0;
      orders[at] = orders[least] ?? 0;
      events[at] = events[least] as T;
      at = least;
    }
    dues[at] = dueMs;
    orders[at] = order;
    events[at] = last;
    return first;
  }

  #isBefore(at: number, dueMs: number, order: number): boolean {
    const due = this.#due[at] ?? 0;
    return due < dueMs || (due === dueMs && (this.#order[at] ?? 0) < order);
  }

  #grow(): void {
    const [due, order] = [new Float64Array(2 * this.#due.length), new Float64Array(2 * this.#due.length)];
    due.set(this.#due);
    order.set(this.#order);
    this.#due = due;
    this.#order = order;
  }
}
