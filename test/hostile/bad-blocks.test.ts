/** Blocks nobody asked for, and blocks that are not the content (HOSTILE B5, B6). */
import { describe, expect, it } from "vitest";
import { messageId } from "../../source/wire/messages.ts";
import { Arena, type Player } from "../support/arena.ts";
import { type RawPeer, rawMessage, repeated, words } from "../support/hostile-peer.ts";
import { type AskedBlock, block, playSeed, type SeedScript, spoiltBlock } from "../support/hostile-seed.ts";

type Answer = (arena: Arena, asked: AskedBlock) => readonly Uint8Array[];

interface Fight {
  readonly arena: Arena;
  readonly leech: Player;
  readonly hostile: RawPeer;
  readonly seeds: readonly Player[];
}

/**
 * A hostile seed is there first and has been asked for blocks; then good seeds come, slow enough (8 MB/s each) for it to
 * do what it does. Ends when the leech has everything.
 */
async function fight(script: SeedScript & { answers?: Answer }, seedCount: number): Promise<Fight & AsyncDisposable> {
  const arena = new Arena();
  const { answers } = script;
  const leech = await arena.leech("127.0.2.1");
  const hostile = await arena.dial(leech.endpoint, "127.0.66.1");
  playSeed(arena, hostile, answers === undefined ? script : { ...script, answer: (asked) => answers(arena, asked) });
  await hostile.untilMessage(messageId.request);
  const seeds: Player[] = [];
  for (let i = 1; i <= seedCount; i++) seeds.push(await arena.seed(`127.0.1.${i}`, { maxUpRate: 8_000_000 }));
  arena.introduce(leech, ...seeds.map((seed) => seed.endpoint));
  await leech.complete;
  return { arena, leech, hostile, seeds, [Symbol.asyncDispose]: () => arena.close() };
}

const good = (arena: Arena, { piece, begin, length }: AskedBlock) => block(arena, piece, begin, length);
const spoilt = (arena: Arena, { piece, begin, length }: AskedBlock) => spoiltBlock(arena, piece, begin, length);

describe("blocks that were not asked for", () => {
  const unasked: [string, boolean, Answer][] = [
    [
      "three for each that was",
      true,
      (arena, asked) => [...[0, 1, 2].map((i) => block(arena, i, 0, 16384)), good(arena, asked)],
    ],
    [
      "three spoilt ones for each that was",
      true,
      (arena, asked) => [...[3, 9, 20].map((i) => spoiltBlock(arena, i, 0, 16384)), good(arena, asked)],
    ],
    ["a flood of them", true, (arena) => [repeated(block(arena, 1, 0, 16384), 500)]],
    ["each block three times", false, (arena, asked) => [good(arena, asked), good(arena, asked), good(arena, asked)]],
    ["another offset than asked", false, (arena, { piece, begin }) => [block(arena, piece, begin ^ 16384, 16384)]],
    ["another piece than asked", false, (arena, { piece, begin }) => [block(arena, (piece + 1) % 32, begin, 16384)]],
    [
      "the right bytes under a wrong index",
      false,
      (arena, { piece, begin, length }) => [
        rawMessage(messageId.piece, Buffer.concat([words((piece + 1) % 32, begin), arena.span(piece, begin, length)])),
      ],
    ],
    ["a byte short", false, (arena, { piece, begin, length }) => [block(arena, piece, begin, length - 1)]],
    [
      "a byte long",
      false,
      (_arena, { piece, begin }) => [
        rawMessage(messageId.piece, Buffer.concat([words(piece, begin), new Uint8Array(16385)])),
      ],
    ],
    ["empty", false, (_arena, { piece, begin }) => [rawMessage(messageId.piece, words(piece, begin))]],
    [
      "of 128 KiB",
      false,
      (_arena, { piece, begin }) => [
        rawMessage(messageId.piece, Buffer.concat([words(piece, begin), new Uint8Array(131072)])),
      ],
    ],
    [
      "of 128 KiB and one byte",
      true,
      (_arena, { piece, begin }) => [
        rawMessage(messageId.piece, Buffer.concat([words(piece, begin), new Uint8Array(131073)])),
      ],
    ],
    [
      "at an offset that overflows",
      false,
      (_arena, { piece }) => [
        rawMessage(messageId.piece, Buffer.concat([words(piece, 0xffffc000), new Uint8Array(16384)])),
      ],
    ],
  ];
  for (const [name, isDropped, answers] of unasked) {
    it(`${name}: the download is right and the good seed stays`, async () => {
      await using ring = await fight({ answers }, 1);
      expect(ring.arena.verdict(ring.leech, ...ring.seeds)).toEqual([]);
      if (isDropped) await ring.hostile.closed;
    });
  }
});

describe("blocks that are not the content", () => {
  const isFirstPiece = { piece: -1 };
  const poisons: [string, Answer, boolean][] = [
    ["every block", (arena, asked) => [spoilt(arena, asked)], true],
    ["every third block", (arena, asked) => [asked.count % 3 === 0 ? spoilt(arena, asked) : good(arena, asked)], true],
    ["every 13th block", (arena, asked) => [asked.count % 13 === 0 ? spoilt(arena, asked) : good(arena, asked)], true],
    [
      "one piece only",
      (arena, asked) => {
        if (asked.count === 1) isFirstPiece.piece = asked.piece;
        return [asked.piece === isFirstPiece.piece ? spoilt(arena, asked) : good(arena, asked)];
      },
      false,
    ],
    ["one block, once", (arena, asked) => [asked.count === 1 ? spoilt(arena, asked) : good(arena, asked)], false],
    [
      "a block now and then unasked, spoilt",
      (arena, asked) => [spoiltBlock(arena, (asked.piece + 1) % 32, 0, 16384), good(arena, asked)],
      false,
    ],
  ];
  for (const seedCount of [1, 3]) {
    for (const [name, answers, isBanned] of poisons) {
      it(`${name}, beside ${seedCount} honest: nobody honest is blamed`, async () => {
        await using ring = await fight({ answers }, seedCount);
        expect(ring.arena.verdict(ring.leech, ...ring.seeds)).toEqual([]);
        if (isBanned) expect(ring.leech.lines.filter((line) => line.includes("banned 127.0.66.1")).length).toBe(1);
      });
    }
  }
});
