/**
 * The first minutes of a swarm. Who has nothing cannot help, and many begin with nothing: the fewer are served at a time, the
 * sooner each has a whole piece to pass on, and the number of those who can help doubles with each. So while more neighbours
 * wait for a first piece than there are slots, these alone are served, each until he has one, and of them no more at a time
 * than the line needs to be full. Who gets a turn is drawn: everybody who had his own first would choose the same ones.
 *
 * Nobody has more than one such turn, so that nothing is gained by hiding what one has.
 */
import { type Candidate, isFirst, isTaking } from "./choke-ranking.ts";

/** A piece that takes longer is worth a turn for itself: what passes between two turns is short against it. */
const pieceSeconds = 2;
/** Who has not got his first piece by then is too slow to be waited for. */
export const firstTurnMs = 60_000;

/** @param rate bytes per second that we upload, 0 where that is not known. @returns 1 and up, without an upper bound. */
export function firstPieceSlots(rate: number, pieceLength: number): number {
  return Math.max(1, Math.ceil((rate * pieceSeconds) / pieceLength));
}

/**
 * @param slots at most, the optimistic one included. @param draw one of those that wait.
 * @returns who is to be served, `undefined` where so few wait that slots are given as always.
 */
export function firstTurns(
  candidates: readonly Candidate[],
  slots: { readonly all: number; readonly first: number },
  draw: (waiting: readonly Candidate[]) => Candidate | undefined,
  nowMs: number,
): readonly Candidate[] | undefined {
  let waiting = candidates.filter((one) => one.amChoking && isFirst(one));
  if (waiting.length < slots.all) return undefined;
  const served = candidates
    .filter((one) => !one.amChoking && isFirst(one) && isTaking(one, nowMs) && nowMs - one.unchokedMs < firstTurnMs)
    .sort((a, b) => a.unchokedMs - b.unchokedMs || a.id - b.id)
    .slice(0, Math.min(slots.all, slots.first));
  while (served.length < Math.min(slots.all, slots.first)) {
    const drawn = draw(waiting);
    if (drawn === undefined) break;
    served.push(drawn);
    waiting = waiting.filter((one) => one !== drawn);
  }
  return served;
}
