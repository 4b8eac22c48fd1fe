import { describe, expect, it } from "vitest";
import { Outbox } from "../../source/swarm/outbox.ts";
import { Turn } from "../../source/swarm/turn.ts";
import { encodeBare, encodeRequest, messageId } from "../../source/wire/messages.ts";

class Link {
  queuedBytes = 0;
  readonly isReadingPaused = false;
  readonly isOverLimit = false;
  readonly writes: (readonly Uint8Array[])[] = [];
  send(buffers: readonly Uint8Array[]): void {
    this.writes.push(buffers);
  }
  setReading(): void {}
  close(): void {}

  get bytes(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.writes.flat()));
  }
}

const endOfTurn = () => Promise.resolve();

describe("the outbox", () => {
  it("sends what is posted in one turn as one write, in order", async () => {
    const link = new Link();
    const outbox = new Outbox(link, { turn: new Turn(), nowMs: () => 0 });
    const expected: Uint8Array[] = [];
    for (let i = 0; i < 1000; i++) {
      outbox.postRequest(messageId.rejectRequest, i, 16384, 1);
      expected.push(encodeRequest(messageId.rejectRequest, i, 16384, 1));
      if (i % 300 !== 7) continue;
      outbox.post(encodeBare(messageId.unchoke));
      expected.push(encodeBare(messageId.unchoke));
    }
    await endOfTurn();
    expect(link.writes.length).toBe(1);
    expect(link.writes[0]?.length).toBeLessThan(20);
    expect(link.bytes).toEqual(Uint8Array.from(Buffer.concat(expected)));
  });

  it("sends each its own requests, however they are written between each other's", async () => {
    const owner = { turn: new Turn(), nowMs: () => 0 };
    const links = [new Link(), new Link(), new Link()];
    const outboxes = links.map((link) => new Outbox(link, owner));
    const expected: Uint8Array[][] = links.map(() => []);
    for (let turn = 0; turn < 40; turn++) {
      for (let i = 0; i < 50; i++) {
        // Now one of each, now many of one.
        const who = turn % 2 === 0 ? i % links.length : (turn + Math.floor(i / 20)) % links.length;
        outboxes[who]?.postRequest(messageId.request, 1000 * turn + i, 16384, who);
        expected[who]?.push(encodeRequest(messageId.request, 1000 * turn + i, 16384, who));
      }
      await endOfTurn();
    }
    expect(links.map(({ bytes }) => bytes)).toEqual(expected.map((each) => Uint8Array.from(Buffer.concat(each))));
  });

  it("sends nothing twice and nothing once closed", async () => {
    const link = new Link();
    const outbox = new Outbox(link, { turn: new Turn(), nowMs: () => 0 });
    outbox.postRequest(messageId.cancel, 1, 2, 3);
    outbox.flush();
    await endOfTurn();
    expect(link.bytes).toEqual(encodeRequest(messageId.cancel, 1, 2, 3));
    outbox.postRequest(messageId.cancel, 4, 5, 6);
    outbox.close();
    await endOfTurn();
    outbox.post(encodeBare(messageId.choke));
    await endOfTurn();
    expect(link.writes.length).toBe(1);
  });

  it("knows who takes nothing for ten minutes, and not who takes little or has nothing to take", () => {
    const link = new Link();
    const outbox = new Outbox(link, { turn: new Turn(), nowMs: () => 0 });
    const minute = 60_000;
    outbox.post(new Uint8Array(50_000));
    outbox.flush();
    link.queuedBytes = 50_000;
    for (let at = 1; at <= 20; at++) {
      link.queuedBytes -= 100;
      expect(outbox.isStuck(at * minute)).toBe(false);
    }
    for (let at = 21; at <= 30; at++) expect(outbox.isStuck(at * minute)).toBe(false);
    expect(outbox.isStuck(31 * minute)).toBe(true);
    link.queuedBytes = 0;
    expect(outbox.isStuck(100 * minute)).toBe(false);
  });

  it("leaves with the others of its turn, in the order in which they were posted to", async () => {
    const owner = { turn: new Turn(), nowMs: () => 0 };
    const told: string[] = [];
    const outboxOf = (name: string, then: () => void = () => {}) => {
      const link = new Link();
      link.send = () => {
        told.push(name);
        then();
      };
      return new Outbox(link, owner);
    };
    const c = outboxOf("c");
    const b = outboxOf("b", () => c.post(encodeBare(messageId.choke)));
    const a = outboxOf("a");
    b.post(encodeBare(messageId.choke));
    a.post(encodeBare(messageId.choke));
    b.post(encodeBare(messageId.unchoke));
    await endOfTurn();
    await endOfTurn();
    expect(told).toEqual(["b", "a", "c"]);
  });
});
