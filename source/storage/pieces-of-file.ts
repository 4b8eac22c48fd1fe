import type { Bitfield } from "../base/bitfield.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";

/** The pieces that hold bytes of the given file; `undefined` for an empty one, for padding and for none at all. */
export function piecesOfFile(
  metainfo: Pick<Metainfo, "files" | "pieceLength">,
  fileIndex: number,
): { readonly first: number; readonly last: number } | undefined {
  const file = metainfo.files[fileIndex];
  if (file === undefined || file.length === 0 || file.isPadding) return undefined;
  return {
    first: Math.floor(file.offset / metainfo.pieceLength),
    last: Math.floor((file.offset + file.length - 1) / metainfo.pieceLength),
  };
}

/** Whether pieces with bytes of the file are not verified. */
export function lacksPieces(
  metainfo: Pick<Metainfo, "files" | "pieceLength">,
  fileIndex: number,
  verified: Bitfield,
): boolean {
  const pieces = piecesOfFile(metainfo, fileIndex);
  if (pieces === undefined) return false;
  for (let piece = pieces.first; piece <= pieces.last; piece++) if (!verified.has(piece)) return true;
  return false;
}
