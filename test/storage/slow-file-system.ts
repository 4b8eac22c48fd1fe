/** A disk that holds writers up, and a clock by which it does; wraps a real one. */
import type { Clock } from "../../source/ports/clock.ts";
import type { FileSystem, OpenFile, OpenMode } from "../../source/ports/file-system.ts";
import { FailingFileSystem } from "./failing-file-system.ts";

export class SlowFileSystem extends FailingFileSystem {
  /** Milliseconds by which a write makes `clock` go on. */
  writeMs = 150;
  /** Resolves before a later write begins; for a test that wants to hold it up. */
  hold: () => Promise<void> = () => Promise.resolve();
  /** What becomes of asking for space. Default: it cannot be reserved. */
  reserve: (file: OpenFile, length: number, signal: AbortSignal) => Promise<boolean> = async () => false;
  readonly clock: Clock;
  /** Bytes of each write that was made at once, and of each that was made later. */
  readonly atOnce: number[] = [];
  readonly later: number[] = [];
  #lateMs = 0;

  constructor(inner: FileSystem, clock: Clock) {
    super(inner);
    this.clock = {
      nowMs: () => clock.nowMs() + this.#lateMs,
      wallMs: () => clock.wallMs(),
      localMinutes: clock.localMinutes,
      after: (delayMs, callback) => clock.after(delayMs, callback),
    };
  }

  #slow(file: OpenFile): OpenFile {
    const lengthOf = (buffers: readonly Uint8Array[]) => buffers.reduce((sum, { length }) => sum + length, 0);
    return {
      writeSync: (buffers, position) => {
        this.#lateMs += this.writeMs;
        this.atOnce.push(lengthOf(buffers));
        file.writeSync(buffers, position);
      },
      write: async (buffers, position) => {
        await this.hold();
        this.#lateMs += this.writeMs;
        this.later.push(lengthOf(buffers));
        await file.write(buffers, position);
      },
      readSync: (into, position) => file.readSync(into, position),
      read: (into, position) => file.read(into, position),
      stat: () => file.stat(),
      truncate: (length) => file.truncate(length),
      reserve: (length, signal) => this.reserve(file, length, signal),
      trimSync: () => file.trimSync(),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  }

  override async open(path: string, mode: OpenMode): Promise<OpenFile> {
    return this.#slow(await super.open(path, mode));
  }

  override openSync(path: string, mode: OpenMode): OpenFile {
    return this.#slow(super.openSync(path, mode));
  }
}
