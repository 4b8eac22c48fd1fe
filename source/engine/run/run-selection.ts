/**
 * What an active torrent fetches, as its user has chosen: which files, in which order. Tells its storage and its swarm, in
 * the order in which nothing is lost: files that are wanted now are ready before their pieces are asked for, and files
 * that are not wanted any more are let go of when nothing is asked for them.
 */
import { Bitfield } from "../../base/bitfield.ts";
import { Geometry } from "../../metainfo/geometry.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import type { Storage } from "../../storage/storage.ts";
import { type PiecePriorities, piecePriorities, pieceSequence } from "../../swarm/piece-priorities.ts";
import type { Swarm } from "../../swarm/swarm.ts";
import { assertRoom } from "../files/disk-room.ts";
import { fileWeights, type TorrentChoices } from "../profile/torrent-choices.ts";
import type { RunOwner } from "./run-owner.ts";
import { verifiedBytes } from "./verified-bytes.ts";
import type { FoundSeed } from "./verified-pieces.ts";

interface SelectingRun {
  readonly storage: Storage | undefined;
  readonly swarm: Swarm | undefined;
}
type SelectionOwner = Pick<RunOwner, "have" | "geometry" | "savePath">;

export class RunSelection {
  readonly #choices: () => TorrentChoices;
  #metainfo: Metainfo | undefined;
  /** What the storage was told. */
  #files = new Bitfield(0);
  #priorities: PiecePriorities | undefined;
  #sequence: Int32Array | undefined;
  #wantedLength = 0;
  readonly #closing = new AbortController();

  /** @param choices of the torrent, as they are now. */
  constructor(choices: () => TorrentChoices) {
    this.#choices = choices;
  }

  /** For the swarm: `undefined` where all pieces are normal, and where the mode is not sequential. */
  get pieces(): { readonly priorities: PiecePriorities | undefined; readonly sequence: Int32Array | undefined } {
    return { priorities: this.#priorities, sequence: this.#sequence };
  }

  /** The wanted pieces that are missing. */
  neededOf(have: Bitfield): Bitfield {
    const needed = new Bitfield(have.length);
    for (let piece = 0; piece < have.length; piece++) {
      if (!have.has(piece) && this.#priorities?.[piece] !== 0) needed.set(piece);
    }
    return needed;
  }

  /** Bytes of the wanted pieces. */
  get wantedLength(): number {
    return this.#wantedLength;
  }

  /**
   * Reads the choices, and gets the storage of what is wanted ready. @returns bytes that are wanted and missing.
   * @throws OperationalError `disk-full` where there is no room for them.
   */
  async begin(files: FileSystem, owner: SelectionOwner, { metainfo, storage }: FoundSeed): Promise<number> {
    this.#metainfo = metainfo;
    this.#files = this.#readChoices(metainfo);
    const { have, geometry, savePath } = owner;
    const needed = this.neededOf(have);
    const left = verifiedBytes(geometry, needed);
    if (left > 0) await assertRoom(files, { savePath, metainfo, missing: needed }, left);
    await storage.setWanted(this.#files, have);
    return left;
  }

  /** In advance, of what is wanted; see `Storage.takeSpace`. */
  takeSpace(storage: Storage, have: Bitfield): Promise<void> {
    return storage.takeSpace(have, this.#closing.signal);
  }

  /** The run ends: nothing that is under way need take the space of files in advance any more. */
  close(): void {
    this.#closing.abort();
  }

  /** Finished before, or not seen to be: some files may have to be made or cut. */
  async finish(storage: Storage, wasCompleted: boolean): Promise<void> {
    if (!wasCompleted || this.#files.count < this.#files.length) await storage.finish();
  }

  /** The choices may be others now. @returns whether something is missing that was not wanted before. @throws OperationalError. */
  async follow({ storage, swarm }: SelectingRun): Promise<boolean> {
    if (this.#metainfo === undefined || storage === undefined || swarm === undefined) return false;
    const before = this.#files;
    const after = this.#readChoices(this.#metainfo);
    const both = before.clone();
    for (let file = 0; file < after.length; file++) if (after.has(file)) both.set(file);
    this.#files = after;
    const { priorities, sequence } = this.pieces;
    if (both.count > before.count) {
      await storage.setWanted(both, swarm.have);
      await this.takeSpace(storage, swarm.have);
    }
    const wasFinished = swarm.isFinished;
    swarm.setPriorities(priorities, sequence);
    if (both.count > after.count) await storage.setWanted(after, swarm.have);
    // A small file may have come whole with its neighbours; nothing is fetched for it, but it has to be made.
    if (wasFinished && swarm.isFinished) await storage.finish();
    if (!wasFinished || swarm.isFinished) return false;
    swarm.peers.seedsAreWanted(swarm.nowMs());
    return true;
  }

  #readChoices({ files, ...cut }: Metainfo): Bitfield {
    const { priorities, isSequential } = this.#choices();
    const ofFiles = fileWeights({ priorities }, files.length);
    this.#priorities = priorities.length === 0 ? undefined : piecePriorities({ files, ...cut }, ofFiles);
    this.#sequence = isSequential ? pieceSequence({ files, ...cut }, ofFiles) : undefined;
    const { pieceLength, totalLength, pieceCount } = cut;
    this.#wantedLength = verifiedBytes(new Geometry(pieceLength, totalLength), this.neededOf(new Bitfield(pieceCount)));
    const wanted = new Bitfield(files.length);
    ofFiles.forEach((priority, file) => {
      if (priority > 0) wanted.set(file);
    });
    return wanted;
  }
}
