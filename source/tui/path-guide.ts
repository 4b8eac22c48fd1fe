/**
 * Asks the world how the path that is being typed may go on, whenever another stands there. Enter right after Tab is meant
 * for what Tab makes of it: it waits for the answer.
 */
import { typedPath } from "./state/path-dialogs.ts";
import type { Store } from "./state/store.ts";
import type { TorrentSources } from "./torrent-sources.ts";

export class PathGuide {
  readonly #store: Store;
  readonly #sources: TorrentSources;
  #asked = "";
  #isAsking = false;
  readonly #enter: () => void;
  #isEnterHeld = false;

  /** @param enter what Enter does, once it is known what Tab made of the path. */
  constructor(store: Store, sources: TorrentSources, enter: () => void) {
    this.#store = store;
    this.#sources = sources;
    this.#enter = enter;
  }

  /** Any other key takes back an Enter that waits. @returns whether the key waits. */
  holds(key: string): boolean {
    this.#isEnterHeld = key === "enter" && typedPath(this.#store.state)?.input.isWaiting === true;
    return this.#isEnterHeld;
  }

  /** After whatever may have changed what is typed. */
  follow(): void {
    // A slow disk is asked one thing at a time, and then what stands there by then.
    if (!this.#isAsking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    for (;;) {
      const typed = typedPath(this.#store.state);
      const question = typed === undefined ? "" : `${typed.kind} ${typed.input.text}`;
      if (question === this.#asked) break;
      this.#asked = question;
      if (typed === undefined) break;
      const of = typed.input.text;
      const found = await this.#sources.complete(of, typed.kind);
      const wasHeld = this.#isEnterHeld && typedPath(this.#store.state)?.input.text === of;
      this.#store.dispatch({ type: "pathCompleted", of, found });
      if (!wasHeld) continue;
      this.#isEnterHeld = false;
      this.#enter();
    }
    this.#isAsking = false;
  }
}
