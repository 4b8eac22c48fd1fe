/** The end of the turn, for many: what they do then takes one microtask for all, in the order in which they asked for it. */
export interface TurnTaker {
  turnEnds(): void;
}

export class Turn {
  #waiting: TurnTaker[] = [];
  readonly #end = () => {
    const waiting = this.#waiting;
    this.#waiting = [];
    let told = 0;
    try {
      while (told < waiting.length) waiting[told++]?.turnEnds();
    } finally {
      // One that throws is nothing to the others.
      for (const one of waiting.slice(told)) this.await(one);
    }
  };

  /** @param one is told once for each call. */
  await(one: TurnTaker): void {
    if (this.#waiting.push(one) === 1) queueMicrotask(this.#end);
  }
}
