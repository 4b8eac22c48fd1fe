/** Leeches that ask too much, never read, or cancel without end (HOSTILE B4); and what all that may cost in memory. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { messageId } from "../../source/wire/messages.ts";
import { Arena, type Player, randomPeerId } from "../support/arena.ts";
import { type RawPeer, rawMessage, repeated, words } from "../support/hostile-peer.ts";

let arena: Arena;
let seed: Player;

beforeEach(async () => {
  arena = new Arena();
  seed = await arena.seed("127.0.1.1");
});
afterEach(() => arena.close());

const request = (piece: number, begin = 0, length = 16384) =>
  rawMessage(messageId.request, words(piece, begin, length));

/** Asks for every block of the content. */
function allBlocks(): Uint8Array {
  const all: Uint8Array[] = [];
  for (let piece = 0; piece < 32; piece++) for (let at = 0; at < 65536; at += 16384) all.push(request(piece, at));
  return Buffer.concat(all);
}

async function taker(from: string, options: { hasFast?: boolean } = {}): Promise<RawPeer> {
  const peer = await arena.dial(seed.endpoint, from);
  peer.shake({ infoHash: arena.infoHash, peerId: randomPeerId(), ...options });
  await peer.untilHandshake();
  return peer;
}

async function unchoked(from: string, options: { hasFast?: boolean } = {}): Promise<RawPeer> {
  const peer = await taker(from, options);
  peer.send(rawMessage(messageId.interested));
  await peer.untilMessage(messageId.unchoke);
  return peer;
}

/** An honest leech gets the content beside whoever is there. */
async function serveHonest(): Promise<void> {
  const leech = await arena.leech("127.0.2.1");
  arena.introduce(leech, seed.endpoint);
  await leech.complete;
  expect(arena.verdict(leech, seed)).toEqual([]);
}

/** Bytes that the seed holds for its neighbours. */
function queuedBytes(): number[] {
  return [...(seed.torrent.swarm?.neighbours.values() ?? [])].map((neighbour) => neighbour.uploads.length);
}

describe("a leech that takes more than it should", () => {
  for (const hasFast of [true, false]) {
    const kind = hasFast ? "with the fast extension" : "without the fast extension";

    it(`and asks 20,000 times without reading, ${kind}`, async () => {
      const peer = await unchoked("127.0.66.1", { hasFast });
      peer.socket.pause();
      void peer.push(repeated(allBlocks(), 160));
      await serveHonest();
      for (const length of queuedBytes()) expect(length).toBeLessThanOrEqual(20_000);
      peer.reset();
    });

    it(`and asks for the same block 100,000 times, ${kind}`, async () => {
      const peer = await unchoked("127.0.66.1", { hasFast });
      const asking = peer.push(repeated(request(3), 100_000));
      await serveHonest();
      await asking;
      await peer.untilMessage(messageId.piece);
      peer.reset();
    });

    it(`and asks and cancels 50,000 times, ${kind}`, async () => {
      const peer = await unchoked("127.0.66.1", { hasFast });
      const storm = Buffer.concat([request(5), rawMessage(messageId.cancel, words(5, 0, 16384))]);
      const asking = peer.push(repeated(storm, 50_000));
      await serveHonest();
      await asking;
      peer.send(request(7));
      await peer.until(() => peer.messages.some(({ id, body }) => id === messageId.piece && body[3] === 7));
      peer.reset();
    });

    it(`and cancels a million times what it never asked for, ${kind}`, async () => {
      const peer = await unchoked("127.0.66.1", { hasFast });
      await peer.push(repeated(rawMessage(messageId.cancel, words(1, 0, 16384)), 1_000_000));
      peer.send(request(7));
      expect(await peer.untilMessage(messageId.piece)).toBe(true);
      expect(peer.count(messageId.rejectRequest)).toBe(0);
    });
  }

  it("and asks while choked, without end and without reading: nothing piles up on our side", async () => {
    // Without interest it is never unchoked; each of its requests has to be rejected.
    const peers = await Promise.all([1, 2, 3, 4].map((i) => taker(`127.0.66.${i}`)));
    const flood = repeated(request(31, 0, 1), 500_000);
    for (const peer of peers) {
      peer.socket.pause();
      void peer.push(flood, flood);
    }
    await serveHonest();
    const links = [...(seed.torrent.swarm?.neighbours.values() ?? [])];
    expect(links.length).toBeGreaterThanOrEqual(4);
    const written = peers.map((peer) => peer.socket.bytesWritten - peer.socket.writableLength);
    for (const peer of peers) expect(peer.socket.writableLength).toBeGreaterThan(0);
    expect(Math.max(...written)).toBeLessThan(17_000_000);
    for (const peer of peers) peer.reset();
  });

  it("and reads its refusals at last, has an answer to each", async () => {
    const peer = await taker("127.0.66.1");
    peer.socket.pause();
    const count = 40_000;
    const asking = peer.push(repeated(request(31, 0, 1), count));
    await serveHonest();
    peer.socket.resume();
    await asking;
    expect(await peer.untilMessage(messageId.rejectRequest, count)).toBe(true);
  });

  it("and asks again and again for what it may have while choked", async () => {
    const peer = await taker("127.0.66.1");
    peer.send(rawMessage(messageId.haveNone));
    await peer.untilMessage(messageId.allowedFast, 10);
    const free = peer.messages.filter(({ id }) => id === messageId.allowedFast).map(({ body }) => body[3] ?? 0);
    const bytes = free.reduce((sum, piece) => sum + arena.geometry.lengthOf(arena.geometry.piece(piece)), 0);
    let rounds = 0;
    while (peer.count(messageId.rejectRequest) === 0 && rounds++ < 40) {
      const before = peer.count(messageId.piece) + peer.count(messageId.rejectRequest);
      const round = free.map((piece) => request(piece));
      peer.send(...round);
      await peer.until(
        () => peer.count(messageId.piece) + peer.count(messageId.rejectRequest) === before + round.length,
      );
    }
    expect(peer.count(messageId.rejectRequest)).toBeGreaterThan(0);
    expect(16384 * peer.count(messageId.piece)).toBeLessThanOrEqual(bytes + 65536);
  });

  it("and never reads is let go in the end", async () => {
    const slow = await arena.seed("127.0.1.2", { speed: 1000 });
    const peer = await arena.dial(slow.endpoint, "127.0.66.1");
    peer.shake({ infoHash: arena.infoHash, peerId: randomPeerId() });
    peer.send(rawMessage(messageId.interested));
    expect(await peer.untilMessage(messageId.unchoke)).toBe(true);
    peer.socket.pause();
    // It is not silent: it asks for everything, and again.
    const talking = setInterval(() => peer.send(allBlocks()), 10);
    await slow.untilLine(/^127\.0\.66\.1:\d+ left: it reads nothing/).finally(() => clearInterval(talking));
    peer.reset();
  });
});
