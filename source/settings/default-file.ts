/** The file that is made where there is none: every setting with its explanation, all commented out. */
import { type SettingEntry, settingEntries } from "./settings.ts";
import { groupHelp } from "./settings-table.ts";
import type { Places } from "./value-types.ts";

const head = `# Settings of p2p-tui. The running engine looks at this file every two seconds. What it cannot use it tells with
# its line, and keeps the old value. A line with "# " before a name shows its default, or an example where that tells
# nothing. \`p2p-tui ctl settings\` lists what holds, \`p2p-tui ctl set KEY=VALUE\` changes this file.
`;

export function defaultSettingsText(places: Places): string {
  const groups = Map.groupBy(settingEntries, (entry) => entry.group);
  const parts = [...groups].map(([group, entries]) => {
    const settings = group === keysGroup ? keyLines(entries, places) : entries.map((entry) => explained(entry, places));
    return `${comment(groupHelp[group] ?? "")}\n[${group}]\n\n${settings.join("\n")}`;
  });
  return [head, ...parts].join("\n");
}

function explained(entry: SettingEntry, places: Places): string {
  return `${comment(entry.setting.help)}\n${templateLine(entry, places)}\n`;
}

/** There are many, with a few words each: a line is enough. */
const keysGroup = "ui.keys";
/** Of a line, so that nobody has to scroll. */
const widthMax = 118;

function keyLines(entries: readonly SettingEntry[], places: Places): readonly string[] {
  const lines = entries.map((entry) => templateLine(entry, places));
  const width = Math.max(...lines.map((line) => line.length));
  const room = widthMax - width - "  # ".length;
  return lines
    .flatMap((line, i) => {
      const help = wrapped(entries[i]?.setting.help ?? "", room);
      return help.map((part, k) => `${(k === 0 ? line : "#").padEnd(width)}  # ${part}`);
    })
    .concat("");
}

/** Words in lines of at most `width`; a longer word has one of its own. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** A setting as it stands in the file while it is not set. */
export function templateLine(entry: SettingEntry, places: Places): string {
  return `# ${entry.name} = ${templateValue(entry, places)}`;
}

/** Its example, or else its default, in TOML. */
export function templateValue({ setting }: SettingEntry, places: Places): string {
  return setting.example ?? setting.type.write(setting.defaultIn(places));
}

function comment(text: string): string {
  return text.replace(/^/gm, "# ");
}
