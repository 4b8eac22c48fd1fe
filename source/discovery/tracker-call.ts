/** What asking a tracker once takes and gives, whatever it speaks. */
import { OperationalError } from "../base/errors.ts";

export interface TrackerCall {
  /** For everything together. */
  readonly timeoutMs: number;
  /** Ask over this family only. */
  readonly family?: 4 | 6;
}

export interface TrackerHeard<Answer> {
  readonly answer: Answer;
  /** The address that answered. */
  readonly remoteAddress: string;
}

/** The tracker answered, and said no. */
export class TrackerRefusal extends OperationalError {
  /** When it may be asked again (BEP 31), where it says so. */
  readonly retryMs: number | "never" | null;
  constructor(reason: string, retryMs: number | "never" | null = null) {
    super("tracker-refused", reason);
    this.retryMs = retryMs;
  }
}
