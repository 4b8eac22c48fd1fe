/**
 * Every key of the table, pressed where it means something, in the real program in a real terminal: each changes what is
 * seen, or says why it does not. The torrents are paused, so that nothing else changes the screen.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Binding, CommandId, Context } from "../../source/preferences/commands.ts";
import { keyTable } from "../../source/preferences/keymap.ts";
import { isViewCommand, torrentViews, viewOf } from "../../source/preferences/views.ts";
import { buildProblem, programArguments } from "../support/clients/program.ts";
import { newMark } from "../support/marked-processes.ts";
import { writePayload } from "../support/payload.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { Terminal } from "../support/terminal.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(missingPrograms("tmux", "stty"), buildProblem());

/** As tmux calls them, where that is not their own name. */
const tmuxNames: Readonly<Record<string, string>> = {
  up: "Up",
  down: "Down",
  left: "Left",
  right: "Right",
  "shift+up": "S-Up",
  "shift+down": "S-Down",
  pageup: "PPage",
  pagedown: "NPage",
  home: "Home",
  end: "End",
  delete: "DC",
  tab: "Tab",
  "shift+tab": "BTab",
  enter: "Enter",
  backspace: "BSpace",
  escape: "Escape",
  " ": "Space",
};

function tmuxName(key: string): string {
  return key.startsWith("ctrl+") ? `C-${key.slice(5)}` : (tmuxNames[key] ?? key);
}

const moves: ReadonlySet<CommandId> = new Set<CommandId>([
  ...(["up", "down", "left", "right", "pageUp", "pageDown", "first", "last"] as const),
]);
/** Where there is something to move over in paused torrents. */
const movable: readonly Context[] = ["list", "files", "pieces", "help", "settings", "columns"];
/** After these the UI is gone. */
const endings: ReadonlySet<CommandId> = new Set<CommandId>(["leave", "keepEngine", "stopEngine"]);

/** The places in which a binding is tried: all where it is at home in few, else the first and one more, another each time. */
function placesOf(binding: Binding, turn: number): readonly Context[] {
  const { command } = binding;
  const all = binding.contexts.map((context) => (context === "any" ? "list" : context));
  if (moves.has(command)) return all.filter((context) => movable.includes(context)).slice(0, 2);
  const others = isViewCommand(command) ? all.filter((context) => context !== viewOf(command)) : all;
  if (others.length <= 2) return others;
  return [...new Set([others[0], others[1 + (turn % (others.length - 1))]])].filter((context) => context !== undefined);
}

interface Trial {
  readonly key: string;
  readonly command: CommandId;
  readonly context: Context;
}

const trials: readonly Trial[] = keyTable.flatMap((binding, turn) =>
  placesOf(binding, turn).flatMap((context) => binding.keys.map((key) => ({ key, command: binding.command, context }))),
);

/** What is to be seen before the key is pressed: some of it the engine is asked for first. */
const thirdTorrent = /^(?:.*\n){5}▌/;
const chosenPiece = /^ › piece \d+/m;
const arrived: Readonly<Partial<Record<Context, RegExp>>> = {
  list: thirdTorrent,
  totals: /Rates of all.*┤/s,
  help: /╭─ Keys/,
  palette: /╭─ Commands/,
  settings: /▌ watch/,
  columns: /▌ \[.\]/,
  confirm: /╭─ Remove/,
  quit: /╭─ Leave/,
  swarm: /^ Choker/m,
  neighbours: /^ Neighbour ─/m,
  pieces: chosenPiece,
  files: /^ ▌ part 1/m,
  trackers: /^ ▌ +1 http/m,
  graphs: /┤/,
  ledger: /^ Choker/m,
  why: /^ Why\?.*\n.*\w/m,
  log: /^ Log/m,
};

/** The counters of the list's second line run on by themselves. */
function masked(screen: readonly string[]): string {
  return screen.map((line) => line.replace(/engine up .*/, "").replace(/free.*/, "")).join("\n");
}

