/** Asks the world how the path that is being typed may go on, whenever another stands there. */
import { typedPath } from "./state/path-dialogs.ts";
import type { Store } from "./state/store.ts";
import type { TorrentSources } from "./torrent-sources.ts";

export class PathGuide {
  readonly #store: Store;
  readonly #sources: TorrentSources;
  #asked = "";
  #isAsking = false;

  constructor(store: Store, sources: TorrentSources) {
    this.#store = store;
    this.#sources = sources;
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
      this.#store.dispatch({ type: "pathCompleted", of, found: await this.#sources.complete(of, typed.kind) });
    }
    this.#isAsking = false;
  }
}
