/** `ctl set`: the limits of all torrents together. */
import { formatRate } from "../../base/units.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlSetSpec } from "../ctl-specs.ts";
import { UsageError } from "../option-table.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";

export const runCtlSet: RunCommand<typeof ctlSetSpec.options> = async (io, values) => {
  const { "max-down": down, "max-up": up } = values;
  if (down === undefined && up === undefined) throw new UsageError("ctl set needs --max-down or --max-up");
  return withRunningEngine(io, values.profile, async (client) => {
    const { session } = await wholeList(client);
    const maxDownRate = down ?? session.maxDownRate;
    const maxUpRate = up ?? session.maxUpRate;
    await client.request({ name: "limits", maxDownRate, maxUpRate });
    const text = (limit: number): string => (limit === 0 ? "no limit" : `at most ${formatRate(limit)}`);
    io.out(
      values.json
        ? `${JSON.stringify({ event: "limits", maxDownRate, maxUpRate })}\n`
        : `download ${text(maxDownRate)}, upload ${text(maxUpRate)}\n`,
    );
    return exitCode.done;
  });
};
