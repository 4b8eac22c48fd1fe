/** The program of one thread of `WorkerHashing`: jobs come as messages, and what comes of them goes back, one at a time. */
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { codeOf, messageOf } from "../base/errors.ts";
import { type HashingJob, pathOf } from "../ports/piece-hashing.ts";
import { SpanHasher } from "./span-hasher.ts";
import type { HashingReply } from "./worker-hashing.ts";

/** A third of the weight of the main thread, which serves neighbours meanwhile. */
const niceness = 5;

const lock = workerData as Int32Array;
const turn = {
  take: () => {
    while (Atomics.compareExchange(lock, 0, 0, 1) !== 0) Atomics.wait(lock, 0, 1);
  },
  give: () => {
    Atomics.store(lock, 0, 0);
    Atomics.notify(lock, 0, 1);
  },
};

try {
  // Of the calling thread alone, on Linux; elsewhere it may be of the process, or refused.
  if (process.platform === "linux") setPriority(0, niceness);
} catch {
  // It works all the same.
}

const hasher = new SpanHasher(turn);
parentPort?.on("message", (job: HashingJob) => {
  const answer = (reply: HashingReply): void => parentPort?.postMessage(reply);
  hasher.hash(job).then(
    (hashed) => answer({ hashed }),
    (error: unknown) => {
      answer({ error: { code: codeOf(error), message: messageOf(error), path: pathOf(error) } });
    },
  );
});
