/**
 * Stops reading from a neighbour that asks for more than we can queue, or that does not read our refusals (HOSTILE B4):
 * what it sends then waits on its own side, not in our memory.
 */
import { requestMessageLength } from "../wire/messages.ts";
import type { NeighbourLink } from "./neighbour-owner.ts";
import type { UploadQueue } from "./upload-queue.ts";

/** Rejections written since the line was last empty. A choke rejects at most a queue of 2000, 34 kB. */
const unreadRejectionsMax = 64 * 1024;

export class FloodGate {
  readonly #link: NeighbourLink;
  readonly #uploads: UploadQueue;
  #rejectedBytes = 0;
  #isHeld = false;

  constructor(link: NeighbourLink, uploads: UploadQueue) {
    this.#link = link;
    this.#uploads = uploads;
  }

  /** A request of the neighbour was rejected. */
  rejected(): void {
    this.#rejectedBytes += requestMessageLength;
  }

  /** To be called when requests came or were served, when the line was emptied, and about once a second. */
  check(): void {
    if (this.#link.queuedBytes === 0) this.#rejectedBytes = 0;
    const isQueueFull = this.#isHeld ? !this.#uploads.isHalfEmpty : this.#uploads.isFull;
    const isHeld = isQueueFull || this.#rejectedBytes > unreadRejectionsMax;
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#link.setReading(!isHeld);
  }
}
