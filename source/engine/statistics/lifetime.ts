/** What a profile has done over all runs of its engine. Kept in a record that is at most a minute old. */
import { amountOf, fieldsOf, naturalOf } from "../../base/json-fields.ts";
import type { Clock } from "../../ports/clock.ts";
import { ProfileRecord, type RecordKind, type RecordPlace } from "../profile/profile-record.ts";

export interface LifetimeTotals {
  /** Content bytes of all torrents, also of those that were removed. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** That the engine ran, this time included. */
  readonly seconds: number;
  /** How often it was started, this time included. */
  readonly sessions: number;
}

const saveMs = 60_000;
const recordKind: RecordKind<LifetimeTotals> = {
  name: "statistics",
  what: "the statistics of all runs",
  version: 1,
  lengthMax: 10_000,
  read: (value) => {
    const { downloaded, uploaded, seconds, sessions } = fieldsOf<LifetimeTotals>(value);
    return {
      downloaded: amountOf(downloaded),
      uploaded: amountOf(uploaded),
      seconds: amountOf(seconds),
      sessions: naturalOf(sessions),
    };
  },
};

export class Lifetime {
  /** Of this run. */
  downloaded = 0;
  uploaded = 0;
  readonly #clock: Clock;
  readonly #record: ProfileRecord<LifetimeTotals>;
  readonly #startedMs: number;
  #before: LifetimeTotals = { downloaded: 0, uploaded: 0, seconds: 0, sessions: 0 };
  #savedMs: number;

  constructor(clock: Clock, place: RecordPlace | undefined) {
    this.#clock = clock;
    this.#record = new ProfileRecord(place, recordKind);
    this.#startedMs = clock.nowMs();
    this.#savedMs = this.#startedMs;
  }

  async restore(): Promise<void> {
    await this.#record.load((before) => {
      this.#before = before;
    });
  }

  get totals(): LifetimeTotals {
    const { downloaded, uploaded, seconds, sessions } = this.#before;
    return {
      downloaded: downloaded + this.downloaded,
      uploaded: uploaded + this.uploaded,
      seconds: seconds + (this.#clock.nowMs() - this.#startedMs) / 1000,
      sessions: sessions + 1,
    };
  }

  /** About once a second. @param onFailure of the record, which is tried again in a minute. */
  tick(onFailure: (error: unknown) => void): void {
    const now = this.#clock.nowMs();
    if (now - this.#savedMs < saveMs) return;
    this.#savedMs = now;
    this.save().catch(onFailure);
  }

  save(): Promise<void> {
    return this.#record.save(() => this.totals);
  }
}
