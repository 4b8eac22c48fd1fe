/** Time as the engine sees it: real on the platform, virtual in simulations. */
export interface Timer {
  /** Idempotent. The callback never runs after this returns. */
  cancel(): void;
}

/** The minute of the week, 0 … 10,079, that people's clocks show at some `wallMs`; Monday 00:00 is 0. */
export type LocalMinutes = (wallMs: number) => number;

export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; may have fractions. For every duration and deadline. */
  nowMs(): number;
  /** Milliseconds since 1970, for what people read and what is stored. Jumps when the system's clock is set. */
  wallMs(): number;
  /** Milliseconds that this thread has had of a processor, with fractions; absent where nobody knows, as in simulations. */
  readonly busyMs?: (() => number) | undefined;
  /** In the time zone of the machine, summer time and all. */
  readonly localMinutes: LocalMinutes;
  /** Calls back once, `delayMs` from now; where that is 0, once the event loop has looked at the network. */
  after(delayMs: number, callback: () => void): Timer;
}
