/** `ctl set`: changes the settings, for good; or what holds for some torrents alone. */
import { OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import { formatRate } from "../../base/units.ts";
import { isSettingsReport } from "../../control/protocol.ts";
import type { SettingChange, SettingRow } from "../../control/settings-protocol.ts";
import { type CommandIo, exitCode, type RunCommand } from "../command.ts";
import type { ctlSetSpec } from "../ctl-limit-specs.ts";
import { UsageError } from "../option-table.ts";
import { withRunningEngine } from "../running-engine.ts";
import { changesOf, hasTorrentOptions, setTorrents } from "./set-torrents.ts";

/** A torrent whose name looks like this can be named by its info hash. */
const settingPattern = /^[a-z]+(?:-[a-z]+)*(?:\.[a-z-]+)*=/i;

export const runCtlSet: RunCommand<typeof ctlSetSpec.options> = async (io, values, words) => {
  const { "max-down": down, "max-up": up } = values;
  const settings = words.filter((word) => settingPattern.test(word));
  if (settings.length < words.length) {
    if (settings.length > 0) throw new UsageError("ctl set takes settings (KEY=VALUE) or torrents, not both at once");
    if (Object.keys(changesOf(values)).length > 0) return setTorrents(io, values, words);
    throw new UsageError(
      `${JSON.stringify(words[0])} is not KEY=VALUE, and no option says what to change of a torrent`,
    );
  }
  if (hasTorrentOptions(values)) throw new UsageError("ctl set needs torrents for these options, or `all`");
  const named = words.map(changeOf);
  const limits: readonly SettingChange[] = [
    ...(down === undefined ? [] : [{ key: "limits.down", text: String(down) }]),
    ...(up === undefined ? [] : [{ key: "limits.up", text: String(up) }]),
  ];
  const changes = [...named, ...limits];
  if (changes.length === 0) throw new UsageError("ctl set needs KEY=VALUE, --max-down or --max-up");
  return withRunningEngine(io, values.profile, async (client) => {
    const report = await client.request({ name: "set", changes });
    if (!isSettingsReport(report)) throw new OperationalError("engine-version", "the engine's answer is not known");
    const rows = new Map(report.settings.map((row) => [row.key, row]));
    for (const { key } of named) {
      const row = rows.get(key);
      if (row !== undefined) tellSetting(io, row, values.json);
    }
    if (limits.length > 0) tellLimits(io, rows, values.json);
    return exitCode.done;
  });
};

function tellSetting(io: CommandIo, row: SettingRow, isJson: boolean): void {
  const { key, value, needsRestart } = row;
  if (isJson) {
    io.out(`${JSON.stringify({ event: "set", key, value, needsRestart })}\n`);
    return;
  }
  io.out(`${key} = ${sanitise(shownValue(row), 1000)}\n`);
  if (needsRestart) io.err(`p2p-tui: ${key} holds from the next start of the engine on\n`);
}

function tellLimits(io: CommandIo, rows: ReadonlyMap<string, SettingRow>, isJson: boolean): void {
  const [maxDownRate, maxUpRate] = ["limits.down", "limits.up"].map((key) => Number(rows.get(key)?.value ?? 0));
  const text = (limit = 0): string => (limit === 0 ? "no limit" : `at most ${formatRate(limit)}`);
  io.out(
    isJson
      ? `${JSON.stringify({ event: "limits", maxDownRate, maxUpRate })}\n`
      : `download ${text(maxDownRate)}, upload ${text(maxUpRate)}\n`,
  );
}

export function shownValue({ valueText }: Pick<SettingRow, "valueText">): string {
  return valueText === "" ? "not set" : valueText;
}

function changeOf(word: string): SettingChange {
  const [, key, text] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
  if (key === undefined || text === undefined) throw new UsageError(`${JSON.stringify(word)} is not KEY=VALUE`);
  return { key, text };
}
