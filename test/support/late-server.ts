/**
 * A server on 127.0.0.1 that answers like one at the end of a long line: its thread sleeps, and what waits fills the queue, so that the
 * kernel drops the first packet of whoever comes next. That is sent again a second later, when the thread has woken.
 */
import { connect } from "node:net";
import { Worker } from "node:worker_threads";

/** Longer than anybody waits for nothing, shorter than a second. */
const asleepMs = 700;
const queueLength = 1;

const program = `
const { parentPort, workerData } = require("node:worker_threads");
const server = require("node:http").createServer((_request, response) => response.end(workerData.body));
server.listen({ host: "127.0.0.1", port: 0, backlog: ${queueLength} }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(workerData.bell, 0, 0);
});`;

export interface LateServer {
  readonly port: number;
  /** Wakes it in a while: call it where the request begins. */
  ringLater(): void;
  close(): Promise<void>;
}

export async function listenLate(body: string): Promise<LateServer> {
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(program, { eval: true, workerData: { bell, body } });
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  const waiting = Array.from({ length: queueLength + 1 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  await Promise.all(waiting.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  return {
    port,
    ringLater() {
      setTimeout(() => {
        Atomics.store(bell, 0, 1);
        Atomics.notify(bell, 0);
        for (const socket of waiting) socket.destroy();
      }, asleepMs);
    },
    async close() {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}
