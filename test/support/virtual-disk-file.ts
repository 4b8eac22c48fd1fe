/**
 * A file of a virtual disk: what programs see, and what of it is on the disk for certain. Pages that nobody wrote are holes and
 * take no room.
 */
import { type Random, randomBelow, randomFraction } from "../../source/base/random.ts";

export const pageLength = 4096;

/** The disk, or a part of it with a disk of its own, as far as files take its room. */
export interface VirtualDevice {
  readonly id: number;
  capacityBytes: number;
  usedPages: number;
  isReadOnly: boolean;
}

interface Content {
  readonly length: number;
  readonly modifiedMs: number;
  /** A page is never changed while it is in a durable content: writers replace it by a copy. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

const nothing: Content = { length: 0, modifiedMs: 0, pages: new Map() };

export class VirtualFile {
  readonly kind = "file";
  readonly device: VirtualDevice;
  readonly inode: number;
  length = 0;
  modifiedMs: number;
  readonly #pages = new Map<number, Uint8Array>();
  /** Pages that differ from the durable content: written, or cut off. */
  readonly #dirty = new Set<number>();
  #durable: Content = nothing;
  #isReleased = false;

  constructor(device: VirtualDevice, inode: number, modifiedMs: number) {
    this.device = device;
    this.inode = inode;
    this.modifiedMs = modifiedMs;
  }

  get allocatedBytes(): number {
    return this.#pages.size * pageLength;
  }

  /** @returns whether all of it had room; what had is written. */
  write(bytes: Uint8Array, position: number, nowMs: number): boolean {
    this.modifiedMs = nowMs;
    let at = 0;
    while (at < bytes.length) {
      const index = Math.floor((position + at) / pageLength);
      const from = position + at - index * pageLength;
      const count = Math.min(pageLength - from, bytes.length - at);
      const page = this.#pageToWrite(index);
      if (page === undefined) return false;
      page.set(bytes.subarray(at, at + count), from);
      at += count;
      this.length = Math.max(this.length, position + at);
    }
    return true;
  }

  /** @returns how many bytes there were. */
  read(into: Uint8Array, position: number): number {
    const end = Math.min(this.length, position + into.length);
    let at = position;
    while (at < end) {
      const index = Math.floor(at / pageLength);
      const from = at - index * pageLength;
      const count = Math.min(pageLength - from, end - at);
      const target = into.subarray(at - position, at - position + count);
      const page = this.#pages.get(index);
      if (page === undefined) target.fill(0);
      else target.set(page.subarray(from, from + count));
      at += count;
    }
    return Math.max(0, end - position);
  }

  truncate(length: number, nowMs: number): boolean {
    if (length < this.length) {
      for (const index of [...this.#pages.keys()]) if (index * pageLength >= length) this.#drop(index);
      const last = Math.floor(length / pageLength);
      if (this.#pages.has(last)) {
        const page = this.#pageToWrite(last);
        if (page === undefined) return false;
        page.fill(0, length - last * pageLength);
      }
    }
    this.length = length;
    this.modifiedMs = nowMs;
    return true;
  }

  sync(): void {
    this.#durable = { length: this.length, modifiedMs: this.modifiedMs, pages: new Map(this.#pages) };
    this.#dirty.clear();
  }

  /** Its name is gone. */
  release(): void {
    this.device.usedPages -= this.#pages.size;
    this.#isReleased = true;
  }

  /**
   * What a loss of power may leave: each page as it was or as it is now, the length of before, of now or between, and the time
   * of before or of now. What was synced is as it was.
   */
  afterPowerCut(device: VirtualDevice, random: Random): VirtualFile {
    const file = new VirtualFile(device, this.inode, this.#durable.modifiedMs);
    const { length, pages } = this.#durable;
    const isChanged = this.#dirty.size > 0 || this.length !== length;
    if (isChanged && randomBelow(random, 2) === 0) file.modifiedMs = this.modifiedMs;
    const kept = randomBelow(random, 3);
    const between = Math.floor(length + (this.length - length) * randomFraction(random));
    file.length = !isChanged || kept === 0 ? length : kept === 1 ? this.length : between;
    for (const [index, page] of pages) file.#pages.set(index, page);
    for (const index of this.#dirty) {
      const page = this.#pages.get(index);
      if (randomBelow(random, 2) === 0) continue;
      if (page === undefined) file.#pages.delete(index);
      else file.#pages.set(index, page.slice());
    }
    for (const index of [...file.#pages.keys()]) if (index * pageLength >= file.length) file.#pages.delete(index);
    device.usedPages += file.#pages.size;
    file.sync();
    return file;
  }

  /** `undefined` where the disk is full. */
  #pageToWrite(index: number): Uint8Array | undefined {
    const there = this.#pages.get(index);
    if (there !== undefined && this.#dirty.has(index)) return there;
    if (there === undefined) {
      if ((this.device.usedPages + 1) * pageLength > this.device.capacityBytes) return undefined;
      if (!this.#isReleased) this.device.usedPages++;
    }
    const page = there === undefined ? new Uint8Array(pageLength) : there.slice();
    this.#pages.set(index, page);
    this.#dirty.add(index);
    return page;
  }

  #drop(index: number): void {
    this.#pages.delete(index);
    this.#dirty.add(index);
    if (!this.#isReleased) this.device.usedPages--;
  }
}
