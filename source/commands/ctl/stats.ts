/** `ctl stats`: the engine in sums. */
import { sanitise } from "../../base/sanitise.ts";
import { formatDuration, formatRate, formatSize } from "../../base/units.ts";
import type { ShortDisk } from "../../control/protocol.ts";
import { formatRatio } from "../../tui/format/numbers.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlStatsSpec } from "../ctl-specs.ts";
import { type EngineReport, engineReport, listeningText, statesText } from "../engine-report.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { jsonLines } from "./table.ts";

export const runCtlStats: RunCommand<typeof ctlStatsSpec.options> = (io, values) =>
  withRunningEngine(io, values.profile, async (client) => {
    const report = engineReport(await wholeList(client));
    io.out(values.json ? jsonLines([report]) : statsText(report));
    return exitCode.done;
  });

function lifetimeText({ lifetime }: EngineReport): string {
  const { downloaded, uploaded, seconds, sessions } = lifetime;
  const ran = `in ${formatDuration(seconds)}, started ${sessions === 1 ? "once" : `${sessions} times`}`;
  return `${formatSize(downloaded)} down, ${formatSize(uploaded)} up, ${ran}`;
}

/** Which limits hold, and until when. */
export function switchText({ isOn, nextSwitchWallMs }: EngineReport["alternative"]): string {
  const which = isOn ? "the alternative limits hold" : "the usual limits hold";
  if (nextSwitchWallMs === null) return which;
  const time = { weekday: "short", hour: "2-digit", minute: "2-digit" } as const;
  return `${which} until ${new Date(nextSwitchWallMs).toLocaleString("en-GB", time)}`;
}

function diskText({ folder, freeBytes, missingBytes, fullSeconds }: ShortDisk): string {
  const full = fullSeconds === null ? "" : `, full in ${formatDuration(fullSeconds)}`;
  return `${formatSize(missingBytes)} missing for what goes to ${sanitise(folder, 1000)} (${formatSize(freeBytes)} free${full})`;
}

function statsText(report: EngineReport): string {
  const limit = (rate: number): string => (rate === 0 ? "no limit" : `at most ${formatRate(rate)}`);
  const rows: readonly (readonly [label: string, text: string])[] = [
    ["Torrents", statesText(report.torrents)],
    [
      "Download",
      `${formatRate(report.downRate)} (${limit(report.maxDownRate)}), ${formatSize(report.downloaded)} so far`,
    ],
    ["Upload", `${formatRate(report.upRate)} (${limit(report.maxUpRate)}), ${formatSize(report.uploaded)} so far`],
    ["Ratio", formatRatio(report.uploaded, report.downloaded)],
    ["Wasted", formatSize(report.wasted)],
    ["Lifetime", lifetimeText(report)],
    ...(report.alternative.isOn ? [["Limits", switchText(report.alternative)] as const] : []),
    ...(report.shortDisk === null ? [] : [["Disk", diskText(report.shortDisk)] as const]),
    ["Neighbours", `${report.neighbours}${report.hasIncoming ? "" : ", none has reached us from outside yet"}`],
    ...(report.refused === 0 ? [] : [["Refused", `${report.refused}, banned or in an IP filter`] as const]),
    ["Engine", `process ${report.pid} for ${formatDuration(report.upSeconds)}, ${listeningText(report)}`],
  ];
  return rows.map(([label, text]) => `${label.padEnd(12)}${text}\n`).join("");
}
