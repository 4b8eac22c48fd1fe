import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../source/base/random.ts";
import { type Candidate, Choker, type Decision, optimisticMs, rechokeMs } from "../../source/swarm/choker.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const longAgoMs = -1_000_000;

function candidate(id: number, changes: Partial<Candidate> = {}): Mutable<Candidate> {
  return {
    id,
    peerInterested: true,
    amChoking: true,
    isSnubbed: false,
    connectedMs: longAgoMs,
    unchokedMs: Number.NEGATIVE_INFINITY,
    chokedMs: Number.NEGATIVE_INFINITY,
    downRate: 0,
    upRate: 0,
    ...changes,
  };
}

/** Neighbours under a choker, whose decisions take effect. */
class Table {
  readonly choker: Choker;
  readonly candidates: Mutable<Candidate>[];
  isSeed: boolean;
  nowMs = 0;
  /** Milliseconds each was unchoked, by id. */
  readonly servedMs = new Map<number, number>();
  /** Who was drawn as the optimistic one, in order. */
  readonly drawn: number[] = [];
  readonly #slots: number;

  constructor(candidates: Mutable<Candidate>[], options: { isSeed?: boolean; seed?: number; slots?: number } = {}) {
    this.candidates = candidates;
    this.isSeed = options.isSeed ?? false;
    this.#slots = options.slots ?? 4;
    this.choker = new Choker(new SeededRandom(options.seed ?? 1), this.#slots, 0);
  }

  /** Whoever is unchoked takes. */
  take(): void {
    for (const each of this.candidates) each.upRate = each.amChoking ? 0 : 100_000;
  }

  rechoke(): ReadonlyMap<number, Decision> {
    return this.#apply(this.choker.rechoke(this.candidates, this.isSeed ? "seed" : "leech", this.nowMs));
  }

  fill(): ReadonlyMap<number, Decision> {
    return this.#apply(this.choker.fill(this.candidates, this.isSeed ? "seed" : "leech", this.nowMs));
  }

  /** A tick a second. */
  run(ms: number, onSecond: () => void = () => undefined): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs += 1000;
      for (const { id, amChoking } of this.candidates) {
        if (!amChoking) this.servedMs.set(id, (this.servedMs.get(id) ?? 0) + 1000);
      }
      onSecond();
      if (this.choker.isDue(this.nowMs)) this.rechoke();
    }
  }

  get unchoked(): number[] {
    return this.candidates.filter((each) => !each.amChoking).map((each) => each.id);
  }

  #apply(decisions: ReadonlyMap<number, Decision>): ReadonlyMap<number, Decision> {
    const slots = [...decisions.values()].map((decision) => decision.slot);
    expect(slots.filter((slot) => slot === "regular").length).toBeLessThanOrEqual(this.#slots);
    expect(slots.length).toBeLessThanOrEqual(this.#slots + 1);
    for (const each of this.candidates) {
      const decision = decisions.get(each.id);
      expect(this.choker.decisionOf(each.id)).toEqual(decision);
      if (decision !== undefined) {
        // Or it wanted something a moment ago.
        expect(each.peerInterested || this.nowMs - each.unchokedMs < 10_000).toBe(true);
        expect(decision.reason).not.toBe("");
      }
      if (each.amChoking === (decision === undefined)) continue;
      each.amChoking = decision === undefined;
      if (each.amChoking) each.chokedMs = this.nowMs;
      else each.unchokedMs = this.nowMs;
    }
    const optimistic = [...decisions].find(([, decision]) => decision.slot === "optimistic")?.[0];
    if (optimistic !== undefined && optimistic !== this.drawn.at(-1)) this.drawn.push(optimistic);
    return decisions;
  }
}

function tableOf(count: number, options: ConstructorParameters<typeof Table>[1] = {}): Table {
  return new Table(
    Array.from({ length: count }, (_, i) => candidate(i + 1)),
    options,
  );
}

const slotOf = (decisions: ReadonlyMap<number, Decision>, slot: string) =>
  [...decisions].filter(([, decision]) => decision.slot === slot).map(([id]) => id);

