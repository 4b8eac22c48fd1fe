import { afterAll, afterEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import { keyTable } from "../../source/preferences/keymap.ts";
import { displayWidth } from "../../source/tui/format/text-width.ts";
import { type Outcome, runTui, type TuiOptions } from "../../source/tui/run-tui.tsx";
import { FakeEngine, livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { FakeSources } from "../support/fake-sources.ts";
import type { FakeSwarmOptions } from "../support/fake-swarm.ts";
import { Screen } from "../support/screen.ts";

interface Run {
  readonly screen: Screen;
  readonly engine: FakeEngine;
  readonly outcome: Promise<Outcome>;
}

const runs: Run[] = [];

interface StartOptions extends Partial<TuiOptions> {
  readonly swarms?: readonly FakeSwarmOptions[];
  readonly size?: readonly [number, number];
  readonly env?: Readonly<Record<string, string>>;
  /** Opens the first torrent. */
  readonly opens?: boolean;
}

async function start(options: StartOptions = {}): Promise<Run> {
  const { swarms = [livelySwarm], size = [80, 24], env = {}, opens = false, ...rest } = options;
  const engine = new FakeEngine(swarms);
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

afterEach(async () => {
  for (const { screen, engine, outcome } of runs.splice(0)) {
    engine.answersShutdown = true;
    screen.type("\x03");
    screen.type("\x03");
    await outcome.catch(() => {});
    screen.close();
  }
});

afterAll(() => {
  // Ink looks at the process's own stdin when it is imported, which opens it.
  process.stdin.unref();
});

const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

const hostileNames = [
  "\u001b[31mred\u001b[0m \u001b[2J\u001b[H owned",
  "名前が長い資料集 数据集 데이터 모음",
  "مرحبا بالعالم \u202e gnp.exe",
  `zalgo${"\u0301".repeat(300)}`,
  "family 👨‍👩‍👧‍👦 flags 🇩🇪🇫🇷 done",
  "tab\tnewline\nreturn\r.iso",
  "\u009b31m C1 \u0090 \u009c",
  "x".repeat(5_000),
];

/** A line that begins with a border ends with one. */
function expectBordersWhole(lines: readonly string[]): void {
  for (const line of lines) {
    const text = line.trimEnd();
    if (/^[│╭╰]/.test(text)) expect(/[│╮╯]$/.test(text), text).toBe(true);
  }
}

describe.each(sizes)("at %i×%i", (columns, rows) => {
  const size = [columns, rows] as const;

  it("the swarm screen shows everything at once, within the screen", async () => {
    const { screen } = await start({ size, opens: true });
    const lines = await screen.untilText("ours");
    const text = lines.join("\n");
    expect(lines[0]).toContain(livelySwarm.name);
    expect(lines[0]).toContain("downloading");
    expect(text).toMatch(/\d+\.\d%/);
    expect(text).toContain("ETA");
    expect(text).toContain("Address");
    expect(text).toContain("Flags");
    expect(text).toMatch(/rechoke \d+s|rechoke now/);
    expect(text).toMatch(/optimistic/);
    expect(text).toContain("Pieces");
    expect(text).toContain("in flight");
    if (rows >= 24) expect(text).toContain("next in");
    expectBordersWhole(lines);
    for (const line of lines) expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
  });

  it("no hostile name breaks a line or a column", async () => {
    const swarms = hostileNames.map((name, i) => ({
      ...livelySwarm,
      seed: 100 + i,
      name,
      pieceCount: 200,
      neighbours: 3,
      seeds: 1,
    }));
    const { screen } = await start({ size, swarms });
    const lines = await screen.untilText("Done");
    const heading = lines.findIndex((line) => line.includes("Done"));
    const doneEnd = (lines[heading] ?? "").indexOf("Done") + 4;
    const body = lines.slice(heading + 1, heading + 1 + hostileNames.length);
    expect(body.length).toBe(hostileNames.length);
    body.forEach((_, i) => {
      // The figure ends under its heading, cell by cell, whatever stands before it.
      const cells = Array.from({ length: doneEnd }, (__, x) => screen.cell(x, heading + 1 + i));
      expect(cells.at(-1)?.text, `row ${i}`).toBe("%");
    });
    screen.type("\r");
    await screen.untilText("Neighbours");
    for (let i = 0; i < 6; i++) {
      screen.type("\t");
      await screen.settled();
      expectBordersWhole(screen.lines());
    }
  });

  it("every view draws, and help fits", async () => {
    const { screen } = await start({ size, opens: true });
    for (const [key, text] of [
      ["2", "Address"],
      ["3", "each"],
      ["4", "Wanted"],
      ["5", "Tracker"],
      ["6", "Rates"],
      ["7", "Given"],
      ["8", "Why?"],
      ["9", "Log"],
      ["1", "Choker"],
    ] as const) {
      screen.type(key);
      expectBordersWhole(await screen.untilText(text));
    }
    screen.type("?");
    const help = await screen.untilText("Keys");
    expect(help.join("\n")).toContain("a page up");
    screen.type("\x1b");
    await screen.until((lines) => !lines.join("\n").includes("a page up"));
  });
});

describe("the list", () => {
  it("tells what to do when it is empty", async () => {
    const { screen } = await start({ swarms: [] });
    const text = (await screen.untilText("No torrents yet")).join("\n");
    expect(text).toContain("add a .torrent file");
    expect(text).toContain("p2p-tui file.torrent");
    expect(text).toContain("downloads go to /home/me/Downloads, 52.2 GiB free");
  });

  it("names the folder that torrents are added to, and what is free where that is known", async () => {
    const sources = new FakeSources();
    const { screen, engine } = await start({ swarms: [], sources });
    expect((await screen.untilText("downloads go to")).join("\n")).toMatch(/downloads go to \/data +$/m);
    engine.disks = [...engine.disks, { folder: "/data", freeBytes: 2 ** 31, leftBytes: 0 }];
    engine.publish();
    await screen.untilText("downloads go to /data, 2.00 GiB free");
  });

  it("shows state, progress, rates and the port, and why one failed", async () => {
    const { screen } = await start({ swarms: someSwarms, size: [200, 60] });
    const text = (await screen.untilText("holiday")).join("\n");
    expect(text).toContain("port 51413");
    expect(text).toContain("52.2 GiB free at /home/me/Downloads");
    expect(text).toContain("in all ↓ 2.79 GiB ↑ 3.73 GiB");
    for (const word of [
      "downloading",
      "seeding",
      "paused",
      "checking",
      "failed",
      "no space left on the disk",
      "100%",
    ]) {
      expect(text).toContain(word);
    }
  });

  it("moves the selection, shown by its mark and its background", async () => {
    const { screen } = await start({ swarms: someSwarms });
    await screen.untilText("holiday");
    expect(screen.cell(0, 3).text).toBe("▌");
    screen.type("jj");
    await screen.until((lines) => lines[5]?.startsWith("▌") === true);
    expect(screen.cell(0, 3).text).toBe(" ");
    expect(screen.cell(10, 5).bg).toBeDefined();
    expect(screen.cell(10, 3).bg).toBeUndefined();
  });

  it("filters while typing", async () => {
    const { screen } = await start({ swarms: someSwarms });
    await screen.untilText("holiday");
    screen.type("/holi");
    await screen.until((lines) => !lines.join("\n").includes("wikipedia"));
    screen.type("zzz");
    await screen.untilText("No torrent's name");
    screen.type("\x1b");
    await screen.untilText("wikipedia");
  });

  it.each([60, 80, 120])("keeps the rates in sight at %i columns, however long the filter is", async (columns) => {
    const { screen } = await start({ swarms: someSwarms, size: [columns, 24] });
    await screen.untilText("holiday");
    screen.type(`/${"anything at all ".repeat(12)}the end`);
    const [first, ...others] = await screen.until(([line]) => line?.includes("end”") === true);
    expect(first).toMatch(/ of 7 .*“…/);
    expect(first).toMatch(/↓ +[\d.]+ [KM]iB\/s .*↑ +[\d.]+ [KM]?i?B\/s/);
    // The line that one types in shows its end, too.
    expect(others.at(-1)).toMatch(/…[\w ]+the end/);
  });
});

describe("the line of keys", () => {
  it.each([60, 80])("has the help at %i columns wherever one is, and it can be clicked", async (columns) => {
    const { screen } = await start({ swarms: someSwarms, size: [columns, 24] });
    await screen.untilText("? help");
    screen.type("\r");
    await screen.untilText("Neighbours");
    for (const key of "123456789") {
      screen.type(key);
      await screen.settled();
      expect(screen.lines().at(-1)?.trimEnd().length).toBeLessThan(columns);
      expect(screen.lines().at(-1)).toMatch(/Esc list .* {2}\? help/);
    }
    screen.type(`\x1b[<0;${(screen.lines().at(-1) ?? "").indexOf("? help") + 2};24M`);
    await screen.untilText("Keys");
  });
});

describe("a message", () => {
  it("leaves the keys beside it where they are, as many as there is room for", async () => {
    const { screen, engine } = await start({ swarms: someSwarms });
    const hints = (await screen.untilText("? help")).at(-1) ?? "";
    engine.notify({ kind: "warning", message: "the port has changed" });
    const beside = (await screen.untilText("the port has changed")).at(-1) ?? "";
    expect(beside.trimEnd()).toMatch(/the port has changed$/);
    expect(beside).toContain(hints.slice(0, 30).trimEnd());
    screen.type("a");
    await screen.until((lines) => /on the command line here {2}\+1$/.test(lines.at(-1)?.trimEnd() ?? ""));
  });

  it("that is long has the whole line", async () => {
    const { screen, engine } = await start({ swarms: someSwarms });
    await screen.untilText("? help");
    engine.notify({ kind: "warning", message: "the port has changed ".repeat(9) });
    const line = (await screen.untilText("the port has changed")).at(-1) ?? "";
    expect(line).not.toContain("Enter");
    expect(line.trimEnd()).toMatch(/^ . the port has .*…$/);
  });
});

describe("a torrent that failed", () => {
  it("says why in full on its screen, however long its name", async () => {
    const failed = {
      ...livelySwarm,
      name: "n".repeat(300),
      state: "failed",
      reason: "no space left on the disk",
    } as const;
    const { screen } = await start({ swarms: [failed], opens: true });
    const [first] = await screen.untilText("no space left on the disk");
    expect(first).toContain("nnnn");
    expect(first).toContain("failed");
    await screen.untilText("p resume");
  });
});

describe("what the keys do", () => {
  it("opens the first torrent at once when asked to, and goes back to the list", async () => {
    const { screen, engine } = await start({
      openFirst: true,
      initialTorrents: [{ torrent: { metainfo: "AA==" }, savePath: "/data" }],
    });
    await screen.untilText("added.iso");
    await screen.untilText("Choker");
    expect(engine.commands[0]).toEqual({
      name: "add",
      metainfo: "AA==",
      savePath: "/data",
      isPaused: false,
      peers: [],
      mustCheck: false,
    });
    screen.type("\x1b");
    await screen.untilText("2 torrents");
  });

  it("pauses and resumes", async () => {
    const { screen, engine } = await start({ opens: true });
    screen.type("p");
    await screen.untilText("paused");
    await screen.untilText("p resume");
    screen.type("p");
    await screen.untilText("downloading");
    expect(engine.commands.map((command) => command.name)).toEqual(["pause", "resume"]);
  });

  it("asks before removing, names the torrent, and takes no for an answer", async () => {
    const { screen, engine } = await start({ opens: true });
    screen.type("D");
    const text = (await screen.untilText("cannot be undone")).join("\n");
    expect(text).toContain(livelySwarm.name);
    screen.type("n");
    await screen.until((lines) => !lines.join("\n").includes("cannot be undone"));
    expect(engine.commands).toEqual([]);
    screen.type("dy");
    await screen.untilText("No torrents yet");
    expect(engine.commands).toMatchObject([{ name: "remove", data: "keep" }]);
    await screen.untilText("removed debian");
  });

  it("shows what each tracker says, and below what every other source of peers has given", async () => {
    const { screen } = await start({ opens: true, size: [120, 30] });
    screen.type("5");
    const lines = await screen.untilText("known");
    const line = (text: string) => lines.find((one) => one.includes(text)) ?? "";
    expect(line("tracker.example.org")).toMatch(/working.*31 +112 +4,810 +50/);
    expect(line("DHT ")).toMatch(/DHT +H +212 known +[1-9]\d* connected +14 peers at 40 nodes 2m 00s ago/);
    expect(line("PEX ")).toMatch(/PEX +X +37 known +[1-9]\d* connected/);
    expect(line("LSD ")).toMatch(/LSD +L +0 known +0 connected/);
  });

  it("says of a private torrent that nobody but its trackers is asked", async () => {
    const { screen } = await start({ opens: true, swarms: [{ ...livelySwarm, isPrivate: true }] });
    screen.type("5");
    const lines = await screen.untilText("not asked: the torrent is private");
    expect(lines.filter((line) => line.includes("not asked"))).toHaveLength(3);
  });

  it("asks the trackers and rechecks, and says so", async () => {
    const { screen, engine } = await start({ opens: true });
    screen.type("r");
    await screen.untilText("asking the trackers");
    screen.type("R");
    await screen.untilText("checking the data");
    expect(engine.commands.map((command) => command.name)).toEqual(["reannounce", "recheck"]);
  });

  it("shows in words why a command was refused", async () => {
    const { screen, engine } = await start({ opens: true });
    engine.refusal = new OperationalError("busy", "the torrent is being checked");
    screen.type("p");
    await screen.untilText("the torrent is being checked");
  });

  it("sorts the neighbours, and asks the engine for that order", async () => {
    const { screen, engine } = await start({ opens: true });
    screen.type("s");
    await screen.untilText("↑/s ▾");
    screen.type("S");
    await screen.untilText("↑/s ▴");
    expect(engine.topics.at(-1)).toMatchObject({
      kind: "torrent",
      neighbours: { sort: "upRate", isDescending: false },
    });
    expect(engine.subscriptionCount).toBe(2);
  });

  it("are all named by the help of the swarm screen", async () => {
    const { screen } = await start({ opens: true, size: [120, 40] });
    screen.type("?");
    const text = (await screen.untilText("Keys")).join("\n");
    for (const binding of keyTable) {
      if (binding.help !== "" && binding.contexts.some((context) => context === "swarm" || context === "any")) {
        expect(text).toContain(binding.help);
      }
    }
  });
});

describe("the picture", () => {
  it("changes with the data, a few cells at a time", async () => {
    const { screen, engine } = await start({ opens: true, size: [200, 60] });
    await screen.untilText("Choker");
    const before = screen.written.length;
    for (let i = 0; i < 3; i++) {
      const rates = (await screen.untilText("ETA"))[2];
      engine.step(1_000);
      await screen.until((lines) => lines[2] !== rates);
    }
    const bytes = screen.written.slice(before).reduce((sum, text) => sum + text.length, 0);
    // Three whole pictures of this size would be several times as much.
    expect(bytes).toBeLessThan(3 * 200 * 60);
  }, 60_000);

  it("is whole again after every resize", async () => {
    const { screen } = await start({ opens: true });
    await screen.untilText("Choker");
    for (const [columns, rows] of [
      [120, 40],
      [60, 15],
      [200, 60],
      [41, 11],
      [80, 24],
    ] as const) {
      screen.resize(columns, rows);
      const lines = await screen.until(
        (shown) => shown[0]?.startsWith(" debian") === true && shown.some((line) => line.includes("Neighbours")),
      );
      expectBordersWhole(lines);
      expect(lines.filter((line) => line.includes(livelySwarm.name.slice(0, 20))).length).toBe(1);
      expect(lines.at(-1)).toContain("Esc");
    }
  });

  it("says so where the terminal is too small, and comes back", async () => {
    const { screen } = await start({ opens: true });
    screen.resize(30, 5);
    await screen.untilText("too small");
    screen.resize(80, 24);
    await screen.untilText("Choker");
  });

  it("has no colour under NO_COLOR, and the same words", async () => {
    const { screen } = await start({ opens: true, env: { NO_COLOR: "1" } });
    const text = (await screen.untilText("ours")).join("\n");
    expect(text).toContain("▒▒ in flight");
    for (const row of screen.grid()) for (const cell of row) expect([cell.fg, cell.bg]).toEqual([undefined, undefined]);
  });

  it("is plain ASCII where the locale asks for it", async () => {
    const { screen } = await start({ opens: true, env: { LANG: "C", LC_ALL: "C" } });
    const lines = await screen.untilText("ours");
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe("the end", () => {
  it("restores the terminal after q and stops the engine in order", async () => {
    const { screen, engine, outcome } = await start();
    await screen.untilText("debian");
    expect(screen.isAlternate).toBe(true);
    expect(screen.isRaw).toBe(true);
    screen.type("q");
    const { exitCode, summary } = await outcome;
    await screen.settled();
    expect(exitCode).toBe(0);
    expect(summary[0]).toMatch(/^debian-13\.2\.0-amd64-netinst\.iso: .* verified, uploaded/);
    expect(engine.commands).toEqual([{ name: "shutdown" }]);
    expect(engine.isClosed).toBe(true);
    expect(screen.isAlternate).toBe(false);
    expect(screen.isRaw).toBe(false);
    const written = screen.written.join("");
    expect(written.lastIndexOf("\x1b[?25h")).toBeGreaterThan(written.lastIndexOf("\x1b[?25l"));
    expect(written.lastIndexOf("\x1b[?2004l")).toBeGreaterThan(written.lastIndexOf("\x1b[?2004h"));
    expect(written.split("\x1b[?2026h").length).toBe(written.split("\x1b[?2026l").length);
  });

  it("shows that it waits for the engine, and a second Ctrl-C does not wait", async () => {
    const { screen, engine, outcome } = await start();
    await screen.untilText("debian");
    engine.answersShutdown = false;
    screen.type("\x03");
    await screen.untilText("Telling the trackers");
    screen.type("\x03");
    expect((await outcome).exitCode).toBe(130);
  });

  it("says why the engine is gone, and offers to start it again", async () => {
    const engines = [new FakeEngine([livelySwarm]), new FakeEngine([{ ...livelySwarm, name: "second life.iso" }])];
    let next = 0;
    const { screen } = await start({ connect: async () => engines[next++] as FakeEngine });
    await screen.untilText("debian");
    engines[0]?.die("the process ended with signal 9");
    await screen.untilText("signal 9");
    screen.type("r");
    await screen.untilText("second life");
    await screen.until((lines) => !lines.join("\n").includes("signal 9"));
  });

  it("starts one engine again, however often that is asked for, and says so while it starts", async () => {
    const first = new FakeEngine([livelySwarm]);
    const second = new FakeEngine([{ ...livelySwarm, name: "second life.iso" }]);
    const starting = Promise.withResolvers<FakeEngine>();
    let attempts = 0;
    const { screen } = await start({ connect: () => (attempts++ === 0 ? Promise.resolve(first) : starting.promise) });
    await screen.untilText("debian");
    first.die("the process ended with signal 9");
    await screen.untilText("signal 9");
    screen.type("r");
    const lines = await screen.untilText("Starting again");
    expect(lines.join("\n")).not.toMatch(/signal 9|r start/);
    screen.type("r");
    await screen.untilText("an engine is being started");
    starting.resolve(second);
    await screen.untilText("second life");
    await screen.until((all) => !all.join("\n").includes("Starting again"));
    expect(attempts).toBe(2);
    expect(second.subscriptionCount).toBe(1);
  });

  it("says why an engine could not be started again, and may be asked once more", async () => {
    const first = new FakeEngine([livelySwarm]);
    const answers = [
      Promise.resolve(first),
      Promise.reject(new OperationalError("engine-start", "no such file")),
      Promise.resolve(new FakeEngine([{ ...livelySwarm, name: "third life.iso" }])),
    ];
    answers[1]?.catch(() => {});
    const { screen } = await start({ connect: async () => answers.shift() as Promise<FakeEngine> });
    await screen.untilText("debian");
    first.die("the process ended with signal 9");
    await screen.untilText("signal 9");
    screen.type("r");
    await screen.untilText("no such file");
    screen.type("r");
    await screen.untilText("third life");
  });

  it("with a lost engine is exit code 1, and the reason is printed", async () => {
    const { screen, outcome } = await start({
      connect: async () => {
        throw new OperationalError("engine-start", "the engine could not be started: no such file");
      },
    });
    await screen.untilText("no such file");
    screen.type("q");
    const { exitCode, summary } = await outcome;
    expect(exitCode).toBe(1);
    expect(summary[0]).toContain("no such file");
  });

  it("sanitises what it leaves for printing", async () => {
    const { screen, outcome } = await start({ swarms: [{ ...livelySwarm, name: "a\u001b[31mb" }] });
    await screen.untilText("1 torrent");
    screen.type("q");
    expect((await outcome).summary[0]).toMatch(/^a\[31mb: /);
  });
});
