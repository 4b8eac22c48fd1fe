/**
 * The settings file while the program runs: read at the start, looked at every two seconds, and changed in place. What a
 * command line says holds for this run, whatever the file says, until somebody changes that setting.
 *
 * A file that cannot be used changes nothing, and is never written over.
 */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { defaultSettingsText } from "./default-file.ts";
import { editSettings } from "./edit-settings.ts";
import { keyConflicts, type SettingConflict } from "./key-settings.ts";
import {
  type ParsedSettings,
  parseEach,
  parseSettings,
  problemText,
  settingsLengthMax,
  unknownText,
} from "./parse-settings.ts";
import {
  defaultSettings,
  type PartialSettings,
  type SettingEntry,
  type Settings,
  settingEntries,
  settingEntry,
  valueIn,
  withOverrides,
  withoutOverrides,
} from "./settings.ts";
import type { Places, SettingValue } from "./value-types.ts";

export interface SettingsFileOptions {
  /** Absolute. May be a symbolic link: then what it leads to is read and changed. */
  readonly path: string;
  readonly places: Places;
  /** Of the command line. Default: none. */
  readonly overrides?: PartialSettings;
}

export interface SettingsPorts {
  readonly clock: Clock;
  readonly files: Pick<
    FileSystem,
    "realPath" | "stat" | "readFile" | "makeDirectory" | "writeFileAtomic" | "list" | "removeFile"
  >;
}

/** A change that somebody asked for: `KEY` and `VALUE` of a command line; an empty value goes back to the default. */
export interface SettingChange {
  readonly key: string;
  readonly text: string;
}

export interface SettingState {
  readonly entry: SettingEntry;
  readonly value: SettingValue;
  readonly default: SettingValue;
  readonly source: "default" | "file" | "option";
}

/** Codes of errors that speak of the file as "it". */
const fileErrors: ReadonlySet<string> = new Set(["bad-settings-file", "settings-not-written"]);
const lookMs = 2000;
/** A file that has changed is read when it has stayed the same for so long: editors write in several steps. */
const quietMs = 250;

