/** Undoes gzip while it comes in. */
export interface Gunzip {
  /**
   * Small parts, one at a time: however much the bytes grow, no more than a part of them is in memory.
   * @throws OperationalError `bad-gzip`; whatever `source` throws.
   */
  gunzip(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}
