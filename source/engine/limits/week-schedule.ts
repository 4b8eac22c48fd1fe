/**
 * Times of the week that something holds. Local time comes in as the minute of the week, so that nothing here knows of
 * zones and seasons.
 */
import { assert } from "../../base/assert.ts";
import type { LocalMinutes } from "../../ports/clock.ts";
import { minutesOfDay, parseSpan } from "../../settings/schedule-span.ts";

const minutesOfWeek = 7 * minutesOfDay;

export class WeekSchedule {
  /** One for each minute of the week. */
  readonly #isOn = new Uint8Array(minutesOfWeek);

  /** @param spans as `parseSpan` reads them, all right. */
  constructor(spans: readonly string[]) {
    for (const text of spans) {
      const span = parseSpan(text);
      assert(span !== undefined, "spans of the week that were checked");
      for (const day of span.days) {
        for (let minute = span.from; minute < span.to; minute++)
          this.#isOn[(day * minutesOfDay + minute) % minutesOfWeek] = 1;
      }
    }
  }

  /** @param minute of the week. */
  isOn(minute: number): boolean {
    return this.#isOn[minute] === 1;
  }

  /** Minutes until it is otherwise, 1 or more; `undefined` where it is always the same. */
  minutesToSwitch(minute: number): number | undefined {
    const other = this.isOn(minute) ? 0 : 1;
    const thisWeek = this.#isOn.indexOf(other, minute);
    const at = thisWeek < 0 ? this.#isOn.indexOf(other) : thisWeek;
    return at < 0 ? undefined : (at - minute + minutesOfWeek) % minutesOfWeek;
  }

  /** When it is otherwise next, on a full minute; `undefined` where it is always the same. */
  nextSwitchWallMs(wallMs: number, local: LocalMinutes): number | undefined {
    const before = this.isOn(local(wallMs));
    let at = Math.floor(wallMs / minuteMs) * minuteMs;
    // Clocks are put forward and back on the way: near a switch, before or behind, it is looked at minute by minute.
    for (let steps = 0; steps < stepsMax; steps++) {
      const minute = local(at);
      const ahead = this.minutesToSwitch(minute);
      if (ahead === undefined) return undefined;
      const leap = this.#hasJustSwitched(minute) ? 1 : Math.max(1, ahead - clockChangeMinutesMax);
      at += leap * minuteMs;
      if (this.isOn(local(at)) !== before) return at;
    }
    return undefined;
  }

  #hasJustSwitched(minute: number): boolean {
    for (let back = 1; back <= clockChangeMinutesMax; back++) {
      if (this.#isOn[(minute - back + minutesOfWeek) % minutesOfWeek] !== this.#isOn[minute]) return true;
    }
    return false;
  }
}

const minuteMs = 60_000;
/** By as much clocks are put forward or back within one leap; two hours at once are the most there ever was. */
const clockChangeMinutesMax = 240;
/** Each step but a few comes a minute nearer, or leaps over an hour that is not there. */
const stepsMax = 1000;
