/** `--log FILE`: what happens, one line each, with the time; for the person who asks afterwards. */
import { appendFileSync, closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import type { TorrentRow } from "../control/protocol.ts";
import { reasonOf } from "./load-torrent.ts";
import type { Reporter, TorrentLabel } from "./reporter.ts";
import { progressText } from "./text-reporter.ts";

/** Progress goes to the log once a minute. */
const progressTicks = 60;

export class LogFile implements Reporter {
  readonly #descriptor: number;
  #ticks = 0;
  #isClosed = false;

  /** @throws OperationalError where the file cannot be written. */
  constructor(workingDirectory: string, path: string) {
    try {
      this.#descriptor = openSync(resolve(workingDirectory, path), "a", 0o600);
    } catch (error) {
      throw new OperationalError("log", `cannot write the log ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }

  write(text: string): void {
    // Its number may be that of another file by now.
    if (this.#isClosed) return;
    try {
      appendFileSync(this.#descriptor, `${new Date().toISOString()} ${sanitise(text, 4000)}\n`);
    } catch {
      // A full disk must not stop the engine for the sake of its log.
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }

  listening(address: string, port: number): void {
    this.write(`listening on ${address} port ${port}`);
  }

  added(torrent: TorrentLabel, directory: string): void {
    this.write(`${torrent.infoHash} added: ${torrent.name}, ${torrent.totalLength} bytes, in ${directory}`);
  }

  checked(torrent: TorrentLabel, verifiedLength: number): void {
    this.write(`${torrent.infoHash} checked: ${verifiedLength} of ${torrent.totalLength} bytes`);
  }

  progress(rows: readonly TorrentRow[]): void {
    if (this.#ticks++ % progressTicks === 0) this.write(progressText(rows));
  }

  complete(torrent: TorrentLabel, seconds: number): void {
    this.write(`${torrent.infoHash} complete after ${seconds.toFixed(1)} s`);
  }

  seeding(torrent: TorrentLabel): void {
    this.write(`${torrent.infoHash} seeding`);
  }

  failed(torrent: TorrentLabel, code: string, message: string): void {
    this.write(`${torrent.infoHash} failed (${code}): ${message}`);
  }

  warning(message: string): void {
    this.write(`warning: ${message}`);
  }

  stopping(): void {
    this.write("stopping");
  }

  ended(): void {
    this.write("stopped");
    this.close();
  }
}
