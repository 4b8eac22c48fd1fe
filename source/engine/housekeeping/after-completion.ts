/**
 * What is done with a download that has become complete: its files are moved where the settings say, one torrent after the
 * other, and then the user's program is run.
 */
import { messageOf } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import type { Torrent } from "../torrent.ts";
import type { CompletionHook } from "./completion-hook.ts";

export type CompletedDownload = Pick<
  Torrent,
  "infoHash" | "name" | "savePath" | "summary" | "choices" | "isEnding" | "log"
> & {
  readonly mover: Pick<Torrent["mover"], "move">;
  readonly entry: Pick<Torrent["entry"], "removal">;
};

export interface AfterCompletionOptions {
  /** Absolute path of a folder, as it is set now; `null` for none. */
  readonly moveTo: () => string | null;
  readonly hook: CompletionHook;
  readonly warn: (message: string) => void;
}

export class AfterCompletion {
  readonly #options: AfterCompletionOptions;
  #moving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: AfterCompletionOptions) {
    this.#options = options;
  }

  completed(torrent: CompletedDownload): void {
    if (this.#options.moveTo() === null) {
      this.#run(torrent);
      return;
    }
    this.#moving = this.#moving.then(async () => {
      await this.#move(torrent);
      this.#run(torrent);
    });
  }

  /** What waits is not done any more. */
  close(): void {
    this.#isClosed = true;
    this.#options.hook.close();
  }

  async #move(torrent: CompletedDownload): Promise<void> {
    const folder = this.#options.moveTo();
    if (this.#isClosed || torrent.isEnding || folder === null || folder === torrent.savePath) return;
    try {
      await torrent.mover.move(folder);
    } catch (error) {
      if (this.#isClosed || torrent.isEnding) return;
      this.#options.warn(`${sanitise(torrent.name)} is complete, but stays where it is: ${messageOf(error)}`);
    }
  }

  #run(torrent: CompletedDownload): void {
    // It may have been removed while others were moved, and its files with it.
    const { removal } = torrent.entry;
    if (this.#isClosed || (removal !== null && removal !== "torrent")) return;
    const { infoHash, name, savePath, summary, choices } = torrent;
    this.#options.hook.completed({
      infoHash,
      name,
      savePath,
      path: `${savePath}/${summary.rootName}`,
      labels: choices.labels,
      log: (text) => torrent.log(text),
    });
  }
}
