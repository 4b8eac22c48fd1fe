/**
 * The journals of what is being downloaded (storage/resume-journal.ts). Pieces that are verified in one turn of the event loop,
 * as the blocks of one read are, are entered together at its end: nobody has been told of them by then.
 */
import type { InfoHash, PieceIndex } from "../../base/ids.ts";
import type { ResumeJournal } from "../../storage/resume-journal.ts";

export class Journals {
  readonly #journals = new Map<InfoHash, ResumeJournal>();
  /** Not entered yet. */
  readonly #verified = new Map<InfoHash, PieceIndex[]>();
  readonly #onFailure: (error: unknown) => void;

  /** @param onFailure a journal could not be written, and is given up: after a kill a little more would be checked again. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  open(infoHash: InfoHash, journal: ResumeJournal): void {
    this.#journals.set(infoHash, journal);
  }

  /** @returns whether there was one. */
  async close(infoHash: InfoHash): Promise<boolean> {
    this.#enter();
    const journal = this.#journals.get(infoHash);
    // Also where closing fails, which it would do again.
    this.#journals.delete(infoHash);
    await journal?.close();
    return journal !== undefined;
  }

  /** A piece's bytes have been written, and are right. */
  verified(infoHash: InfoHash, piece: PieceIndex): void {
    if (this.#verified.size === 0) queueMicrotask(() => this.#enter());
    const pieces = this.#verified.get(infoHash);
    if (pieces === undefined) this.#verified.set(infoHash, [piece]);
    else pieces.push(piece);
  }

  #enter(): void {
    for (const [infoHash, pieces] of this.#verified) {
      const journal = this.#journals.get(infoHash);
      try {
        journal?.append(pieces);
      } catch (error) {
        this.#journals.delete(infoHash);
        journal?.close().catch(() => {});
        this.#onFailure(error);
      }
    }
    this.#verified.clear();
  }
}
