/**
 * Runs the full-screen UI from the first frame to the restored terminal. The caller has made sure that stdin and stdout
 * are terminals, and prints the summary afterwards.
 */
import { render } from "ink";
import type { EngineClient } from "../control/engine-client.ts";
import { Alerts } from "./alerts.ts";
import { App, type TerminalLoan } from "./app.tsx";
import { Controller } from "./controller.ts";
import type { AddRequest, OnQuit, Outcome } from "./controller-options.ts";
import { detectMouse, type Environment } from "./format/capabilities.ts";
import { Looks } from "./format/look.ts";
import { detectNotification } from "./format/notification.ts";
import type { Theme } from "./format/theme.ts";
import { MouseCapture } from "./mouse-capture.ts";
import { Painter } from "./painter.ts";
import type { SimulationDial } from "./simulation-dial.ts";
import { type AppState, initialState } from "./state/app-state.ts";
import { type Preferences, readPreferences, type SettingValues } from "./state/preferences.ts";
import { Store } from "./state/store.ts";
import type { TorrentSources } from "./torrent-sources.ts";

export type { AddRequest, OnQuit, Outcome } from "./controller-options.ts";
export type { TorrentSources } from "./torrent-sources.ts";

export interface TuiOptions {
  /** Finds or starts the engine. Called again when the user asks for it after the engine was lost. */
  readonly connect: () => Promise<EngineClient>;
  /** Added once the engine is there; those that it has already are not changed. Default: none. */
  readonly initialTorrents?: readonly AddRequest[];
  /** Opens the first of them at once. Default false. */
  readonly openFirst?: boolean;
  /** Default `p2p-tui`. */
  readonly title?: string;
  /** Says so in the title and in the question of leaving; how to come back is for the caller to say. Default false. */
  readonly isDemo?: boolean;
  /** How torrents are found that the user wants to add. Without them nothing can be added from the screen. */
  readonly sources?: TorrentSources;
  /**
   * What q does to the engine. `stop` (default): sends `shutdown` and waits for it, and so do Ctrl-C and signals. `keep`:
   * has it `stay`, whichever way one leaves. `ask`: the user chooses while there are torrents; Ctrl-C and signals stop it.
   */
  readonly onQuit?: OnQuit;
  /** Where the engine is one of a simulated swarm: its time has keys then, and stands in the last line. */
  readonly simulation?: SimulationDial;
  /** For the first frame; then the engine says what holds. Default: the usual ones. */
  readonly settings?: SettingValues;
  /** What must follow the name of a command for this profile: ` --profile /srv/p2p`. Default "". */
  readonly profileOption?: string;
  readonly environment?: TuiEnvironment;
}

