/**
 * Short messages in the last line, one at a time. What answers a key is shown at once; what happens by itself waits for its
 * turn, so that no message hides another. Pure.
 */
import type { Tone } from "./app-state.ts";

export interface Toast {
  readonly text: string;
  readonly tone: Tone;
  /** Stands at the right end, whole: a key that goes with it. */
  readonly hint: string;
  /** To what the user has just done. */
  readonly isAnswer: boolean;
  readonly cameMs: number;
  /** Since when it is shown; `null` while it waits. */
  readonly shownMs: number | null;
}

export type ToastMessage = Omit<Toast, "cameMs" | "shownMs">;

/** The first is shown. */
export type Toasts = readonly Toast[];

/** More wait only where nobody looks: what matters least then goes. */
const toastsMax = 20;
const lifeMs: Readonly<Record<Tone, number>> = { info: 4_000, good: 6_000, warn: 8_000, bad: 12_000 };
/** What is only told and waited longer is no news any more: keys are worth more than a queue of it. */
const newsMs = 10_000;
/** While others wait. */
const hurriedMs: Readonly<Record<Tone, number>> = { info: 2_000, good: 2_000, warn: 4_000, bad: 6_000 };
/** Those that matter more come first. */
const weight: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, good: 2, info: 2 };

export function withToast(toasts: Toasts, message: ToastMessage, nowMs: number): Toasts {
  const toast = { ...message, cameMs: nowMs };
  // The same message again only stays longer.
  const others = toasts.filter(({ text }) => text !== toast.text);
  const shown = others[0]?.shownMs !== null ? others[0] : undefined;
  if (toast.isAnswer || others.length === 0 || toasts[0]?.text === toast.text) {
    const waiting = others
      .filter((other) => !(other.isAnswer && toast.isAnswer) && !wasRead(other, nowMs))
      .map(asWaiting);
    return shortened([{ ...toast, shownMs: nowMs }, ...waiting]);
  }
  const after = others.filter((each) => each !== shown);
  const at = after.findIndex(({ tone }) => weight[tone] > weight[toast.tone]);
  const waiting = after.toSpliced(at < 0 ? after.length : at, 0, { ...toast, shownMs: null });
  return shortened(shown === undefined ? started(waiting, nowMs) : [shown, ...waiting]);
}

/** Those whose time is over make room for the next. */
export function passed(toasts: Toasts, nowMs: number): Toasts {
  const [first, ...waiting] = toasts;
  if (first === undefined) return toasts;
  const others = waiting.filter(({ tone, cameMs }) => weight[tone] < 2 || nowMs < cameMs + newsMs);
  const lives = others.length > 0 ? hurriedMs : lifeMs;
  if (first.shownMs !== null && nowMs < first.shownMs + lives[first.tone]) {
    return others.length === waiting.length ? toasts : [first, ...others];
  }
  return started(others, nowMs);
}

/** What is only told need not come again after an answer. */
function wasRead({ tone, shownMs }: Toast, nowMs: number): boolean {
  return weight[tone] === 2 && shownMs !== null && nowMs >= shownMs + hurriedMs[tone];
}

function asWaiting(toast: Toast): Toast {
  return { ...toast, shownMs: null };
}

function started(toasts: Toasts, nowMs: number): Toasts {
  return toasts.map((toast, i) => (i === 0 ? { ...toast, shownMs: nowMs } : toast));
}

function shortened(toasts: Toasts): Toasts {
  if (toasts.length <= toastsMax) return toasts;
  const least = toasts.findLastIndex(({ tone }, i) => i > 0 && weight[tone] === 2);
  return toasts.toSpliced(least < 0 ? toasts.length - 1 : least, 1);
}
