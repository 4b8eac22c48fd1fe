/** How much of a torrent is wanted, there and missing. */
import type { Bitfield } from "../base/bitfield.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import { EntryView } from "./entry-view.ts";
import type { TorrentRun } from "./torrent-run.ts";
import { verifiedBytes } from "./verified-bytes.ts";

export abstract class TorrentAmounts extends EntryView {
  abstract readonly geometry: Geometry;
  /** Verified pieces. */
  abstract have: Bitfield;
  /** All that was wanted was there, when it was last known. */
  abstract get wasCompleted(): boolean;
  abstract get run(): TorrentRun | undefined;

  get verifiedLength(): number {
    return verifiedBytes(this.geometry, this.have);
  }

  /** All that is wanted of it is there, as far as that is known of one that is not active. */
  get isFinished(): boolean {
    return this.run?.swarm?.isFinished ?? (this.have.isFull || this.wasCompleted);
  }

  /** Bytes of the wanted pieces; while it has no swarm, of all. */
  get wantedLength(): number {
    const { run } = this;
    return run?.swarm === undefined ? this.summary.totalLength : run.selection.wantedLength;
  }

  /** Bytes of wanted pieces that are missing; while it has no swarm, at most. */
  get leftLength(): number {
    const swarm = this.run?.swarm;
    if (swarm !== undefined) return verifiedBytes(this.geometry, swarm.needed);
    return this.isFinished ? 0 : this.summary.totalLength - this.verifiedLength;
  }
}
