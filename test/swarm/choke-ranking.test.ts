/** In which order a super-seed serves its neighbours. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../source/base/random.ts";
import { rankForSuperSeed, type SuperSeedStanding, superSeedTurnMs } from "../../source/swarm/choke-ranking.ts";
import { type Candidate, Choker } from "../../source/swarm/choker.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const nowMs = 10_000_000;
const minute = 60_000;
const usual: SuperSeedStanding = { hasOpen: true, isFetching: false, hasNew: false, debts: 0 };

function candidate(id: number, standing: Partial<SuperSeedStanding>, chokedMs = nowMs): Mutable<Candidate> {
  return {
    id,
    peerInterested: true,
    amChoking: true,
    isSnubbed: false,
    connectedMs: 0,
    unchokedMs: Number.NEGATIVE_INFINITY,
    chokedMs,
    downRate: 0,
    upRate: 0,
    standing: { ...usual, ...standing },
  };
}

function order(...candidates: Candidate[]): number[] {
  return rankForSuperSeed(candidates, nowMs).map(({ id }) => id);
}

describe("a super-seed's ranking", () => {
  it("begins with who is to fetch what nobody has", () => {
    const [old, fresh] = [candidate(1, {}, nowMs - 5 * minute), candidate(2, { hasNew: true, debts: 2 })];
    expect(order(old, fresh)).toEqual([2, 1]);
  });

  it("has who has spread what he got before who has not and waits as long", () => {
    expect(order(candidate(1, { debts: 3 }), candidate(2, { debts: 1 }), candidate(3, {}))).toEqual([3, 2, 1]);
  });

  it("lets long waiting outweigh debts and new pieces", () => {
    const patient = candidate(1, { debts: 1000 }, nowMs - 15 * minute);
    expect(order(candidate(2, { hasNew: true }), candidate(3, {}), patient)).toEqual([1, 2, 3]);
  });

  it("gives nobody a place for coming anew", () => {
    const again = { ...candidate(1, {}, Number.NEGATIVE_INFINITY), connectedMs: nowMs - 1000 };
    expect(order(again, candidate(2, {}, nowMs - 2000))).toEqual([2, 1]);
  });

  it("keeps who is in his turn, and who fetches after it", () => {
    const served = { amChoking: false, unchokedMs: nowMs - superSeedTurnMs + 1 };
    const after = { amChoking: false, unchokedMs: nowMs - superSeedTurnMs };
    const waiting = candidate(1, { hasNew: true }, 0);
    expect(order(waiting, { ...candidate(2, {}), ...served })).toEqual([2, 1]);
    expect(order(waiting, { ...candidate(2, { hasOpen: false }), ...served })).toEqual([1, 2]);
    expect(order(waiting, { ...candidate(2, {}), ...after })).toEqual([1, 2]);
    expect(order(waiting, { ...candidate(2, { isFetching: true }), ...after })).toEqual([2, 1]);
  });
});

/** Each wants something for ever; a turn of a fetching one takes so long. */
function longestWaitMs(standings: readonly SuperSeedStanding[], turnMs: number, hours: number): number {
  const choker = new Choker(new SeededRandom(1), 2, 0);
  const all = standings.map((standing, id) => ({ ...candidate(id, standing, 0), connectedMs: 0 }));
  let longest = 0;
  for (let ms = 0; ms < hours * 60 * minute; ms += 1000) {
    for (const one of all) {
      const isFetching = standings[one.id]?.isFetching === true && ms - one.unchokedMs < turnMs;
      one.standing = { ...(standings[one.id] ?? usual), isFetching };
    }
    const decisions = choker.fill(all, "super-seed", ms);
    for (const one of all) {
      const isServed = decisions.has(one.id);
      if (isServed && one.amChoking) {
        longest = Math.max(longest, ms - one.chokedMs);
        one.unchokedMs = ms;
      }
      if (!isServed && !one.amChoking) one.chokedMs = ms;
      one.amChoking = !isServed;
    }
  }
  for (const one of all) if (one.amChoking) longest = Math.max(longest, hours * 60 * minute - one.chokedMs);
  return longest;
}

describe("whoever wants something from a super-seed", () => {
  const standings = fc.array(
    fc.record({ hasOpen: fc.constant(true), isFetching: fc.boolean(), hasNew: fc.boolean(), debts: fc.nat(50) }),
    { minLength: 4, maxLength: 12 },
  );

  it("is served in bounded time, whatever the others do", () => {
    fc.assert(
      fc.property(standings, (all) => {
        // Ten minutes and eight times thirty seconds ahead of him, then two turns of each other one on three slots.
        const boundMs = 14 * minute + (2 * all.length * 40_000) / 3 + 40_000;
        expect(longestWaitMs(all, 40_000, 2)).toBeLessThan(boundMs);
      }),
      { numRuns: 25 },
    );
  });

  it("is not kept waiting by takers that never finish a piece", () => {
    const takers = Array.from({ length: 9 }, () => ({ ...usual, hasNew: true, isFetching: true }));
    const honest = { ...usual, debts: 30 };
    expect(longestWaitMs([...takers, honest], 40_000, 2)).toBeLessThan(18 * minute);
  });
});
