/**
 * Hashes pieces in threads, one for each core. They are started when there is work and end when there has been none for a while:
 * an engine that checks nothing has none. Each has one job at a time.
 */
import type { Worker } from "node:worker_threads";
import type { HashedPieces, HashingJob, PieceHashing } from "../ports/piece-hashing.ts";
import { builtinThreads } from "./builtins.ts";

/** From here on a disk or the memory is the limit. */
const widthMax = 16;
/** How long threads wait for work: checks of several torrents follow one another. */
const idleMsDefault = 2000;

/** What a thread answers. */
export type HashingReply =
  | { readonly hashed: HashedPieces }
  | { readonly error: { readonly code: string; readonly message: string; readonly path: string } };

interface Task {
  readonly job: HashingJob;
  readonly resolve: (hashed: HashedPieces) => void;
  readonly reject: (error: unknown) => void;
}

/** Beside this file both as it is written and as it is built. */
const program = new URL(
  import.meta.url.endsWith(".ts") ? "./hashing-worker.ts" : "./hashing-worker.js",
  import.meta.url,
);

export class WorkerHashing implements PieceHashing {
  readonly width: number;
  readonly #lock = new Int32Array(new SharedArrayBuffer(4));
  readonly #queue: Task[] = [];
  readonly #busy = new Map<Worker, Task>();
  #idle: Worker[] = [];
  readonly #idleMs: number;
  #ending: NodeJS.Timeout | undefined;

  /** @param coreCount threads, 2 or more; at most 16 are used. @param options.idleMs how long they wait for work; default 2000. */
  constructor(coreCount: number, options: { readonly idleMs?: number } = {}) {
    this.width = Math.min(coreCount, widthMax);
    this.#idleMs = options.idleMs ?? idleMsDefault;
  }

  /** Threads there are now. */
  get threadCount(): number {
    return this.#idle.length + this.#busy.size;
  }

  hash(job: HashingJob): Promise<HashedPieces> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#queue.length > 0 && this.#busy.size < this.width) {
      const task = this.#queue.shift();
      if (task === undefined) return;
      clearTimeout(this.#ending);
      const worker = this.#idle.pop() ?? this.#start();
      this.#busy.set(worker, task);
      worker.ref();
      worker.postMessage(task.job);
    }
  }

  #start(): Worker {
    const worker = new (builtinThreads().Worker)(program, { workerData: this.#lock, execArgv: [], name: "hashing" });
    worker.on("message", (reply: HashingReply) => this.#answered(worker, reply));
    // It could not be started, or has run into a bug of ours: what it had to do fails, and another takes its place.
    worker.on("error", (error) => this.#gone(worker, error));
    worker.on("exit", () => this.#gone(worker, new Error("a hashing thread ended")));
    return worker;
  }

  #answered(worker: Worker, reply: HashingReply): void {
    const task = this.#busy.get(worker);
    this.#busy.delete(worker);
    this.#idle.push(worker);
    worker.unref();
    this.#serve();
    if (this.#busy.size === 0) this.#endSoon();
    if ("hashed" in reply) task?.resolve(reply.hashed);
    else task?.reject(Object.assign(new Error(reply.error.message), reply.error));
  }

  #gone(worker: Worker, error: unknown): void {
    const task = this.#busy.get(worker);
    this.#busy.delete(worker);
    this.#idle = this.#idle.filter((other) => other !== worker);
    task?.reject(error);
    this.#serve();
  }

  #endSoon(): void {
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => {
      const ended = this.#idle;
      this.#idle = [];
      for (const worker of ended) void worker.terminate();
    }, this.#idleMs);
    this.#ending.unref();
  }
}
