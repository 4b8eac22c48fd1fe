import { describe, expect, it } from "vitest";
import type { PieceIndex } from "../../source/base/ids.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import type { BlockRequest } from "../../source/swarm/block-queue.ts";
import { SendBuffers, sendBufferLength } from "../../source/swarm/send-buffers.ts";
import {
  type BlockSource,
  UploadQueue,
  type UploadQueueOwner,
  uploadQueueMax,
} from "../../source/swarm/upload-queue.ts";
import { readUint32 } from "../../source/wire/messages.ts";
import { settle, VirtualClock } from "../support/virtual-clock.ts";

const pieceLength = 64 * 16384;
const geometry = new Geometry(pieceLength, pieceLength * 200);

function request(piece: number, block: number, length = 16384): BlockRequest {
  return { piece: geometry.piece(piece), begin: block * 16384, length };
}

const nameOf = ({ piece, begin, length }: BlockRequest) =>
  `${piece}.${begin / 16384}${length === 16384 ? "" : `+${length}`}`;

class FakeOwner implements UploadQueueOwner, BlockSource {
  readonly storage = this;
  readonly clock = new VirtualClock();
  queuedBytes = 0;
  /** What the limit grants yet. */
  grantBytes = Number.POSITIVE_INFINITY;
  isAsync = (_request: BlockRequest) => false;
  failure: Error | undefined;
  readonly sent: string[] = [];
  readonly writes: number[] = [];
  readonly failures: unknown[] = [];
  readonly reading: { readonly name: string; readonly finish: () => void; readonly fail: (error: Error) => void }[] =
    [];
  /** Buffers that were sent, as they are now. */
  waiting: Uint8Array[] = [];
  /** What the socket keeps of what is sent. */
  keepsAll = false;

  readonly buffers = new SendBuffers(this.clock);
  isWarm = false;
  readonly readsInto: string[] = [];

  get time(): number {
    return this.clock.nowMs();
  }

  set time(ms: number) {
    this.clock.advance(ms - this.time);
  }

  nowMs(): number {
    return this.time;
  }

  read(piece: PieceIndex, begin: number, length: number): Uint8Array | Promise<Uint8Array> {
    const wanted = { piece, begin, length };
    if (this.failure !== undefined) throw this.failure;
    const block = new Uint8Array(wanted.length).fill(wanted.piece);
    if (!this.isAsync(wanted)) return block;
    return new Promise((resolve, reject) => {
      this.reading.push({ name: nameOf(wanted), finish: () => resolve(block), fail: reject });
    });
  }

  readInto(piece: number, begin: number, into: readonly Uint8Array[]): void {
    if (this.failure !== undefined) throw this.failure;
    this.readsInto.push(`${piece}.${begin / 16384}x${into.length}`);
    for (const span of into) span.fill(piece);
  }

  grant(bytes: number): boolean {
    if (this.grantBytes <= 0) return false;
    this.grantBytes -= bytes;
    return true;
  }

  send(buffers: readonly Uint8Array[], payloadBytes: number): void {
    const all = Buffer.concat(buffers);
    let sum = 0;
    let count = 0;
    for (let at = 0; at < all.length; count++) {
      const length = readUint32(all, at) - 9;
      expect(all[at + 4]).toBe(7);
      const piece = readUint32(all, at + 5);
      expect(all[at + 13]).toBe(piece);
      expect(all[at + 12 + length]).toBe(piece);
      this.sent.push(nameOf({ piece: geometry.piece(piece), begin: readUint32(all, at + 9), length }));
      sum += length;
      at += 13 + length;
    }
    expect(payloadBytes).toBe(sum);
    this.writes.push(count);
    this.waiting.push(...buffers);
    if (this.keepsAll) this.queuedBytes += all.length;
  }

  readFailed(error: unknown): void {
    this.failures.push(error);
  }

  served(): void {}
}