export class SettingsFile {
  readonly path: string;
  readonly #ports: SettingsPorts;
  readonly #places: Places;
  readonly #defaults: Settings;
  readonly #listeners = new Set<() => void>();
  #overrides: PartialSettings;
  #fromFile: Settings;
  #settings: Settings;
  #given: ReadonlySet<string> = new Set();
  #problems: readonly string[] = [];
  #revision = 0;
  /** Of the file when it was last read. */
  #text: string | undefined;
  /** It is there, and what it says is not known. */
  #isUnreadable = false;
  /** The last that could be used: it holds on where the file is gone. */
  #kept: string | undefined;
  /** Of the file when it was last read, and when it was last looked at. */
  #readMark: string | undefined;
  #seenMark: string | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  /** Looks and changes follow one another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: SettingsPorts, options: SettingsFileOptions) {
    this.#ports = ports;
    this.path = options.path;
    this.#places = options.places;
    this.#overrides = options.overrides ?? {};
    this.#defaults = defaultSettings(options.places);
    this.#fromFile = this.#defaults;
    this.#settings = withOverrides(this.#fromFile, this.#overrides);
  }

  /** What holds now. */
  get settings(): Settings {
    return this.#settings;
  }

  /** Grows whenever the settings or the problems may have changed. */
  get revision(): number {
    return this.#revision;
  }

  /** What is wrong with the file now, one sentence each, with its path and the line. May hold text from the file. */
  get problems(): readonly string[] {
    return this.#problems.map((problem) => `${this.path}: ${problem}`);
  }

  /** Every setting in the order of the table. */
  get states(): readonly SettingState[] {
    return settingEntries.map((entry) => ({
      entry,
      value: valueIn(this.#settings, entry),
      default: valueIn(this.#defaults, entry),
      source:
        valueIn(this.#overrides, entry) !== undefined ? "option" : this.#given.has(entry.key) ? "file" : "default",
    }));
  }

  /**
   * Whether the file means something by a setting and nobody knows what: it cannot be read, or names it in a line from which no
   * value comes. What the command line says of it counts in any case.
   */
  leavesOpen(key: string): boolean {
    const entry = entryOf(key);
    if (valueIn(this.#overrides, entry) !== undefined || this.#given.has(key)) return false;
    return this.#isUnreadable || isNamedIn(this.#text ?? "", key);
  }

  /** Reads the file, where there is one. Never fails: see `problems`. */
  load(): Promise<void> {
    return this.#inTurn(async () => {
      const found = await this.#look();
      this.#readMark = markOf(found);
      if (found.kind !== "absent") await this.#read(found);
    });
  }

  /**
   * Makes the file where there is none, with every setting explained and commented out; removes what is left of writes
   * that were killed. For whoever alone may change the file. Never fails: see `problems`.
   */
  prepare(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const found = await this.#look();
        if (found.kind === "absent") await this.#write(this.path, defaultSettingsText(this.#places));
        else if (found.kind === "file") await this.#removeLeftovers(found.realPath);
      } catch (error) {
        this.#problems = [messageOf(error)];
      }
    });
  }

  /** Looks at the file from now on. @param listener is told when the settings or the problems have changed. */
  watch(listener: () => void): void {
    this.#listeners.add(listener);
    this.#timer ??= this.#ports.clock.after(lookMs, () => void this.#lookAgain());
  }

  /**
   * Changes settings, all or none. When this resolves they hold and are on the disk.
   * @throws OperationalError `unknown-setting`, `bad-setting`; of the file `bad-settings-file`, `settings-not-written`.
   */
  async change(changes: readonly SettingChange[]): Promise<void> {
    await this.#inTurn(async () => {
      const wanted = changes.map((change) => ({ entry: entryOf(change.key), value: this.#valueOf(change) }));
      const found = await this.#look();
      // What is in it, or was before it went, must not be lost.
      const otherwise = this.#kept ?? defaultSettingsText(this.#places);
      const before = found.kind === "absent" ? otherwise : await this.#textOf(found);
      const after = wanted.reduce(
        (text, { entry, value }) => editSettings(text, entry, value, this.#places, this.#defaults),
        before,
      );
      this.#refuseConflicts(before, after, new Set(wanted.map(({ entry }) => entry)));
      if (found.kind === "absent" || after !== before) {
        await this.#write(found.kind === "file" ? found.realPath : this.path, after);
      }
      // The latest word is the user's, over the command line that the engine was started with.
      this.#overrides = withoutOverrides(this.#overrides, new Set(wanted.map(({ entry }) => entry)));
      // Read again at the next look: somebody may have written to it at the same time.
      this.#readMark = undefined;
      this.#take(after);
    }).catch((error: unknown) => {
      throw this.#named(error);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#listeners.clear();
  }

  // ── the file ───────────────────────────────────────────────────────────────────────────────────────────────────

  async #lookAgain(): Promise<void> {
    const isQuiet = await this.#inTurn(async () => {
      const found = await this.#look();
      const mark = markOf(found);
      const wasSeen = mark === this.#seenMark;
      this.#seenMark = mark;
      if (mark === this.#readMark) return true;
      if (!wasSeen) return false;
      await this.#read(found);
      return true;
    });
    if (this.#isClosed) return;
    this.#timer = this.#ports.clock.after(isQuiet ? lookMs : quietMs, () => void this.#lookAgain());
  }

  async #look(): Promise<Found> {
    const { files } = this.#ports;
    try {
      const realPath = await files.realPath(this.path);
      const stat = await files.stat(realPath);
      if (stat === undefined) return { kind: "absent" };
      const mark = `${stat.identity} ${stat.length} ${stat.modifiedMs}`;
      if (stat.kind === "file") return { kind: "file", realPath, mark };
      return { kind: "unusable", mark, problem: "it is not a file" };
    } catch (error) {
      if (codeOf(error) !== "ENOENT") {
        return { kind: "unusable", mark: codeOf(error), problem: `it cannot be read: ${messageOf(error)}` };
      }
      // Nothing there; or a link to a place where nothing is, which is not for us to replace.
      const link = await files.stat(this.path).catch(() => undefined);
      if (link === undefined) return { kind: "absent" };
      return { kind: "unusable", mark: "dangling", problem: "it is a link that leads nowhere" };
    }
  }

  async #read(found: Found): Promise<void> {
    this.#readMark = markOf(found);
    try {
      // What is gone may be on its way back. Whoever wants the defaults empties the file.
      if (found.kind === "absent") throw unusable("it is gone; what it said holds until the engine is started again");
      const text = await this.#textOf(found);
      if (text !== this.#text) this.#take(text);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      this.#text = undefined;
      this.#isUnreadable = found.kind !== "absent";
      this.#tell(this.#settings, [error.message]);
    }
  }

  /** @throws OperationalError `bad-settings-file`. */
  async #textOf(found: Exclude<Found, { readonly kind: "absent" }>): Promise<string> {
    if (found.kind === "unusable") throw unusable(found.problem);
    let bytes: Uint8Array;
    try {
      bytes = await this.#ports.files.readFile(found.realPath, settingsLengthMax);
    } catch (error) {
      throw unusable(`it cannot be read: ${messageOf(error)}`, error);
    }
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      throw unusable("it is no text in UTF-8", error);
    }
  }

  /** @throws OperationalError `settings-not-written`. */
  async #write(path: string, text: string): Promise<void> {
    const { files } = this.#ports;
    try {
      await files.makeDirectory(folderOf(path));
      await files.writeFileAtomic(path, new TextEncoder().encode(text));
    } catch (error) {
      throw new OperationalError("settings-not-written", `it cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }

  /** As `writeFileAtomic` calls them. */
  async #removeLeftovers(path: string): Promise<void> {
    const { files } = this.#ports;
    const folder = folderOf(path);
    const begin = `.${path.slice(path.lastIndexOf("/") + 1)}.`;
    for (const name of await files.list(folder).catch(() => [])) {
      const isOurs = name.startsWith(begin) && /^[0-9a-f]+\.tmp$/.test(name.slice(begin.length));
      if (isOurs) await files.removeFile(`${folder}/${name}`).catch(() => undefined);
    }
  }

  #take(text: string): void {
    this.#text = text;
    this.#isUnreadable = false;
    const parsed: ParsedSettings = parseSettings(text, this.#places, this.#defaults, this.#fromFile);
    if (parsed.settings !== undefined) {
      this.#kept = text;
      this.#fromFile = parsed.settings;
      this.#given = parsed.given;
    }
    this.#tell(withOverrides(this.#fromFile, this.#overrides), parsed.problems.map(problemText));
  }

  #tell(settings: Settings, problems: readonly string[]): void {
    this.#settings = settings;
    this.#problems = problems;
    this.#revision++;
    for (const listener of this.#listeners) listener();
  }

  #valueOf({ key, text }: SettingChange): SettingValue | undefined {
    const { type } = entryOf(key).setting;
    if (text === "") return undefined;
    try {
      return type.read(type.fromText(text), this.#places);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      throw new OperationalError(error.code, `${key}: ${error.message}`, { cause: error });
    }
  }

  /** @throws OperationalError `bad-setting` where what is wanted contradicts something, or makes others do so. */
  #refuseConflicts(before: string, after: string, wanted: ReadonlySet<SettingEntry>): void {
    const conflictsOf = (text: string): readonly SettingConflict[] => {
      const { settings } = parseEach(text, this.#places, this.#defaults);
      return settings === undefined ? [] : keyConflicts(settings);
    };
    const known = new Set(conflictsOf(before).map(({ message }) => message));
    const conflict = conflictsOf(after).find(({ entry, message }) => wanted.has(entry) || !known.has(message));
    if (conflict !== undefined) throw new OperationalError("bad-setting", conflict.message);
  }

  /** As `error`, naming the file. */
  #named(error: unknown): unknown {
    if (!(error instanceof OperationalError) || !fileErrors.has(error.code)) return error;
    return new OperationalError(error.code, `${this.path}: ${error.message}`, { cause: error.cause });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly realPath: string; readonly mark: string }
  | { readonly kind: "unusable"; readonly mark: string; readonly problem: string };

function unusable(message: string, cause?: unknown): OperationalError {
  return new OperationalError("bad-settings-file", message, { cause });
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Also in another table, or where the text is no TOML. */
function isNamedIn(text: string, key: string): boolean {
  const name = key.slice(key.lastIndexOf(".") + 1);
  const assignment = new RegExp(String.raw`\b${name}\w*["']?\s*=`, "i");
  return text.split("\n").some((line) => !/^\s*#/.test(line) && assignment.test(line));
}

function markOf(found: Found): string {
  return found.kind === "absent" ? "absent" : found.mark;
}

function entryOf(key: string): SettingEntry {
  const entry = settingEntry(key);
  if (entry !== undefined) return entry;
  throw new OperationalError("unknown-setting", unknownText(key, false));
}
