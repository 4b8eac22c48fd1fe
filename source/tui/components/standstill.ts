/** Why nothing comes: a sentence for a download that stands still, from what the engine shows. */
import type { TorrentDetail } from "../../control/protocol.ts";
import { plural } from "../format/numbers.ts";

/** Below this many bytes per second a download counts as standing still. */
const standstillRate = 512;

/** @returns "" while something comes, or where the torrent's state says it all. */
export function whyStill(detail: TorrentDetail): string {
  const { row, neighbours, pieces, trackers } = detail;
  if (row.state !== "downloading" || row.downRate >= standstillRate) return "";
  if (detail.neighbourCount === 0) {
    const isDeaf = trackers.length > 0 && trackers.every((tracker) => tracker.state === "failed");
    if (isDeaf) return row.knownPeers === 0 ? "no peers: no tracker answers" : "no neighbours, and no tracker answers";
    return row.knownPeers === 0 ? "no peers known yet" : `no neighbour yet, trying ${plural(row.knownPeers, "peer")}`;
  }
  const missing = row.pieceCount - row.verifiedPieces;
  if (pieces.rarest?.availability === 0 && pieces.rarest.count >= missing) {
    return missing === 1
      ? "nobody near has the missing piece"
      : `nobody near has the ${plural(missing, "missing piece")}`;
  }
  // Of more neighbours than the window shows, nothing certain can be said.
  if (neighbours.length < detail.neighbourCount) return "";
  const wanted = neighbours.filter((neighbour) => neighbour.amInterested);
  if (wanted.length === 0) return "no neighbour has a piece that we miss";
  const open = wanted.filter((neighbour) => !neighbour.peerChoking);
  if (open.length === 0) {
    return wanted.length === 1
      ? "the only useful neighbour chokes us"
      : `all ${wanted.length} useful neighbours choke us`;
  }
  return open.every((neighbour) => neighbour.isSnubbed) ? "those who unchoke us send nothing" : "";
}
