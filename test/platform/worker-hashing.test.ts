import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { SpanHasher } from "../../source/platform/span-hasher.ts";
import { WorkerHashing } from "../../source/platform/worker-hashing.ts";
import { type FileSpan, pathOf } from "../../source/ports/piece-hashing.ts";
import { GeneratedContent } from "../../source/storage/generated-content.ts";

const hasher = new NodeHasher();
const alone = () => new SpanHasher({ take: () => {}, give: () => {} });

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hashing-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, bytes: Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return path;
}

function generated(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new GeneratedContent(seed, Math.max(1, length)).fill(0, bytes);
  return bytes;
}

const whole = (path: string | undefined, length: number): FileSpan => ({ path, position: 0, length });

describe("hashing of spans", () => {
  it("hashes the pieces that files, padding and what is missing of them make up", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            length: fc.integer({ min: 1, max: 3000 }),
            kind: fc.constantFrom("file", "file", "file", "padding", "missing", "short"),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        fc.integer({ min: 1, max: 2000 }),
        async (shapes, pieceLength) => {
          const parts = shapes.map(({ length, kind }, index) => {
            const bytes = kind === "padding" ? new Uint8Array(length) : generated(index, length);
            const there = kind === "missing" ? 0 : kind === "short" ? length >> 1 : length;
            if (kind === "padding") return { bytes, there, span: whole(undefined, length) };
            if (kind === "missing") return { bytes, there, span: whole(join(root, "none", "of it"), length) };
            return { bytes, there, span: whole(put(String(index), bytes.subarray(0, there)), length) };
          });
          const content = Buffer.concat(parts.map(({ bytes }) => bytes));
          const missing = Buffer.concat(parts.map(({ bytes, there }) => new Uint8Array(bytes.length).fill(1, there)));
          const hashed = await alone().hash({ spans: parts.map(({ span }) => span), pieceLength });
          const pieceCount = Math.ceil(content.length / pieceLength);
          expect(hashed.whole.length).toBe(pieceCount);
          for (let piece = 0; piece < pieceCount; piece++) {
            const [from, to] = [piece * pieceLength, (piece + 1) * pieceLength];
            const isWhole = !missing.subarray(from, to).includes(1);
            expect(hashed.whole[piece] === 1).toBe(isWhole);
            if (!isWhole) continue;
            const digest = Buffer.from(hashed.digests.subarray(20 * piece, 20 * piece + 20));
            expect(digest).toEqual(Buffer.from(hasher.sha1(content.subarray(from, to))));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("hashes a piece that is longer than what is read at once", async () => {
    const bytes = generated(7, 5_000_000);
    const path = put("long", bytes);
    const { digests } = await alone().hash({ spans: [whole(path, bytes.length)], pieceLength: 4_000_000 });
    expect(Buffer.from(digests.subarray(0, 20))).toEqual(Buffer.from(hasher.sha1(bytes.subarray(0, 4_000_000))));
    expect(Buffer.from(digests.subarray(20))).toEqual(Buffer.from(hasher.sha1(bytes.subarray(4_000_000))));
  });

  it("follows no link, and says which path failed", async () => {
    const link = join(root, "link");
    symlinkSync(put("secret", generated(1, 100)), link);
    const failure = await alone()
      .hash({ spans: [whole(link, 100)], pieceLength: 100 })
      .catch((error: unknown) => error);
    expect([codeOf(failure), pathOf(failure)]).toEqual(["ELOOP", link]);
  });
});

describe("hashing in threads", () => {
  it("does many jobs at once, each as one thread alone would, and ends its threads when there is no more", async () => {
    const hashing = new WorkerHashing(2, { idleMs: 1 });
    const jobs = Array.from({ length: 12 }, (_, index) => {
      const bytes = generated(index, 20_000 + index);
      return { spans: [whole(put(String(index), bytes), bytes.length)], pieceLength: 1000 };
    });
    const found = await Promise.all(jobs.map((job) => hashing.hash(job)));
    for (const [index, job] of jobs.entries()) expect(found[index]).toEqual(await alone().hash(job));
    await vi.waitFor(() => expect(hashing.threadCount).toBe(0));
    expect(await hashing.hash(jobs[0] ?? { spans: [], pieceLength: 1 })).toEqual(found[0]);
    await vi.waitFor(() => expect(hashing.threadCount).toBe(0));
  });

  it("says what the system said, and goes on", async () => {
    const hashing = new WorkerHashing(2, { idleMs: 1 });
    const folder = join(root, "folder");
    mkdirSync(folder);
    const good = whole(put("good", generated(1, 50)), 50);
    const [bad, fine] = await Promise.allSettled([
      hashing.hash({ spans: [whole(folder, 50)], pieceLength: 50 }),
      hashing.hash({ spans: [good], pieceLength: 50 }),
    ]);
    expect(bad.status === "rejected" && [codeOf(bad.reason), pathOf(bad.reason)]).toEqual(["EISDIR", folder]);
    expect(fine.status).toBe("fulfilled");
    await vi.waitFor(() => expect(hashing.threadCount).toBe(0));
  });
});
