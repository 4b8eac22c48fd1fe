/** `engine start`: an engine in the background that stays until it is stopped. */
import { resolve } from "node:path";
import { sanitise } from "../base/sanitise.ts";
import { NodeClock } from "../platform/node-clock.ts";
import { attachEngine } from "./attach.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { assertAsAsked } from "./engine-options.ts";
import { engineReport, listeningText } from "./engine-report.ts";
import { engineSettings } from "./engine-settings.ts";
import type { engineStartSpec } from "./engine-specs.ts";
import { askToStay, namingProcess, namingStop, versionNote, wholeList } from "./running-engine.ts";

export const runEngineStart: RunCommand<typeof engineStartSpec.options> = async (io, values) => {
  const settings = engineSettings(io, values);
  const logPath = values.log === undefined ? undefined : resolve(io.workingDirectory, values.log);
  const more = { lingerSeconds: undefined, logPath };
  const { client, process: started } = await attachEngine({ clock: new NodeClock() }, settings, more).catch(
    async (error: unknown) => {
      throw namingStop(await namingProcess(error, settings.profile), io, settings.profile);
    },
  );
  try {
    if (started === undefined) {
      const note = versionNote(io, client);
      if (note !== undefined) io.err(`p2p-tui: ${note}\n`);
      // A UI may have started it, to end soon after the UI.
      await assertAsAsked(io, client, settings);
      await askToStay(client);
    }
    const report = engineReport(await wholeList(client));
    if (values.json) {
      io.out(`${JSON.stringify(report)}\n`);
    } else {
      io.out(
        `the engine ${started === undefined ? "runs already" : "runs"}: process ${report.pid}, ` +
          `profile ${sanitise(report.profile, 1000)}, ${listeningText(report)}\n`,
      );
    }
    return exitCode.done;
  } finally {
    client.close();
  }
};
