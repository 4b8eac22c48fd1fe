/** The turns of the JavaScript engine, for whoever drives a world of its own in which nobody waits for the real one. */
export interface Turns {
  /** Resolves when every promise that can go on without the outside world has gone on. */
  settle(): Promise<void>;
  /** Lets the real world have its turn: timers, input, sockets. */
  breathe(): Promise<void>;
  /** Real milliseconds, for saying how long something took. */
  realMs(): number;
}
