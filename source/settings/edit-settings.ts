/**
 * Changes one setting in the text of the settings file, and leaves every other line as it is: the user's comments, order
 * and spaces. A value is replaced where it stands; one that stands nowhere goes where its commented line is, else to the
 * end of its table.
 */
import { OperationalError } from "../base/errors.ts";
import { templateValue } from "./default-file.ts";
import { isToml, parseEach, problemText } from "./parse-settings.ts";
import { isSameValue, type SettingEntry, type Settings, settingEntries, valueIn } from "./settings.ts";
import { outlineToml, type TomlAssignment, type TomlOutline, type TomlTable } from "./toml-outline.ts";
import type { Places, SettingValue } from "./value-types.ts";

/**
 * @param text of the file. @param value in its range; `undefined` or `null` for the default: its line is commented out.
 * @returns the new text.
 * @throws OperationalError `bad-settings-file` where the text (`it`) is no TOML, or of a form that cannot be edited.
 */
export function editSettings(
  text: string,
  entry: SettingEntry,
  value: SettingValue | undefined,
  places: Places,
  defaults: Settings,
): string {
  const before = parseEach(text, places, defaults);
  if (before.settings === undefined) {
    const problem = before.problems.map(problemText).join("; ");
    throw new OperationalError("bad-settings-file", `it has to be mended first: ${problem}`);
  }
  const wanted = value ?? undefined;
  const edited = edit(text, entry, wanted, places);
  const after = parseEach(edited, places, defaults);
  const isRight =
    after.settings !== undefined &&
    after.given.has(entry.key) === (wanted !== undefined) &&
    holds(after.settings, before.settings, entry, wanted ?? valueIn(defaults, entry));
  if (isRight) return edited;
  throw new OperationalError(
    "bad-settings-file",
    `it is written in a way in which ${entry.key} cannot be changed: change it there`,
  );
}

/** Whether `after` has this value, and all others as before. */
function holds(after: Settings, before: Settings, changed: SettingEntry, value: SettingValue): boolean {
  return settingEntries.every((entry) =>
    isSameValue(valueIn(after, entry), entry === changed ? value : valueIn(before, entry)),
  );
}

function edit(text: string, entry: SettingEntry, value: SettingValue | undefined, places: Places): string {
  const outline = outlineToml(text);
  const path = entry.key.split(".");
  const there = outline.assignments.find((assignment) => isPath(assignment.path, path));
  if (value === undefined) return there === undefined ? text : commentedOut(text, there, entry, places);
  const written = entry.setting.type.write(value);
  if (there !== undefined) return splice(text, there.valueStart, there.valueEnd, written);
  const group = path.slice(0, -1);
  const table = outline.tables.find((each) => isPath(each.path, group));
  if (table !== undefined) return inTable(text, outline, table, `${entry.name} = ${written}`, entry.name);
  // `[limits]` with `alternative.down = 1`: a table that is there only by the names of its values.
  const sibling = outline.assignments.findLast(
    (each) => each.path.length === path.length && isPath(each.path.slice(0, group.length), group),
  );
  if (sibling !== undefined) {
    const key = path.slice(sibling.table?.path.length ?? 0).join(".");
    return lineInserted(text, lineEnd(text, sibling.valueEnd), `${key} = ${written}`);
  }
  const newline = newlineOf(text);
  const gap = text === "" || text.endsWith("\n\n") || text.endsWith("\n\r\n") ? "" : newline;
  return lineInserted(text, text.length, `${gap}[${entry.group}]${newline}${entry.name} = ${written}`);
}

function inTable(text: string, outline: TomlOutline, table: TomlTable, line: string, name: string): string {
  const commented = commentedLine(text, outline, table, name);
  if (commented !== undefined) return splice(text, commented.start, commented.end, `${line}${commented.note}`);
  const last = outline.assignments.findLast((assignment) => assignment.table === table);
  return lineInserted(text, last === undefined ? table.bodyStart : lineEnd(text, last.valueEnd), line);
}

/** The first line of the table such as `# name = value  # note`, without its end. */
function commentedLine(
  text: string,
  outline: TomlOutline,
  table: TomlTable,
  name: string,
): { readonly start: number; readonly end: number; readonly note: string } | undefined {
  const next = outline.tables[outline.tables.indexOf(table) + 1];
  const end = next?.headerStart ?? text.length;
  const inValue = (at: number) => outline.assignments.some((each) => each.keyStart < at && at < each.valueEnd);
  for (let start = table.bodyStart; start < end; start = lineEnd(text, start)) {
    const line = text.slice(start, lineEnd(text, start)).trimEnd();
    const bare = line.trimStart().replace(/^#+[ \t]*/, "");
    const isComment = bare.length < line.trimStart().length;
    // Some comment that begins like it is none.
    if (!isComment || !bare.startsWith(name) || !/^[ \t]*=/.test(bare.slice(name.length)) || !isToml(bare)) continue;
    if (inValue(start)) continue;
    const [assignment] = outlineToml(bare).assignments;
    return { start, end: start + line.length, note: bare.slice(assignment?.valueEnd ?? bare.length) };
  }
  return undefined;
}

function commentedOut(text: string, assignment: TomlAssignment, entry: SettingEntry, places: Places): string {
  const { keyStart, keyEnd, valueEnd } = assignment;
  const line = `# ${text.slice(keyStart, keyEnd)} = ${templateValue(entry, places)}`;
  return splice(text, keyStart, valueEnd, line);
}

/** @param at the beginning of a line, or the end of the text. */
function lineInserted(text: string, at: number, line: string): string {
  const newline = newlineOf(text);
  const isAfterLine = at === 0 || text[at - 1] === "\n";
  return splice(text, at, at, `${isAfterLine ? "" : newline}${line}${newline}`);
}

/** Where the next line begins. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

function newlineOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function splice(text: string, start: number, end: number, part: string): string {
  return text.slice(0, start) + part + text.slice(end);
}

function isPath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
