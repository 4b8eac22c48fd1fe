/** `ctl kick`: lets go of neighbours of a torrent, for a while. */
import { sanitise } from "../../base/sanitise.ts";
import type { RunCommand } from "../command.ts";
import type { ctlKickSpec } from "../ctl-ban-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { naming } from "./each-torrent.ts";
import { Outcomes } from "./outcomes.ts";
import { oneTorrent } from "./select-torrents.ts";

export const runCtlKick: RunCommand<typeof ctlKickSpec.options> = (io, values, [name = "", ...endpoints]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const row = oneTorrent((await wholeList(client)).rows, name);
    const { infoHash } = row;
    const outcomes = new Outcomes(io, values.json);
    for (const endpoint of endpoints) {
      await outcomes.attempt(endpoint, async () => {
        await naming(row, client.request({ name: "kick", infoHash, endpoint }));
        outcomes.done("kicked", row, { endpoint }, `let go of ${sanitise(endpoint)}, a neighbour of`);
      });
    }
    return outcomes.exitCode;
  });
