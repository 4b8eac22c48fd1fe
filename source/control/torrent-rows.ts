/**
 * The rows of all torrents, four times a second while somebody watches. A torrent without a swarm keeps its row as long as
 * nothing has changed that the row is made of: of ten thousand torrents only the few that are busy get new ones.
 */

import type { TorrentEntry } from "../engine/profile/torrent-entry.ts";
import type { Session } from "../engine/session.ts";
import type { Torrent } from "../engine/torrent.ts";
import { magnetRow } from "./magnet-view.ts";
import { torrentRow } from "./projections.ts";
import type { TorrentRow } from "./protocol.ts";

interface KeptRow {
  readonly entry: TorrentEntry;
  readonly row: TorrentRow;
}

export class TorrentRows {
  readonly #kept = new WeakMap<Torrent, KeptRow>();

  /** In the order of `session.torrents`. */
  of(session: Session): readonly TorrentRow[] {
    const nowMs = session.clock.nowMs();
    const rows: TorrentRow[] = [];
    for (const torrent of session.torrents.values()) {
      const kept = this.#kept.get(torrent);
      if (kept !== undefined && isStillTrue(kept, torrent)) {
        rows.push(kept.row);
        continue;
      }
      const row = torrentRow(torrent, nowMs);
      this.#kept.set(torrent, { entry: torrent.entry, row });
      rows.push(row);
    }
    for (const pending of session.magnets.all.values()) {
      if (!session.torrents.has(pending.magnet.infoHash)) rows.push(magnetRow(pending, rows.length + 1));
    }
    return rows;
  }
}

/** What else a row says follows from these, as long as there is no swarm and nothing is written or read. */
function isStillTrue({ entry, row }: KeptRow, torrent: Torrent): boolean {
  const { state, announcer } = torrent;
  if (torrent.swarm !== undefined || row.neighbours > 0 || row.knownPeers > 0) return false;
  if (state === "checking" || state === "downloading" || state === "moving") return false;
  const swarm = announcer?.swarm;
  return (
    entry === torrent.entry &&
    row.state === state &&
    row.reason === torrent.reason &&
    row.verifiedPieces === torrent.have.count &&
    row.queuePosition === torrent.queuePosition &&
    row.uploaded === torrent.uploadedBytes &&
    row.downloaded === torrent.downloadedBytes &&
    row.wasted === torrent.wastedBytes &&
    row.upRate === 0 &&
    row.downRate === 0 &&
    row.completedWallMs === torrent.completedWallMs &&
    row.checkedFraction === torrent.checkedFraction &&
    row.swarmSeeds === (swarm?.seeds ?? null) &&
    row.swarmLeeches === (swarm?.leeches ?? null)
  );
}
