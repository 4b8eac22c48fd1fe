/**
 * Whether the alternative rate limits hold: by the schedule of the week, or by hand. What was switched by hand stays so
 * until the schedule would switch next, over restarts too; without a schedule, until it is switched again.
 */
import { amountOf, fieldsOf, truthOf } from "../../base/json-fields.ts";
import type { Clock } from "../../ports/clock.ts";
import { ProfileRecord, type RecordKind, type RecordPlace } from "../profile/profile-record.ts";
import { WeekSchedule } from "./week-schedule.ts";

interface ByHand {
  readonly isOn: boolean;
  /** `null`: until it is switched again. */
  readonly untilWallMs: number | null;
}

/** A schedule switches within a week; what lies further ahead was reckoned before the clock was set back. */
const aheadMaxMs = 8 * 86_400_000;

const recordKind: RecordKind<{ readonly byHand: ByHand | null }> = {
  name: "alternative-limits",
  what: "the switch of the alternative limits",
  version: 1,
  lengthMax: 10_000,
  read: (value) => {
    const { byHand } = fieldsOf<{ byHand: unknown }>(value);
    if (byHand === null) return { byHand: null };
    const { isOn, untilWallMs } = fieldsOf<ByHand>(byHand);
    return { byHand: { isOn: truthOf(isOn), untilWallMs: untilWallMs === null ? null : amountOf(untilWallMs) } };
  },
};

export class AlternativeLimits {
  readonly #clock: Clock;
  readonly #record: ProfileRecord<{ readonly byHand: ByHand | null }>;
  #spans = "";
  #schedule = new WeekSchedule([]);
  #byHand: ByHand | null = null;
  /** Of the schedule, `undefined` for never; reckoned at `#reckonedWallMs`. */
  #switchWallMs: number | undefined;
  #reckonedWallMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, place: RecordPlace | undefined) {
    this.#clock = clock;
    this.#record = new ProfileRecord(place, recordKind);
  }

  async restore(): Promise<void> {
    let isRestored = false;
    await this.#record.load(({ byHand }) => {
      // What is read later is of before the user switched.
      if (!isRestored) this.#byHand = byHand;
    });
    isRestored = true;
    this.#reckonHand();
  }

  setSchedule(spans: readonly string[]): void {
    if (spans.join("\n") === this.#spans) return;
    this.#spans = spans.join("\n");
    this.#schedule = new WeekSchedule(spans);
    this.#reckonedWallMs = Number.POSITIVE_INFINITY;
    this.#reckonHand();
  }

  get isOn(): boolean {
    const wallMs = this.#clock.wallMs();
    return this.#handAt(wallMs)?.isOn ?? this.#schedule.isOn(this.#clock.localMinutes(wallMs));
  }

  get isByHand(): boolean {
    return this.#handAt(this.#clock.wallMs()) !== null;
  }

  /** When it is decided anew, `null` for never. */
  get nextSwitchWallMs(): number | null {
    const wallMs = this.#clock.wallMs();
    const hand = this.#handAt(wallMs);
    return hand === null ? (this.#scheduledAfter(wallMs) ?? null) : hand.untilWallMs;
  }

  /** @param isOn `null`: by the schedule again. Resolves when the profile knows it. @throws OperationalError. */
  async switch(isOn: boolean | null): Promise<void> {
    const untilWallMs = this.#scheduledAfter(this.#clock.wallMs()) ?? null;
    this.#byHand = isOn === null ? null : { isOn, untilWallMs };
    await this.#record.save(() => ({ byHand: this.#byHand }));
  }

  /** By hand lasts until the schedule switches next: the one that holds now, whatever it was then. */
  #reckonHand(): void {
    const wallMs = this.#clock.wallMs();
    const hand = this.#handAt(wallMs);
    const untilWallMs = this.#scheduledAfter(wallMs) ?? null;
    if (hand === null || hand.untilWallMs === untilWallMs) return;
    this.#byHand = { ...hand, untilWallMs };
    // Where that fails it is reckoned again at the next start.
    this.#record.save(() => ({ byHand: this.#byHand })).catch(() => {});
  }

  #handAt(wallMs: number): ByHand | null {
    const until = this.#byHand?.untilWallMs ?? null;
    return until !== null && (wallMs >= until || until - wallMs > aheadMaxMs) ? null : this.#byHand;
  }

  #scheduledAfter(wallMs: number): number | undefined {
    if (wallMs < this.#reckonedWallMs || wallMs >= (this.#switchWallMs ?? Number.POSITIVE_INFINITY)) {
      this.#switchWallMs = this.#schedule.nextSwitchWallMs(wallMs, this.#clock.localMinutes);
      this.#reckonedWallMs = wallMs;
    }
    return this.#switchWallMs;
  }
}
