/**
 * What an engine's settings must be, whenever the engine is killed: as the last answered change left them or, where a change
 * had no answer yet, as before or after it, and never a part of it.
 */
import { OperationalError } from "../../source/base/errors.ts";
import { type Random, randomBelow } from "../../source/base/random.ts";
import type { EngineClient } from "../../source/control/engine-client.ts";
import { isSettingsReport } from "../../source/control/protocol.ts";
import type { SettingsReport } from "../../source/control/settings-protocol.ts";

/** Such as do not matter to what else is tested; "" is the default. */
const choices = {
  "limits.slots": ["", "3", "5", "50"],
  "queue.slow-rate": ["", "1 KB", "2 KB", "12345"],
  "seeding.action": ["", "remove"],
  "ui.on-quit": ["", "stop", "keep"],
} as const;
type Key = keyof typeof choices;
const keys = Object.keys(choices) as readonly Key[];

/** What was given of each, in the words of `choices`. */
type Given = Readonly<Record<Key, string>>;

export class SettingsModel {
  readonly #random: Random;
  #allowed: readonly Given[] = [Object.fromEntries(keys.map((key) => [key, ""])) as Given];
  answered = 0;
  lost = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** One random change of some settings. @returns whether it was answered; if not, `problems` comes next. */
  async act(client: EngineClient): Promise<boolean> {
    const [before] = this.#allowed;
    if (before === undefined || this.#allowed.length > 1) return false;
    const chosen = keys.filter(() => randomBelow(this.#random, 2) === 0);
    const changes = chosen.map((key) => ({ key, text: this.#pick(choices[key]) }));
    const after = { ...before, ...Object.fromEntries(changes.map(({ key, text }) => [key, text])) };
    this.#allowed = [before, after];
    try {
      await client.request({ name: "set", changes });
      this.#allowed = [after];
      this.answered++;
      return true;
    } catch (error) {
      if (!(error instanceof OperationalError) || error.code !== "engine-lost") throw error;
      this.lost++;
      return false;
    }
  }

  /** After a restart. @returns what is not as it must be, in words; the model then goes on from what is there. */
  async problems(client: EngineClient): Promise<readonly string[]> {
    const report = await client.request({ name: "settings" });
    if (!isSettingsReport(report)) return ["no settings are told"];
    const fitting = this.#allowed.filter((given) => keys.every((key) => isSame(report, key, given[key])));
    const [first = this.#allowed[0]] = fitting;
    const wrong = fitting.length > 0 ? [] : [`${describe(report)}, and not ${JSON.stringify(this.#allowed)}`];
    if (first !== undefined) this.#allowed = [first];
    return [...report.problems, ...wrong];
  }

  #pick<T>(all: readonly T[]): T {
    return all[randomBelow(this.#random, all.length)] as T;
  }
}

function isSame({ settings }: SettingsReport, key: Key, given: string): boolean {
  const row = settings.find((each) => each.key === key);
  if (row === undefined) return false;
  if (given === "") return row.source === "default";
  return row.source === "file" && [given, JSON.stringify(given)].includes(row.valueText);
}

function describe({ settings }: SettingsReport): string {
  const some = settings.filter(({ key }) => Object.hasOwn(choices, key));
  return some.map(({ key, valueText, source }) => `${key} is ${valueText} (${source})`).join(", ");
}
