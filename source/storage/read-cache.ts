/**
 * What was read for upload, in aligned extents of 256 KiB: one read serves sixteen requests of one neighbour, and the
 * same requests of the next. One cache for the whole engine, least recently used thrown away first.
 *
 * Invariants: the bytes of an extent are never changed after they were handed out; neighbours that ask for an extent
 * while it is being read wait for that one read; an extent that was written to while it was read or kept is forgotten.
 */
import { diskError } from "./disk-error.ts";

/** Bytes of one extent. Smaller reads cost several times the processor time for each byte. */
export const extentLength = 256 * 1024;

export interface Extent {
  readonly bytes: Uint8Array;
  /** Spans of `bytes` that are in no file, as start, end, start, end, … */
  readonly missing: readonly number[];
}

interface Entry {
  readonly region: CacheRegion;
  readonly index: number;
  extent: Extent | undefined;
  pending: Promise<Extent> | undefined;
}

export interface ReadCacheOptions {
  /** Default 32 MiB: what most swarms want again soon; a small machine can spare it. */
  readonly bytesMax?: number;
  /** Reads at once, default 8: enough to keep a disk busy, and only these have memory. */
  readonly concurrentMax?: number;
  /** Reads that wait, default 1024: the next one fails with `busy`. */
  readonly queuedMax?: number;
}

export class ReadCache {
  readonly #bytesMax: number;
  readonly #concurrentMax: number;
  readonly #queuedMax: number;
  /** Kept extents, the least recently used first. */
  readonly #order = new Set<Entry>();
  #newest: Entry | undefined;
  #bytes = 0;
  readonly #queue: (() => void)[] = [];
  #readingCount = 0;

  constructor(options: ReadCacheOptions = {}) {
    this.#bytesMax = options.bytesMax ?? 32 * 1024 * 1024;
    this.#concurrentMax = options.concurrentMax ?? 8;
    this.#queuedMax = options.queuedMax ?? 1024;
  }

  /** Bytes kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One torrent's part of the cache. */
  region(): CacheRegion {
    return new CacheRegion(this);
  }

  /** Nothing waits: there is room for reading ahead. */
  get isIdle(): boolean {
    return this.#readingCount < this.#concurrentMax;
  }

  /** For `CacheRegion`. */
  keep(entry: Entry, extent: Extent): void {
    this.#order.add(entry);
    this.#newest = entry;
    this.#bytes += extent.bytes.length;
    for (const oldest of this.#order) {
      if (this.#bytes <= this.#bytesMax) break;
      oldest.region.forget(oldest);
    }
  }

  /** For `CacheRegion`. */
  touch(entry: Entry): void {
    if (entry === this.#newest) return;
    this.#order.delete(entry);
    this.#order.add(entry);
    this.#newest = entry;
  }

  /** For `CacheRegion`. */
  forget(entry: Entry): void {
    if (this.#order.delete(entry)) this.#bytes -= entry.extent?.bytes.length ?? 0;
    // Where V8 keeps the entry for longer (`Turnover`), its bytes at least are free.
    entry.extent = undefined;
    if (this.#newest === entry) this.#newest = undefined;
  }

  /** For `CacheRegion`: loads when it is its turn. */
  async load(load: () => Promise<Extent>): Promise<Extent> {
    if (this.#readingCount >= this.#concurrentMax) {
      if (this.#queue.length >= this.#queuedMax) throw diskError("busy", "too many reads wait for the disk");
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else {
      this.#readingCount++;
    }
    try {
      return await load();
    } finally {
      // The place goes to the next in line, or becomes free.
      const next = this.#queue.shift();
      if (next === undefined) this.#readingCount--;
      else next();
    }
  }
}

export class CacheRegion {
  readonly #cache: ReadCache;
  readonly #entries = new Map<number, Entry>();

  /** Made by `ReadCache.region`. */
  constructor(cache: ReadCache) {
    this.#cache = cache;
  }

  /** The extent, at once where it is kept; else `load` is called when it is its turn. */
  read(index: number, load: () => Promise<Extent>): Extent | Promise<Extent> {
    const entry = this.#entries.get(index);
    if (entry?.extent !== undefined) {
      this.#cache.touch(entry);
      return entry.extent;
    }
    if (entry?.pending !== undefined) return entry.pending;
    const fresh: Entry = { region: this, index, extent: undefined, pending: undefined };
    this.#entries.set(index, fresh);
    fresh.pending = this.#load(fresh, load);
    return fresh.pending;
  }

  /** Loads the extent if it is not there and nobody has to wait for that. */
  readAhead(index: number, load: () => Promise<Extent>): void {
    if (this.#entries.has(index) || !this.#cache.isIdle) return;
    const loading = this.read(index, load);
    // Whoever asks for it will hear of the error.
    if (loading instanceof Promise) loading.catch(() => undefined);
  }

  /** Forgets the extents from `first` to `last`: they are being written to. */
  invalidate(first: number, last: number): void {
    if (this.#entries.size === 0) return;
    for (let index = first; index <= last; index++) {
      const entry = this.#entries.get(index);
      if (entry !== undefined) this.forget(entry);
    }
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#cache.forget(entry);
    this.#entries.clear();
  }

  /** For `ReadCache`. */
  forget(entry: Entry): void {
    this.#cache.forget(entry);
    this.#entries.delete(entry.index);
  }

  async #load(entry: Entry, load: () => Promise<Extent>): Promise<Extent> {
    try {
      const extent = await this.#cache.load(load);
      entry.pending = undefined;
      if (this.#entries.get(entry.index) !== entry) return extent;
      if (extent.missing.length > 0) {
        // Not kept: a file that comes back must be seen.
        this.#entries.delete(entry.index);
        return extent;
      }
      entry.extent = extent;
      this.#cache.keep(entry, extent);
      return extent;
    } catch (error) {
      if (this.#entries.get(entry.index) === entry) this.#entries.delete(entry.index);
      throw error;
    }
  }
}
