import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../source/commands/run.ts";
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
    expect(io.outText).toContain("lecture, seed 1: 4 peers of 1.00 MiB in 16 pieces");
    // F = 1 MiB, u = F/72 s, u_s = 10 u: 4 F of 14 u.
    expect(io.outText).toContain("= max(7.2, 7.2, 20.6) s");
    expect(io.outText).toMatch(/last +\d+\.\d s {2}1\.\d{3}\n/);
    expect(io.outText).toContain("4 of 4 complete");
    expect(io.outText).toMatch(/trace [0-9a-f]{16}\n$/);
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

  it("refuses what it does not know, and names what it knows", async () => {
    for (const [args, problem] of [
      [["lectures"], 'there is no scenario "lectures"; there are lecture'],
      [["lecture", "--set", "speed=3"], 'lecture has no "speed"; it has peers, pieces'],
      [["lecture", "--set", "pieces=0"], "pieces is a whole number from 1 to"],
      [["lecture", "--set", "pieces"], "is not a name=number"],
      [["lecture", "--seed", "-1"], "--seed"],
    ] as const) {
      const { code, io } = await run(...args);
      expect(code).not.toBe(0);
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
