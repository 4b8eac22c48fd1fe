/**
 * What a .torrent file says, for whoever looks at a torrent that is not active: read when somebody looks, and let go a while
 * after nobody does, so that thousands of torrents at rest cost no memory.
 */
import { messageOf } from "../../base/errors.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { Clock } from "../../ports/clock.ts";

const keptMs = 30_000;

export interface ShownOwner {
  loadMetainfo(): Promise<Metainfo>;
  log(text: string): void;
}

export class ShownMetainfo {
  readonly #clock: Clock;
  readonly #owner: ShownOwner;
  #state: "none" | "reading" | "unreadable" | Metainfo = "none";
  #askedMs = 0;

  constructor(clock: Clock, owner: ShownOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  get current(): Metainfo | undefined {
    return typeof this.#state === "string" ? undefined : this.#state;
  }

  /** Somebody looks. @returns whether `current` is what it will be; if not, it is being read. */
  ask(): boolean {
    this.#askedMs = this.#clock.nowMs();
    if (this.#state === "none") {
      this.#state = "reading";
      this.#owner.loadMetainfo().then(
        (metainfo) => {
          this.#state = metainfo;
        },
        (error: unknown) => {
          this.#state = "unreadable";
          this.#owner.log(messageOf(error));
        },
      );
    }
    return this.#state !== "reading";
  }

  /** It says something else now. */
  forget(): void {
    if (this.#state !== "reading") this.#state = "none";
  }

  /** About once a second. */
  tick(): void {
    if (this.#state !== "none" && this.#state !== "reading" && this.#clock.nowMs() - this.#askedMs > keptMs) {
      this.#state = "none";
    }
  }
}
