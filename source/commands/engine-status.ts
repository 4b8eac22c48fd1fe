/** `engine status`: whether an engine runs, and what it does. */
import { exitCode, type RunCommand } from "./command.ts";
import { engineParagraph, engineReport } from "./engine-report.ts";
import type { engineStatusSpec } from "./engine-specs.ts";
import { wholeList, withRunningEngine } from "./running-engine.ts";

export const runEngineStatus: RunCommand<typeof engineStatusSpec.options> = (io, values) =>
  withRunningEngine(io, values.profile, async (client) => {
    const report = engineReport(await wholeList(client));
    io.out(values.json ? `${JSON.stringify(report)}\n` : engineParagraph(report));
    return exitCode.done;
  });
