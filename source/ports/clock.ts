/** Time as the engine sees it: real on the platform, virtual in simulations. */
export interface Timer {
  /** Idempotent. The callback never runs after this returns. */
  cancel(): void;
}

export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; may have fractions. For every duration and deadline. */
  nowMs(): number;
  /** Milliseconds since 1970, for what people read and what is stored. Jumps when the system's clock is set. */
  wallMs(): number;
  /** Calls back once, `delayMs` (0 or more) from now. */
  after(delayMs: number, callback: () => void): Timer;
}
