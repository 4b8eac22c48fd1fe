/** Seeds that promise and do not give, or give and go (HOSTILE B8). A good one beside them is enough. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { messageId } from "../../source/wire/messages.ts";
import { Arena, type Player } from "../support/arena.ts";
import { type RawPeer, rawMessage, repeated, words } from "../support/hostile-peer.ts";
import { block, playSeed, type SeedScript, spoiltBlock } from "../support/hostile-seed.ts";

let arena: Arena;
let seed: Player;

beforeEach(async () => {
  arena = new Arena();
  seed = await arena.seed("127.0.1.1", { maxUpRate: 8_000_000 });
});
afterEach(() => arena.close());

/** Hostile seeds come in and are asked; then the good one is made known. */
async function download(
  count: number,
  script: SeedScript,
  isAsked = true,
): Promise<{ leech: Player; hostiles: RawPeer[] }> {
  const leech = await arena.leech("127.0.2.1");
  const hostiles: RawPeer[] = [];
  for (let i = 1; i <= count; i++) {
    const hostile = await arena.dial(leech.endpoint, `127.0.66.${i}`);
    playSeed(arena, hostile, script);
    await hostile.untilMessage(isAsked ? messageId.request : messageId.interested);
    hostiles.push(hostile);
  }
  arena.introduce(leech, seed.endpoint);
  await leech.complete;
  expect(arena.verdict(leech, seed)).toEqual([]);
  return { leech, hostiles };
}

describe("seeds that send nothing", () => {
  for (const hasFast of [true, false]) {
    const kind = hasFast ? "with the fast extension" : "without the fast extension";
    it(`have all and never unchoke, ${kind}`, async () => {
      await download(5, { hasFast, unchokes: false }, false);
    });

    it(`unchoke and keep silent, ${kind}`, async () => {
      await download(5, { hasFast, answer: () => [] });
    });

    it(`send half a block and stop, ${kind}`, async () => {
      await download(5, {
        hasFast,
        answer: ({ piece, begin, length, count }) =>
          count === 1 ? [block(arena, piece, begin, length).subarray(0, 8000)] : [],
      });
    });

    it(`send one block and stop, ${kind}`, async () => {
      await download(5, {
        hasFast,
        answer: ({ piece, begin, length, count }) => (count === 1 ? [block(arena, piece, begin, length)] : []),
      });
    });

    it(`choke as soon as they are asked, and unchoke again, ${kind}`, async () => {
      const flap = Buffer.concat([rawMessage(messageId.choke), rawMessage(messageId.unchoke)]);
      const { hostiles } = await download(3, { hasFast, answer: ({ count }) => (count < 3000 ? [flap] : []) });
      expect(hostiles[0]?.count(messageId.request)).toBeGreaterThan(0);
    });
  }

  it("reject everything though they do not choke", async () => {
    await download(5, {
      answer: ({ piece, begin, length }) => [rawMessage(messageId.rejectRequest, words(piece, begin, length))],
    });
  });

  it("offer pieces as allowed fast, and reject or ignore what is asked", async () => {
    for (const isRejecting of [true, false]) {
      const offer = Buffer.concat(
        Array.from({ length: arena.geometry.pieceCount }, (_, piece) =>
          rawMessage(messageId.allowedFast, words(piece)),
        ),
      );
      await download(3, {
        unchokes: false,
        field: Buffer.concat([rawMessage(messageId.haveAll), offer]),
        answer: ({ piece, begin, length }) =>
          isRejecting ? [rawMessage(messageId.rejectRequest, words(piece, begin, length)), offer] : [],
      });
    }
  });

  it("choke and unchoke every 50 ms", async () => {
    const leech = await arena.leech("127.0.2.1");
    const hostile = await arena.dial(leech.endpoint, "127.0.66.1");
    playSeed(arena, hostile, { answer: () => [] });
    let isUnchoking = true;
    const flapping = setInterval(() => {
      isUnchoking = !isUnchoking;
      hostile.send(rawMessage(isUnchoking ? messageId.unchoke : messageId.choke));
    }, 50);
    await hostile.untilMessage(messageId.request);
    arena.introduce(leech, seed.endpoint);
    await leech.complete;
    clearInterval(flapping);
    expect(arena.verdict(leech, seed)).toEqual([]);
  });

  it("are snubbed in time, and the one that gives a byte now and then too", async () => {
    // Sixty times as fast: thirty seconds are half a one. The good seed comes only when both are found out.
    const leech = await arena.leech("127.0.2.1", { speed: 60 });
    const silent = await arena.dial(leech.endpoint, "127.0.66.1");
    playSeed(arena, silent, { answer: () => [] });
    const dripping = await arena.dial(leech.endpoint, "127.0.66.2");
    let timer: ReturnType<typeof setInterval> | undefined;
    playSeed(arena, dripping, {
      answer: ({ piece, begin, length, count }) => {
        if (count > 1) return [];
        const bytes = block(arena, piece, begin, length);
        let at = 0;
        timer = setInterval(() => dripping.send(bytes.subarray(at, ++at)), 10);
        return [];
      },
    });
    await Promise.all([leech.untilLine(/^127\.0\.66\.1:\d+ snubs us/), leech.untilLine(/^127\.0\.66\.2:\d+ snubs us/)]);
    arena.introduce(leech, seed.endpoint);
    await leech.complete;
    clearInterval(timer);
    expect(arena.verdict(leech, seed)).toEqual([]);
  });
});

