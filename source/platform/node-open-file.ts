/**
 * One open file. The descriptor is closed only when no asynchronous operation uses it any more: the system gives a
 * closed descriptor's number to the next file, and a late read or write would land there.
 */
import * as fs from "node:fs";
import { codeOf } from "../base/errors.ts";
import type { FileStat, OpenFile } from "../ports/file-system.ts";
import { fileStatOf } from "./node-file-stat.ts";
import { reserveSpace } from "./reserve-space.ts";

/** Linux's IOV_MAX: no call takes more buffers than this. */
const buffersPerCallMax = 1024;

export class NodeOpenFile implements OpenFile {
  readonly #fd: number;
  #activeCount = 0;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /** Takes over the descriptor. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  writeSync(buffers: readonly Uint8Array[], position: number): void {
    this.#assertOpen();
    let at = position;
    let rest = buffers;
    while (rest.length > 0) {
      const [first] = rest;
      const written =
        rest.length === 1 && first !== undefined
          ? fs.writeSync(this.#fd, first, 0, first.length, at)
          : fs.writevSync(this.#fd, rest.length > buffersPerCallMax ? rest.slice(0, buffersPerCallMax) : rest, at);
      at += written;
      rest = after(rest, written);
    }
  }

  readSync(into: readonly Uint8Array[], position: number): number {
    this.#assertOpen();
    let length = 0;
    let rest = into;
    while (rest.length > 0) {
      const [first] = rest;
      const count =
        rest.length === 1 && first !== undefined
          ? fs.readSync(this.#fd, first, 0, first.length, position + length)
          : fs.readvSync(this.#fd, rest.slice(0, buffersPerCallMax), position + length);
      if (count === 0) break;
      length += count;
      rest = after(rest, count);
    }
    return length;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let length = 0;
    while (length < into.length) {
      const count = await this.#use<number>((done) =>
        fs.read(this.#fd, into, length, into.length - length, position + length, done),
      );
      if (count === 0) break;
      length += count;
    }
    return length;
  }

  async write(buffers: readonly Uint8Array[], position: number): Promise<void> {
    let at = position;
    let rest = buffers;
    while (rest.length > 0) {
      const some = rest.slice(0, buffersPerCallMax);
      const written = await this.#use<number>((done) => fs.writev(this.#fd, some, at, done));
      at += written;
      rest = after(rest, written);
    }
  }

  async stat(): Promise<FileStat> {
    return fileStatOf(await this.#use<fs.BigIntStats>((done) => fs.fstat(this.#fd, { bigint: true }, done)));
  }

  async truncate(length: number): Promise<void> {
    await this.#use<void>((done) => fs.ftruncate(this.#fd, length, done));
  }

  reserve(length: number, signal: AbortSignal): Promise<boolean> {
    return this.#use<boolean>((done) => reserveSpace(this.#fd, length, signal, done));
  }

  trimSync(): void {
    this.#assertOpen();
    fs.ftruncateSync(this.#fd, fs.fstatSync(this.#fd).size);
  }

  async sync(): Promise<void> {
    try {
      await this.#use<void>((done) => fs.fsync(this.#fd, done));
    } catch (error) {
      // Some network and user-space file systems have no such call: there it is as durable as it gets.
      if (!["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"].includes(codeOf(error))) throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#activeCount > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await new Promise<void>((resolve, reject) => {
      fs.close(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  #use<T>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
    this.#assertOpen();
    return new Promise<T>((resolve, reject) => {
      start((error, value) => {
        if (--this.#activeCount === 0) this.#onIdle?.();
        if (error) reject(error);
        else resolve(value as T);
      });
      // Only now: arguments that the system's library refuses throw, and nothing is under way.
      this.#activeCount++;
    });
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw Object.assign(new Error("EBADF: the file was closed"), { code: "EBADF" });
  }
}

/** What is left of `buffers` when their first `written` bytes are done; empty buffers are dropped. */
function after(buffers: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let index = 0;
  let skip = written;
  for (let buffer = buffers[0]; buffer !== undefined && skip >= buffer.length; buffer = buffers[index]) {
    skip -= buffer.length;
    index++;
  }
  if (index === buffers.length) return [];
  const rest = buffers.slice(index);
  if (skip > 0) rest[0] = (rest[0] ?? new Uint8Array(0)).subarray(skip);
  return rest;
}
