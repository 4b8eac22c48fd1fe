/** The UI on a pseudo-terminal, in a process of its own: however it ends, the terminal is as it was. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { Screen } from "../support/screen.ts";

const playground = fileURLToPath(new URL("../support/tui-playground.tsx", import.meta.url));
const problem = reasonToSkip(missingPrograms("script", "stty"));

interface Terminal {
  readonly child: ChildProcess;
  readonly screen: Screen;
  /** Of the process on the terminal. */
  readonly pid: number;
  readonly ended: Promise<number | null>;
}

const open: Terminal[] = [];

/** `script` gives the terminal; after the program, the shell says how the terminal was left. */
async function start(...flags: readonly string[]): Promise<Terminal> {
  const screen = new Screen(100, 30);
  const program = `${process.execPath} --import tsx ${playground} ${flags.join(" ")}`;
  const command = `stty cols 100 rows 30; (echo "pid=$(exec sh -c 'echo $PPID')"; exec ${program}); code=$?; stty -a; echo "code=$code"; exit $code`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, TERM: "xterm-256color", COLORTERM: "truecolor", LC_ALL: "C.UTF-8", NO_COLOR: "" },
  });
  child.stdout?.on("data", (chunk: Buffer) => screen.stdout.write(chunk));
  const ended = once(child, "close").then(([code]) => code as number | null);
  const lines = await screen.untilText("pid=");
  const pid = Number(/pid=(\d+)/.exec(lines.join("\n"))?.[1]);
  await screen.untilText("Choker");
  const terminal = { child, screen, pid, ended };
  open.push(terminal);
  return terminal;
}

afterEach(async () => {
  for (const { child, screen, ended } of open.splice(0)) {
    child.kill("SIGKILL");
    await ended;
    screen.close();
  }
});

/** Alternate screen left, cursor shown, paste and synchronized output off, echo and line mode on. */
async function expectRestored({ screen }: Terminal): Promise<void> {
  const lines = await screen.untilText("code=");
  const written = screen.written.join("");
  const last = (mode: number): string => {
    const on = written.lastIndexOf(`\x1b[?${mode}h`);
    const off = written.lastIndexOf(`\x1b[?${mode}l`);
    return on > off ? "on" : "off";
  };
  expect(screen.isAlternate).toBe(false);
  expect([last(1049), last(25), last(2004), last(2026)]).toEqual(["off", "on", "off", "off"]);
  const settings = lines.join(" ");
  expect(settings).toMatch(/ echo /);
  expect(settings).toMatch(/ icanon /);
  expect(settings).toMatch(/ isig /);
}

describe.skipIf(problem !== "")("on a real terminal", () => {
  it("q leaves it as it was, with a summary", async () => {
    const terminal = await start();
    terminal.child.stdin?.write("qq");
    expect(await terminal.ended).toBe(0);
    await expectRestored(terminal);
    expect(terminal.screen.lines().join("\n")).toContain("added.iso: ");
  });

  it("Ctrl-C leaves it as it was", async () => {
    const terminal = await start();
    terminal.child.stdin?.write("\x03");
    expect(await terminal.ended).toBe(130);
    await expectRestored(terminal);
  });

  it("Ctrl-Z gives it back for a while, and the picture returns whole", async () => {
    const terminal = await start();
    const { screen, child } = terminal;
    const count = (sequence: string): number => screen.written.join("").split(sequence).length - 1;
    child.stdin?.write("\x1a");
    // Nobody is there to stop and continue us, so it goes on by itself.
    await screen.until(() => count("\x1b[?1049l") === 1 && count("\x1b[?1049h") === 2);
    await screen.untilText("Choker");
    child.stdin?.write("3");
    await screen.untilText("each");
    child.stdin?.write("qq");
    expect(await terminal.ended).toBe(0);
    await expectRestored(terminal);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s leaves it as it was", async (signal, code) => {
    const terminal = await start();
    process.kill(terminal.pid, signal);
    expect(await terminal.ended).toBe(code);
    await expectRestored(terminal);
  });

  it("an exception that nobody caught leaves it as it was, and is printed", async () => {
    const terminal = await start("--throw");
    terminal.child.stdin?.write("r");
    expect(await terminal.ended).toBe(1);
    await expectRestored(terminal);
    expect(terminal.screen.lines().join("\n")).toContain("thrown on purpose");
  });

  it("a fault while drawing leaves it as it was, and is printed", async () => {
    const terminal = await start("--break");
    terminal.child.stdin?.write("r");
    expect(await terminal.ended).toBe(1);
    await expectRestored(terminal);
    expect(terminal.screen.written.join("")).toContain("TypeError");
  });
});
