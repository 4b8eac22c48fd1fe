/** `verify`: hashes what is on the disk and says which files are right. Changes nothing. */
import { resolve } from "node:path";
import type { Bitfield } from "../base/bitfield.ts";
import { shownPath } from "../base/sanitise.ts";
import { formatSize } from "../base/units.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { isAside, missingFingerprint } from "../storage/file-care.ts";
import { FileStorage } from "../storage/file-storage.ts";
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
import { checkFolder } from "./directories.ts";
import { eventLine } from "./json-events.ts";
import { loadTorrent } from "./load-torrent.ts";
import { nodePorts } from "./node-ports.ts";
import type { verifySpec } from "./specs.ts";

export const runVerify: RunCommand<typeof verifySpec.options> = async (io, values, [source = ""]) => {
  const ports = nodePorts();
  const stop = new AbortController();
  const stopListening = io.onStopSignal(() => stop.abort());
  try {
    const savePath = resolve(io.workingDirectory, values.dir ?? ".");
    checkFolder(savePath);
    const { metainfo } = await loadTorrent(ports, io.workingDirectory, source);
    const storage = new FileStorage(ports, { metainfo, savePath });
    try {
      await storage.open({ onPieceChecked: () => {}, onFailure: () => {}, onRelieved: () => {} });
      const right = await storage.check(showChecking(io), stop.signal);
      if (io.isErrTerminal) io.err("\r\x1b[K");
      if (stop.signal.aborted) return exitCode.interrupted;
      const files = fileResults(metainfo, right);
      // A file without bytes is in no piece, and the bytes of a small one may lie aside: hashes cannot say that it is there.
      const isMissing = (await storage.fingerprint()).some((each) => each === missingFingerprint || isAside(each));
      if (right.isFull && isMissing)
        io.err("p2p-tui: an empty file of the torrent, or one that was skipped, is missing\n");
      if (values.json) reportJson(io, metainfo, files, right);
      else reportText(io, metainfo, files, right);
      return right.isFull && !isMissing ? exitCode.done : exitCode.failed;
    } finally {
      await storage.close();
    }
  } finally {
    stopListening();
    ports.http.close();
  }
};

interface FileResult {
  readonly path: string;
  readonly length: number;
  readonly verifiedLength: number;
}

/** Bytes of each file that lie in right pieces. */
export function fileResults(metainfo: Metainfo, right: Bitfield): readonly FileResult[] {
  const geometry = new Geometry(metainfo.pieceLength, metainfo.totalLength);
  return metainfo.files
    .filter(({ isPadding }) => !isPadding)
    .map(({ path, offset, length }) => {
      let verifiedLength = 0;
      const end = offset + length;
      for (let at = offset; at < end; ) {
        const piece = geometry.piece(Math.floor(at / geometry.pieceLength));
        const pieceEnd = Math.min(end, geometry.offsetOf(piece) + geometry.lengthOf(piece));
        if (right.has(piece)) verifiedLength += pieceEnd - at;
        at = pieceEnd;
      }
      return { path: path.join("/"), length, verifiedLength };
    });
}

function showChecking(
  io: CommandIo,
): (progress: { readonly checkedPieces: number; readonly pieceCount: number }) => void {
  let shown = -1;
  return ({ checkedPieces, pieceCount }) => {
    const percent = Math.floor((100 * checkedPieces) / Math.max(1, pieceCount));
    if (!io.isErrTerminal || percent === shown) return;
    shown = percent;
    io.err(`\r\x1b[Kchecking ${percent}%`);
  };
}

function verifiedBytes(metainfo: Metainfo, right: Bitfield): number {
  const last = metainfo.pieceCount - 1;
  const shortBy = right.has(last) ? metainfo.pieceCount * metainfo.pieceLength - metainfo.totalLength : 0;
  return right.count * metainfo.pieceLength - shortBy;
}

function reportJson(io: CommandIo, metainfo: Metainfo, files: readonly FileResult[], right: Bitfield): void {
  for (const { path, length, verifiedLength } of files) {
    io.out(eventLine({ event: "file", path, totalBytes: length, bytes: verifiedLength }));
  }
  const bytes = verifiedBytes(metainfo, right);
  io.out(eventLine({ event: "checked", infoHash: metainfo.infoHash, bytes, totalBytes: metainfo.totalLength }));
}

function reportText(io: CommandIo, metainfo: Metainfo, files: readonly FileResult[], right: Bitfield): void {
  const name = shownPath(metainfo.name, 200);
  if (right.isFull) {
    const all = metainfo.pieceCount === 1 ? "its one piece is" : `all ${metainfo.pieceCount} pieces are`;
    io.out(`${name}: ${all} right (${formatSize(metainfo.totalLength)})\n`);
    return;
  }
  for (const { path, length, verifiedLength } of files) {
    if (verifiedLength === length) continue;
    io.out(`${shownPath(path, 4000)}: ${formatSize(verifiedLength)} of ${formatSize(length)} verified\n`);
  }
  io.out(`${name}: ${right.count} of ${metainfo.pieceCount} pieces are right\n`);
}
