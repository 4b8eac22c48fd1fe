import { expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import type { PieceIndex } from "../../source/base/ids.ts";
import { HaveAnnouncer, type HaveTaker } from "../../source/swarm/have-announcer.ts";
import { Outbox } from "../../source/swarm/outbox.ts";
import { Turn } from "../../source/swarm/turn.ts";
import { encodeBare, messageId } from "../../source/wire/messages.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const allPieces = Array.from({ length: 100 }, (_, piece) => piece);

/** A neighbour with a real outbox; what it is sent is read as `have 3` and the like. */
class Taker implements HaveTaker {
  readonly field = new Bitfield(allPieces.length);
  amChoking = true;
  peerChoking = true;
  peerInterested = false;
  readonly told: string[] = [];
  readonly outbox: Outbox;

  constructor(clock: VirtualClock, turn: Turn, pieces: readonly number[]) {
    for (const piece of pieces) this.field.set(piece as PieceIndex);
    const send = (buffers: readonly Uint8Array[]): void => {
      const bytes = Buffer.concat(buffers);
      for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
        const isHave = bytes[at + 4] === messageId.have;
        this.told.push(isHave ? `have ${bytes.readUInt32BE(at + 5)}` : `message ${bytes[at + 4]}`);
      }
    };
    const link = { queuedBytes: 0, isReadingPaused: false, isOverLimit: false, send, setReading() {}, close() {} };
    this.outbox = new Outbox(link, { turn, nowMs: () => clock.nowMs() });
  }

  announce(haves: Uint8Array): void {
    this.outbox.post(haves);
  }

  announceLater(haves: Uint8Array): void {
    this.outbox.postLater(haves);
  }

  sendLater(): void {
    this.outbox.sendLater();
  }
}

function world(...fields: (readonly number[])[]) {
  const clock = new VirtualClock();
  const turn = new Turn();
  const takers = fields.map((pieces) => new Taker(clock, turn, pieces));
  const countOf = (piece: number) => takers.filter(({ field }) => field.has(piece)).length;
  const announcer = new HaveAnnouncer(clock, new Map(takers.entries()), countOf);
  return {
    announcer,
    takers,
    get: (...pieces: readonly number[]) => {
      for (const piece of pieces) announcer.add(piece as PieceIndex);
    },
    passes: async (ms: number) => {
      clock.advance(ms);
      await Promise.resolve();
    },
  };
}

it("news is told at once, what the neighbour has itself with the next that it is sent", async () => {
  const { takers, get, passes } = world([], [3], [3, 4]);
  const [none, some, both] = takers;
  get(3, 4);
  await passes(50);
  expect(none?.told).toEqual(["have 3", "have 4"]);
  expect(some?.told).toEqual(["have 3", "have 4"]);
  expect(both?.told).toEqual([]);
  both?.outbox.post(encodeBare(messageId.unchoke));
  await passes(0);
  expect(both?.told).toEqual([`message ${messageId.unchoke}`, "have 3", "have 4"]);
});

it("who gives us something is told everything at once, but a seed with what it is asked next", async () => {
  const { takers, get, passes } = world([3], allPieces);
  const [leech, seed] = takers;
  for (const taker of takers) taker.peerChoking = false;
  get(3);
  await passes(50);
  expect([leech?.told, seed?.told]).toEqual([["have 3"], []]);
  seed?.outbox.postRequest(messageId.request, 4, 0, 16384);
  await passes(0);
  expect(seed?.told).toEqual([`message ${messageId.request}`, "have 3"]);
});

it("what is no news waits for half a minute at most, and not once we have everything", async () => {
  const { announcer, takers, get, passes } = world([1, 2, 3]);
  get(1);
  await passes(20_000);
  get(2);
  expect(takers[0]?.told).toEqual([]);
  await passes(10_050);
  expect(takers[0]?.told).toEqual(["have 1", "have 2"]);
  get(3);
  announcer.flush();
  await passes(0);
  expect(takers[0]?.told).toEqual(["have 1", "have 2", "have 3"]);
});

it("what waits is bounded", async () => {
  const { takers, get, passes } = world(Array.from({ length: 100 }, (_, piece) => piece));
  for (let piece = 0; piece < 64; piece++) {
    expect(takers[0]?.told).toEqual([]);
    get(piece);
    await passes(50);
  }
  expect(takers[0]?.told.length).toBe(64);
});

it("who wants other pieces of us and may not ask is told with the unchoke, unless the piece is rare", async () => {
  // Of nine neighbours two have piece 3, and one piece 4.
  const { takers, get, passes } = world([], [3], [3, 4], [], [], [], [], [], []);
  const [one] = takers;
  for (const taker of takers) taker.peerInterested = true;
  get(3);
  await passes(50);
  expect(one?.told).toEqual([]);
  get(4);
  await passes(50);
  expect(one?.told).toEqual(["have 4", "have 3"]);
  get(3);
  await passes(50);
  one?.outbox.post(encodeBare(messageId.unchoke));
  await passes(0);
  expect(one?.told.slice(2)).toEqual([`message ${messageId.unchoke}`, "have 3"]);
});

it("who may ask, or wants nothing of us yet, hears of each piece at once", async () => {
  const { takers, get, passes } = world([], [], [3]);
  const [mayAsk, wantsNothing, stuck] = takers;
  for (const taker of takers) taker.peerInterested = taker !== wantsNothing;
  if (mayAsk !== undefined) mayAsk.amChoking = false;
  get(3);
  await passes(50);
  expect([mayAsk?.told, wantsNothing?.told, stuck?.told]).toEqual([["have 3"], ["have 3"], []]);
});
