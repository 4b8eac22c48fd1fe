/** What a neighbour's upload queue asks of the neighbour, its link and its swarm. One object: closures would be seven. */
import { codeOf, messageOf } from "../base/errors.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NeighbourLink, NeighbourOwner } from "./neighbour-owner.ts";
import type { BlockSource, UploadQueueOwner } from "./upload-queue.ts";

export class UploadSide implements UploadQueueOwner {
  readonly #neighbour: Neighbour;
  readonly #link: NeighbourLink;
  readonly #swarm: NeighbourOwner;

  constructor(neighbour: Neighbour, link: NeighbourLink, swarm: NeighbourOwner) {
    this.#neighbour = neighbour;
    this.#link = link;
    this.#swarm = swarm;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  nowMs(): number {
    return this.#swarm.nowMs();
  }

  get storage(): BlockSource {
    return this.#swarm.storage;
  }

  grant(bytes: number): boolean {
    return this.#swarm.grantUpload(this.#neighbour, bytes);
  }

  send(buffers: readonly Uint8Array[], payloadBytes: number): void {
    this.#neighbour.sendBlocks(buffers, payloadBytes);
  }

  served(): void {
    this.#neighbour.seeTime();
  }

  /** Where too many wait for the disk, it has not failed: this one is let go of, and the others have theirs the sooner. */
  readFailed(error: unknown): void {
    if (codeOf(error) === "busy") this.#neighbour.close(messageOf(error));
    else this.#swarm.storageFailed(error);
  }
}
