/**
 * How many bytes may wait for a neighbour's socket: half a second of what it takes, since neither choke nor cancel nor
 * `have` overtakes what waits. The rate is not asked of a meter of what we handed over: it is seen in how long what
 * waited took to leave.
 *
 * A full window that leaves sooner makes it a quarter larger; one that leaves later cuts it to size at once. So what a
 * kernel swallows before the line has taken any of it lets a quarter as much wait, and 6 MiB taken at once all there is.
 */

const aimMs = 500;
/** Nothing was taken for so long: what is measured of a faster time counts no more. */
const stalledMs = 2 * aimMs;
/** One block: a socket tells when so much has left (`ports/network`). */
export const windowMin = 16 * 1024;
/** Of a neighbour that nothing is known of: two blocks. */
const windowAtFirst = 32 * 1024;
/** Enough to keep a fast path busy while we see to others. */
export const windowMax = 1536 * 1024;
const growth = 1.25;

export class SendWindow {
  #bytes = windowAtFirst;
  /** What waited when the measurement began, and all that was sent since. */
  #measured = 0;
  #sinceMs = 0;

  /** To be told of every write. @param bytes with headers. */
  sent(bytes: number, nowMs: number): void {
    if (this.#measured === 0) this.#sinceMs = nowMs;
    this.#measured += bytes;
  }

  /**
   * To be asked whenever something has left, too.
   * @param queuedBytes that wait now. @returns how many more may wait; what is sent may go beyond it by part of a block.
   */
  room(queuedBytes: number, nowMs: number): number {
    const taken = this.#measured - queuedBytes;
    const elapsedMs = nowMs - this.#sinceMs;
    if (queuedBytes === 0 || taken >= this.#bytes || (taken > 0 && elapsedMs >= aimMs)) {
      this.#adapt(taken, elapsedMs);
      this.#measured = queuedBytes;
      this.#sinceMs = nowMs;
    } else if (elapsedMs >= stalledMs) {
      return windowMin - queuedBytes;
    }
    return this.#bytes - queuedBytes;
  }

  #adapt(taken: number, elapsedMs: number): void {
    // Of less nobody tells us in time when it has left.
    if (this.#measured < windowMin) return;
    const due = elapsedMs === 0 ? windowMax : (taken * aimMs) / elapsedMs;
    if (due < this.#bytes) this.#bytes = Math.max(windowMin, due);
    else if (this.#measured >= this.#bytes) this.#bytes = Math.min(windowMax, this.#bytes * growth, due);
  }
}
