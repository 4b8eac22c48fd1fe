/** The whole UI on a fake terminal and a fake engine. */
import { type Outcome, runTui, type TuiOptions } from "../../source/tui/run-tui.tsx";
import { FakeEngine, livelySwarm } from "./fake-engine.ts";
import { FakeSettings } from "./fake-settings.ts";
import type { FakeSwarmOptions } from "./fake-swarm.ts";
import { Screen } from "./screen.ts";

export interface UiRun {
  readonly screen: Screen;
  readonly engine: FakeEngine;
  readonly outcome: Promise<Outcome>;
}

export interface UiRunOptions extends Partial<TuiOptions> {
  readonly swarms?: readonly FakeSwarmOptions[];
  readonly size?: readonly [columns: number, rows: number];
  readonly env?: Readonly<Record<string, string>>;
  /** Text of the engine's settings file. Default: it has none. */
  readonly settingsFile?: string;
  /** Opens the first torrent. */
  readonly opens?: boolean;
}

const runs: UiRun[] = [];

export async function startUi(options: UiRunOptions = {}): Promise<UiRun> {
  const { swarms = [livelySwarm], size = [80, 24], env = {}, opens = false, settingsFile, ...rest } = options;
  const engine = new FakeEngine(swarms);
  if (settingsFile !== undefined) {
    engine.settings = new FakeSettings(settingsFile);
    await engine.settings.file.load();
  }
  for (let i = 0; i < 60; i++) engine.step(250, true);
  const screen = new Screen(...size);
  const outcome = runTui({
    connect: async () => engine,
    environment: {
      env: { COLORTERM: "truecolor", LANG: "C.UTF-8", TERM: "xterm", ...env },
      stdin: screen.stdin,
      stdout: screen.stdout,
    },
    ...rest,
  });
  const run = { screen, engine, outcome };
  runs.push(run);
  if (opens) {
    await screen.until((lines) => lines.some((line) => /Name|\bDone\b/.test(line)));
    screen.type("\r");
    await screen.until((lines) => lines.some((line) => line.includes("Neighbours")));
  }
  return run;
}

/** Ends all that were started. */
export async function closeUis(): Promise<void> {
  for (const { screen, engine, outcome } of runs.splice(0)) {
    engine.answersShutdown = true;
    screen.type("\x03");
    screen.type("\x03");
    await outcome.catch(() => {});
    screen.close();
  }
  // Ink looks at the process's own stdin when it is imported, which opens it.
  process.stdin.unref();
}
