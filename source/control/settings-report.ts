/** The settings as people and scripts see them. */
import type { SettingsFile } from "../settings/settings-file.ts";
import type { SettingsReport } from "./settings-protocol.ts";

export function settingsReport(file: Pick<SettingsFile, "path" | "revision" | "states" | "problems">): SettingsReport {
  return {
    path: file.path,
    revision: file.revision,
    problems: file.problems,
    settings: file.states.map(({ entry, value, default: usual, source }) => {
      const { type, help, needsRestart } = entry.setting;
      return {
        key: entry.key,
        help,
        expected: type.expected,
        words: type.words ?? [],
        value,
        default: usual,
        valueText: value === null ? "" : type.write(value),
        defaultText: usual === null ? "" : type.write(usual),
        source,
        needsRestart,
      };
    }),
  };
}
