/** `ctl ban`, `unban` and `bans`: who is kept away by hand. */
import { OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import { type BansReport, isBansReport } from "../../control/bans-protocol.ts";
import type { EngineClient } from "../../control/engine-client.ts";
import type { Command } from "../../control/protocol.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlBanSpec } from "../ctl-ban-specs.ts";
import { withRunningEngine } from "../running-engine.ts";
import { jsonLines } from "./table.ts";

type RunBan = RunCommand<typeof ctlBanSpec.options>;

export const runCtlBan: RunBan = change("ban", "banned");
export const runCtlUnban: RunBan = change("unban", "unbanned");

export const runCtlBans: RunBan = (io, values) =>
  withRunningEngine(io, values.profile, async (client) => {
    const { bans, filterRanges, refused } = await report(client, { name: "bans" });
    io.out(values.json ? jsonLines(bans.map((address) => ({ address }))) : bans.map((ban) => `${ban}\n`).join(""));
    const filters = filterRanges === 0 ? "" : `; IP filters have ${filterRanges} more ranges`;
    const often = refused === 0 ? "nobody was refused yet" : `${refused} refused so far`;
    if (!values.json) io.err(`${bans.length} banned by hand${filters}; ${often}\n`);
    return exitCode.done;
  });

function change(name: "ban" | "unban", event: string): RunBan {
  return (io, values, texts) =>
    withRunningEngine(io, values.profile, async (client) => {
      const addresses = texts.map(addressOf);
      await report(client, { name, addresses });
      for (const address of addresses) {
        io.out(values.json ? jsonLines([{ event, address }]) : `${event} ${sanitise(address)}\n`);
      }
      return exitCode.done;
    });
}

async function report(client: EngineClient, command: Command): Promise<BansReport> {
  const result = await client.request(command);
  if (isBansReport(result)) return result;
  throw new OperationalError("engine-version", "the engine's answer is not known");
}

/** Of an endpoint, which has a port, the address; anything else is for the engine to judge. */
function addressOf(text: string): string {
  const match = /^(?:\[([^\]]+)\]|([\d.]+)):\d{1,5}$/.exec(text);
  return match?.[1] ?? match?.[2] ?? text;
}
