/** What `get` and `seed` share: load the torrents, run an engine in this process, follow, stop in good order. */
import { sanitise } from "../base/sanitise.ts";
import { looksLikeMagnet, parseMagnet } from "../metainfo/magnet.ts";
import { type CommandIo, exitCode } from "./command.ts";
import { makeProfile } from "./directories.ts";
import { type EngineOptionValues, engineSettings } from "./engine-settings.ts";
import { type ForegroundPlan, followInForeground } from "./foreground.ts";
import { hostEngine } from "./host-engine.ts";
import { JsonReporter } from "./json-reporter.ts";
import { loadTorrents } from "./load-torrent.ts";
import { LogFile } from "./log-file.ts";
import { lookUp } from "./look-up.ts";
import { type Reporter, reportTo } from "./reporter.ts";
import { openSettings } from "./settings-place.ts";
import { TextReporter } from "./text-reporter.ts";

/** @param plan without a directory: the usual one. */
export async function runForeground(
  io: CommandIo,
  values: EngineOptionValues & { readonly json: boolean; readonly peer: readonly string[] },
  sources: readonly string[],
  plan: Pick<ForegroundPlan, "mode" | "isSuperSeed"> & { readonly directory: string | undefined },
): Promise<number> {
  const stop = new AbortController();
  const stopListening = io.onStopSignal(() => stop.abort());
  const settings = engineSettings(io, values);
  await makeProfile(settings.profile);
  const file = await openSettings(io, settings);
  for (const problem of file.problems) io.err(`p2p-tui: ${sanitise(problem, 1000)}\n`);
  const directory = plan.directory ?? file.settings.downloads.directory;
  const engine = hostEngine(settings.profile, {
    command: `p2p-tui ${plan.mode === "seed" ? "seed" : "get"}`,
    torrents: "named",
    settings: file,
  });
  try {
    const interrupted = new Promise<undefined>((resolve) =>
      stop.signal.addEventListener("abort", () => resolve(undefined), { once: true }),
    );
    const links = sources.filter(looksLikeMagnet);
    const files = sources.filter((source) => !looksLikeMagnet(source));
    const loaded = await Promise.race([loadTorrents(engine.ports, io.workingDirectory, files), interrupted]);
    if (loaded === undefined) return exitCode.interrupted;
    const reporter = makeReporter(io, values);
    try {
      await engine.start();
      const client = await engine.connect();
      const options = { peers: values.peer, stop: stop.signal, waiting: (text: string) => reporter.warning(text) };
      const lookingUp = Promise.all(links.map((link) => lookUp(engine.ports, client, link, options)));
      const found = await Promise.race([lookingUp, interrupted]);
      if (found === undefined) return exitCode.interrupted;
      const torrents = [...loaded, ...found];
      const whole = { ...plan, directory, torrents, peers: [...values.peer, ...links.flatMap(peersOf)] };
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

/** Whom the link says to dial. */
function peersOf(link: string): readonly string[] {
  return parseMagnet(link).peers;
}

function makeReporter(io: CommandIo, values: { readonly json: boolean; readonly log: string | undefined }): Reporter {
  const reporters: Reporter[] = [values.json ? new JsonReporter(io.out) : new TextReporter(io)];
  if (values.log !== undefined) reporters.push(new LogFile(io.workingDirectory, values.log));
  return reportTo(reporters);
}
