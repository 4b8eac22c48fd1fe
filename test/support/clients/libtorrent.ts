/** libtorrent 2.0 through Debian's Python binding (hence the system's Python), with a small program of our own. */
import { fileURLToPath } from "node:url";
import { RealClient } from "./client.ts";

export const libtorrentPython = "/usr/bin/python3";
export const libtorrentProgram = fileURLToPath(new URL("libtorrent-peer.py", import.meta.url));

export class Libtorrent extends RealClient {
  readonly name = "libtorrent";
  #isDone = false;

  start(): void {
    const { torrentPath, directory, settings = "plain" } = this.options;
    const args = [libtorrentProgram, "run", torrentPath, directory, this.address, String(this.port), settings];
    this.process = this.options.namespace.run(this.name, libtorrentPython, args, {
      cwd: this.work,
      env: { HOME: this.work, LSD: this.options.isLsdOn === true ? "on" : "off" },
      onLine: (line) => {
        if (line.startsWith("{") && (JSON.parse(line) as { event: string }).event === "seeding") this.#isDone = true;
      },
    });
  }

  protected isSeeding(): boolean {
    return this.#isDone;
  }
}
