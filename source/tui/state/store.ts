/**
 * Holds the state and tells the screen. Input and the passing of time are shown at once; what the engine sends waits for
 * either (see `Pace`), so that a busy engine costs no more than a quiet one.
 */
import type { Action } from "./action.ts";
import type { AppState } from "./app-state.ts";
import { reduce } from "./reducer.ts";

const paced: ReadonlySet<Action["type"]> = new Set(["torrents", "detail", "graph"]);

export class Store {
  #state: AppState;
  /** What the screen was told last. */
  #shown: AppState;
  readonly #listeners = new Set<() => void>();
  /** Called when something waits to be shown. */
  onWaiting: () => void = () => {};

  constructor(state: AppState) {
    this.#state = state;
    this.#shown = state;
  }

  /** The newest state, for decisions. */
  get state(): AppState {
    return this.#state;
  }

  /** The state to draw; stays the same object between two notifications. */
  readonly shown = (): AppState => this.#shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  dispatch(action: Action): void {
    const next = reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    if (paced.has(action.type)) this.onWaiting();
    else this.publish();
  }

  /** Shows what has gathered: for the first answer to a question at once. */
  publish(): void {
    if (this.#shown === this.#state) return;
    this.#shown = this.#state;
    for (const listener of this.#listeners) listener();
  }
}
