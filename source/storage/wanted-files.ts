/** What is done on the disk when it changes which files are wanted; one change after the other. */
import type { Bitfield } from "../base/bitfield.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import type { FileSet } from "./file-set.ts";
import { lacksPieces } from "./pieces-of-file.ts";
import { type Preallocation, preallocateFiles } from "./preallocation.ts";
import { Reservation } from "./reservation.ts";
import { chooseFiles } from "./side-care.ts";
import type { StoredFile } from "./stored-file.ts";
import type { WriteBehind } from "./write-behind.ts";

export interface WantedFilesParts {
  readonly ports: { readonly files: FileSystem; readonly clock: Clock };
  readonly metainfo: Pick<Metainfo, "files" | "pieceLength">;
  readonly set: FileSet;
  readonly behind: Pick<WriteBehind, "alone" | "settled">;
  readonly preallocation: Preallocation;
  /** Blocks are written. */
  isAccepting(): boolean;
}

export class WantedFiles {
  readonly #parts: WantedFilesParts;
  readonly #closing = new AbortController();
  readonly #reservation: Reservation;
  /** Ends with the last change. */
  #changing: Promise<void> = Promise.resolve();

  constructor(parts: WantedFilesParts) {
    this.#parts = parts;
    this.#reservation = new Reservation(parts.ports, parts.set, (action) => parts.behind.alone(action));
  }

  /** As `Storage.setWanted`. */
  choose(wanted: Bitfield, verified: Bitfield): Promise<void> {
    return this.#change(() => this.#choose(wanted, verified));
  }

  /** As `Storage.takeSpace`. */
  takeSpace(verified: Bitfield, signal: AbortSignal): Promise<void> {
    if (this.#parts.preallocation === "off") return Promise.resolve();
    const until = AbortSignal.any([signal, this.#closing.signal]);
    return this.#change(() => this.#takeSpace(verified, until));
  }

  /** Resolves when no change is under way. */
  settled(): Promise<void> {
    return this.#changing;
  }

  /** Nothing is changed any more; resolves as `settled` does. */
  close(): Promise<void> {
    this.#closing.abort();
    return this.#changing;
  }

  /** When nothing is written any more: others may have what is reserved, unless the user wants all to be taken. */
  async giveBack(): Promise<void> {
    if (this.#parts.preallocation === "quick") await this.#reservation.giveBackAll();
  }

  #change(action: () => Promise<void>): Promise<void> {
    const change = this.#changing.then(() => (this.#closing.signal.aborted ? undefined : action()));
    this.#changing = change.catch(() => undefined);
    return change;
  }

  async #choose(wanted: Bitfield, verified: Bitfield): Promise<void> {
    const { ports, set, behind } = this.#parts;
    // What is written of a file decides whether it may be left out.
    await behind.settled();
    if (this.#closing.signal.aborted) return;
    const pause = () => new Promise<void>((resolve) => ports.clock.after(0, resolve));
    await chooseFiles(ports.files, set, wanted, verified, pause);
    await this.#reservation.giveBack(({ isWanted }) => isWanted);
  }

  async #takeSpace(verified: Bitfield, signal: AbortSignal): Promise<void> {
    const { ports, metainfo, set, behind, preallocation, isAccepting } = this.#parts;
    const lacks = ({ index }: StoredFile) => lacksPieces(metainfo, index, verified);
    await this.#reservation.take(lacks, signal);
    if (preallocation !== "full") return;
    await preallocateFiles(ports.files, set, {
      alone: (action) => behind.alone(action),
      mayGoOn: () => isAccepting() && !signal.aborted,
    });
  }
}