describe("the choker of a leech", () => {
  it("unchokes the four that give most and one more", () => {
    const table = tableOf(10);
    for (const each of table.candidates) each.downRate = each.id * 1000;
    const decisions = table.rechoke();
    expect(slotOf(decisions, "regular")).toEqual([10, 9, 8, 7]);
    expect(slotOf(decisions, "optimistic")).toHaveLength(1);
    expect(decisions.get(10)?.reason).toContain("rank 1 of 10");
  });

  it("ranks anew each round", () => {
    const table = tableOf(10);
    for (const each of table.candidates) each.downRate = each.id * 1000;
    table.rechoke();
    for (const each of table.candidates) each.downRate = 100_000 - each.id;
    table.nowMs += rechokeMs;
    const regular = slotOf(table.rechoke(), "regular");
    const held = table.drawn[0] ?? 0;
    expect(regular).toEqual([1, 2, 3, 4]);
    expect(table.unchoked).toHaveLength(5);
    if (held > 4) expect(table.unchoked).toContain(held);
  });

  it("gives nothing to those that want nothing", () => {
    const table = tableOf(6);
    for (const each of table.candidates) each.peerInterested = each.id <= 2;
    expect([...table.rechoke().keys()].sort()).toEqual([1, 2]);
  });

  it("gives no regular slot to one that snubs us, but may draw it", () => {
    const table = tableOf(1);
    const [only] = table.candidates;
    if (only !== undefined) Object.assign(only, { isSnubbed: true, downRate: 9000 });
    expect(table.rechoke().get(1)?.slot).toBe("optimistic");
  });

  it("draws the optimistic slot anew every 30 s and holds it in between", () => {
    const table = tableOf(30, { seed: 3 });
    for (const each of table.candidates) each.downRate = each.id <= 4 ? 1_000_000 : 0;
    const holders: (number | undefined)[] = [];
    table.run(300_000, () => holders.push(table.drawn.at(-1)));
    const changes: number[] = [];
    holders.forEach((holder, i) => {
      if (i > 0 && holder !== holders[i - 1]) changes.push(i);
    });
    expect(changes.length).toBeGreaterThanOrEqual(9);
    changes.slice(1).forEach((change, i) => {
      expect(change - (changes[i] ?? 0)).toBe(optimisticMs / 1000);
    });
  });

  it("draws another at once when the optimistic one has earned a regular slot", () => {
    const table = tableOf(12, { seed: 2 });
    for (const each of table.candidates) each.downRate = each.id <= 4 ? 1000 : 0;
    table.rechoke();
    const [first] = table.drawn;
    const drawn = table.candidates.find((each) => each.id === first);
    if (drawn !== undefined) drawn.downRate = 50_000;
    table.nowMs += rechokeMs;
    const decisions = table.rechoke();
    expect(slotOf(decisions, "regular")).toContain(first);
    expect(slotOf(decisions, "optimistic")).toHaveLength(1);
    expect(table.unchoked).toHaveLength(5);
  });

  it("draws newcomers three times as likely", () => {
    let newcomers = 0;
    const runs = 3000;
    for (let seed = 0; seed < runs; seed++) {
      // Four regular ones, ten that are new and ten that are not.
      const table = tableOf(24, { seed });
      for (const each of table.candidates) {
        each.downRate = each.id <= 4 ? 1000 : 0;
        if (each.id > 14) each.connectedMs = -10_000;
      }
      table.rechoke();
      const [drawn = 0] = table.drawn;
      expect(drawn).toBeGreaterThan(4);
      if (drawn > 14) newcomers++;
      expect(table.choker.decisionOf(drawn)?.reason.includes("newcomer")).toBe(drawn > 14);
    }
    // Three quarters, within five standard deviations.
    expect(Math.abs(newcomers / runs - 0.75)).toBeLessThan(5 * Math.sqrt((0.75 * 0.25) / runs));
  });

  it("draws for all slots that nobody has earned, all having snubbed us or given nothing", () => {
    const table = tableOf(10);
    for (const each of table.candidates) Object.assign(each, { downRate: 9000, isSnubbed: each.id > 2 });
    const decisions = table.rechoke();
    expect(slotOf(decisions, "regular").sort()).toEqual([1, 2]);
    expect(slotOf(decisions, "optimistic")).toHaveLength(3);
    for (const each of table.candidates) each.downRate = each.id <= 4 ? 9000 : 0;
    for (const each of table.candidates) each.isSnubbed = false;
    table.nowMs += rechokeMs;
    const later = table.rechoke();
    expect(slotOf(later, "regular").sort()).toEqual([1, 2, 3, 4]);
    expect(slotOf(later, "optimistic")).toHaveLength(1);
  });

  it("draws less often who has something for us and never returned a slot", () => {
    const table = tableOf(24, { seed: 5 });
    table.run(3_600_000, () => {
      for (const each of table.candidates) {
        each.amInterested = true;
        each.downRate = each.id <= 4 ? 100_000 : 0;
        // These return what they are given.
        if (each.id > 14 && !each.amChoking) each.downRate = 1000;
      }
    });
    const times = (from: number, to: number) => table.drawn.filter((id) => id >= from && id <= to).length;
    expect(times(15, 24)).toBeGreaterThan(2 * times(5, 14));
    // But nobody never.
    for (let id = 5; id <= 14; id++) expect(table.drawn).toContain(id);
  });

  it("draws who gave us something before as often as any other, though no slot is returned just now", () => {
    const table = tableOf(34, { seed: 5 });
    table.run(3_600_000, () => {
      for (const each of table.candidates) {
        each.amInterested = true;
        each.downRate = each.id <= 4 || (each.id > 24 && !each.amChoking) ? 1000 : 0;
        each.returns = each.id > 14;
      }
    });
    const times = (from: number, to: number) => table.drawn.filter((id) => id >= from && id <= to).length;
    expect(times(15, 24)).toBeGreaterThan(3 * times(5, 14));
    expect(times(25, 34)).toBeGreaterThan(3 * times(5, 14));
  });

  it("fills free slots between rounds, and takes none from those that have one", () => {
    const table = tableOf(3);
    table.rechoke();
    expect(table.unchoked).toHaveLength(3);
    table.candidates.push(candidate(4, { downRate: 5 }), candidate(5, { downRate: 9 }), candidate(6));
    const before = table.unchoked;
    table.nowMs += 2000;
    table.fill();
    expect(table.unchoked).toHaveLength(5);
    for (const id of before) expect(table.unchoked).toContain(id);
    expect(table.unchoked).toContain(5);
    const filled = table.unchoked;
    table.fill();
    expect(table.unchoked).toEqual(filled);
  });

  it("passes on the slot of one that left at once, of one that lost interest when it has had it for ten seconds", () => {
    const table = tableOf(7, { seed: 4 });
    for (const each of table.candidates) each.downRate = 100 - each.id;
    table.rechoke();
    const [first] = table.candidates;
    if (first !== undefined) first.peerInterested = false;
    table.candidates.splice(1, 1);
    table.nowMs += 5000;
    table.fill();
    expect(table.unchoked).toContain(1);
    expect(table.unchoked).toHaveLength(5);
    table.nowMs += 5000;
    table.fill();
    expect(table.unchoked.sort()).toEqual([3, 4, 5, 6, 7]);
  });
});

