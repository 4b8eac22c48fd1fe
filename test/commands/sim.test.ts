import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { figureSvg } from "../../source/commands/figure-svg.ts";
import { figureText } from "../../source/commands/figure-text.ts";
import { runCommandLine } from "../../source/commands/run.ts";
import { type Figure, FigurePlans, figurePeers } from "../../source/simulator/figure.ts";
import { randomPlan } from "../../source/simulator/fuzz/random-plan.ts";
import { FakeIo } from "./fake-io.ts";

const small = ["--peers", "4", "--set", "pieces=16", "--set", "hours=0.02"];

async function run(...args: string[]): Promise<{ readonly code: number; readonly io: FakeIo }> {
  const io = new FakeIo();
  return { code: await runCommandLine(["sim", ...args], io), io };
}

describe("sim", () => {
  it("lists the scenarios and what can be set of each", async () => {
    const { code, io } = await run();
    expect(code).toBe(0);
    expect(io.outText).toMatch(/^lecture\n {2}One seed/);
    expect(io.outText).toMatch(/hours +1 +h +F\/u/);
  });

  it("says in words what came of a scenario, and how the bound comes about", async () => {
    const { code, io } = await run("lecture", ...small);
    expect(code).toBe(0);
    expect(io.outText).toContain("lecture, seed 1: 4 peers of 1.00 MiB in 16 pieces; seeds");
    // F = 1 MiB, u = F/72 s, u_s = 10 u: 4 F of 14 u.
    expect(io.outText).toContain("= max(7.2, 7.2, 20.6) s");
    expect(io.outText).toMatch(/last +\d+\.\d s {2}1\.\d{3}\n/);
    expect(io.outText).toContain("4 of 4 complete");
    expect(io.outText).toMatch(/trace [0-9a-f]{16}\n$/);
  });

  it("tells groups apart, how even it was, and who was blamed, in lines of 80 columns", async () => {
    const few = ["--peers", "10", "--set", "pieces=32", "--set", "hours=0.02"];
    for (const name of ["free-riders", "poisoners"]) {
      const io = new FakeIo({ isTerminal: true });
      await runCommandLine(["sim", name, ...few], io);
      expect(io.outText).toMatch(/^group +nodes +done .*took +gave +no use$/m);
      const prose = io.outText.replaceAll("\n", " ");
      expect(prose).toMatch(
        /When the first that gives was complete \(.*\), on average copies had come: .* \d\.\d\d[,.]/,
      );
      if (name === "poisoners") expect(prose).toMatch(/Poisoners: of \d+ .* 0 honest peers banned\./);
      for (const line of io.outText.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  it("ends with one object for scripts, equal from the same seed but for the time it took", async () => {
    const [first, again] = [await run("lecture", ...small, "--json"), await run("lecture", ...small, "--json")];
    expect(first.io.events).toHaveLength(1);
    const result = first.io.events[0] ?? {};
    expect(result).toMatchObject({ scenario: "lecture", seed: 1, peers: 4, completed: 4 });
    for (const name of ["boundSeconds", "clientServerSeconds", "lastSeconds", "meanSeconds", "ratio", "virtualSeconds"])
      expect(result[name]).toBeGreaterThan(0);
    expect({ ...again.io.events[0], wallSeconds: 0 }).toEqual({ ...result, wallSeconds: 0 });
  });

  it("fuzzes: a line for each seed, and what came of all", async () => {
    const { code, io } = await run("fuzz", "--first", "2", "--seeds", "2", "--nodes", "4");
    expect(code).toBe(0);
    expect(io.outText).toMatch(
      /^seed 2 {2}\d nodes, \d+ pieces?, \d troubles? {2}\d+ s, \d+ events: in order\nseed 3 /,
    );
    expect(io.outText).toMatch(/\n2 swarms, \d+\.\d h in \d+ s: 0 failed\n$/);
  });

  it("runs a plan from a file, and says what is wrong in that swarm", async () => {
    const folder = mkdtempSync(join(tmpdir(), "p2p-tui-sim-"));
    const file = join(folder, "plan.json");
    try {
      writeFileSync(file, JSON.stringify(randomPlan(2, 4)));
      const right = await run("plan", file);
      expect([right.code, right.io.outText]).toEqual([
        0,
        expect.stringMatching(/^all in order\n.*trace [0-9a-f]{16}\n$/),
      ]);
      writeFileSync(file, JSON.stringify({ ...randomPlan(2, 4), endMs: 1000 }));
      const wrong = await run("plan", file);
      expect([wrong.code, wrong.io.outText]).toEqual([1, expect.stringContaining("not everybody completes: peer")]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("refuses what it does not know, and names what it knows", async () => {
    for (const [args, problem] of [
      [["lectures"], 'there is no scenario "lectures"; there are lecture'],
      [["lecture", "--set", "speed=3"], 'lecture has no "speed"; it has peers, pieces'],
      [["lecture", "--set", "pieces=0"], "pieces is a whole number from 1 to"],
      [["lecture", "--set", "kib=100"], "kib is a multiple of 16 from 16 to"],
      [["lecture", "--set", "hours=-1"], "hours is a number from "],
      [["lecture", "--set", "pieces"], "is not a name=number"],
      [["lecture", "--seed", "-1"], "--seed"],
    ] as const) {
      const { code, io } = await run(...args);
      expect(code).toBe(2);
      expect(io.errText).toContain(problem);
      expect(io.outText).toBe("");
    }
  });

  it("ends on a signal with what there is so far", async () => {
    const io = new FakeIo();
    const over = runCommandLine(["sim", "lecture", "--peers", "20", "--json"], io);
    while (io.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    io.signal("SIGINT");
    expect(await over).toBe(130);
    expect(io.events).toMatchObject([{ peers: 20, completed: 0, lastSeconds: null, ratio: null }]);
    expect(io.waiting).toBe(0);
  });
});

/** As if the swarms were as good as can be, but for one that did not complete. */
function figureUpTo(peersMax: number): Figure {
  const plans = new FigurePlans(1, new Map([["hours", 1]]));
  const { bounds } = plans.figure(peersMax, []);
  const simulated = bounds
    .filter(({ peers }) => figurePeers(peersMax).includes(peers))
    .map((point) => {
      const lastSeconds = point.peers === 2 ? null : point.boundSeconds;
      const ratio = lastSeconds === null ? null : 1;
      return { ...point, lastSeconds, meanSeconds: lastSeconds, ratio, traceHash: "0" };
    });
  return plans.figure(peersMax, simulated);
}

describe("the lectures' figure", () => {
  it("has the textbook's numbers: a line for the server, less than an hour for the swarm", () => {
    const figure = figureUpTo(35);
    expect(figure).toMatchObject({ unitSeconds: 3600, seedFactor: 10 });
    expect(figure.bounds).toHaveLength(35);
    for (const { peers, clientServerSeconds, boundSeconds } of figure.bounds) {
      expect(clientServerSeconds / 3600).toBeCloseTo(peers / 10);
      expect(boundSeconds / 3600).toBeCloseTo(Math.max(0.1, peers / (10 + peers)));
    }
    expect(figure.simulated.map(({ peers }) => peers)).toEqual([1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 35]);
  });

  it.each([40, 80, 200])("is drawn in %i columns, with axes and letters", (columns) => {
    const text = figureText(figureUpTo(35), { columns, hasUnicode: true });
    expect(text).toMatch(/^ {2}3\.5 ┤ .*C$/m);
    expect(text).toMatch(/^ {4}0 └[─┬]+$/m);
    expect(text).toMatch(/^ +N .*5 .*35$/m);
    expect(text).toMatch(/[\u2801-\u28ff]/);
    expect(text).toMatch(/^ 2 +0\.2000 +0\.1667 +– +–$/m);
    for (const line of text.split("\n").filter((each) => each.includes("│"))) {
      expect(line.length).toBeLessThanOrEqual(Math.max(28, columns));
    }
  });

  it("does without more than ASCII", () => {
    const text = figureText(figureUpTo(7), { columns: 80, hasUnicode: false });
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    for (const letter of "CPS") expect(text).toMatch(new RegExp(`[|+].*${letter}`));
  });

  it("is one circle for each swarm that completed, as SVG", () => {
    const svg = figureSvg(figureUpTo(35));
    expect(svg.match(/<circle /g)).toHaveLength(1 + 10);
    expect(svg.match(/<svg |<\/svg>/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("is simulated, drawn and written", async () => {
    const folder = mkdtempSync(join(tmpdir(), "p2p-tui-figure-"));
    try {
      const io = new FakeIo({ workingDirectory: folder });
      const quick = ["--peers-max", "2", "--set", "pieces=8", "--set", "hours=0.01"];
      expect(await runCommandLine(["sim", "figure", ...quick, "--svg", "a.svg", "--json"], io)).toBe(0);
      expect(io.events).toMatchObject([{ seed: 1, unitSeconds: 36, simulated: [{ peers: 1 }, { peers: 2 }] }]);
      expect(readFileSync(join(folder, "a.svg"), "utf8")).toMatch(/^<svg /);
      const drawn = new FakeIo({ workingDirectory: folder });
      expect(await runCommandLine(["sim", "figure", ...quick], drawn)).toBe(0);
      expect(drawn.outText).toContain("Minimum distribution time in units of F/u = 36s");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has options of its own", async () => {
    expect((await run("figure", "--peers", "3")).io.errText).toContain("--peers is not for figure");
    expect((await run("lecture", "--svg", "a.svg")).io.errText).toContain("--svg is not for lecture");
  });
});
