/** What `get` and `seed` share: load the torrents, run an engine in this process, follow, stop in good order. */
import { type CommandIo, exitCode } from "./command.ts";
import { makeProfile } from "./directories.ts";
import { type EngineOptionValues, engineSettings } from "./engine-settings.ts";
import { type ForegroundPlan, followInForeground } from "./foreground.ts";
import { hostEngine } from "./host-engine.ts";
import { JsonReporter } from "./json-reporter.ts";
import { loadTorrents } from "./load-torrent.ts";
import { LogFile } from "./log-file.ts";
import { type Reporter, reportTo } from "./reporter.ts";
import { TextReporter } from "./text-reporter.ts";

export async function runForeground(
  io: CommandIo,
  values: EngineOptionValues & { readonly json: boolean; readonly peer: readonly string[] },
  sources: readonly string[],
  plan: Pick<ForegroundPlan, "mode" | "directory">,
): Promise<number> {
  const stop = new AbortController();
  const stopListening = io.onStopSignal(() => stop.abort());
  const settings = engineSettings(io, values);
  await makeProfile(settings.profile);
  const engine = hostEngine(settings, {
    command: `p2p-tui ${plan.mode === "seed" ? "seed" : "get"}`,
    torrents: "named",
  });
  try {
    const interrupted = new Promise<undefined>((resolve) =>
      stop.signal.addEventListener("abort", () => resolve(undefined), { once: true }),
    );
    const torrents = await Promise.race([loadTorrents(engine.ports, io.workingDirectory, sources), interrupted]);
    if (torrents === undefined) return exitCode.interrupted;
    const reporter = makeReporter(io, values);
    try {
      await engine.start();
      const client = await engine.connect();
      const whole = { ...plan, torrents, peers: values.peer };
      const code = await followInForeground(engine.ports.clock, client, reporter, whole, stop.signal);
      await engine.stop();
      return code;
    } finally {
      reporter.ended(stop.signal.aborted);
    }
  } finally {
    await engine.stop();
    stopListening();
  }
}

function makeReporter(io: CommandIo, values: { readonly json: boolean; readonly log: string | undefined }): Reporter {
  const reporters: Reporter[] = [values.json ? new JsonReporter(io.out) : new TextReporter(io)];
  if (values.log !== undefined) reporters.push(new LogFile(io.workingDirectory, values.log));
  return reportTo(reporters);
}
