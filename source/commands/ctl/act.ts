/** `ctl pause`, `resume`, `recheck`, `reannounce`: one request for each torrent. */
import { OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import type { RunCommand } from "../command.ts";
import type { ctlPauseSpec } from "../ctl-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { Outcomes } from "./outcomes.ts";
import { selectTorrents } from "./select-torrents.ts";

/** What a script is told that was done. */
const events = {
  pause: "paused",
  resume: "resumed",
  recheck: "rechecking",
  reannounce: "reannounced",
} as const;

export const runCtlPause = act("pause", true);
export const runCtlResume = act("resume", true);
export const runCtlRecheck = act("recheck", false);
export const runCtlReannounce = act("reannounce", true);

function act(name: keyof typeof events, takesAll: boolean): RunCommand<typeof ctlPauseSpec.options> {
  return (io, values, names) =>
    withRunningEngine(io, values.profile, async (client) => {
      const { rows, failures } = selectTorrents((await wholeList(client)).rows, names, { takesAll, takesParts: true });
      const outcomes = new Outcomes(io, values.json);
      for (const { argument, error } of failures) outcomes.failed(argument, error);
      for (const row of rows) {
        await outcomes.attempt(row.infoHash, async () => {
          await client.request({ name, infoHash: row.infoHash }).catch((error: unknown) => {
            if (!(error instanceof OperationalError)) throw error;
            throw new OperationalError(error.code, `${sanitise(row.name)}: ${error.message}`, { cause: error });
          });
          outcomes.done(events[name], row);
        });
      }
      return outcomes.exitCode;
    });
}
