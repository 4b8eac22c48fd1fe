/**
 * Room that is kept free on the profile's disk, so that what the engine must remember can be written when downloads have
 * filled that disk. A file of its own takes the room; when a write fails for lack of it, the file goes and the write is tried
 * again. Replacing a record takes its length only for a moment, so a little room serves for long. The room is taken again
 * when there is enough.
 */
import { codeOf } from "../base/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import type { Random } from "../ports/random.ts";

const defaultLength = 4 * 1024 * 1024;
/** Taken again only where so many times as much is free: it is not to make others' downloads fail. */
const plenty = 8;
const retryMs = 60_000;
const partLength = 256 * 1024;

export class SpaceReserve {
  readonly #ports: { readonly files: FileSystem; readonly clock: Clock; readonly random: Random };
  readonly #path: string;
  readonly #length: number;
  #isHeld = false;
  #triedMs = Number.NEGATIVE_INFINITY;
  #taking: Promise<void> | undefined;
  #giving: Promise<boolean> | undefined;
  /** How often its room was given up. */
  #givenCount = 0;

  /** @param path of its file, whose folder exists. @param length bytes; default 4 MiB. */
  constructor(
    ports: { readonly files: FileSystem; readonly clock: Clock; readonly random: Random },
    path: string,
    length = defaultLength,
  ) {
    this.#ports = ports;
    this.#path = path;
    this.#length = length;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes the room where there is plenty; never fails. */
  take(): Promise<void> {
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  /** As the file system's, with the reserve to fall back on. Throws the system's error. */
  async writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
    const { files, clock } = this.#ports;
    const givenCount = this.#givenCount;
    try {
      await files.writeFileAtomic(path, bytes);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#giving ??= this.#giveUp().finally(() => {
        this.#giving = undefined;
      });
      // Another write may have been quicker: many are written at once when the engine stops.
      if (!(await this.#giving) && givenCount === this.#givenCount) throw error;
      await files.writeFileAtomic(path, bytes);
      return;
    }
    if (!this.#isHeld && clock.nowMs() - this.#triedMs >= retryMs) await this.take();
  }

  async #take(): Promise<void> {
    const { files, clock, random } = this.#ports;
    this.#triedMs = clock.nowMs();
    try {
      const there = await files.stat(this.#path);
      if (there?.kind === "file" && there.length >= this.#length) {
        this.#isHeld = true;
        return;
      }
      const folder = this.#path.slice(0, this.#path.lastIndexOf("/"));
      if ((await files.freeSpace(folder)) < plenty * this.#length) return;
      const file = await files.open(this.#path, "create");
      try {
        // By chance, so that no file system saves it in less room.
        const part = Uint32Array.from({ length: partLength / 4 }, () => random.uint32());
        for (let at = 0; at < this.#length; at += partLength) {
          part[0] = random.uint32();
          await file.write([new Uint8Array(part.buffer, 0, Math.min(partLength, this.#length - at))], at);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      this.#isHeld = true;
    } catch {
      // Without it things go on as they would have.
      await files.removeFile(this.#path).catch(() => undefined);
    }
  }

  /** @returns whether there may be room now. */
  async #giveUp(): Promise<boolean> {
    const { files, clock } = this.#ports;
    this.#triedMs = clock.nowMs();
    this.#isHeld = false;
    try {
      await files.removeFile(this.#path);
      this.#givenCount++;
      return true;
    } catch {
      return false;
    }
  }
}

function isFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "disk-full"].includes(codeOf(error));
}
