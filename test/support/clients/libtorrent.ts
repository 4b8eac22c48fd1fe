/** libtorrent 2.0 through Debian's Python binding (hence the system's Python), with a small program of our own. */
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type ClientOptions, RealClient } from "./client.ts";

/** Debian's libtorrent 2.0.8 dies of SIGSEGV in its first second about once in twenty starts, whoever the others are. */
export const startsMax = 3;
export const libtorrentPython = "/usr/bin/python3";
export const libtorrentProgram = fileURLToPath(new URL("libtorrent-peer.py", import.meta.url));

/** What one says of itself; and whether it is worth to start it again. */
class Course {
  isSeeding = false;
  peers: readonly string[] = [];
  onSeeding: () => void = () => {};
  #startsLeft = startsMax;
  #hasMet = false;

  read(line: string): void {
    if (!line.startsWith("{")) return;
    const event = JSON.parse(line) as { readonly event: string; readonly peers?: readonly string[] };
    if (event.event === "peers") this.peers = event.peers ?? [];
    if (this.peers.length > 0) this.#hasMet = true;
    if (event.event !== "seeding") return;
    this.isSeeding = true;
    this.onSeeding();
  }

  /** @returns whether it died by itself: of nothing that anybody has told it. */
  isToStartAgain(end: number | string | null): boolean {
    if (end !== "SIGSEGV" || this.#hasMet) return false;
    return --this.#startsLeft > 0;
  }

  stop(): void {
    this.#startsLeft = 0;
  }
}

export interface LibtorrentOptions extends ClientOptions {
  /** It keeps no log of what it does, which costs it more than the doing. Default: false. */
  readonly isQuiet?: boolean;
  /** It takes and gives nothing to anybody: what leeches get is from the seed then. Default: false. */
  readonly isTaker?: boolean;
}

export class Libtorrent extends RealClient {
  readonly name = "libtorrent";
  readonly #course = new Course();
  readonly #more: Readonly<Record<string, string>>;

  constructor(options: LibtorrentOptions) {
    super(options);
    const { isLsdOn, isQuiet, isTaker } = options;
    const state = (isOn = false) => (isOn ? "on" : "off");
    this.#more = { LSD: state(isLsdOn), QUIET: state(isQuiet), TAKER: state(isTaker) };
  }

  start(): void {
    const { torrentPath, directory, settings = "plain" } = this.options;
    const args = [libtorrentProgram, "run", torrentPath, directory, this.address, String(this.port), settings];
    const child = this.options.namespace.run(this.name, libtorrentPython, args, {
      cwd: this.work,
      env: { HOME: this.work, ...this.#more },
      onLine: (line) => this.#course.read(line),
    });
    this.process = child;
    void child.exited.then((end) => {
      if (this.#course.isToStartAgain(end)) this.start();
    });
  }

  override stop(): Promise<number | string> {
    this.#course.stop();
    return super.stop();
  }

  protected isSeeding(): boolean {
    return this.#course.isSeeding;
  }
}

/** One on this machine's own loopback. */
export class LocalLibtorrent {
  readonly #args: readonly string[];
  readonly #course = new Course();
  readonly #seeding = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #kill: () => void = () => {};

  /** @param args of `libtorrent-peer.py run`. */
  constructor(...args: readonly string[]) {
    this.#args = args;
    this.#course.onSeeding = () => this.#seeding.resolve();
    this.#seeding.promise.catch(() => undefined);
    this.#start();
  }

  /** Whom it is connected to, `HOST:PORT` each. */
  get peers(): readonly string[] {
    return this.#course.peers;
  }

  /** Rejects where it ends before. */
  untilSeeding(): Promise<void> {
    return this.#seeding.promise;
  }

  async stop(): Promise<void> {
    this.#course.stop();
    this.#kill();
    await this.#over.promise;
  }

  #start(): void {
    const child = spawn(libtorrentPython, [libtorrentProgram, "run", ...this.#args], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { HOME: tmpdir() },
    });
    createInterface(child.stdout).on("line", (line) => this.#course.read(line));
    this.#kill = () => child.kill();
    child.once("exit", (code, signal) => {
      if (this.#course.isToStartAgain(code ?? signal)) {
        this.#start();
        return;
      }
      this.#seeding.reject(new Error(`libtorrent ended with ${code ?? signal}`));
      this.#over.resolve();
    });
  }
}
