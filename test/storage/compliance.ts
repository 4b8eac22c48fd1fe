/** What every storage must do, run against each of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import type { OperationalError } from "../../source/base/errors.ts";
import { randomBelow, SeededRandom, shuffle } from "../../source/base/random.ts";
import type { CheckProgress, Storage, StorageEvents } from "../../source/storage/storage.ts";
import { makeTorrent, type Slice, slicesOf, spanOf, type Torrent } from "./torrents.ts";

export interface StorageUnderTest {
  readonly storage: Storage;
  /** Closes the storage and removes what it left. */
  dispose(): Promise<void>;
}

/** Records what a storage says, and lets a test wait for a number of verdicts. */
export class RecordedEvents implements StorageEvents {
  readonly verdicts: { readonly piece: number; readonly isRight: boolean }[] = [];
  readonly failures: OperationalError[] = [];
  /** A verdict now is against the contract. */
  isInWriteBlock = false;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  onPieceChecked(piece: number, isRight: boolean): void {
    expect(this.isInWriteBlock).toBe(false);
    this.verdicts.push({ piece, isRight });
    if (this.#waiting !== undefined && this.verdicts.length >= this.#waiting.count) this.#waiting.resolve();
  }

  onFailure(error: OperationalError): void {
    this.failures.push(error);
    this.#waiting?.resolve();
  }

  onRelieved(): void {}

  verdictCount(count: number): Promise<void> {
    if (this.verdicts.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
    });
  }

  get right(): number[] {
    return this.verdicts.filter((verdict) => verdict.isRight).map((verdict) => verdict.piece);
  }
}

/**
 * Delivers slices as a connection does: each turn in one receive buffer with gaps between them, which is overwritten
 * as soon as the turn has ended.
 */
export function deliver(
  torrent: Torrent,
  storage: Storage,
  events: RecordedEvents,
  turns: readonly (readonly Slice[])[],
  spoil: (slice: Slice, bytes: Uint8Array) => void = () => undefined,
): void {
  for (const turn of turns) {
    const buffer = new Uint8Array(turn.reduce((sum, slice) => sum + slice.length + 13, 0));
    let at = 0;
    for (const slice of turn) {
      at += 13;
      const view = buffer.subarray(at, at + slice.length);
      view.set(spanOf(torrent, slice.piece, slice.begin, slice.length));
      spoil(slice, view);
      at += slice.length;
      events.isInWriteBlock = true;
      storage.writeBlock(torrent.geometry.piece(slice.piece), slice.begin, view);
      events.isInWriteBlock = false;
    }
    storage.endOfTurn();
    buffer.fill(0xdd);
  }
}

/** Cuts a list into turns of random length. */
export function intoTurns(slices: readonly Slice[], random: SeededRandom, lengthMax = 16): Slice[][] {
  const turns: Slice[][] = [];
  for (let at = 0; at < slices.length; ) {
    const count = 1 + randomBelow(random, lengthMax);
    turns.push(slices.slice(at, at + count));
    at += count;
  }
  return turns;
}

const small = () => makeTorrent(40_000, [{ length: 100_000 }, { length: 0 }, { length: 3 }, { length: 61_234 }]);

