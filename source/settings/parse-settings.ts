/**
 * From the text of the settings file to settings. Nothing in it is fatal: what cannot be used is a problem, told with its
 * line and the reason, and everything else holds.
 */
import { parse, TomlDate, TomlError } from "smol-toml";
import { OperationalError } from "../base/errors.ts";
import { nearestName } from "../base/nearest-name.ts";
import { keyConflicts } from "./key-settings.ts";
import { makeSettings, type SettingEntry, type Settings, settingEntries, settingEntry, valueIn } from "./settings.ts";
import { outlineToml, type TomlOutline } from "./toml-outline.ts";
import type { Places, SettingValue } from "./value-types.ts";

export interface SettingsProblem {
  /** Counts from 1; `undefined` where it is the file as a whole. */
  readonly line: number | undefined;
  /** One sentence, without the line. May hold text from the file. */
  readonly message: string;
}

export interface ParsedSettings {
  /** `undefined` where the text is no TOML at all. */
  readonly settings: Settings | undefined;
  /** Keys whose values are the file's. */
  readonly given: ReadonlySet<string>;
  readonly problems: readonly SettingsProblem[];
}

/** Of the file. Ours has a few KiB; as much as this of anything is read in a tenth of a second. */
export const settingsLengthMax = 256 * 1024;
/** More are only counted: somebody has to read them. */
const problemsMax = 20;
/** Deeper tables are not ours. */
const depthMax = 8;

/**
 * @param previous what a setting stays at where its value in the text is wrong.
 * @param defaults what a setting is that the text does not have.
 */
export function parseSettings(text: string, places: Places, defaults: Settings, previous: Settings): ParsedSettings {
  return parseWith((reader, root) => reader.readTogether(root), text, places, defaults, previous);
}

/** As `parseSettings`, but each for itself: those of keys may contradict one another. */
export function parseEach(text: string, places: Places, defaults: Settings): ParsedSettings {
  return parseWith((reader, root) => reader.read(root), text, places, defaults, defaults);
}

function parseWith(
  read: (reader: Reader, root: Table) => ParsedSettings,
  text: string,
  places: Places,
  defaults: Settings,
  previous: Settings,
): ParsedSettings {
  const document = parseToml(text);
  if ("problem" in document) return { settings: undefined, given: new Set(), problems: [document.problem] };
  return read(new Reader(outlineToml(text), places, defaults, previous), document.root);
}

/** As text for people. */
export function problemText({ line, message }: SettingsProblem): string {
  return line === undefined ? message : `line ${line}: ${message}`;
}

/** Whether the text is right TOML. */
export function isToml(text: string): boolean {
  return !("problem" in parseToml(text));
}

type Table = Readonly<Record<string, unknown>>;

function parseToml(text: string): { readonly root: Table } | { readonly problem: SettingsProblem } {
  try {
    return { root: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The first line is what is wrong; below it the library shows where.
    const [reason = ""] = error.message.split("\n");
    return { problem: { line: error.line, message: reason.replace(/^Invalid TOML document: /, "this is no TOML: ") } };
  }
}

class Reader {
  readonly #outline: TomlOutline;
  readonly #places: Places;
  readonly #defaults: Settings;
  readonly #previous: Settings;
  readonly #values = new Map<string, SettingValue>();
  /** Keys that the text has, with values that cannot be used. */
  readonly #wrong = new Set<string>();
  readonly #problems: SettingsProblem[] = [];
  #problemCount = 0;
  #lines: ReadonlyMap<string, number> | undefined;

  constructor(outline: TomlOutline, places: Places, defaults: Settings, previous: Settings) {
    this.#outline = outline;
    this.#places = places;
    this.#defaults = defaults;
    this.#previous = previous;
  }

  read(root: Table): ParsedSettings {
    this.#readTable(root, []);
    return this.#parsed(this.#settings());
  }

  readTogether(root: Table): ParsedSettings {
    this.#readTable(root, []);
    const settings = this.#settings();
    const conflicts = new Set<SettingEntry>();
    for (const { entry, message } of keyConflicts(settings)) {
      conflicts.add(entry);
      this.#values.delete(entry.key);
      const stays = entry.setting.type.write(valueIn(this.#defaults, entry));
      this.#refuse(entry.key.split("."), () => `${message}; it stays ${stays}`);
    }
    return this.#parsed(makeSettings((entry) => valueIn(conflicts.has(entry) ? this.#defaults : settings, entry)));
  }

  #settings(): Settings {
    return makeSettings((entry) => {
      const value = this.#values.get(entry.key);
      return value === undefined ? this.#otherwise(entry) : value;
    });
  }

  #parsed(settings: Settings): ParsedSettings {
    const given = new Set(this.#values.keys());
    const more = this.#problemCount - this.#problems.length;
    this.#problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    if (more > 0) this.#problems.push({ line: undefined, message: `and ${more} more problems` });
    return { settings, given, problems: this.#problems };
  }

  #otherwise(entry: SettingEntry): SettingValue {
    return valueIn(this.#wrong.has(entry.key) ? this.#previous : this.#defaults, entry);
  }

  #readTable(table: Table, above: readonly string[]): void {
    for (const [name, value] of Object.entries(table)) {
      const path = [...above, name];
      const key = path.join(".");
      const entry = settingEntry(key);
      if (entry !== undefined) this.#readValue(entry, path, value);
      else if (!groups.has(key)) this.#refuse(path, () => unknownText(key, isTable(value)));
      else if (isTable(value) && path.length < depthMax) this.#readTable(value, path);
      else this.#refuse(path, () => `${key} is a table of settings, not a value`);
    }
  }

  #readValue(entry: SettingEntry, path: readonly string[], value: unknown): void {
    try {
      this.#values.set(entry.key, entry.setting.type.read(value, this.#places));
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      this.#wrong.add(entry.key);
      const stays = entry.setting.type.write(valueIn(this.#previous, entry));
      this.#refuse(path, () => `${entry.key}: ${error.message}; it stays ${stays === '""' ? "unset" : stays}`);
    }
  }

  #refuse(path: readonly string[], message: () => string): void {
    this.#problemCount++;
    if (this.#problems.length < problemsMax) this.#problems.push({ line: this.#lineOf(path), message: message() });
  }

  /** Of the assignment, of the inline table it is in, or of the table's header. */
  #lineOf(path: readonly string[]): number | undefined {
    this.#lines ??= linesOf(this.#outline);
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(lineKey(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }
}

const groups: ReadonlySet<string> = new Set(
  settingEntries.flatMap(({ group }) => group.split(".").map((_, index, parts) => parts.slice(0, index + 1).join("."))),
);

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof TomlDate);
}

/** @param isGroup whether it is a table. */
export function unknownText(key: string, isGroup: boolean): string {
  const known = isGroup ? [...groups] : settingEntries.map((entry) => entry.key);
  // As the options of the command line are called.
  const nearest = nearestName(key.replace(/^max-/, ""), known);
  const shown = key.length > 60 ? `${key.slice(0, 59).toWellFormed()}…` : key;
  return `there is no setting ${shown}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}

/** The first line of each path, so that a long document is walked but once. */
function linesOf({ assignments, tables }: TomlOutline): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const { path, line } of [...assignments, ...tables]) {
    // `a.b.c = 1` defines a.b and a, too.
    for (let length = path.length; length > 0; length--) {
      const key = lineKey(path.slice(0, length));
      lines.set(key, Math.min(line, lines.get(key) ?? line));
    }
  }
  return lines;
}

function lineKey(path: readonly string[]): string {
  return path.join("\0");
}