describe("the choker of a seed", () => {
  it("serves ten equal neighbours all, and evenly, within minutes", () => {
    for (let seed = 0; seed < 5; seed++) {
      const table = tableOf(10, { isSeed: true, seed });
      table.run(240_000, () => table.take());
      expect(table.servedMs.size).toBe(10);
      table.run(3_360_000, () => table.take());
      const served = [...table.servedMs.values()];
      expect(Math.min(...served)).toBeGreaterThan(0.6 * Math.max(...served));
    }
  });

  it("serves the slow as well as the fast, though fast ones keep pushing in", () => {
    const table = tableOf(20, { isSeed: true, seed: 6 });
    table.run(1_800_000, () => {
      for (const each of table.candidates) each.upRate = each.amChoking ? 0 : each.id * 50_000;
    });
    expect(table.servedMs.size).toBe(20);
    for (const served of table.servedMs.values()) expect(served).toBeGreaterThan(90_000);
  });

  it("serves one that comes late within a minute and a half", () => {
    const table = tableOf(10, { isSeed: true, seed: 8 });
    table.run(600_000);
    table.candidates.push(candidate(11, { connectedMs: table.nowMs }));
    table.run(90_000);
    expect(table.servedMs.get(11)).toBeGreaterThan(0);
  });

  it("gives all that want something the same time within a seventh, whenever they came", () => {
    for (let seed = 0; seed < 3; seed++) {
      const table = tableOf(60, { isSeed: true, seed });
      table.run(1_800_000, () => table.take());
      for (let id = 61; id <= 80; id++) table.candidates.push(candidate(id, { connectedMs: table.nowMs }));
      const before = new Map(table.servedMs);
      table.run(3_600_000, () => table.take());
      const served = table.candidates.map(({ id }) => (table.servedMs.get(id) ?? 0) - (before.get(id) ?? 0));
      const mean = served.reduce((sum, ms) => sum + ms, 0) / served.length;
      expect(Math.max(...served) / mean).toBeLessThan(1.15);
      expect(Math.min(...served) / mean).toBeGreaterThan(0.85);
    }
  });

  it("lets who had nothing to want for long begin where the least served are", () => {
    const table = tableOf(20, { isSeed: true });
    for (const each of table.candidates) each.peerInterested = each.id !== 20;
    table.run(3_600_000, () => table.take());
    for (const each of table.candidates) each.peerInterested = true;
    const before = new Map(table.servedMs);
    table.run(600_000, () => table.take());
    const served = (id: number) => (table.servedMs.get(id) ?? 0) - (before.get(id) ?? 0);
    expect(served(20)).toBeGreaterThan(60_000);
    expect(served(20)).toBeLessThan(2.5 * served(1));
  });

  it("gives everybody a first piece before anybody gets more", () => {
    const table = tableOf(30, { isSeed: true });
    for (const each of table.candidates) each.hasNothing = true;
    const order: number[] = [];
    table.rechoke();
    for (let i = 0; i < 30; i++) {
      table.take();
      table.nowMs += 1000;
      const one = table.candidates.find((each) => !each.amChoking && each.hasNothing === true);
      if (one !== undefined) {
        one.hasNothing = false;
        order.push(one.id);
      }
      table.fill();
    }
    expect(new Set(order).size).toBe(30);
    expect(table.unchoked).toHaveLength(5);
  });

  it("ends a turn with the piece that is under way, if that is not long", () => {
    const table = tableOf(20, { isSeed: true });
    table.rechoke();
    const first = table.unchoked;
    table.take();
    for (const each of table.candidates) each.piece = each.id;
    table.nowMs += 21_000;
    table.fill();
    expect(table.unchoked).toEqual(first);
    for (const each of table.candidates) if (each.id === first[0]) each.piece = 99;
    table.nowMs += 1000;
    table.fill();
    expect(table.unchoked).not.toContain(first[0]);
    expect(table.unchoked).toEqual(expect.arrayContaining(first.slice(1)));
    table.nowMs += 20_000;
    table.fill();
    for (const id of first) expect(table.unchoked).not.toContain(id);
  });

  it("keeps a neighbour for its turn, where all are as fast", () => {
    const table = tableOf(30, { isSeed: true, seed: 9 });
    table.rechoke();
    const regular = table.unchoked.filter((id) => table.choker.decisionOf(id)?.slot === "regular");
    table.take();
    table.nowMs += 15_000;
    expect(slotOf(table.rechoke(), "regular").sort()).toEqual(regular.sort());
    table.nowMs += 6_000;
    for (const id of slotOf(table.rechoke(), "regular")) expect(regular).not.toContain(id);
  });

  it("ends the turn of one that takes nothing, where others wait", () => {
    const table = tableOf(10, { isSeed: true, seed: 10 });
    const [idle = 0, ...others] = slotOf(table.rechoke(), "regular");
    table.take();
    for (const each of table.candidates) if (each.id === idle) each.upRate = 0;
    table.nowMs += rechokeMs;
    const next = slotOf(table.rechoke(), "regular");
    expect(next).not.toContain(idle);
    expect(next).toEqual(expect.arrayContaining(others));
  });

  it("serves one of each network before the second of any", () => {
    const crowd = Array.from({ length: 50 }, (_, i) => candidate(i + 1, { network: "192.0.2.1" }));
    const table = new Table([...crowd, candidate(51, { network: "192.0.2.2" })], { isSeed: true });
    expect(slotOf(table.rechoke(), "regular")).toContain(51);
    table.candidates.push(candidate(52, { network: "192.0.2.3", connectedMs: table.nowMs }));
    table.take();
    table.nowMs += rechokeMs;
    expect(slotOf(table.rechoke(), "regular")).toEqual(expect.arrayContaining([51, 52]));
  });

  it("draws a network of many no more often than a network of one", () => {
    let crowdCount = 0;
    for (let seed = 0; seed < 600; seed++) {
      const crowd = Array.from({ length: 40 }, (_, i) => candidate(i + 1, { network: "192.0.2.1" }));
      const others = [candidate(98, { network: "192.0.2.2" }), candidate(99, { network: "192.0.2.3" })];
      const table = new Table([...crowd, ...others], { slots: 1, seed });
      const [drawn = 0] = slotOf(table.rechoke(), "optimistic");
      if (drawn <= 40) crowdCount++;
    }
    expect(crowdCount).toBeGreaterThan(150);
    expect(crowdCount).toBeLessThan(250);
  });
});

