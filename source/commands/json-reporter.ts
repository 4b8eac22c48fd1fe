import type { TorrentRow } from "../control/protocol.ts";
import { eventLine, type JsonEvent, progressEvent } from "./json-events.ts";
import type { Reporter, TorrentLabel } from "./reporter.ts";

/** Events for scripts, see `json-events.ts`. */
export class JsonReporter implements Reporter {
  readonly #out: (text: string) => void;
  /** The last line of each seeding torrent, so that thousands of idle ones cost nothing. */
  readonly #lastSeeding = new Map<string, string>();

  constructor(out: (text: string) => void) {
    this.#out = out;
  }

  listening(address: string, port: number): void {
    this.#write({ event: "listening", address, port });
  }

  added({ infoHash, name, totalLength }: TorrentLabel, directory: string): void {
    this.#write({ event: "added", infoHash, name, totalBytes: totalLength, directory });
  }

  checked({ infoHash, totalLength }: TorrentLabel, verifiedLength: number): void {
    this.#write({ event: "checked", infoHash, bytes: verifiedLength, totalBytes: totalLength });
  }

  progress(rows: readonly TorrentRow[]): void {
    for (const row of rows) {
      const line = eventLine(progressEvent(row));
      if (row.state === "seeding") {
        if (this.#lastSeeding.get(row.infoHash) === line) continue;
        this.#lastSeeding.set(row.infoHash, line);
      }
      this.#out(line);
    }
  }

  complete({ infoHash, totalLength }: TorrentLabel, seconds: number): void {
    this.#write({ event: "complete", infoHash, bytes: totalLength, seconds: Math.round(seconds * 1000) / 1000 });
  }

  seeding({ infoHash }: TorrentLabel): void {
    this.#write({ event: "seeding", infoHash });
  }

  failed({ infoHash }: TorrentLabel, code: string, message: string): void {
    this.#write({ event: "failed", infoHash, code, message });
  }

  warning(message: string): void {
    this.#write({ event: "warning", message });
  }

  stopping(): void {}

  ended(isInterrupted: boolean): void {
    if (isInterrupted) this.#write({ event: "stopped" });
  }

  #write(event: JsonEvent): void {
    this.#out(eventLine(event));
  }
}
