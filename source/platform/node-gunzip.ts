/** gzip by zlib, which works in a thread of its own, and is loaded when it is needed. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OperationalError } from "../base/errors.ts";
import type { Gunzip } from "../ports/gunzip.ts";

const partLength = 16 * 1024;

export class NodeGunzip implements Gunzip {
  async *gunzip(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const { createGunzip } = await import("node:zlib");
    const unzip = createGunzip({ chunkSize: partLength });
    let problem: unknown;
    const flow = pipeline(Readable.from(source), unzip).catch((error: unknown) => {
      problem = error;
    });
    try {
      for await (const part of unzip) yield part as Uint8Array;
    } catch (error) {
      await flow;
      throw isOfZlib(problem ?? error)
        ? new OperationalError("bad-gzip", "it is damaged: it cannot be unzipped", { cause: error })
        : (problem ?? error);
    } finally {
      unzip.destroy();
      await flow;
    }
  }
}

function isOfZlib(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code?.startsWith("Z_") === true;
}
