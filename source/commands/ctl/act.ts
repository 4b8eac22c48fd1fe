/** `ctl pause`, `resume`, `recheck`, `reannounce`: one request for each torrent. */
import type { RunCommand } from "../command.ts";
import type { ctlPauseSpec } from "../ctl-specs.ts";
import { onEachTorrent } from "./each-torrent.ts";

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
  return (io, { json, profile }, names) =>
    onEachTorrent(io, { json, profile, takesAll, takesParts: true }, names, async (client, row, outcomes) => {
      await client.request({ name, infoHash: row.infoHash });
      outcomes.done(events[name], row);
    });
}
