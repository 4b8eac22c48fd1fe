/** Many DHT nodes of libtorrent in one process, driven line by line; see libtorrent-dht.py. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Endpoint } from "../../../source/base/ip-address.ts";
import { libtorrentPython, startsMax } from "./libtorrent.ts";

const program = fileURLToPath(new URL("libtorrent-dht.py", import.meta.url));

export class LibtorrentDht {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: PromiseWithResolvers<Readonly<Record<string, unknown>>>[] = [];
  #ended = "";
  readonly #started: Promise<unknown>;

  /** @param bootstrap an endpoint of the network. */
  static async start(bootstrap: Endpoint, count: number): Promise<LibtorrentDht> {
    for (let left = startsMax - 1; ; left--) {
      const libtorrent = new LibtorrentDht(bootstrap, count);
      try {
        await libtorrent.#started;
        await libtorrent.ask({ do: "count" });
        return libtorrent;
      } catch (error) {
        await libtorrent.stop();
        if (left === 0) throw error;
      }
    }
  }

  private constructor(bootstrap: Endpoint, count: number) {
    const args = [program, bootstrap.address, String(bootstrap.port), String(count)];
    this.#process = spawn(libtorrentPython, args, { stdio: ["pipe", "pipe", "inherit"], env: { HOME: tmpdir() } });
    createInterface(this.#process.stdout).on("line", (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    this.#process.once("exit", (code, signal) => {
      this.#ended = `libtorrent ended with ${code ?? signal}`;
      for (const waiting of this.#waiting.splice(0)) waiting.reject(new Error(this.#ended));
    });
    this.#started = this.#next();
  }

  async ask<Answer>(request: object): Promise<Answer> {
    const answer = this.#next();
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { problem } = await answer;
    if (problem !== undefined) throw new Error(`libtorrent: ${problem}`);
    return (await answer) as Answer;
  }

  async stop(): Promise<void> {
    if (this.#ended !== "") return;
    this.#process.stdin.end();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 10_000);
    await once(this.#process, "exit");
    clearTimeout(timer);
  }

  #next(): Promise<Readonly<Record<string, unknown>>> {
    if (this.#ended !== "") return Promise.reject(new Error(this.#ended));
    const answer = Promise.withResolvers<Readonly<Record<string, unknown>>>();
    this.#waiting.push(answer);
    return answer.promise;
  }
}
