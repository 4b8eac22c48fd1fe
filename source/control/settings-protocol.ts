/** What is said of settings, in the answers of the commands `settings` and `set`. A part of the protocol. */

export type SettingValue = string | number | boolean | null | readonly string[];

export interface SettingRow {
  /** As in the settings file: `limits.alternative.down`. */
  readonly key: string;
  /** What it is, for people. */
  readonly help: string;
  /** What values it takes: `a whole number from 0 to 65535`. */
  readonly expected: string;
  /** Where it is one of a few words: these. */
  readonly words: readonly string[];
  /** Paths are absolute, rates bytes a second, times minutes; `null` where it is not set. */
  readonly value: SettingValue;
  readonly default: SettingValue;
  /** As one writes them in the file. */
  readonly valueText: string;
  readonly defaultText: string;
  /** `option`: of the command line that the engine was started with. */
  readonly source: "default" | "file" | "option";
  /** Whether a change holds only from the next start of the engine on. */
  readonly needsRestart: boolean;
}

export interface SettingsReport {
  /** Of the settings file. */
  readonly path: string;
  /** As in `SessionRow`. */
  readonly revision: number;
  /** All, in the order of the file. */
  readonly settings: readonly SettingRow[];
  /** What the file has and cannot be used, one sentence each. */
  readonly problems: readonly string[];
}

/** An empty text goes back to the default. */
export interface SettingChange {
  readonly key: string;
  readonly text: string;
}