function made(): { owner: FakeOwner; queue: UploadQueue } {
  const owner = new FakeOwner();
  return { owner, queue: new UploadQueue(owner, pieceLength, owner.buffers) };
}

describe("the upload queue", () => {
  it("sends blocks in the order they were asked for, up to 32 a write", () => {
    const { owner, queue } = made();
    const names: string[] = [];
    for (let i = 0; i < 240; i++) {
      const one = request((i * 7) % 60, i);
      names.push(nameOf(one));
      queue.add(one);
    }
    queue.serve();
    expect(owner.sent).toEqual(names);
    // At first nobody knows what the line takes; each write that it takes at once makes the next larger.
    expect(owner.writes).toEqual([2, 3, 4, 4, 5, 7, 8, 10, 12, 15, 19, 24, 30, 32, 32, 32, 1]);
    expect(queue.length).toBe(0);
  });

  it("leaves the event loop its turn after so many bytes, and goes on in the next", () => {
    const { owner, queue } = made();
    owner.isWarm = true;
    for (let i = 0; i < 600; i++) queue.add(request(i % 50, i));
    const turns: number[] = [];
    queue.serve();
    while (queue.length > 0) {
      turns.push(owner.sent.length);
      queue.serve();
      expect(owner.sent.length).toBe(turns.at(-1));
      owner.clock.step(owner.time);
    }
    // 4 MiB, and the write that goes beyond it.
    for (const [i, sent] of turns.entries()) expect(sent - (turns[i - 1] ?? 0)).toBeLessThanOrEqual(256 + 32);
    expect(turns.length).toBe(2);
    expect(owner.sent.length).toBe(600);
  });

  it("serves those who had no turn in the order in which they came, before those who come again", () => {
    const owner = new FakeOwner();
    owner.isWarm = true;
    const queues = Array.from({ length: 4 }, () => new UploadQueue(owner, pieceLength, owner.buffers));
    const served: number[] = [];
    for (const [i, queue] of queues.entries()) {
      for (let block = 0; block < 1000; block++) queue.add(request(i, block));
    }
    const send = owner.send.bind(owner);
    owner.send = (buffers, payloadBytes) => {
      const piece = readUint32(buffers[0] ?? new Uint8Array(9), 5);
      if (served.at(-1) !== piece) served.push(piece);
      send(buffers, payloadBytes);
    };
    for (const queue of queues) queue.serve();
    for (let turn = 0; turn < 8; turn++) owner.clock.step(owner.time);
    expect(served).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  });

  it("sends the same block once, however often it is asked for while it waits", () => {
    const { owner, queue } = made();
    for (let i = 0; i < 5; i++) queue.add(request(1, 2));
    queue.serve();
    expect(owner.sent).toEqual(["1.2"]);
  });

  it("lets two blocks wait at first, and on a fast path up to 1.5 MiB", () => {
    const { owner, queue } = made();
    owner.keepsAll = true;
    for (let i = 0; i < 900; i++) queue.add(request(3 + Math.floor(i / 64), i % 64));
    const waited: number[] = [];
    for (let drains = 0; drains < 22; drains++) {
      const before = owner.sent.length;
      for (let calls = 0; calls < 3; calls++) queue.serve();
      waited.push(owner.sent.length - before);
      owner.time += 6;
      owner.queuedBytes = 0;
    }
    expect(waited.slice(0, 8)).toEqual([2, 3, 4, 4, 5, 7, 8, 10]);
    expect(waited.slice(-4)).toEqual([96, 96, 96, 96]);
    expect(Math.max(...owner.writes)).toBe(32);
  });

  it("sends one block at a time where half a second of the line is less", () => {
    const { owner, queue } = made();
    owner.keepsAll = true;
    for (let i = 0; i < 20; i++) queue.add(request(1, i));
    queue.serve();
    for (let drains = 0; drains < 8; drains++) {
      owner.time += 4000 * (owner.queuedBytes / 16384);
      owner.queuedBytes = 0;
      queue.serve();
    }
    expect(owner.writes).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("sends only what the limit grants, and keeps the rest in order", () => {
    const { owner, queue } = made();
    owner.grantBytes = 3 * 16384;
    for (let i = 0; i < 8; i++) queue.add(request(1, i));
    queue.serve();
    expect(owner.sent).toEqual(["1.0", "1.1", "1.2"]);
    expect(queue.length).toBe(5);
    owner.grantBytes = Number.POSITIVE_INFINITY;
    queue.serve();
    expect(owner.sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((block) => `1.${block}`));
  });

  it("is full at its maximum", () => {
    const { queue } = made();
    for (let i = 0; i < uploadQueueMax; i++) {
      expect(queue.isFull).toBe(false);
      queue.add(request(Math.floor(i / 64), i % 64));
    }
    expect(queue.isFull).toBe(true);
  });

  it("forgets what is cancelled, if the cancel names the whole request", () => {
    const { owner, queue } = made();
    queue.add(request(1, 0));
    queue.add(request(1, 1));
    expect(queue.cancel(request(1, 1, 100))).toBe(false);
    expect(queue.cancel(request(1, 1))).toBe(true);
    expect(queue.cancel(request(1, 1))).toBe(false);
    expect(queue.cancel(request(2, 0))).toBe(false);
    queue.serve();
    expect(owner.sent).toEqual(["1.0"]);
    expect(queue.cancel(request(1, 0))).toBe(false);
  });

  it("gives back everything that waits, in order, and is then empty", () => {
    const { owner, queue } = made();
    for (const block of [4, 2, 9]) queue.add(request(1, block));
    expect(queue.takeAll().map(nameOf)).toEqual(["1.4", "1.2", "1.9"]);
    queue.serve();
    expect(owner.sent).toEqual([]);
  });

  it("keeps the order where some blocks must be read from the disk", async () => {
    const { owner, queue } = made();
    owner.isAsync = ({ piece }) => piece % 3 === 0;
    const names: string[] = [];
    for (let i = 1; i <= 20; i++) {
      names.push(nameOf(request(i, 0)));
      queue.add(request(i, 0));
    }
    queue.serve();
    expect(owner.sent).toEqual(["1.0", "2.0"]);
    for (let reads = 0; reads < 6; reads++) {
      // Others calling in the meantime change nothing.
      queue.serve();
      expect(owner.reading).toHaveLength(reads + 1);
      owner.reading[reads]?.finish();
      await settle();
    }
    expect(owner.sent).toEqual(names);
  });

  it("sends nothing after close, not even what was being read", async () => {
    const { owner, queue } = made();
    owner.isAsync = () => true;
    queue.add(request(1, 0));
    queue.add(request(2, 0));
    queue.serve();
    queue.close();
    owner.reading[0]?.finish();
    await settle();
    queue.serve();
    expect(owner.sent).toEqual([]);
    expect(queue.length).toBe(0);
  });

  it("tells of a read that failed, once, and of none after close", async () => {
    const { owner, queue } = made();
    owner.isAsync = () => true;
    queue.add(request(1, 0));
    queue.serve();
    owner.reading[0]?.fail(new Error("disk"));
    await settle();
    expect(owner.failures).toHaveLength(1);
    queue.add(request(2, 0));
    queue.serve();
    queue.close();
    owner.reading[1]?.fail(new Error("disk"));
    await settle();
    expect(owner.failures).toHaveLength(1);
  });

  it("tells of a read that throws, and does not go on at once", () => {
    const { owner, queue } = made();
    owner.failure = new Error("disk");
    for (let i = 0; i < 5; i++) queue.add(request(1, i));
    queue.serve();
    expect(owner.failures).toHaveLength(1);
    expect(owner.sent).toEqual([]);
  });
});

describe("the upload queue of a warm storage", () => {
  const warm = () => {
    const all = made();
    all.owner.isWarm = true;
    return all;
  };

  it("reads what follows one another in a piece at once, and sends it with its headers as one buffer", () => {
    const { owner, queue } = warm();
    const wanted = [request(1, 0), request(1, 1), request(1, 3), request(1, 2, 100), request(2, 0), request(2, 1)];
    for (const one of wanted) queue.add(one);
    owner.keepsAll = true;
    for (let rounds = 0; rounds < 6; rounds++) {
      queue.serve();
      owner.queuedBytes = 0;
    }
    expect(owner.sent).toEqual(wanted.map(nameOf));
    expect(owner.readsInto).toEqual(["1.0x2", "1.3x1", "1.2x1", "2.0x2"]);
    expect(owner.waiting).toHaveLength(owner.writes.length);
  });

  it("serves requests of 128 KiB, and of one byte", () => {
    const { owner, queue } = warm();
    const wanted = Array.from({ length: 40 }, (_, i) => request(i, 0, i % 2 === 0 ? 128 * 1024 : 1));
    for (const one of wanted) queue.add(one);
    queue.serve();
    expect(owner.sent).toEqual(wanted.map(nameOf));
  });

  it("never writes to what may still be on its way, and takes the same memory again afterwards", () => {
    const { owner, queue } = warm();
    owner.keepsAll = true;
    for (let i = 0; i < 1200; i++) queue.add(request(1 + Math.floor(i / 64), i % 64));
    const memory = new Set<unknown>();
    let lentMax = 0;
    for (let drains = 0; drains < 40; drains++) {
      owner.waiting = [];
      queue.serve();
      const before = owner.waiting.map((buffer) => Buffer.from(buffer));
      queue.serve();
      owner.waiting.forEach((buffer, i) => {
        expect(Buffer.compare(buffer, before[i] ?? new Uint8Array())).toBe(0);
        memory.add(buffer.buffer);
      });
      lentMax = Math.max(lentMax, owner.buffers.lentBytes);
      owner.queuedBytes = 0;
      owner.time++;
    }
    queue.serve();
    expect(owner.sent).toHaveLength(1200);
    expect(lentMax).toBeLessThan(2 * 1024 * 1024);
    expect(owner.buffers.lentBytes).toBe(0);
    expect(memory.size).toBeLessThan(30);
  });

  it("does not take again what a closed connection may still be sending", () => {
    const { owner, queue } = warm();
    owner.keepsAll = true;
    queue.add(request(1, 0));
    queue.serve();
    const [buffer] = owner.waiting;
    queue.close();
    expect(owner.buffers.lentBytes).toBe(0);
    expect(owner.buffers.take(16_000).buffer).not.toBe(buffer?.buffer);
  });

  it("lets 64 KiB wait for each neighbour where memory is scarce", () => {
    const { owner, queue } = warm();
    for (let i = 0; i < 300; i++) queue.add(request(1 + Math.floor(i / 64), i % 64));
    queue.serve();
    owner.time += 10;
    owner.keepsAll = true;
    for (let i = 0; i < 600; i++) queue.add(request(21 + Math.floor(i / 64), i % 64));
    while (!owner.buffers.isScarce) owner.buffers.take(sendBufferLength);
    owner.queuedBytes = 0;
    queue.serve();
    expect(owner.queuedBytes).toBeGreaterThanOrEqual(64 * 1024);
    expect(owner.queuedBytes).toBeLessThan(64 * 1024 + 16_400);
  });

  it("tells of a read that throws, sends nothing of that write, and does not go on", () => {
    const { owner, queue } = warm();
    owner.failure = new Error("disk");
    for (let i = 0; i < 5; i++) queue.add(request(1, i));
    queue.serve();
    expect(owner.failures).toHaveLength(1);
    expect(owner.sent).toEqual([]);
  });
});
