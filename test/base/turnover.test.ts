import { describe, expect, it } from "vitest";
import type { PieceIndex } from "../../source/base/ids.ts";
import { Turnover } from "../../source/base/turnover.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { PieceAssembler } from "../../source/storage/piece-assembler.ts";
import { BlockLedger } from "../../source/swarm/block-ledger.ts";
import { SendBuffers } from "../../source/swarm/send-buffers.ts";
import { UploadQueue } from "../../source/swarm/upload-queue.ts";
import { oldGarbageOf } from "../support/old-garbage.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const blockLength = 16384;
const pieceLength = 4 * blockLength;
const geometry = new Geometry(pieceLength, pieceLength * 60_000);
const atOnce = 32;
const eachRound = 100;
/** Without copies it is 3 to 20 MB. */
const garbageMax = 2e6;

function pieces(round: number): PieceIndex[] {
  return Array.from({ length: eachRound }, (_, i) => geometry.piece(atOnce + round * eachRound + i));
}

describe("a turnover", () => {
  it("is due when as much has come as is there, and not for every few", () => {
    const turnover = new Turnover();
    const due = (size: number, count: number) =>
      Array.from({ length: count }, (_, i) => (turnover.isDue(size) ? i : -1)).filter((i) => i >= 0);
    expect(due(0, 512)).toEqual([127, 255, 383, 511]);
    expect(due(1000, 3000)).toEqual([999, 1999, 2999]);
  });
});

describe("what is done with does not outlive collections of young objects", () => {
  it("in the ledger of blocks", () => {
    const ledger = new BlockLedger(geometry);
    const work = (round: number) => {
      for (const piece of pieces(round)) {
        const active = ledger.begin(piece);
        for (let block = 0; block < active.blockCount; block++) ledger.request(active, block);
        ledger.end(geometry.piece(piece - atOnce));
      }
    };
    expect(oldGarbageOf(work)).toBeLessThan(garbageMax);
    expect(ledger.size).toBe(atOnce);
    expect([...ledger.pieces()].map(({ piece }) => piece)).toEqual(pieces(100).slice(-atOnce));
  });

  it("where pieces are put together", () => {
    const checked: PieceIndex[] = [];
    const assembler = new PieceAssembler(
      { hasher: new NodeHasher(), clock: new VirtualClock() },
      geometry,
      new Uint8Array(20 * geometry.pieceCount),
      {
        keep: () => undefined,
        isWritten: () => true,
        readBack: () => undefined,
        onPieceChecked: (piece) => void checked.push(piece),
        onFailure: (error) => expect(error).toBeUndefined(),
      },
    );
    const block = new Uint8Array(blockLength);
    const work = (round: number) => {
      checked.length = 0;
      for (const piece of pieces(round)) {
        assembler.add(piece, 0, block);
        const earlier = geometry.piece(piece - atOnce);
        for (let begin = blockLength; begin < pieceLength; begin += blockLength) assembler.add(earlier, begin, block);
        assembler.settle();
      }
    };
    expect(oldGarbageOf(work)).toBeLessThan(garbageMax);
    expect(checked.length).toBe(eachRound);
  });

  it("in the queue of what a neighbour asks for", () => {
    const clock = new VirtualClock();
    const owner = {
      queuedBytes: 0,
      nowMs: () => clock.nowMs(),
      storage: { isWarm: true, read: () => new Uint8Array(0), readInto: () => undefined },
      granted: 0,
      grant: () => owner.granted-- > 0,
      send: () => undefined,
      readFailed: (error: unknown) => expect(error).toBeUndefined(),
      served: () => undefined,
    };
    const queue = new UploadQueue(owner, pieceLength, new SendBuffers(clock));
    const blocks = eachRound * 20;
    const work = (round: number) => {
      for (let i = 0; i < blocks; i++) {
        const at = round * blocks + i;
        queue.add({ piece: geometry.piece(at >> 2), begin: (at & 3) * blockLength, length: blockLength });
        if (queue.length <= 500 || i % 20 !== 0) continue;
        owner.granted = 20;
        queue.serve();
        clock.step(clock.nowMs());
      }
    };
    expect(oldGarbageOf(work)).toBeLessThan(garbageMax);
    expect(queue.length).toBeLessThan(600);
  });
});
