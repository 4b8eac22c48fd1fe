/** `ctl why`: why a torrent does what it does, in words. */

import { sanitise } from "../../base/sanitise.ts";
import { formatDuration } from "../../base/units.ts";
import type { Bound } from "../../control/bound.ts";
import type { Forecast } from "../../control/forecast.ts";
import { downTimeWords, type TimeOfAll, upTimeWords } from "../../control/insight.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { shortHash, shownName } from "../../control/torrent-row.ts";
import type { Verdict } from "../../control/verdict.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlWhySpec } from "../ctl-choice-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { oneTorrent } from "./select-torrents.ts";
import { jsonLines } from "./table.ts";
import { onceDetail } from "./torrent-detail.ts";

export const runCtlWhy: RunCommand<typeof ctlWhySpec.options> = (io, values, [name = ""]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const row = oneTorrent((await wholeList(client)).rows, name);
    const { why, bound, forecast, time } = await onceDetail(client, row.infoHash);
    if (values.json) io.out(jsonLines([...why, { bound, forecast, time }]));
    else {
      const head = `${shortHash(row)} ${shownName(row)}: ${row.state}\n`;
      io.out(
        `${head}${why.map(verdictText).join("")}${timeText(row, time)}${forecastText(forecast)}${boundText(bound)}`,
      );
    }
    return exitCode.done;
  });

function verdictText({ weight, sentence, evidence, help }: Verdict): string {
  const lines = [`  ${weight.padEnd(7)}${sanitise(sentence, 1000)}`];
  for (const text of evidence) lines.push(`         ${sanitise(text, 1000)}`);
  if (help !== "") lines.push(`         → ${sanitise(help, 1000)}`);
  return lines.map((line) => `${line}\n`).join("");
}

/** Where the last minute of the neighbours went, the most first. */
function timeText({ leftLength }: TorrentRow, time: TimeOfAll | null): string {
  const isDown = leftLength > 0;
  if (time === null || (isDown ? time.downSeconds : time.upSeconds) < 1) return "";
  const words: Readonly<Record<string, string>> = isDown ? downTimeWords : upTimeWords;
  const parts = Object.entries<number>(isDown ? time.down : time.up)
    .filter(([, part]) => part >= 0.005)
    .sort((a, b) => b[1] - a[1])
    .map(([state, part]) => `${Math.round(part * 100)}% ${words[state] ?? state}`);
  const whose = isDown ? "useful neighbours" : "those who want something";
  return `  time   the last minute of ${whose}:\n${parts.map((part) => `         ${part}\n`).join("")}`;
}

function forecastText(forecast: Forecast | null): string {
  if (forecast === null) return "";
  const { p50Seconds, p90Seconds } = forecast;
  const surely =
    p90Seconds === null ? "its rate scatters too much for more" : `nine of ten times in ${formatDuration(p90Seconds)}`;
  return `  forecast complete in ${formatDuration(p50Seconds)}, ${surely}\n`;
}

const binding = {
  seed: "what the seeds can upload",
  slowest: "what the slowest can download",
  all: "what all can upload together",
} as const;

function boundText(bound: Bound | null): string {
  if (bound === null || bound.p2pSeconds === null || bound.p2pBinds === null) return "";
  const { p2pSeconds, serverSeconds, p2pBinds, efficiency, inputs } = bound;
  const figures = [inputs.leeches, inputs.seedRate, inputs.leechRate, inputs.slowestDown];
  const trust = figures.some(({ isMeasured }) => !isMeasured) ? "about " : "";
  const server = serverSeconds === null ? "" : `, from seeds alone ${formatDuration(serverSeconds)}`;
  const reached = efficiency === null ? "" : `; it reaches ${Math.round(efficiency * 100)}% of that`;
  return `  bound   ${trust}${formatDuration(p2pSeconds)} for the whole at best${server}: by ${binding[p2pBinds]}${reached}\n`;
}
