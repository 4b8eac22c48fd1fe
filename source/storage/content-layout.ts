/** Which file holds which byte of the content. Empty files hold none and are never found. */
import { assert } from "../base/assert.ts";

/** A span of the content inside one file. */
export interface FilePart {
  readonly fileIndex: number;
  /** Where the part begins in its file. */
  readonly fileOffset: number;
  /** Where the part begins in the span that was asked for. */
  readonly at: number;
  readonly length: number;
}

export class ContentLayout {
  readonly totalLength: number;
  /** Where each file ends in the content. */
  readonly #ends: Float64Array;

  /** @param lengths of the files, in the torrent's order. */
  constructor(lengths: readonly number[]) {
    this.#ends = new Float64Array(lengths.length);
    let end = 0;
    lengths.forEach((length, index) => {
      end += length;
      this.#ends[index] = end;
    });
    this.totalLength = end;
  }

  /** The file that holds the byte at `offset`. */
  fileAt(offset: number): number {
    assert(offset >= 0 && offset < this.totalLength, "the offset lies in the content");
    const ends = this.#ends;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Where the file ends in the content. */
  endOf(fileIndex: number): number {
    return this.#ends[fileIndex] ?? 0;
  }

  /** The span cut at the borders of files. */
  parts(offset: number, length: number): FilePart[] {
    const parts: FilePart[] = [];
    if (length === 0) return parts;
    assert(offset + length <= this.totalLength, "the span lies in the content");
    let at = 0;
    for (let fileIndex = this.fileAt(offset); at < length; fileIndex++) {
      const end = this.endOf(fileIndex);
      const start = fileIndex === 0 ? 0 : this.endOf(fileIndex - 1);
      if (end === start) continue;
      const partLength = Math.min(end - offset - at, length - at);
      parts.push({ fileIndex, fileOffset: offset + at - start, at, length: partLength });
      at += partLength;
    }
    return parts;
  }
}
