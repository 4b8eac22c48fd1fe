/** What the interoperability tests ask of any BitTorrent client, ours or another's. One client holds one torrent. */
import type { ManagedProcess } from "./managed-process.ts";
import type { Namespace } from "./namespace.ts";
import { Hopeless, waitUntil } from "./wait-until.ts";

export interface ClientOptions {
  readonly namespace: Namespace;
  readonly role: "seed" | "leech";
  /** Path of the .torrent file; for a leech a magnet link will do. */
  readonly torrentPath: string;
  /** Where the content is, or goes to. */
  readonly directory: string;
  /**
   * `plain`: TCP without encryption, the quickest to connect. `stock`: what the client does for its users, which may
   * mean trying µTP or an encrypted handshake first.
   */
  readonly settings?: "plain" | "stock";
  /** The torrent's tracker is one by UDP. Default: false. */
  readonly isTrackerUdp?: boolean;
  /** It tells the local network of the torrent, and hears of others (BEP 14). Default: false. */
  readonly isLsdOn?: boolean;
  /** Default: a fresh address of the namespace. */
  readonly address?: string;
}

export type ClientName = "transmission" | "libtorrent" | "aria2" | "rtorrent" | "p2p-tui";

/** Five times what the slowest of them was seen to need here; a test that fails takes this long. */
const seedTimeoutMs = 60_000;
const completeTimeoutMs = 150_000;

export abstract class RealClient {
  abstract readonly name: ClientName;
  readonly options: ClientOptions;
  readonly address: string;
  readonly port: number;
  /** State and configuration; content never goes there. */
  readonly work: string;
  protected process: ManagedProcess | null = null;

  constructor(options: ClientOptions) {
    this.options = options;
    this.address = options.address ?? options.namespace.address();
    this.port = options.namespace.port();
    this.work = options.namespace.folder("client");
  }

  abstract start(): void;
  /** Whether it has verified everything and serves it. */
  protected abstract isSeeding(): Promise<boolean> | boolean;
  /** Whether everything has come and is verified. */
  protected isComplete(): Promise<boolean> | boolean {
    return this.isSeeding();
  }

  async untilSeeding(): Promise<void> {
    await this.#until("seeds", seedTimeoutMs, () => this.isSeeding());
  }

  /** @param pauseMs until it is asked again, as in {@link waitUntil}. */
  async untilComplete(timeoutMs = completeTimeoutMs, pauseMs?: () => number): Promise<void> {
    await this.#until("has everything", timeoutMs, () => this.isComplete(), pauseMs);
  }

  /** Ends it the polite way, so that what it holds gets to the disk. */
  async stop(): Promise<number | string> {
    return (await this.process?.stop()) ?? 0;
  }

  get isRunning(): boolean {
    return this.process !== null && this.process.ended === null;
  }

  /** Of its present process; 0 before it was started. One that dies by itself and is started again has another. */
  get pid(): number {
    return this.process?.pid ?? 0;
  }

  get logTail(): string {
    return `── ${this.name} ${this.options.role} at ${this.address}:${this.port}\n${this.process?.logTail ?? ""}`;
  }

  async #until(
    what: string,
    timeoutMs: number,
    question: () => Promise<boolean> | boolean,
    pauseMs?: () => number,
  ): Promise<void> {
    await waitUntil(
      `${this.name} (${this.options.role}) ${what}`,
      timeoutMs,
      async () => {
        const ended = this.process?.ended ?? null;
        try {
          if (await question()) return true;
        } catch (error) {
          // Who has ended answers nobody.
          if (ended === null) throw error;
        }
        if (ended !== null) throw new Hopeless(`it ended with ${ended}`);
        return false;
      },
      () => this.logTail,
      pauseMs,
    );
  }
}
