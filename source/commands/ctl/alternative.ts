/** `ctl alternative`: switches the alternative rate limits. */
import { formatRate } from "../../base/units.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlAlternativeSpec } from "../ctl-limit-specs.ts";
import { UsageError } from "../option-table.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { switchText } from "./stats.ts";

export const runCtlAlternative: RunCommand<typeof ctlAlternativeSpec.options> = async (io, values, [mode]) => {
  if (mode !== "on" && mode !== "off" && mode !== "auto") throw new UsageError("ctl alternative needs on, off or auto");
  return withRunningEngine(io, values.profile, async (client) => {
    await client.request({ name: "alternative", mode });
    const { alternative, maxDownRate, maxUpRate } = (await wholeList(client)).session;
    const limit = (rate: number): string => (rate === 0 ? "no limit" : `at most ${formatRate(rate)}`);
    io.out(
      values.json
        ? `${JSON.stringify({ event: "alternative", ...alternative, maxDownRate, maxUpRate })}\n`
        : `${switchText(alternative)}: download ${limit(maxDownRate)}, upload ${limit(maxUpRate)}\n`,
    );
    return exitCode.done;
  });
};
