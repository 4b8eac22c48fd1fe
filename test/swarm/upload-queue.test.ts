import { describe, expect, it } from "vitest";
import { Geometry } from "../../source/metainfo/geometry.ts";
import {
  type BlockRequest,
  UploadQueue,
  type UploadQueueOwner,
  uploadQueueMax,
} from "../../source/swarm/upload-queue.ts";
import { readUint32 } from "../../source/wire/messages.ts";
import { settle } from "../support/virtual-clock.ts";

const pieceLength = 64 * 16384;
const geometry = new Geometry(pieceLength, pieceLength * 200);

function request(piece: number, block: number, length = 16384): BlockRequest {
  return { piece: geometry.piece(piece), begin: block * 16384, length };
}

const nameOf = ({ piece, begin, length }: BlockRequest) =>
  `${piece}.${begin / 16384}${length === 16384 ? "" : `+${length}`}`;

class FakeOwner implements UploadQueueOwner {
  time = 0;
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
  /** What the socket keeps of what is sent. */
  keepsAll = false;

  nowMs(): number {
    return this.time;
  }

  read(wanted: BlockRequest): Uint8Array | Promise<Uint8Array> {
    if (this.failure !== undefined) throw this.failure;
    const block = new Uint8Array(wanted.length).fill(wanted.piece);
    if (!this.isAsync(wanted)) return block;
    return new Promise((resolve, reject) => {
      this.reading.push({ name: nameOf(wanted), finish: () => resolve(block), fail: reject });
    });
  }

  grant(bytes: number): boolean {
    if (this.grantBytes <= 0) return false;
    this.grantBytes -= bytes;
    return true;
  }

  send(buffers: readonly Uint8Array[], payloadBytes: number): void {
    let sum = 0;
    for (let i = 0; i < buffers.length; i += 2) {
      const [header, block] = [buffers[i] ?? new Uint8Array(), buffers[i + 1] ?? new Uint8Array()];
      expect(readUint32(header, 0)).toBe(9 + block.length);
      expect(header[4]).toBe(7);
      const piece = readUint32(header, 5);
      expect(block[0]).toBe(piece);
      this.sent.push(nameOf({ piece: geometry.piece(piece), begin: readUint32(header, 9), length: block.length }));
      sum += block.length;
    }
    expect(payloadBytes).toBe(sum);
    this.writes.push(buffers.length / 2);
    if (this.keepsAll) this.queuedBytes += payloadBytes + 13 * (buffers.length / 2);
  }

  readFailed(error: unknown): void {
    this.failures.push(error);
  }

  served(): void {}
}

function made(): { owner: FakeOwner; queue: UploadQueue } {
  const owner = new FakeOwner();
  return { owner, queue: new UploadQueue(owner, pieceLength) };
}

describe("the upload queue", () => {
  it("sends blocks in the order they were asked for, up to sixteen a write", () => {
    const { owner, queue } = made();
    const names: string[] = [];
    for (let i = 0; i < 140; i++) {
      const one = request((i * 7) % 60, i);
      names.push(nameOf(one));
      queue.add(one);
    }
    queue.serve();
    expect(owner.sent).toEqual(names);
    // At first nobody knows what the line takes; each write that it takes at once makes the next larger.
    expect(owner.writes).toEqual([2, 3, 4, 4, 5, 7, 8, 10, 12, 15, 16, 16, 16, 16, 6]);
    expect(queue.length).toBe(0);
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
      owner.time += 1;
      owner.queuedBytes = 0;
    }
    expect(waited.slice(0, 8)).toEqual([2, 3, 4, 4, 5, 7, 8, 10]);
    expect(waited.slice(-4)).toEqual([96, 96, 96, 96]);
    expect(Math.max(...owner.writes)).toBe(16);
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
