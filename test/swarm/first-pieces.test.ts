import { describe, expect, it } from "vitest";
import type { Candidate } from "../../source/swarm/choke-ranking.ts";
import { firstPieceSlots, firstTurnMs, firstTurns } from "../../source/swarm/first-pieces.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function newcomer(id: number): Mutable<Candidate> {
  return {
    id,
    peerInterested: true,
    amChoking: true,
    isSnubbed: false,
    connectedMs: 0,
    unchokedMs: Number.NEGATIVE_INFINITY,
    chokedMs: Number.NEGATIVE_INFINITY,
    downRate: 0,
    upRate: 0,
    hasNothing: true,
  };
}

const crowd = (count: number) => Array.from({ length: count }, (_, i) => newcomer(i + 1));
const first = (waiting: readonly Candidate[]) => waiting[0];
const slots = { all: 5, first: 2 };

function unchoke(one: Mutable<Candidate> | undefined, nowMs: number): void {
  if (one !== undefined) Object.assign(one, { amChoking: false, unchokedMs: nowMs, upRate: 1000 });
}

describe("first pieces", () => {
  it("are given to as many at a time as a line fills with a piece every two seconds", () => {
    expect(firstPieceSlots(0, 262_144)).toBe(1);
    expect(firstPieceSlots(18_000, 262_144)).toBe(1);
    expect(firstPieceSlots(180_000, 262_144)).toBe(2);
    expect(firstPieceSlots(180_000, 65_536)).toBe(6);
  });

  it("matter only while more wait for one than there are slots", () => {
    expect(firstTurns(crowd(4), slots, first, 0)).toBeUndefined();
    expect(firstTurns(crowd(5), slots, first, 0)?.map(({ id }) => id)).toEqual([1, 2]);
    const rich = crowd(9).map((one) => ({ ...one, hasNothing: false }));
    expect(firstTurns([...rich, ...crowd(4)], slots, first, 0)).toBeUndefined();
    const idle = crowd(9).map((one) => ({ ...one, peerInterested: false }));
    expect(firstTurns([...idle, ...crowd(4)], slots, first, 0)).toBeUndefined();
  });

  it("pass on to the next when one has got his", () => {
    const all = crowd(9);
    unchoke(all[0], 0);
    unchoke(all[1], 0);
    expect(firstTurns(all, slots, first, 9000)?.map(({ id }) => id)).toEqual([1, 2]);
    if (all[0] !== undefined) all[0].hasNothing = false;
    expect(firstTurns(all, slots, first, 9000)?.map(({ id }) => id)).toEqual([2, 3]);
  });

  it("are not waited for where somebody takes nothing, or for ever", () => {
    const all = crowd(9);
    unchoke(all[0], 0);
    unchoke(all[1], 0);
    if (all[0] !== undefined) all[0].upRate = 0;
    expect(firstTurns(all, slots, first, 11_000)?.map(({ id }) => id)).toEqual([2, 3]);
    expect(firstTurns(all, slots, first, firstTurnMs)?.map(({ id }) => id)).toEqual([3, 4]);
  });

  it("are for nobody who had such a turn, but for one that was cut short", () => {
    const all = crowd(9);
    if (all[0] !== undefined) Object.assign(all[0], { unchokedMs: 0, chokedMs: 20_000 });
    if (all[1] !== undefined) Object.assign(all[1], { unchokedMs: 0, chokedMs: 1_000 });
    expect(firstTurns(all, slots, first, 30_000)?.map(({ id }) => id)).toEqual([2, 3]);
  });
});
