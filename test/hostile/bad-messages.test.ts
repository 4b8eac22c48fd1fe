/** Messages that no client in its senses sends (HOSTILE B1, B2, B3, B9): who breaks the protocol goes, nobody else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { messageId } from "../../source/wire/messages.ts";
import { Arena, type Player, randomPeerId } from "../support/arena.ts";
import { type RawPeer, rawMessage, repeated, words } from "../support/hostile-peer.ts";

const text = (value: string) => Buffer.from(value, "latin1");
const extended = (payload: string | Uint8Array, extendedId = 0) =>
  rawMessage(
    messageId.extended,
    Buffer.concat([new Uint8Array([extendedId]), typeof payload === "string" ? text(payload) : payload]),
  );

let arena: Arena;
let seed: Player;
let leech: Player;
let addressCount = 0;

beforeAll(async () => {
  arena = new Arena();
  seed = await arena.seed("127.0.1.1");
  leech = await arena.leech("127.0.2.1");
});

afterAll(() => arena.close());

async function neighbourOf(player: Player, options: { hasFast?: boolean } = {}): Promise<RawPeer> {
  const peer = await arena.dial(player.endpoint, `127.0.66.${++addressCount}`);
  peer.shake({ infoHash: arena.infoHash, peerId: randomPeerId(), hasExtensions: true, ...options });
  expect(await peer.untilHandshake()).toBe(true);
  return peer;
}

/** It still listens: it answers a request for what it may not give. */
async function isServed(peer: RawPeer): Promise<boolean> {
  const before = peer.count(messageId.rejectRequest);
  peer.send(rawMessage(messageId.request, words(0, 0, 16384)));
  return await peer.untilMessage(messageId.rejectRequest, before + 1);
}

