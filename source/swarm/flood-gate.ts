/**
 * Stops reading from a neighbour that asks for more than we can queue, that does not read our refusals (HOSTILE B4), or whose
 * blocks the disk does not keep up with: what it sends then waits on its own side, not in our memory.
 */
import { requestMessageLength } from "../wire/messages.ts";
import type { NeighbourLink } from "./neighbour-owner.ts";
import type { UploadQueue } from "./upload-queue.ts";

/** Rejections written since the line was last empty. A choke rejects at most a queue of 2000, 34 kB. */
const unreadRejectionsMax = 64 * 1024;

/** The storage, as far as it says how much may come. */
export interface Disk {
  readonly isCongested: boolean;
  readonly isFull: boolean;
}

export class FloodGate {
  readonly #link: NeighbourLink;
  readonly #uploads: Pick<UploadQueue, "isFull" | "isHalfEmpty">;
  readonly #disk: Disk;
  #rejectedBytes = 0;
  #isHeld = false;
  #isHeldForDisk = false;

  constructor(link: NeighbourLink, uploads: Pick<UploadQueue, "isFull" | "isHalfEmpty">, disk: Disk) {
    this.#link = link;
    this.#uploads = uploads;
    this.#disk = disk;
  }

  /** It reads what we send, and we read it. */
  get isCalm(): boolean {
    return this.#rejectedBytes === 0 && !this.#isHeld;
  }

  /** A request of the neighbour was rejected. */
  rejected(): void {
    this.#rejectedBytes += requestMessageLength;
  }

  /**
   * To be called when requests came or were served, when the line was emptied, when the disk became full or was relieved, and
   * about once a second.
   */
  check(): void {
    if (this.#link.queuedBytes === 0) this.#rejectedBytes = 0;
    const isQueueFull = this.#isHeld ? !this.#uploads.isHalfEmpty : this.#uploads.isFull;
    this.#isHeldForDisk = this.#isHeldForDisk ? this.#disk.isCongested : this.#disk.isFull;
    const isHeld = isQueueFull || this.#isHeldForDisk || this.#rejectedBytes > unreadRejectionsMax;
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#link.setReading(!isHeld);
  }
}
