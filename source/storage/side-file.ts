/**
 * The side file of a torrent: where bytes of skipped files are kept, so that a piece that a wanted file shares with a
 * skipped one is whole, and can be verified and served, though the skipped file is not made.
 *
 * It has a slot of one piece's length for each piece that holds bytes of two files or more, in their order; the bytes of
 * such a piece lie in its slot as they lie in the piece. So where a byte lies follows from the torrent alone. There is no
 * index that could be lost or contradict the bytes, and a killed writer leaves nothing half done. Slots that were never
 * written are holes.
 *
 * Which bytes it holds follows from the disk, too: those of a file that is not there. One that is there holds its own.
 */
import type { InfoHash } from "../base/ids.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { piecesOfFile } from "./pieces-of-file.ts";

type Cut = Pick<Metainfo, "files" | "pieceLength">;

/** The side file's name in the save folder. No file of the torrent can have it: that would change the info hash. */
export function sideNameOf(infoHash: InfoHash): string {
  return `.${infoHash}.parts`;
}

/** Under this name, beside its place, a file is made of what the side file has of it. */
export function draftNameOf(infoHash: InfoHash, fileIndex: number): string {
  return `.${infoHash}.${fileIndex}.part`;
}

export class SideLayout {
  readonly #metainfo: Cut;
  /** Made when first needed: few torrents have a side file. */
  #slots: ReadonlyMap<number, number> | undefined;

  constructor(metainfo: Cut) {
    this.#metainfo = metainfo;
  }

  /** Where the piece lies in the side file; `undefined` for a piece of one file alone. */
  positionOf(piece: number): number | undefined {
    this.#slots ??= slotsOf(this.#metainfo);
    const slot = this.#slots.get(piece);
    return slot === undefined ? undefined : slot * this.#metainfo.pieceLength;
  }

  /** The pieces that the file shares with others: its first, its last, both or none. */
  sharedOf(fileIndex: number): number[] {
    const pieces = piecesOfFile(this.#metainfo, fileIndex);
    if (pieces === undefined) return [];
    return [...new Set([pieces.first, pieces.last])].filter((piece) => this.positionOf(piece) !== undefined);
  }
}

function slotsOf(metainfo: Cut): Map<number, number> {
  const slots = new Map<number, number>();
  let lastBefore: number | undefined;
  for (let index = 0; index < metainfo.files.length; index++) {
    const pieces = piecesOfFile(metainfo, index);
    if (pieces === undefined) continue;
    if (pieces.first === lastBefore && !slots.has(pieces.first)) slots.set(pieces.first, slots.size);
    lastBefore = pieces.last;
  }
  return slots;
}
