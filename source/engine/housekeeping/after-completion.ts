/**
 * What is done with a download that has become complete: its files are moved where the settings say, one torrent after the
 * other, and then the user's program is run. What the engine's end kept from being done is remembered in the profile, and done
 * after the next start; a program that was begun is not run again.
 */

import { messageOf } from "../../base/errors.ts";
import { fieldsOf, listOf, textOf } from "../../base/json-fields.ts";
import { sanitise } from "../../base/sanitise.ts";
import { ProfileRecord, type RecordKind, type RecordPlace, tellUnsaved } from "../profile/profile-record.ts";
import type { Torrent } from "../torrent.ts";
import type { CompletionHook } from "./completion-hook.ts";

export type CompletedDownload = Pick<
  Torrent,
  "infoHash" | "name" | "savePath" | "summary" | "choices" | "isEnding" | "log"
> & {
  readonly mover: Pick<Torrent["mover"], "move">;
  readonly entry: Pick<Torrent["entry"], "removal" | "addedWallMs">;
};

/** More are not waited for at once. */
const waitingMax = 10_000;

interface WaitingRecord {
  /** Info hash and time of addition of each. */
  readonly waiting: readonly string[];
}

const recordKind: RecordKind<WaitingRecord> = {
  name: "completed",
  what: "the list of complete downloads that are still to be moved",
  version: 1,
  lengthMax: 1024 * 1024,
  read: (value) => ({ waiting: listOf(fieldsOf<WaitingRecord>(value).waiting).map(textOf).slice(-waitingMax) }),
};

export interface AfterCompletionOptions {
  /** Absolute path of a folder, as it is set now; `null` for none. */
  readonly moveTo: () => string | null;
  readonly hook: CompletionHook;
  /** Where it is remembered what is still to be done; where it is absent, that ends with the program. */
  readonly place: RecordPlace | undefined;
  readonly warn: (message: string) => void;
}

export class AfterCompletion {
  readonly #options: AfterCompletionOptions;
  readonly #record: ProfileRecord<WaitingRecord>;
  readonly #waiting = new Set<string>();
  #moving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: AfterCompletionOptions) {
    this.#options = options;
    this.#record = new ProfileRecord(options.place, recordKind);
  }

  /** Goes on with what an earlier run has left. @param torrents all there are. */
  async restore(torrents: Iterable<CompletedDownload & Pick<Torrent, "isFinished">>): Promise<void> {
    const left = new Set<string>();
    let isRestored = false;
    await this.#record.load(({ waiting }) => {
      // What is read later is left for the next start.
      for (const line of waiting) (isRestored ? this.#waiting : left).add(line);
    });
    isRestored = true;
    if (left.size === 0) return;
    for (const torrent of torrents) if (left.has(lineOf(torrent)) && torrent.isFinished) this.completed(torrent);
    // Those that are gone are nobody's business any more.
    this.#remember();
  }

  completed(torrent: CompletedDownload): void {
    const { moveTo, hook } = this.#options;
    if (moveTo() === null && !hook.isSet) return;
    if (this.#waiting.size < waitingMax) this.#waiting.add(lineOf(torrent));
    this.#remember();
    if (moveTo() === null) {
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
    if (this.#isClosed) return;
    // It may have been removed while others were moved, and its files with it.
    const { removal } = torrent.entry;
    if (removal !== null && removal !== "torrent") {
      this.#done(torrent);
      return;
    }
    const { infoHash, name, savePath, summary, choices } = torrent;
    this.#options.hook.completed({
      infoHash,
      name,
      savePath,
      path: `${savePath}/${summary.rootName}`,
      labels: choices.labels,
      log: (text) => torrent.log(text),
      begun: () => this.#done(torrent),
    });
  }

  #done(torrent: CompletedDownload): void {
    if (this.#waiting.delete(lineOf(torrent))) this.#remember();
  }

  #remember(): void {
    this.#record
      .save(() => ({ waiting: [...this.#waiting] }))
      .catch((error: unknown) => tellUnsaved(error, this.#options.warn));
  }
}

function lineOf({ infoHash, entry }: Pick<CompletedDownload, "infoHash" | "entry">): string {
  return `${infoHash} ${entry.addedWallMs}`;
}