describe("a message that breaks the protocol ends its connection", () => {
  const lastPiece = () => arena.geometry.pieceCount - 1;
  const lastLength = () => arena.geometry.lengthOf(arena.geometry.piece(lastPiece()));
  const fieldLength = () => (arena.geometry.pieceCount + 7) >> 3;
  const request = (...values: [number, number, number]) => rawMessage(messageId.request, words(...values));

  const refused: [string, () => Uint8Array][] = [
    ["a piece of 4 GiB", () => rawMessage(messageId.piece, [], 0xffffffff)],
    ["a bitfield of 2 GiB", () => rawMessage(messageId.bitfield, [], 0x7fffffff)],
    ["an extension message of 1 GiB", () => rawMessage(messageId.extended, [], 0x40000000)],
    ["an unknown message of 16 MiB", () => rawMessage(99, [], 0x1000000)],
    ["a choke with a body", () => rawMessage(messageId.choke, [0])],
    ["an interested with 1 MiB", () => rawMessage(messageId.interested, [], 0x100000)],
    ["a have of 3 bytes", () => rawMessage(messageId.have, [0, 0, 0])],
    ["a have of 5 bytes", () => rawMessage(messageId.have, [0, 0, 0, 0, 0])],
    ["a request of 11 bytes", () => rawMessage(messageId.request, new Uint8Array(11))],
    ["a cancel of 13 bytes", () => rawMessage(messageId.cancel, new Uint8Array(13))],
    ["a piece without its offset", () => rawMessage(messageId.piece, new Uint8Array(7))],
    ["an extension message without an id", () => rawMessage(messageId.extended)],
    ["an empty bitfield", () => rawMessage(messageId.bitfield)],
    ["a bitfield one byte short", () => rawMessage(messageId.bitfield, new Uint8Array(fieldLength() - 1))],
    ["a bitfield one byte long", () => rawMessage(messageId.bitfield, new Uint8Array(fieldLength() + 1))],
    ["a bitfield with spare bits", () => rawMessage(messageId.bitfield, new Uint8Array(fieldLength()).fill(0xff))],
    ["a have of the piece after the last", () => rawMessage(messageId.have, words(arena.geometry.pieceCount))],
    ["a have of piece 2^32 - 1", () => rawMessage(messageId.have, words(0xffffffff))],
    ["a request of a piece that is not", () => request(arena.geometry.pieceCount, 0, 16384)],
    ["a request of piece -1", () => request(0xffffffff, 0, 16384)],
    ["a request at -16384", () => request(0, -16384, 16384)],
    ["a request whose end overflows", () => request(0, 0xffffffff, 2)],
    ["a request of nothing", () => request(0, 0, 0)],
    ["a request of 2 GiB", () => request(0, 0, 0x80000000)],
    ["a request of 4 GiB - 1", () => request(0, 1, 0xffffffff)],
    ["a request of 256 KiB", () => request(0, 0, 256 * 1024)],
    ["a request past the end of its piece", () => request(0, 65536 - 16384 + 1, 16384)],
    ["a request past the end of the last piece", () => request(lastPiece(), lastLength() - 1, 2)],
    ["a request behind the end", () => request(lastPiece(), lastLength(), 1)],
    ["a block of a piece that is not", () => rawMessage(messageId.piece, words(9999, 0, 0))],
    ["a reject of a piece that is not", () => rawMessage(messageId.rejectRequest, words(9999, 0, 16384))],
    ["a suggestion of a piece that is not", () => rawMessage(messageId.suggestPiece, words(9999))],
    ["an extension handshake that is no bencode", () => extended("x")],
    ["an empty extension handshake", () => extended("")],
    ["an extension handshake that is a list", () => extended("le")],
    ["an extension handshake that is cut", () => extended("d1:md")],
    ["an extension handshake of 100,000 nested lists", () => extended(`d1:m${"l".repeat(100_000)}`)],
    ["an extension handshake of 2,000 nested dictionaries", () => extended("d1:m".repeat(2000) + "e".repeat(2000))],
    ["an extension handshake with 20,000 names", () => extended(bombOfNames(20_000))],
    ["an extension handshake with a version of 1 MB", () => extended(`d1:v1000000:${"x".repeat(1_000_000)}e`)],
    ["an extension handshake with a string of 10^19 bytes", () => extended("d1:v9999999999999999999:xe")],
    ["another handshake", () => text("\x13BitTorrent protocol\0\0\0\0\0\0\0\0")],
    ["an HTTP request", () => text("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  ];

  for (const [name, bytes] of refused) {
    it(`${name}, sent to a leech and to a seed`, async () => {
      for (const player of [leech, seed]) {
        const peer = await neighbourOf(player);
        peer.send(bytes());
        await peer.closed;
      }
      expect(arena.problems).toEqual([]);
    });
  }

  const needFast: [string, Uint8Array][] = [
    ["have all", rawMessage(messageId.haveAll)],
    ["have none", rawMessage(messageId.haveNone)],
    ["reject", rawMessage(messageId.rejectRequest, words(0, 0, 16384))],
    ["suggest piece", rawMessage(messageId.suggestPiece, words(0))],
    ["allowed fast", rawMessage(messageId.allowedFast, words(0))],
  ];
  for (const [name, bytes] of needFast) {
    it(`${name} without the fast extension`, async () => {
      const peer = await neighbourOf(leech, { hasFast: false });
      peer.send(bytes);
      await peer.closed;
    });
  }
});

describe("what is merely odd is let pass", () => {
  const odd: [string, () => Uint8Array][] = [
    ["100,000 keep-alives", () => new Uint8Array(400_000)],
    ["10,000 messages of unknown kinds", () => repeated(rawMessage(250, new Uint8Array(7)), 10_000)],
    ["an unknown message of 60 kB", () => rawMessage(77, new Uint8Array(60_000))],
    ["an unknown extension message of 900 kB", () => extended(new Uint8Array(900_000), 200)],
    ["a DHT port", () => rawMessage(messageId.port, [0x1a, 0xe1])],
    ["the same piece had a million times", () => repeated(rawMessage(messageId.have, words(3)), 1_000_000)],
    ["10,000 bitfields", () => repeated(rawMessage(messageId.bitfield, [0xaa, 0, 0, 0, 0]), 10_000)],
    ["200,000 times have none", () => repeated(rawMessage(messageId.haveNone), 200_000)],
    ["interest that comes and goes 100,000 times", () => repeated(interestFlap, 100_000)],
    ["chokes that come and go 100,000 times", () => repeated(chokeFlap, 100_000)],
    ["allowed fast pieces that are not", () => repeated(rawMessage(messageId.allowedFast, words(1 << 30)), 1000)],
    [
      "10,000 cancels of what was never asked",
      () => repeated(rawMessage(messageId.cancel, words(0, 0, 16384)), 10_000),
    ],
    ["10,000 rejects of what was never asked", () => repeated(rejection, 10_000)],
    ["10,000 extension handshakes", () => repeated(extended("d1:md6:ut_pexi1ee1:v3:odde"), 10_000)],
    ["negative and huge extension ids", () => extended("d1:md6:ut_pexi-1e11:ut_metadatai99999999ee4:reqqi-5ee")],
    ["extension values of wrong types", () => extended("d1:mi5e1:pl2:xxe4:reqq3:abc1:vd1:xi1eee")],
    ["a request queue of 2^63", () => extended("d4:reqqi9223372036854775807ee")],
    ["a version with terminal escapes", () => extended("d1:v14:\x1b[2J\x1b]0;x\x07\x9b31me")],
  ];
  const interestFlap = Buffer.concat([rawMessage(messageId.interested), rawMessage(messageId.notInterested)]);
  const chokeFlap = Buffer.concat([rawMessage(messageId.unchoke), rawMessage(messageId.choke)]);
  const rejection = rawMessage(messageId.rejectRequest, words(0, 0, 16384));

  for (const [name, bytes] of odd) {
    it(name, async () => {
      const peer = await neighbourOf(leech);
      await peer.push(bytes());
      expect(await isServed(peer)).toBe(true);
      peer.close();
    });
  }
});

describe("saying again what one has costs no more than the bytes, of which there are few", () => {
  const pieceCount = 20_000;
  let many: Arena;

  beforeAll(() => {
    many = new Arena({ pieceLength: 100, totalLength: 100 * pieceCount });
  });
  afterAll(() => many.close());

  const sayings: [string, Uint8Array][] = [
    ["have all", repeated(rawMessage(messageId.haveAll), 500_000)],
    ["have none", repeated(rawMessage(messageId.haveNone), 500_000)],
    ["a bitfield", repeated(rawMessage(messageId.bitfield, new Uint8Array(pieceCount / 8).fill(0xaa)), 2000)],
  ];
  for (const [i, [name, bytes]] of sayings.entries()) {
    it(`${name} of ${pieceCount} pieces`, async () => {
      const player = await many.seed(`127.0.3.${1 + i}`, { bytes: many.content.fill(0, 0, 100) });
      const peer = await many.dial(player.endpoint, `127.0.66.${++addressCount}`);
      peer.shake({ infoHash: many.infoHash, peerId: randomPeerId() });
      await peer.push(bytes);
      peer.send(rawMessage(messageId.request, words(1, 0, 100)));
      expect(await peer.untilMessage(messageId.rejectRequest)).toBe(true);
      // Its bitfield, its interest, the pieces it lets a newcomer have, and this one answer.
      expect(peer.messages.length).toBeLessThan(20);
      expect(many.problems).toEqual([]);
    });
  }
});

it("after all that the leech has the content from the seed", async () => {
  arena.introduce(leech, seed.endpoint);
  await leech.complete;
  expect(arena.verdict(leech, seed)).toEqual([]);
});

function bombOfNames(count: number): string {
  let names = "";
  for (let i = 0; i < count; i++) names += `6:${String(i).padStart(6, "0")}i1e`;
  return `d1:md${names}ee`;
}
