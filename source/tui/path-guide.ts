/** Asks the world how the path that is being typed may go on, whenever another stands there. */
import { typedPath } from "./state/path-dialogs.ts";
import type { Store } from "./state/store.ts";
import type { TorrentSources } from "./torrent-sources.ts";

export class PathGuide {
  readonly #store: Store;
  readonly #sources: TorrentSources;
  #asked = "";

  constructor(store: Store, sources: TorrentSources) {
    this.#store = store;
    this.#sources = sources;
  }

  /** After whatever may have changed what is typed. */
  follow(): void {
    const typed = typedPath(this.#store.state);
    const question = typed === undefined ? "" : `${typed.kind} ${typed.input.text}`;
    if (question === this.#asked) return;
    this.#asked = question;
    if (typed === undefined) return;
    const { text } = typed.input;
    void this.#sources.complete(text, typed.kind).then((found) => {
      this.#store.dispatch({ type: "pathCompleted", of: text, found });
    });
  }
}
