import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PieceFacts, pieceVerdict } from "../../source/control/piece-why.ts";
import type { PieceState, TorrentState } from "../../source/control/protocol.ts";

function facts(state: PieceState, more: Partial<PieceFacts> = {}, received = 0, requested = 0): PieceFacts {
  return {
    piece: { state, length: 65_536, availability: more.holders ?? 3, blocks: 4, received, requested },
    torrentState: "downloading",
    isActive: true,
    holders: 3,
    open: 2,
    snubbing: 0,
    lackers: 5,
    fileCount: 1,
    queue: undefined,
    isSequential: false,
    isNewcomer: false,
    doubled: 0,
    owner: undefined,
    isDiskBusy: false,
    isOverLimit: false,
    ...more,
  };
}

const said = (...args: Parameters<typeof facts>): string => pieceVerdict(facts(...args)).sentence;

describe("why a piece is not under way", () => {
  it("is that nobody can be asked for it", () => {
    expect(said("missing", { holders: 0, open: 0 })).toBe("no neighbour has it");
    expect(said("missing", { holders: 0, lackers: 0 })).toBe("nobody is connected who could have it");
    expect(said("missing", { holders: 1, open: 0 })).toBe("the one who has it chokes us");
    expect(said("missing", { open: 0 })).toBe("all 3 who have it choke us");
    expect(said("missing", { snubbing: 2 })).toBe("the 2 who may be asked for it send nothing");
    expect(said("active", { open: 0 }, 2)).toBe("all 3 who have it choke us");
    expect(pieceVerdict(facts("active", { open: 0 }, 2)).evidence).toEqual(["2 of 4 blocks are here"]);
  });

  it("is that others come first, and which", () => {
    const queue = { higher: 0, rarer: 0, equal: 1 };
    expect(said("missing", { queue: { ...queue, higher: 7 } })).toBe("not its turn: 7 pieces wanted more come first");
    expect(said("missing", { queue: { ...queue, rarer: 1214 } })).toBe("not its turn: 1,214 rarer ones come first");
    expect(said("missing", { queue: { ...queue, equal: 9 } })).toBe(
      "not its turn: it is among the 9 rarest, and which comes first is drawn by lot",
    );
    expect(said("missing", { queue, isSequential: true })).toBe("not its turn: pieces come in order");
    expect(said("missing", { queue, isNewcomer: true })).toContain("drawn at random");
    expect(said("missing", { queue })).toBe("it comes next, when one who has it can be asked for more");
  });

  it("is what holds all of them up", () => {
    expect(said("missing", { isDiskBusy: true })).toBe("our disk takes no more just now");
    expect(said("active", { isOverLimit: true }, 1)).toBe("our download limit keeps us from asking");
    expect(said("missing", { isActive: false, torrentState: "paused" })).toBe("the torrent is paused");
    expect(said("skipped")).toBe("its file is skipped");
    expect(said("skipped", { fileCount: 2 })).toBe("its files are skipped");
    expect(said("active", { owner: "10.0.0.3:1" }, 1)).toBe("it waits for 10.0.0.3:1, who alone may send it");
  });
});

describe("what becomes of a piece", () => {
  it("is told while it is under way, with the endgame", () => {
    const { sentence, evidence } = pieceVerdict(facts("active", { doubled: 1 }, 1, 3));
    expect(sentence).toBe("it is under way: 1 of 4 blocks is here");
    expect(evidence).toEqual(["3 asked for", "endgame: 1 of them of several neighbours"]);
    expect(said("active", {}, 4)).toBe("all of it is here: it is being checked and written");
  });

  it("is told when it is ours: whom it is of use to", () => {
    expect(said("ours", { holders: 0, lackers: 2 })).toBe("only we have it: 2 neighbours lack it");
    expect(said("ours", { lackers: 1 })).toBe("it is ours; 1 neighbour lacks it");
    expect(said("ours", { lackers: 0 })).toBe("it is ours, and nobody here lacks it");
    expect(said("ours", { isActive: false })).toBe("it is verified and on our disk");
  });

  it("is always told, in whole words", () => {
    const states: PieceState[] = ["ours", "active", "missing", "skipped"];
    const torrentStates: TorrentState[] = [
      "checking",
      "downloading",
      "seeding",
      "queued",
      "moving",
      "paused",
      "failed",
    ];
    const count = fc.nat(5);
    fc.assert(
      fc.property(
        fc.record({
          torrentState: fc.constantFrom(...torrentStates),
          isActive: fc.boolean(),
          holders: count,
          open: count,
          snubbing: count,
          lackers: count,
          fileCount: count,
          queue: fc.option(fc.record({ higher: count, rarer: count, equal: count }), { nil: undefined }),
          isSequential: fc.boolean(),
          isNewcomer: fc.boolean(),
          doubled: count,
          owner: fc.option(fc.constant("10.0.0.1:1"), { nil: undefined }),
          isDiskBusy: fc.boolean(),
          isOverLimit: fc.boolean(),
        }),
        fc.constantFrom(...states),
        fc.nat(4),
        (more, state, received) => {
          const { sentence, evidence, code } = pieceVerdict(facts(state, more, received, 4 - received));
          expect(code).not.toBe("");
          expect([sentence, ...evidence].join()).not.toMatch(/undefined|NaN|null|false/);
          expect(sentence.length).toBeGreaterThan(5);
        },
      ),
    );
  });
});