/** A key that does nothing takes so long to be found out. */
const changeTimeoutMs = 10_000;

describe.skipIf(reason !== "")(`every key in a terminal ${reason}`, () => {
  const home = reason === "" ? mkdtempSync(join(tmpdir(), "p2p-keys-")) : "";
  const mark = newMark();
  const environment = { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment };
  const profile = ["--profile", join(home, "profile")];
  const torrents: string[] = [];
  let terminal: Terminal | undefined;

  const run = (...args: readonly string[]): string => {
    const [command, ...rest] = programArguments(args);
    const { status, stdout, stderr } = spawnSync(command, rest, {
      env: { ...process.env, ...environment },
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(status, stderr).toBe(0);
    return stdout;
  };
  const addAll = (): void => {
    run("ctl", "add", ...torrents, "--paused", "--dir", join(home, "downloads"), ...profile);
  };
  const network = ["--bind", "127.0.0.1", "--port", "0"];
  /** The UI starts its own: only then it asks what shall become of it. */
  const noEngine = (): void => {
    const [command, ...rest] = programArguments(["engine", "stop", ...profile]);
    spawnSync(command, rest, { env: { ...process.env, ...environment }, timeout: 60_000 });
  };

  beforeAll(() => {
    mkdirSync(join(home, "run"), { mode: 0o700 });
    for (let i = 0; i < 8; i++) {
      const files = Array.from({ length: 7 }, (_, at) => ({
        path: `torrent ${i}/part ${at}.bin`,
        length: 300_000 + i,
      }));
      const payload = writePayload(join(home, "content"), files, `keys ${i}`);
      const out = join(home, `${i}.torrent`);
      makeTorrent("p2p-tui", { payload, out, pieceLength: 16_384, tracker: "http://127.0.0.1:9/announce" });
      torrents.push(out);
    }
    run("engine", "start", ...network, ...profile);
    addAll();
    noEngine();
  });
  afterAll(() => {
    terminal?.close();
    mark.killAll();
    if (home !== "") rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  const shown = (): Terminal => {
    terminal ??= new Terminal(programArguments(["--on-quit", "ask", ...network, ...profile]), {
      columns: 80,
      rows: 24,
      environment,
    });
    return terminal;
  };
  const closeTerminal = (): void => {
    terminal?.close();
    terminal = undefined;
  };
  const text = (): string => shown().screen().join("\n");
  const until = (what: string, isThere: (screen: string) => boolean, timeoutMs?: number): Promise<void> =>
    shown().until(what, isThere, timeoutMs);
  /** Presses, and waits until something is seen of it. */
  const press = async (key: string, what: string): Promise<void> => {
    const before = masked(shown().screen());
    shown().press("--", tmuxName(key));
    await until(what, (screen) => masked(screen.split("\n")) !== before, changeTimeoutMs);
  };
  /** In the last line stands a message, in place of the keys. */
  const hasMessage = (): boolean => !/ (?:help|quit|close|no|do it|stay)\b/.test(shown().screen().at(-1) ?? "");

  const toList = async (): Promise<void> => {
    await until("the screen is drawn", (screen) => screen.trim() !== "");
    for (let tries = 0; tries < 8; tries++) {
      const screen = text();
      if (/^ p2p-tui /.test(screen) && !/[╭╰]|Rates of all/.test(screen) && !/^ \//m.test(screen)) return;
      await press("escape", "Esc leads back");
    }
    throw new Error(`the list is not to be found:\n${text()}`);
  };
  const pressAll = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await press(key, `${JSON.stringify(key)} is seen`);
  };
  /** To the third torrent, so that one can move each way. */
  const inList = async (): Promise<void> => {
    await toList();
    await until("the torrents are there", (screen) => /torrent \d/.test(screen));
    shown().press("g", "j", "j");
    await until("the third torrent is selected", (screen) => thirdTorrent.test(screen));
  };

  const goTo = async (context: Context, command: CommandId): Promise<void> => {
    await inList();
    await pressTo(context, command);
    const isThere = arrived[context];
    if (isThere === undefined) return;
    await until(`${context} is there`, (screen) => isThere.test(screen) && !screen.includes("Asking the engine"));
  };
  const pressTo = async (context: Context, command: CommandId): Promise<void> => {
    switch (context) {
      case "list":
        return;
      case "totals":
        return pressAll("6");
      case "help":
        return pressAll("?", "j");
      case "palette":
        return pressAll(":");
      case "settings":
        await pressAll(",");
        await until("the settings are there", (screen) => screen.includes("watch"));
        return pressAll("j");
      case "columns":
        return pressAll("c", "j");
      case "confirm":
        return pressAll(command === "toTrash" ? "D" : "d");
      case "quit":
        return pressAll("q");
      case "lost":
        process.kill(Number(/"pid": ?(\d+)/.exec(run("engine", "status", "--json", ...profile))?.[1]), "SIGKILL");
        return until("the loss is told", (screen) => /start again/.test(screen));
      default: {
        await pressAll("enter");
        const view = torrentViews.indexOf(context as (typeof torrentViews)[number]);
        if (view > 0) await pressAll(String(view + 1));
        if (context === "files") {
          await until("the files are there", (screen) => screen.includes("part 1"));
          await pressAll("j");
        }
        if (context === "pieces") {
          await until("the pieces are there", (screen) => chosenPiece.test(screen));
          await pressAll("l", "l", "j");
        }
      }
    }
  };

  const contexts = [...new Set(trials.map(({ context }) => context))].filter((context) => context !== "lost");

  test.each(contexts)("in %s each does something, or says why not", async (context) => {
    const silent: string[] = [];
    for (const { key, command } of trials.filter((trial) => trial.context === context && !endings.has(trial.command))) {
      if (command === "suspend") continue;
      await goTo(context, command);
      // Another message than any refusal, so that the next one is seen.
      if (hasMessage() && context === "list") await pressAll("m");
      await press(key, "a change").catch(() => silent.push(`${JSON.stringify(key)} (${command})`));
      if (context === "confirm" && (command === "confirm" || command === "toTrash")) {
        await toList();
        await until("it is removed", (screen) => screen.includes("7 torrents"));
        addAll();
        await until("the torrents are there again", (screen) => screen.includes("8 torrents"));
      }
    }
    expect(silent).toEqual([]);
  });

  test("Ctrl-Z gives the terminal back until it is continued", async () => {
    await goTo("list", "suspend");
    // The kernel lets nobody stop who could not be continued, as here: then the terminal is the shell's for a moment only.
    const given = (): number => shown().raw().split("\x1b[?1049l").length;
    const before = given();
    shown().press("C-z");
    await until("the terminal is the shell's", () => given() > before);
    shown().signal("SIGCONT");
    await until("the UI is back", (screen) => screen.includes("torrent 2"));
  });

  test("those that end the UI end it, with the engine or without", async () => {
    for (const { key, command, context } of trials.filter((trial) => endings.has(trial.command))) {
      if (context === "lost") continue;
      await goTo(context, command);
      shown().press("--", tmuxName(key));
      await shown().untilEnded();
      expect(shown().leftBehind()).toEqual([]);
      closeTerminal();
      noEngine();
    }
  });

  test("those of a lost engine start it again, or leave", async () => {
    for (const { key, command, context } of trials.filter((trial) => trial.context === "lost")) {
      await goTo(context, command);
      shown().press("--", tmuxName(key));
      if (command === "reconnect") {
        const isBack = (screen: string) => screen.includes("torrent 2") && !/start(ing)? (it )?again/i.test(screen);
        await until("the list is back", isBack);
        continue;
      }
      expect(await shown().untilEnded()).toBe(1);
      closeTerminal();
    }
  });
});
