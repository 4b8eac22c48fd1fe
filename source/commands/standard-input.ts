/** Standard input, for a torrent in a pipe and for the answer to a question. */
import type { Readable } from "node:stream";
import { OperationalError } from "../base/errors.ts";

/** @throws OperationalError `too-large`. */
export async function readAll(stream: Readable, lengthMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    const bytes = part as Uint8Array;
    length += bytes.length;
    if (length > lengthMax) throw new OperationalError("too-large", "there is too much of it");
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** @returns the next line without its end, "" at the end of the stream. */
export async function readOneLine(stream: Readable): Promise<string> {
  const { createInterface } = await import("node:readline");
  return new Promise((resolve) => {
    const lines = createInterface({ input: stream });
    lines.once("line", (line) => {
      resolve(line);
      lines.close();
    });
    lines.once("close", () => resolve(""));
  });
}

/** Resolves at the end of the stream, of which nothing is kept: where it is a pipe, its other end has gone then. */
export function inputEnded(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once("end", resolve).once("error", () => resolve());
    stream.resume();
  });
}
