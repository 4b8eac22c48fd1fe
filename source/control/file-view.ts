/** The files of a torrent, as they are shown. Reads only. */

import { verifiedBytesIn } from "../engine/run/verified-bytes.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { Metainfo, MetainfoFile } from "../metainfo/metainfo.ts";
import { availabilityOf, type PieceSource } from "./piece-source.ts";
import type { FileRow, Window } from "./protocol.ts";

interface ShownFile {
  readonly index: number;
  readonly file: MetainfoFile;
}

/** A torrent may have 100,000 files, and is looked at four times a second. */
const shownFiles = new WeakMap<Metainfo, readonly ShownFile[]>();

export function fileRows(
  torrent: Torrent,
  source: PieceSource,
  { offset, limit }: Window,
): { readonly rows: readonly FileRow[]; readonly count: number } {
  const { metainfo } = torrent;
  if (metainfo === undefined) return { rows: [], count: 0 };
  let files = shownFiles.get(metainfo);
  if (files === undefined) {
    files = metainfo.files.map((file, index) => ({ index, file })).filter(({ file }) => !file.isPadding);
    shownFiles.set(metainfo, files);
  }
  const rows = files.slice(offset, offset + limit).map((shown) => fileRow(torrent, source, shown));
  return { rows, count: files.length };
}

function fileRow(torrent: Torrent, source: PieceSource, { index, file }: ShownFile): FileRow {
  const verified = verifiedBytesIn(torrent.geometry, torrent.have, file.offset, file.length);
  return {
    index,
    priority: torrent.choices.priorities[index] ?? "normal",
    path: file.path.join("/"),
    length: file.length,
    progress: file.length === 0 ? 1 : verified / file.length,
    availability: availabilityIn(source, torrent.geometry.pieceLength, file),
  };
}

/** See `FileRow.availability`. */
export function availabilityIn(
  source: PieceSource,
  pieceLength: number,
  { offset, length }: Pick<MetainfoFile, "offset" | "length">,
): number | null {
  if (length === 0 || source.counts === undefined) return null;
  let missing = Number.POSITIVE_INFINITY;
  let all = Number.POSITIVE_INFINITY;
  const last = Math.floor((offset + length - 1) / pieceLength);
  for (let piece = Math.floor(offset / pieceLength); piece <= last; piece++) {
    const availability = availabilityOf(source, piece);
    if (availability < all) all = availability;
    if (availability < missing && !source.have.has(piece)) missing = availability;
  }
  return Number.isFinite(missing) ? missing : all;
}
