/** `ctl settings`: what holds, and where it comes from. */
import { OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import { isSettingsReport } from "../../control/protocol.ts";
import type { SettingRow } from "../../control/settings-protocol.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlSettingsSpec } from "../ctl-specs.ts";
import { withRunningEngine } from "../running-engine.ts";
import { shownValue } from "./set.ts";
import { type Column, jsonLines, tableText } from "./table.ts";

const sources: Readonly<Record<SettingRow["source"], string>> = {
  default: "default",
  file: "file",
  option: "command line",
};

const columns: readonly Column<SettingRow>[] = [
  { title: "SETTING", text: ({ key }) => sanitise(key) },
  { title: "FROM", text: ({ source }) => sources[source] },
  { title: "DEFAULT", text: ({ defaultText }) => sanitise(shownValue({ valueText: defaultText }), 40) },
  { title: "VALUE", text: (row) => sanitise(shownValue(row), 1000) },
];

export const runCtlSettings: RunCommand<typeof ctlSettingsSpec.options> = (io, values, keys) =>
  withRunningEngine(io, values.profile, async (client) => {
    const report = await client.request({ name: "settings" });
    if (!isSettingsReport(report)) throw new OperationalError("engine-version", "the engine's answer is not known");
    const isMeant = (row: SettingRow, key: string): boolean => row.key === key || row.key.startsWith(`${key}.`);
    const unknown = keys.find((key) => !report.settings.some((row) => isMeant(row, key)));
    if (unknown !== undefined) {
      throw new OperationalError("unknown-setting", `there is no setting ${JSON.stringify(sanitise(unknown))}`);
    }
    const rows = report.settings.filter((row) => keys.length === 0 || keys.some((key) => isMeant(row, key)));
    if (values.json) {
      io.out(jsonLines(rows.map((row) => settingJson(row, report.path))));
    } else {
      io.out(tableText(io, columns, rows));
      if (keys.length === 0) io.err(`they are kept in ${sanitise(report.path, 1000)}\n`);
    }
    for (const problem of report.problems) io.err(`p2p-tui: ${sanitise(problem, 1000)}\n`);
    return exitCode.done;
  });

function settingJson(row: SettingRow, file: string): object {
  const { key, value, default: usual, source, expected, help, needsRestart } = row;
  return { key, value, default: usual, source, expected, help, needsRestart, file };
}
