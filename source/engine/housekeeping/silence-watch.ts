/**
 * Tells of downloads that stand still because nobody can be found: every tracker has failed, nobody is connected, and that for
 * minutes. One tracker that is lost while others answer, or while neighbours are there, matters to nobody.
 */
import type { Clock } from "../../ports/clock.ts";
import type { Torrent } from "../torrent.ts";

type Download = Pick<Torrent, "infoHash" | "name" | "state" | "swarm" | "announcer">;

/** A tracker that is started again, or a line that is, is back by then. */
const patienceMs = 180_000;
const lookMs = 15_000;
/** Names that are told where several are meant. */
const namedMax = 3;

export class SilenceWatch {
  readonly #clock: Clock;
  /** Since when each is alone; `told` until that ends. */
  readonly #alone = new Map<string, { readonly sinceMs: number; isTold: boolean }>();
  #lookedMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lookedMs = clock.nowMs();
  }

  /** About once a second. @param tell is given one sentence, once for each download that comes into that state. */
  tick(torrents: Iterable<Download>, tell: (message: string) => void): void {
    const now = this.#clock.nowMs();
    if (now - this.#lookedMs < lookMs) return;
    this.#lookedMs = now;
    const names: string[] = [];
    const seen = new Set<string>();
    for (const torrent of torrents) {
      if (!isAlone(torrent)) continue;
      seen.add(torrent.infoHash);
      const alone = this.#alone.get(torrent.infoHash) ?? { sinceMs: now, isTold: false };
      this.#alone.set(torrent.infoHash, alone);
      if (alone.isTold || now - alone.sinceMs < patienceMs) continue;
      alone.isTold = true;
      names.push(torrent.name);
    }
    for (const infoHash of this.#alone.keys()) if (!seen.has(infoHash)) this.#alone.delete(infoHash);
    const [first] = names;
    if (first === undefined) return;
    const some = names.slice(0, namedMax).join(", ") + (names.length > namedMax ? "…" : "");
    tell(
      names.length === 1
        ? `${first}: none of its trackers answers, and nobody is connected`
        : `${names.length} downloads have no tracker that answers, and nobody is connected: ${some}`,
    );
  }
}

function isAlone({ state, swarm, announcer }: Download): boolean {
  if (state !== "downloading" || swarm === undefined || announcer === undefined || swarm.neighbours.size > 0)
    return false;
  const rows = announcer.rows();
  // Those that are asked again have not answered yet.
  return rows.every((row) => row.state !== "working") && rows.some((row) => row.message !== "");
}
