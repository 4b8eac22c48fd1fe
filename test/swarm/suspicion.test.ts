import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Suspicion } from "../../source/swarm/suspicion.ts";

interface Sender {
  readonly name: string;
  readonly isPoisoner: boolean;
  isSuspect: boolean;
}

function sender(name: string, isPoisoner = false): Sender {
  return { name, isPoisoner, isSuspect: false };
}

describe("suspicion", () => {
  it("convicts the only sender of a piece that failed", () => {
    const one = sender("one");
    expect(new Suspicion<Sender>().pieceFailed([one], 1)).toBe(one);
  });

  it("convicts nobody where several sent, and suspects them all", () => {
    const [a, b] = [sender("a"), sender("b")];
    expect(new Suspicion<Sender>().pieceFailed([a, b], 2)).toBeUndefined();
    expect([a.isSuspect, b.isSuspect]).toEqual([true, true]);
  });

  it("convicts nobody where the other senders have left", () => {
    const one = sender("one");
    expect(new Suspicion<Sender>().pieceFailed([one], 2)).toBeUndefined();
    expect(one.isSuspect).toBe(true);
  });

  it("clears a suspect after two right pieces of its own", () => {
    const [a, b] = [sender("a"), sender("b")];
    const suspicion = new Suspicion<Sender>();
    suspicion.pieceFailed([a, b], 2);
    suspicion.ownPiecePassed(a);
    expect(a.isSuspect).toBe(true);
    suspicion.ownPiecePassed(a);
    expect([a.isSuspect, b.isSuspect]).toEqual([false, true]);
  });

  it("counts anew after another failure", () => {
    const [a, b] = [sender("a"), sender("b")];
    const suspicion = new Suspicion<Sender>();
    suspicion.pieceFailed([a, b], 2);
    suspicion.ownPiecePassed(a);
    suspicion.pieceFailed([a, b], 2);
    suspicion.ownPiecePassed(a);
    expect(a.isSuspect).toBe(true);
  });

  it("never convicts an honest sender, and convicts a poisoner that works alone, whatever they send together", () => {
    const piece = fc.record({
      senders: fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1 }),
      isSpoilt: fc.boolean(),
      left: fc.option(fc.nat({ max: 4 })),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const all = [0, 1, 2, 3, 4].map((i) => sender(`sender ${i}`, i === 0));
        const suspicion = new Suspicion<Sender>();
        for (const { senders, isSpoilt, left } of pieces) {
          const contributors = all.filter((_, i) => senders.includes(i));
          const there = contributors.filter((_, i) => i !== left);
          const hasFailed = isSpoilt && contributors.some((each) => each.isPoisoner);
          const [only] = there;
          if (!hasFailed) {
            if (contributors.length === 1 && only !== undefined) suspicion.ownPiecePassed(only);
          } else {
            const culprit = suspicion.pieceFailed(there, contributors.length);
            expect(culprit === undefined || culprit.isPoisoner).toBe(true);
            if (contributors.length === 1) expect(culprit).toBe(there[0]);
          }
        }
      }),
    );
  });
});