describe("seeds that go", () => {
  const goings: [string, (hostile: RawPeer, piece: number, begin: number, length: number, count: number) => void][] = [
    ["after their bitfield, when asked", (hostile) => hostile.close()],
    ["with a reset, when asked", (hostile) => hostile.reset()],
    [
      "after each piece",
      (hostile, piece, begin, length, count) => {
        hostile.send(block(arena, piece, begin, length));
        if (count === 4) hostile.socket.end();
      },
    ],
    [
      "in the middle of a block",
      (hostile, piece, begin, length) => {
        hostile.socket.end(block(arena, piece, begin, length).subarray(0, 9000));
      },
    ],
    [
      "after a spoilt block, under a new name each time",
      (hostile, piece, begin, length) => {
        hostile.socket.end(spoiltBlock(arena, piece, begin, length));
      },
    ],
  ];
  for (const [name, go] of goings) {
    it(`${name}, and come again fifty times`, async () => {
      const leech = await arena.leech("127.0.2.1");
      const comeAgain = async (left: number): Promise<void> => {
        const hostile = await arena.dial(leech.endpoint, "127.0.66.1");
        playSeed(arena, hostile, {
          answer: ({ piece, begin, length, count }) => {
            go(hostile, piece, begin, length, count);
            return [];
          },
        });
        await hostile.until(() => hostile.count(messageId.request) > 0);
        await hostile.closed;
        if (left > 1) await comeAgain(left - 1);
      };
      await comeAgain(1);
      const coming = comeAgain(49);
      arena.introduce(leech, seed.endpoint);
      await leech.complete;
      expect(arena.verdict(leech, seed)).toEqual([]);
      await leech.session.stop();
      await coming;
    });
  }

  it("are dialled again only after a while", async () => {
    const listener = await arena.listen("127.0.66.1", (peer) => {
      playSeed(arena, peer, { answer: () => [] });
      peer.onMessage = ({ id }) => {
        if (id === messageId.interested) peer.close();
      };
    });
    const leech = await arena.leech("127.0.2.1", { speed: 10 });
    arena.introduce(leech, listener.endpoint);
    await leech.untilLine(/^127\.0\.66\.1:\d+ left/);
    // Twenty seconds of the leech's time, in which it may come back once after fifteen.
    await new Promise<void>((resolve) => leech.session.clock.after(20_000, resolve));
    expect(listener.connectionCount).toBeLessThanOrEqual(2);
    arena.introduce(leech, seed.endpoint);
    await leech.complete;
    expect(arena.verdict(leech, seed)).toEqual([]);
  });

  it("send a flood of haves and bitfields before they go", async () => {
    const flood = repeated(rawMessage(messageId.have, words(arena.geometry.pieceCount - 1)), 100_000);
    const { hostiles } = await download(3, {
      field: Buffer.concat([rawMessage(messageId.haveAll), flood]),
      answer: () => [],
    });
    for (const hostile of hostiles) hostile.reset();
  });
});
