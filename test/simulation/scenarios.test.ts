/** Each scenario of `p2p-tui sim`, in small: goals and tolerances stand with each test. */
import { describe, expect, it } from "vitest";
import { allScenarios } from "../../source/simulator/scenarios/all-scenarios.ts";
import { judgeScenario, runScenario } from "./run-scenario.ts";

/** F = 2 MiB in 32 pieces, F/u = 2 minutes. */
const small = { pieces: 32, hours: 1 / 30 };
const crowdOf: Readonly<Record<string, number>> = { crowd: 60 };

describe("every scenario", () => {
  // Goal: whoever stays completes, and nothing of the engines is left behind.
  it.each(allScenarios.map(({ name }) => name))("%s completes, and leaves no timers", async (name) => {
    const more = name === "crowd" ? crowdOf : { peers: 6 };
    const { simulation, results } = await runScenario(name, { ...small, ...more });
    expect(results.completed + results.leftBefore).toBe(results.peers);
    expect(results.completed).toBeGreaterThan(0);
    expect(simulation.world.clock.pendingTimers).toBe(0);
  });
});

describe("equals", () => {
  // Goals, of a thousand pieces: who gives a byte gets one, within a tenth; a seed's turns within 15 %. Eight get a few pieces
  // from each here.
  it("get as much as they give, and as much of the seed as others", async () => {
    const { results } = await runScenario("lecture", { pieces: 128, hours: 0.5, peers: 8 });
    expect(results.exchange.count).toBe(8);
    expect(results.exchange.worst).toBeLessThan(0.15);
    expect(results.firstCompletion?.seedTime.worst).toBeLessThan(0.15);
  });
});

describe("poisoners", () => {
  // Goals: a neighbour bans each after two bad pieces at most, nobody honest is banned, and all take
  // at most 1.2 times as long as without them.
  it("cost a neighbour two pieces, and the swarm next to nothing", async () => {
    const set = { ...small, pieces: 96, hours: 0.1, peers: 12 };
    const clean = await runScenario("poisoners", { ...set, poisoners: 0 });
    const { results } = await runScenario("poisoners", { ...set, poisoners: 25 });
    expect(results.blame).toMatchObject({ honestBanned: 0 });
    expect(results.blame?.poisoned).toBeGreaterThan(0);
    expect(results.blame?.banned).toBe(results.blame?.poisoned);
    expect(results.blame?.wrongPiecesMax).toBeLessThanOrEqual(2);
    expect(results.lastSeconds).toBeLessThanOrEqual(1.2 * (clean.results.lastSeconds ?? 0));
  });

  // Goal: no bad piece is kept. The referee reads all lines: what an engine shows, it has right.
  it("get nothing wrong past a hash", async () => {
    const { failure } = await judgeScenario("poisoners", { ...small, peers: 8, poisoners: 25, spoils: 60 });
    expect(failure?.text).toBeUndefined();
  });

  // Goal: scripted ones, which dial by themselves and are no seeds of ours, fare no better.
  it("are banned where they come by themselves, too", async () => {
    const { results } = await runScenario("crowd", { ...small, crowd: 100 });
    const poisoners = results.crowds.find(({ group }) => group === "poisoner");
    expect(poisoners?.wrongBlocks).toBeGreaterThan(0);
    expect(poisoners?.bans).toBeGreaterThan(0);
    for (const crowd of results.crowds) if (crowd !== poisoners) expect(crowd.bans, crowd.group).toBe(0);
  });
});

describe("liars", () => {
  // Goal: as many that lie as want something delay the last by a tenth of the bound at most; nobody is banned for silence.
  it("hardly delay a swarm", async () => {
    const { results } = await runScenario("liars", { ...small, pieces: 64, hours: 0.1, peers: 8 });
    expect(results.ratio).toBeLessThan(1.25);
    for (const { bans } of results.crowds) expect(bans).toBe(0);
  });
});

describe("free riders", () => {
  // Goals, of swarms of a hundred: three times as fast, a tenth slower. Two dozen have few partners to choose from, and most
  // of what they get is the seed's, which gives everybody the same. So here: noticeably faster.
  it("get less than those that give", async () => {
    const { results } = await runScenario("free-riders", { ...small, pieces: 128, hours: 0.125, peers: 24 });
    const { contributor = 0, "free rider": rider = 1 } = results.firstCompletion?.copies ?? {};
    expect(contributor).toBeGreaterThan(1.15 * rider);
  });

  it("complete all the same where those that give leave as soon as they are complete", async () => {
    const { results } = await runScenario("free-riders", { ...small, peers: 10, leaving: 1 });
    expect(results.completed).toBe(10);
  });
});

describe("breakdowns", () => {
  it("hit disks and lines, and everybody completes", async () => {
    const { simulation, results } = await runScenario("breakdowns", { ...small, pieces: 64, hours: 0.2, peers: 8 });
    expect(results.completed).toBe(8);
    const full = simulation.nodes.find(({ plan }) => plan.name === "peer 2");
    expect(full?.disk.hasHadTrouble).toBe(true);
    expect(full?.completedMs).toBeDefined();
  });
});
