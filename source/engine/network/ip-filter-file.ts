/**
 * Reads IP filter files (ip-filter-line.ts tells their forms), plain or gzipped, whatever they are called. A part at a time, so
 * that neither a long file nor one that unzips without end fills memory or holds up others.
 */
import { OperationalError } from "../../base/errors.ts";
import type { IpRangesBuilder } from "../../base/ip-ranges.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import type { Gunzip } from "../../ports/gunzip.ts";
import { filterLineLengthMax, readFilterLine } from "./ip-filter-line.ts";

export interface FilterFileReport {
  /** Lines that block somebody. */
  readonly rangeCount: number;
  /** Lines that cannot be understood. */
  readonly badCount: number;
  /** 1-based; 0 where there is none. */
  readonly firstBadLine: number;
}

/** The largest lists that are passed around have less than a million ranges, in 60 MB of text. */
const textLengthMax = 256 * 1024 * 1024;
/** Parsed in a few milliseconds. */
const partLength = 16 * 1024;

/**
 * Adds what the file blocks. @param rangesMax more are refused.
 * @throws OperationalError `too-large`, `bad-gzip`, `no-filter` where no line of it can be understood; or what the system says.
 */
export async function readFilterFile(
  ports: { readonly files: FileSystem; readonly gunzip: Gunzip },
  path: string,
  into: IpRangesBuilder,
  rangesMax: number,
): Promise<FilterFileReport> {
  // What the user named may be a link.
  const file = await ports.files.open(await ports.files.realPath(path), "read");
  try {
    const start = new Uint8Array(2);
    const isGzip = (await file.read(start, 0)) === 2 && start[0] === 0x1f && start[1] === 0x8b;
    const plain = partsOf((buffer, position) => file.read(buffer, position));
    const lines = new FilterLines(into);
    let length = 0;
    for await (const part of isGzip ? ports.gunzip.gunzip(plain) : plain) {
      length += part.length;
      if (length > textLengthMax) throw new OperationalError("too-large", "it holds more than 256 MiB");
      lines.feed(part);
      if (into.count > rangesMax) throw new OperationalError("too-large", "there are more than two million ranges");
    }
    const report = lines.end();
    if (report.rangeCount === 0 && report.badCount > 0) {
      throw new OperationalError("no-filter", "it is no IP filter: no line of it can be understood");
    }
    return report;
  } finally {
    await file.close();
  }
}

async function* partsOf(
  read: (buffer: Uint8Array, position: number) => Promise<number>,
): AsyncGenerator<Uint8Array, void> {
  for (let position = 0; ; ) {
    // A new one each time: whoever unzips may not have used the last yet.
    const buffer = new Uint8Array(partLength);
    const length = await read(buffer, position);
    if (length === 0) return;
    position += length;
    yield buffer.subarray(0, length);
  }
}

/** Cuts text into lines, which may end with LF, CR or both. */
class FilterLines {
  readonly #into: IpRangesBuilder;
  /** Addresses are ASCII, and what is around them is not looked at. */
  readonly #decoder = new TextDecoder("latin1");
  #rest = "";
  #endedWithCr = false;
  #lineCount = 0;
  #rangeCount = 0;
  #badCount = 0;
  #firstBadLine = 0;

  constructor(into: IpRangesBuilder) {
    this.#into = into;
  }

  feed(part: Uint8Array): void {
    let text = this.#decoder.decode(part);
    if (this.#endedWithCr && text.startsWith("\n")) text = text.slice(1);
    this.#endedWithCr = text.endsWith("\r") || (text === "" && this.#endedWithCr);
    const lines = text.split(/\r\n|\n|\r/);
    lines[0] = this.#rest + (lines[0] ?? "");
    const rest = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
    // Of a line without end only so much is kept as shows that it is too long.
    this.#rest = rest.length > 2 * filterLineLengthMax ? rest.slice(0, 2 * filterLineLengthMax) : rest;
  }

  end(): FilterFileReport {
    if (this.#rest !== "") this.#take(this.#rest);
    return { rangeCount: this.#rangeCount, badCount: this.#badCount, firstBadLine: this.#firstBadLine };
  }

  #take(line: string): void {
    this.#lineCount++;
    // The mark that some editors put before UTF-8.
    const text = this.#lineCount === 1 && line.startsWith("\u00ef\u00bb\u00bf") ? line.slice(3) : line;
    switch (readFilterLine(text, this.#into)) {
      case "range":
        this.#rangeCount++;
        break;
      case "bad":
        this.#badCount++;
        if (this.#firstBadLine === 0) this.#firstBadLine = this.#lineCount;
        break;
      case "nothing":
        break;
    }
  }
}
