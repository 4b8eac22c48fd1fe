/**
 * Failures that pass by themselves: a disk that is full or away, a download that another program holds. A torrent that
 * failed so is begun again when the reason may be over, with more and more patience.
 */

import type { Bitfield } from "../../base/bitfield.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { Ports } from "../../ports/ports.ts";
import { missingOf, piecePriorities } from "../../swarm/piece-priorities.ts";
import { fileWeights, type TorrentChoices } from "../profile/torrent-choices.ts";
import type { AbsenceWatch } from "./absence-watch.ts";
import { freeSpaceAt, roomNeeded } from "./disk-room.ts";

interface Hope {
  /** For people, what it waits for. */
  readonly text: string;
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
}

const slow = { firstDelayMs: 60_000, delayMaxMs: 600_000 };
const hopes: Readonly<Record<string, Hope>> = {
  "disk-full": { text: "it goes on when there is room", firstDelayMs: 10_000, delayMaxMs: 10_000 },
  "data-missing": {
    text: "it goes on when they are back; checking it again starts anew",
    firstDelayMs: 10_000,
    delayMaxMs: 10_000,
  },
  held: { text: "it goes on when that one lets go", firstDelayMs: 30_000, delayMaxMs: 30_000 },
  unfinished: { text: "it tries again in a while", ...slow },
  missing: { text: "it tries again in a while", ...slow },
  "io-error": { text: "it tries again in a while", ...slow },
  "read-only": { text: "it tries again in a while", ...slow },
  "profile-failed": { text: "it tries again in a while", ...slow },
  permission: { text: "it tries again in a while", ...slow },
};

/** Room beside what is still to come, so that a disk that is just full does not fail at once again. */
const roomMin = 16 * 1024 * 1024;
/** With so much room a larger download goes on, too: others may make more meanwhile. */
const roomEnough = 256 * 1024 * 1024;

/** Where a torrent is now. */
interface TorrentPlace {
  readonly savePath: string;
  /** The torrent's file or folder below `savePath`. */
  readonly summary: { readonly rootName: string };
  readonly have: Bitfield;
  readonly choices: Pick<TorrentChoices, "priorities">;
  loadMetainfo(): Promise<Metainfo>;
}

export class Recovery {
  readonly #ports: Pick<Ports, "clock" | "files">;
  readonly #place: TorrentPlace;
  #code = "";
  #delayMs = 0;
  #nextMs = Number.POSITIVE_INFINITY;
  #isAsking = false;
  readonly #absences: AbsenceWatch;
  /** Of the folder, when its files were last looked for. */
  #seen: string | undefined;
  /** Room for what is missing, as of the last failure; `undefined` until it is asked for. */
  #needed: number | undefined;

  constructor(ports: Pick<Ports, "clock" | "files">, absences: AbsenceWatch, place: TorrentPlace) {
    this.#ports = ports;
    this.#absences = absences;
    this.#place = place;
  }

  /** Of the last failure, "" since it succeeded. */
  get code(): string {
    return this.#code;
  }

  /** What the torrent waits for, "" if only the user can help. */
  get hope(): string {
    return hopes[this.#code]?.text ?? "";
  }

  /** @returns whether this is another failure than the last. */
  failed(code: string): boolean {
    const isNews = code !== this.#code;
    if (isNews) this.#seen = undefined;
    this.#needed = undefined;
    const hope = hopes[code];
    this.#code = code;
    this.#delayMs = isNews ? (hope?.firstDelayMs ?? 0) : Math.min(this.#delayMs * 2, hope?.delayMaxMs ?? 0);
    this.#nextMs = hope === undefined ? Number.POSITIVE_INFINITY : this.#ports.clock.nowMs() + this.#delayMs;
    return isNews;
  }

  /** The torrent is active: the next failure is news. */
  succeeded(): void {
    this.#code = "";
  }

  /** Whether to ask if it is over. */
  get isDue(): boolean {
    return !this.#isAsking && this.#ports.clock.nowMs() >= this.#nextMs;
  }

  /** Whether it is time to begin again. @param left bytes still to be written. */
  async isOver(left: number): Promise<boolean> {
    if (!this.isDue) return false;
    this.#nextMs = this.#ports.clock.nowMs() + this.#delayMs;
    this.#isAsking = true;
    try {
      const { savePath, summary } = this.#place;
      if (this.#code === "data-missing") {
        const { seen, isWorth } = await this.#absences.look(savePath, this.#seen);
        this.#seen = seen;
        return isWorth && (await this.#ports.files.stat(`${savePath}/${summary.rootName}`)) !== undefined;
      }
      if (this.#code !== "disk-full") return true;
      const free = await freeSpaceAt(this.#ports.files, savePath);
      if (free >= Math.min(left + roomMin, roomEnough)) return true;
      this.#needed ??= await this.#roomNeeded();
      return this.#needed === 0 || free >= Math.min(this.#needed + roomMin, roomEnough);
    } finally {
      this.#isAsking = false;
    }
  }

  async #roomNeeded(): Promise<number> {
    const { savePath, have, choices } = this.#place;
    const metainfo = await this.#place.loadMetainfo();
    const priorities = piecePriorities(metainfo, fileWeights(choices, metainfo.files.length));
    return roomNeeded(this.#ports.files, { savePath, metainfo, missing: missingOf(have, priorities) });
  }
}