export function describeStorage(name: string, make: (torrent: Torrent) => Promise<StorageUnderTest>): void {
  const withStorage = async (
    torrent: Torrent,
    test: (storage: Storage, events: RecordedEvents) => Promise<void>,
  ): Promise<void> => {
    const { storage, dispose } = await make(torrent);
    try {
      const events = new RecordedEvents();
      await storage.open(events);
      const { metainfo, geometry } = torrent;
      await storage.setWanted(Bitfield.full(metainfo.files.length), new Bitfield(geometry.pieceCount));
      await storage.takeSpace(new Bitfield(geometry.pieceCount), new AbortController().signal);
      await test(storage, events);
      expect(events.failures).toEqual([]);
    } finally {
      await dispose();
    }
  };

  const everyPiece = (torrent: Torrent): Slice[] =>
    Array.from({ length: torrent.geometry.pieceCount }, (_, piece) => slicesOf(torrent, piece, 16_384)).flat();

  const readAll = async (torrent: Torrent, storage: Storage): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    for (const slice of everyPiece(torrent)) {
      parts.push(await storage.read(torrent.geometry.piece(slice.piece), slice.begin, slice.length));
    }
    return new Uint8Array(Buffer.concat(parts));
  };

  describe(name, () => {
    it("verifies every piece and reads it back, whatever the shape and the order of arrival", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            pieceLength: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 16_000, max: 90_000 })),
            scale: fc.array(fc.integer({ min: 0, max: 260 }), { minLength: 1, maxLength: 7 }),
            sliceLength: fc.constantFrom(16_384, 16_384, 5000, 100_000),
            seed: fc.integer(),
          }),
          async ({ pieceLength, scale, sliceLength, seed }) => {
            const unit = pieceLength < 1000 ? 1 : 997;
            const lengths: number[] = scale.map((length) => length * unit);
            if (!lengths.some((length) => length > 0)) lengths.push(1);
            const torrent = makeTorrent(
              pieceLength,
              lengths.map((length) => ({ length })),
              seed,
            );
            const random = new SeededRandom(seed);
            const slices = Array.from({ length: torrent.geometry.pieceCount }, (_, piece) =>
              slicesOf(torrent, piece, sliceLength),
            ).flat();
            // Half of the time nearly in order, as a neighbour sends them.
            if ((seed & 1) === 0) shuffle(random, slices);
            await withStorage(torrent, async (storage, events) => {
              deliver(torrent, storage, events, intoTurns(slices, random));
              await events.verdictCount(torrent.geometry.pieceCount);
              expect(events.right.sort((a, b) => a - b)).toEqual([...Array(torrent.geometry.pieceCount).keys()]);
              await storage.finish();
              expect(Buffer.compare(await readAll(torrent, storage), torrent.bytes)).toBe(0);
            });
          },
        ),
        { numRuns: 25 },
      );
    });

    it("ignores bytes that are there already, also where they overlap and are wrong", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        const [first, second, third] = slicesOf(torrent, 0, 16_384);
        if (first === undefined || second === undefined || third === undefined) throw new Error("three blocks");
        const wrong = new Uint8Array(20_000).fill(9);
        const piece = torrent.geometry.piece(0);
        deliver(torrent, storage, events, [[first], [third]]);
        storage.writeBlock(piece, 0, wrong.subarray(0, 16_384));
        storage.writeBlock(piece, 100, wrong.subarray(0, 300));
        storage.writeBlock(piece, 33_000, wrong.subarray(0, 7000));
        storage.endOfTurn();
        deliver(torrent, storage, events, [[{ piece: 0, begin: 10_000, length: 25_000 }]]);
        await events.verdictCount(1);
        expect(events.verdicts).toEqual([{ piece: 0, isRight: true }]);
        expect(Buffer.compare(await storage.read(piece, 0, 40_000), torrent.bytes.subarray(0, 40_000))).toBe(0);
      });
    });

    it("says that a piece with a wrong byte is wrong, wherever it is, and takes it anew", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        const blocks = slicesOf(torrent, 1, 16_384);
        let count = 0;
        for (const order of [blocks, [...blocks].reverse()]) {
          for (const bad of blocks) {
            deliver(torrent, storage, events, [order], (slice, bytes) => {
              if (slice === bad) bytes[slice.length - 1] = (bytes[slice.length - 1] ?? 0) ^ 1;
            });
            await events.verdictCount(++count);
          }
        }
        expect(events.verdicts).toEqual(new Array(6).fill({ piece: 1, isRight: false }));
        deliver(torrent, storage, events, [[...blocks].reverse()]);
        await events.verdictCount(7);
        expect(events.verdicts.at(-1)).toEqual({ piece: 1, isRight: true });
        expect(await storage.read(torrent.geometry.piece(1), 7, 9)).toEqual(spanOf(torrent, 1, 7, 9));
      });
    });

    it("reads into buffers of the caller's, over the borders of files, and not beyond them", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        deliver(torrent, storage, events, [everyPiece(torrent)]);
        for (const piece of [0, 2, 4]) {
          const { pieceLength } = torrent.metainfo;
          const length = Math.min(pieceLength, torrent.metainfo.totalLength - piece * pieceLength) - 7;
          const memory = new Uint8Array(length + 39).fill(0xaa);
          const cuts = [0, 1, 600, length];
          const spans = [1, 2, 3].map((i) => memory.subarray((cuts[i - 1] ?? 0) + 13 * i, (cuts[i] ?? 0) + 13 * i));
          storage.readInto(torrent.geometry.piece(piece), 7, spans);
          expect(Buffer.compare(Buffer.concat(spans), spanOf(torrent, piece, 7, length))).toBe(0);
          expect(memory.filter((_, at) => [13, 27, 639].some((end) => at < end && at >= end - 13))).toEqual(
            new Uint8Array(39).fill(0xaa),
          );
        }
      });
    });

    it("forgets a dropped piece", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        const [first, second, third] = slicesOf(torrent, 2, 16_384);
        if (first === undefined || second === undefined || third === undefined) throw new Error("three blocks");
        const flip = (slice: Slice, bytes: Uint8Array) => {
          if (slice !== second) bytes.fill(1);
        };
        deliver(torrent, storage, events, [[first, third]], flip);
        storage.dropPiece(torrent.geometry.piece(2));
        deliver(torrent, storage, events, [[second]]);
        expect(events.verdicts).toEqual([]);
        deliver(torrent, storage, events, [[third, first]]);
        await events.verdictCount(1);
        expect(events.verdicts).toEqual([{ piece: 2, isRight: true }]);
      });
    });

    it("does not judge a piece that is dropped in the turn of its last block", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        const piece = torrent.geometry.piece(0);
        for (const slice of slicesOf(torrent, 0, 16_384)) {
          storage.writeBlock(piece, slice.begin, spanOf(torrent, 0, slice.begin, slice.length));
        }
        storage.dropPiece(piece);
        storage.endOfTurn();
        await storage.sync();
        expect(events.verdicts).toEqual([]);
      });
    });

    it("judges a piece of many mebibytes whose first block comes last", async () => {
      const torrent = makeTorrent(24 * 2 ** 20, [{ length: 25 * 2 ** 20 }]);
      await withStorage(torrent, async (storage, events) => {
        const [first, ...others] = slicesOf(torrent, 0, 256 * 1024);
        if (first === undefined) throw new Error("a first block");
        deliver(torrent, storage, events, [...others.map((slice) => [slice]), [first]]);
        deliver(torrent, storage, events, [slicesOf(torrent, 1, 2 ** 20)]);
        await events.verdictCount(2);
        expect([...events.right].sort()).toEqual([0, 1]);
      });
    });

    it("checks: finds the right pieces, those asked for, and tells how far it is", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        const signal = new AbortController().signal;
        expect((await storage.check(() => undefined, signal)).isEmpty).toBe(true);
        deliver(
          torrent,
          storage,
          events,
          [0, 2, 4].map((piece) => slicesOf(torrent, piece, 16_384)),
        );
        const progress: CheckProgress[] = [];
        const found = await storage.check((now) => progress.push(now), signal);
        expect([0, 1, 2, 3, 4].filter((piece) => found.has(piece))).toEqual([0, 2, 4]);
        expect(progress.at(-1)).toEqual({ checkedPieces: 5, pieceCount: 5 });
        const only = new Bitfield(5);
        only.set(1);
        only.set(2);
        const some = await storage.check(() => undefined, signal, only);
        expect([0, 1, 2, 3, 4].filter((piece) => some.has(piece))).toEqual([2]);
      });
    });

    it("stops a check when told to", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        deliver(torrent, storage, events, [everyPiece(torrent)]);
        const controller = new AbortController();
        controller.abort(new Error("enough"));
        await expect(storage.check(() => undefined, controller.signal)).rejects.toThrow("enough");
      });
    });

    it("has the same fingerprint while nothing is written, and tells the pieces of each file", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        deliver(torrent, storage, events, [everyPiece(torrent)]);
        await storage.finish();
        const fingerprint = await storage.fingerprint();
        expect(fingerprint.length).toBe(4);
        expect(await storage.fingerprint()).toEqual(fingerprint);
        expect(storage.piecesOfFile(0)).toEqual({ first: 0, last: 2 });
        expect(storage.piecesOfFile(1)).toBeUndefined();
        expect(storage.piecesOfFile(2)).toEqual({ first: 2, last: 2 });
        expect(storage.piecesOfFile(3)).toEqual({ first: 2, last: 4 });
        expect(storage.piecesOfFile(4)).toBeUndefined();
      });
    });

    it("verifies, serves and finds pieces of which a part is not wanted, before and after it is", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        const { metainfo, geometry } = torrent;
        const signal = new AbortController().signal;
        const wanted = Bitfield.full(metainfo.files.length);
        for (const file of [1, 2, 3]) wanted.clear(file);
        await storage.setWanted(wanted, new Bitfield(geometry.pieceCount));
        deliver(torrent, storage, events, [slicesOf(torrent, 2, 16_384), slicesOf(torrent, 0, 16_384)]);
        await events.verdictCount(2);
        expect([...events.right].sort()).toEqual([0, 2]);
        const isRight = async () => {
          expect(Buffer.compare(await storage.read(geometry.piece(2), 0, 40_000), spanOf(torrent, 2, 0, 40_000))).toBe(
            0,
          );
          const found = await storage.check(() => undefined, signal);
          expect([0, 1, 2, 3, 4].filter((piece) => found.has(piece))).toEqual([0, 2]);
          return found;
        };
        const verified = await isRight();
        wanted.fill();
        await storage.setWanted(wanted, verified);
        await isRight();
        deliver(
          torrent,
          storage,
          events,
          [1, 3, 4].map((piece) => slicesOf(torrent, piece, 16_384)),
        );
        await storage.finish();
        expect(Buffer.compare(await readAll(torrent, storage), torrent.bytes)).toBe(0);
      });
    });

    it("can be closed twice, and takes nothing afterwards", async () => {
      const torrent = small();
      await withStorage(torrent, async (storage, events) => {
        await storage.sync();
        await storage.close();
        await storage.close();
        deliver(torrent, storage, events, [everyPiece(torrent)]);
        expect(events.verdicts).toEqual([]);
      });
    });
  });
}
