/** `ctl why`: why a torrent does what it does, in words. */
import { sanitise } from "../../base/sanitise.ts";
import type { Verdict } from "../../control/verdict.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlWhySpec } from "../ctl-choice-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { oneTorrent, shortHash } from "./select-torrents.ts";
import { jsonLines } from "./table.ts";
import { onceDetail } from "./torrent-detail.ts";

export const runCtlWhy: RunCommand<typeof ctlWhySpec.options> = (io, values, [name = ""]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const row = oneTorrent((await wholeList(client)).rows, name);
    const { why } = await onceDetail(client, row.infoHash);
    if (values.json) io.out(jsonLines(why));
    else io.out(`${shortHash(row)} ${sanitise(row.name)}: ${row.state}\n${why.map(verdictText).join("")}`);
    return exitCode.done;
  });

function verdictText({ weight, sentence, evidence, help }: Verdict): string {
  const lines = [`  ${weight.padEnd(7)}${sanitise(sentence, 1000)}`];
  for (const text of evidence) lines.push(`         ${sanitise(text, 1000)}`);
  if (help !== "") lines.push(`         → ${sanitise(help, 1000)}`);
  return lines.map((line) => `${line}\n`).join("");
}
