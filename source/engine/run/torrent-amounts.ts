/** How much of a torrent is wanted, there and missing. */
import type { Bitfield } from "../../base/bitfield.ts";
import type { Geometry } from "../../metainfo/geometry.ts";
import { EntryView } from "../profile/entry-view.ts";
import type { TorrentRun } from "../torrent-run.ts";
import { verifiedBytes } from "./verified-bytes.ts";

export abstract class TorrentAmounts extends EntryView {
  abstract readonly geometry: Geometry;
  /** Verified pieces. */
  abstract have: Bitfield;
  /** When all that was wanted was there; `null` where something is missing, as far as that is known. */
  abstract completedWallMs: number | null;
  abstract get run(): TorrentRun | undefined;
  /** As they were when it was last active in this run of the program. */
  #lastWanted: number | undefined;
  #lastLeft: number | undefined;

  get wasCompleted(): boolean {
    return this.completedWallMs !== null;
  }

  get verifiedLength(): number {
    return verifiedBytes(this.geometry, this.have);
  }

  /** All that is wanted of it is there, as far as that is known of one that is not active. */
  get isFinished(): boolean {
    return this.run?.swarm?.isFinished ?? (this.have.isFull || this.wasCompleted);
  }

  /** Bytes of the wanted pieces; of all, as long as it was not active since the program began. */
  get wantedLength(): number {
    const { run } = this;
    if (run?.swarm !== undefined) this.#lastWanted = run.selection.wantedLength;
    return this.#lastWanted ?? this.summary.totalLength;
  }

  /** Bytes of wanted pieces that are missing; at most, as long as it was not active since the program began. */
  get leftLength(): number {
    const swarm = this.run?.swarm;
    if (swarm !== undefined) this.#lastLeft = verifiedBytes(this.geometry, swarm.needed);
    else if (this.isFinished) return 0;
    return this.#lastLeft ?? this.summary.totalLength - this.verifiedLength;
  }
}
