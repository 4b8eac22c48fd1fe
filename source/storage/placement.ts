/** Where spans of the content lie on the disk: in their files, or in the side file where those lie aside. */
import type { ContentLayout } from "./content-layout.ts";
import type { SideLayout } from "./side-file.ts";
import type { StoredFile } from "./stored-file.ts";

/** A span of the content as it lies on the disk. */
export interface Placed {
  readonly owner: StoredFile;
  readonly ownerOffset: number;
  /** The owner or the side file; `undefined` where bytes that lie aside have no place. */
  readonly file: StoredFile | undefined;
  readonly position: number;
  /** Where it begins in the span that was asked for. */
  readonly at: number;
  readonly length: number;
}

/** The files of a torrent. */
export interface PlacedFiles {
  readonly layout: ContentLayout;
  readonly sideLayout: SideLayout;
  readonly side: StoredFile;
  fileOf(index: number): StoredFile;
}

/** The span cut at the borders of files, and, where they lie aside, of pieces. */
export function place(files: PlacedFiles, pieceLength: number, offset: number, length: number): Placed[] {
  return files.layout.parts(offset, length).flatMap(({ fileIndex, fileOffset, at, length }) => {
    const owner = files.fileOf(fileIndex);
    if (!owner.isAside) return { owner, ownerOffset: fileOffset, file: owner, position: fileOffset, at, length };
    const placed: Placed[] = [];
    for (let from = 0; from < length; ) {
      const begin = (owner.info.offset + fileOffset + from) % pieceLength;
      const piece = Math.floor((owner.info.offset + fileOffset + from) / pieceLength);
      const slot = files.sideLayout.positionOf(piece);
      const count = Math.min(pieceLength - begin, length - from);
      const file = slot === undefined ? undefined : files.side;
      const ownerOffset = fileOffset + from;
      placed.push({ owner, ownerOffset, file, position: (slot ?? 0) + begin, at: at + from, length: count });
      from += count;
    }
    return placed;
  });
}