/** The terminal. Default: the process's own. */
export interface TuiEnvironment {
  readonly env?: Environment;
  readonly platform?: string;
  readonly stdin?: NodeJS.ReadStream;
  readonly stdout?: NodeJS.WriteStream;
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** @returns when the terminal is as it was. @throws what drawing threw: a bug. */
export async function runTui(options: TuiOptions): Promise<Outcome> {
  const environment = options.environment ?? {};
  const stdin = environment.stdin ?? process.stdin;
  const stdout = environment.stdout ?? process.stdout;
  const nowMs = (): number => performance.now();
  const env = environment.env ?? process.env;
  const platform = environment.platform ?? process.platform;
  const looks = new Looks(env, platform);
  const themeFor = (preferences: Preferences): Theme => looks.themeFor(preferences);
  const store = new Store(firstState(options, sizeOf(stdout), nowMs(), detectMouse(env, platform)));
  const painter = new Painter(stdout, themeFor(store.state.preferences).table);
  const terminal: TerminalLoan = { lend: (run) => run() };
  const controller = new Controller({
    store,
    connect: options.connect,
    initialTorrents: options.initialTorrents ?? [],
    openFirst: options.openFirst ?? false,
    sources: options.sources,
    onQuit: options.onQuit ?? "stop",
    simulation: options.simulation,
    tellsFate: (options.onQuit ?? "stop") !== "stop" && options.isDemo !== true,
    profileOption: options.profileOption ?? "",
    suspend: () => suspend(terminal, painter, mouse),
    alerts: new Alerts({
      preferences: () => store.state.preferences,
      way: detectNotification(env),
      write: (bytes) => {
        if (!painter.isPaused) stdout.write(bytes);
      },
    }),
    nowMs,
  });

  const mouse = new MouseCapture(stdin, stdout, (event) => {
    controller.mouse(event, themeFor(store.shown().preferences));
  });
  store.subscribe(() => {
    if (!painter.isPaused) mouse.set(store.state.hasMouse);
  });

  const onResize = (): void => {
    const { columns, rows } = sizeOf(stdout);
    controller.resized(columns, rows);
  };
  const onSignal = (signal: keyof typeof signals): void => {
    controller.leave(signals[signal]);
  };
  // The terminal went away under us: nothing can be shown, but the engine is still to be stopped in order.
  const onStreamError = (): void => {
    painter.close();
    controller.leave(signals.SIGHUP);
  };
  stdout.on("resize", onResize);
  stdout.on("error", onStreamError);
  for (const signal of Object.keys(signals)) process.on(signal, onSignal);

  const ink = render(
    <App store={store} controller={controller} painter={painter} themeFor={themeFor} terminal={terminal} />,
    {
      stdin,
      stdout: repaintAfterWrites(stdout, painter),
      alternateScreen: true,
      interactive: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      // What a library prints must not push the picture; our own terminal alone is the console's.
      patchConsole: stdout === process.stdout,
    },
  );
  const isOver = ink.waitUntilExit();
  try {
    controller.start();
    mouse.set(store.state.hasMouse);
    // Ink ends by itself only when drawing threw.
    return await Promise.race([controller.outcome, isOver.then(() => controller.outcome)]);
  } finally {
    controller.close();
    mouse.close();
    painter.close();
    ink.unmount();
    await isOver.catch(() => {});
    stdout.off("resize", onResize);
    stdout.off("error", onStreamError);
    for (const signal of Object.keys(signals)) process.off(signal, onSignal);
  }
}

function firstState(options: TuiOptions, size: TerminalSize, nowMs: number, autoMouse: boolean): AppState {
  return initialState({
    title: options.title ?? "p2p-tui",
    isDemo: options.isDemo ?? false,
    simulation: options.simulation?.status() ?? null,
    addsTo: options.sources?.defaults.savePath ?? null,
    ...size,
    nowMs,
    preferences: readPreferences(options.settings ?? new Map()),
    autoMouse,
  });
}

interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Some terminals do not know their size, or say 0. */
function sizeOf(stdout: NodeJS.WriteStream): TerminalSize {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}

/** Long enough for the stop signal to arrive; where it is ignored, we go on after it. */
const stopMs = 100;

/** Ctrl-Z: stops this process group with the terminal as the shell wants it; timers go on when it is continued. */
async function suspend(terminal: TerminalLoan, painter: Painter, mouse: MouseCapture): Promise<void> {
  if (process.platform === "win32") return;
  const hadMouse = mouse.isOn;
  painter.isPaused = true;
  mouse.set(false);
  try {
    await terminal.lend(async () => {
      process.kill(0, "SIGTSTP");
      await new Promise((resolve) => setTimeout(resolve, stopMs));
    });
  } finally {
    painter.isPaused = false;
    mouse.set(hadMouse);
  }
}

/** Terminal modes and synchronized updates do not touch the picture. */
const isHarmless = /^(?:\x1b\[\?(?:25|2004|2026)[hl])*$/;

/** Ink's stdout: whatever it writes goes through, and our picture is painted again over it. */
function repaintAfterWrites(stdout: NodeJS.WriteStream, painter: Painter): NodeJS.WriteStream {
  const write = (chunk: string | Uint8Array, ...rest: never[]): boolean => {
    const result = stdout.write(chunk, ...rest);
    if (typeof chunk !== "string" || !isHarmless.test(chunk)) painter.repaintSoon();
    return result;
  };
  return new Proxy(stdout, {
    get: (target, property) => {
      if (property === "write") return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