describe("a choker without slots", () => {
  it("serves nobody, not by chance either", () => {
    const table = new Table([candidate(1), candidate(2)], { slots: 0, seed: 1 });
    expect(table.rechoke().size).toBe(0);
  });
});

describe("any choker", () => {
  const event = fc.oneof(
    fc.record({ what: fc.constant("pass"), ms: fc.integer({ min: 0, max: 40_000 }) }),
    fc.record({
      what: fc.constantFrom("interest", "snub", "come", "go"),
      ms: fc.nat({ max: 30 }),
    }),
    fc.record({ what: fc.constant("rate"), ms: fc.nat({ max: 1_000_000 }) }),
    fc.record({ what: fc.constantFrom("fill", "seed"), ms: fc.constant(0) }),
  );

  function play(events: readonly { what: string; ms: number }[], slots: number, seed: number): Table {
    const table = tableOf(3, { slots, seed });
    let nextId = 4;
    for (const { what, ms } of events) {
      const one = table.candidates[ms % Math.max(1, table.candidates.length)];
      if (what === "pass") table.nowMs += ms;
      else if (what === "come") table.candidates.push(candidate(nextId++, { connectedMs: table.nowMs }));
      else if (what === "seed") table.isSeed = !table.isSeed;
      else if (one !== undefined && what === "go") table.candidates.splice(table.candidates.indexOf(one), 1);
      else if (one !== undefined && what === "interest") one.peerInterested = !one.peerInterested;
      else if (one !== undefined && what === "snub") one.isSnubbed = !one.isSnubbed;
      else if (one !== undefined && what === "rate") one.downRate = ms;
      // A round or a filling after each: `Table` checks the slots and the reasons.
      if (table.choker.isDue(table.nowMs)) table.rechoke();
      else table.fill();
      const interested = table.candidates.filter((each) => each.peerInterested && !(each.isSnubbed && !table.isSeed));
      // No slot is left empty while somebody that has earned none worse is waiting.
      expect(table.unchoked.length).toBeGreaterThanOrEqual(Math.min(interested.length, slots));
    }
    return table;
  }

  it("never has more than its slots and one unchoked, and never leaves one empty", () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (events, slots, seed) => {
          play(events, slots, seed);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("decides the same by the same seed", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.nat(), (events, seed) => {
        const [a, b] = [play(events, 4, seed), play(events, 4, seed)];
        expect(a.unchoked).toEqual(b.unchoked);
        expect(a.drawn).toEqual(b.drawn);
      }),
      { numRuns: 50 },
    );
  });

  it("counts down to its next round and its next draw", () => {
    const table = tableOf(5);
    table.rechoke();
    expect(table.choker.countdowns(table.nowMs + 4000).rechokeMs).toBe(rechokeMs - 4000);
    expect(table.choker.countdowns(table.nowMs + 99_000)).toEqual({ rechokeMs: 0, optimisticMs: 0 });
  });
});
