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
