/**
 * What a session looks after besides its torrents and connections: whose turn it is, who has seeded enough, which limits
 * hold, what was done over all runs, and whether the disks have room.
 */
import { messageOf } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import { DiskWatch } from "../files/disk-watch.ts";
import { AlternativeLimits } from "../limits/alternative-limits.ts";
import { type RecordPlace, tellUnsaved } from "../profile/profile-record.ts";
import type { SessionRules } from "../session-rules.ts";
import { Lifetime } from "../statistics/lifetime.ts";
import { RateArchive } from "../statistics/rate-archive.ts";
import type { Torrent } from "../torrent.ts";
import { Goals } from "./goals.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { Turns } from "./turns.ts";

export interface House {
  rules(): SessionRules;
  readonly torrents: ReadonlyMap<unknown, Torrent>;
  /** Whether anything may go out. */
  isHome(): boolean;
  /** @param reason the seeding goal that it has reached, in words. */
  seededEnough(torrent: Torrent, reason: string): void;
  /** The rate limits that hold may be others now. */
  limitsChanged(): void;
  warn(message: string): void;
}

export class Housekeeping {
  readonly turns: Turns;
  readonly goals: Goals;
  readonly alternative: AlternativeLimits;
  readonly lifetime: Lifetime;
  readonly disks: DiskWatch;
  readonly graphs: RateArchive;
  readonly #house: House;
  readonly #silence: SilenceWatch;
  #wasAlternative = false;
  /** What earlier runs wrote is known: before that, writing would lose it. */
  #isRestored = false;

  constructor(
    ports: { readonly clock: Clock; readonly files: FileSystem },
    place: RecordPlace | undefined,
    house: House,
  ) {
    const rules = () => house.rules();
    this.turns = new Turns(ports.clock, rules, place);
    this.goals = new Goals(ports.clock, rules);
    this.alternative = new AlternativeLimits(ports.clock, place);
    this.lifetime = new Lifetime(ports.clock, place);
    this.disks = new DiskWatch(ports);
    this.graphs = new RateArchive(ports.clock, place);
    this.#silence = new SilenceWatch(ports.clock);
    this.#house = house;
  }

  /** All torrents of earlier runs are there. */
  async restore(): Promise<void> {
    await Promise.all([
      this.turns.restore(),
      this.alternative.restore(),
      this.lifetime.restore(),
      this.graphs.restore(),
    ]);
    this.#isRestored = true;
    this.#seeAlternative();
    this.turns.tick();
  }

  /** The limits in bytes a second that hold now. */
  get limits(): { readonly down: number; readonly up: number } {
    const { limits } = this.#house.rules();
    return this.alternative.isOn ? limits.alternative : limits;
  }

  rulesChanged(): void {
    this.alternative.setSchedule(this.#house.rules().limits.alternative.schedule);
    this.turns.rulesChanged();
    this.#wasAlternative = this.alternative.isOn;
  }

  /** @param isOn `null`: by the schedule. Resolves when the profile knows it. @throws OperationalError. */
  async switchAlternative(isOn: boolean | null): Promise<void> {
    const done = this.alternative.switch(isOn);
    this.#seeAlternative();
    await done;
  }

  /** A torrent is on the list no more. */
  removed(infoHash: InfoHash): void {
    this.turns.remove(infoHash);
  }

  /** It is on the list again. That its place is not saved is only told: it is there all the same, and at this place. */
  async returned(infoHash: InfoHash, place: number): Promise<void> {
    const moved = this.turns.move([infoHash], Math.max(1, place));
    await moved.catch((error: unknown) => this.#house.warn(messageOf(error)));
  }

  /** Nothing brings it back any more. */
  forget(infoHash: InfoHash): void {
    this.graphs.forget(infoHash);
  }

  /** About once a second. */
  tick(): void {
    const { torrents } = this.#house;
    this.#seeAlternative();
    this.goals.tick(torrents.values(), (torrent, reason) => this.#house.seededEnough(torrent, reason));
    this.turns.tick();
    this.disks.tick(torrents.values(), this.#house.rules().downloads?.directory);
    const failed = (error: unknown) => tellUnsaved(error, (message) => this.#house.warn(message));
    // While nothing goes out at all, that is told by itself.
    const alone = this.#house.isHome() ? torrents.values() : [];
    this.#silence.tick(alone, (message) => this.#house.warn(message));
    this.lifetime.tick(failed);
    this.graphs.tick(torrents.values(), failed);
  }

  /** Writes what must not be lost. */
  async stop(): Promise<void> {
    if (!this.#isRestored) return;
    const saved = await Promise.allSettled([this.lifetime.save(), this.graphs.save()]);
    for (const one of saved) {
      if (one.status === "rejected") tellUnsaved(one.reason, (message) => this.#house.warn(message));
    }
  }

  #seeAlternative(): void {
    const { isOn } = this.alternative;
    if (isOn === this.#wasAlternative) return;
    this.#wasAlternative = isOn;
    this.#house.limitsChanged();
  }
}
