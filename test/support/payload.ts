/** Content for tests: random-looking bytes from a seed, so that the same test has the same torrent every time. */
import { createCipheriv, createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

export interface PayloadFile {
  /** Below the payload's parent directory, with `/`. */
  readonly path: string;
  readonly length: number;
  readonly sha256: string;
}

export interface Payload {
  readonly name: string;
  /** The directory in which the file or folder `name` is. */
  readonly parent: string;
  readonly files: readonly PayloadFile[];
  readonly totalLength: number;
}

export interface FilePlan {
  readonly path: string;
  readonly length: number;
}

const stepLength = 1 << 20;
const zeros = new Uint8Array(stepLength);

/** Writes the planned files below `parent`; the first part of every path is the payload's name. */
export function writePayload(parent: string, plan: readonly FilePlan[], seed: string): Payload {
  const files = plan.map((file) => ({
    ...file,
    sha256: writeRandom(join(parent, file.path), file.length, seed + file.path),
  }));
  const name = plan[0]?.path.split("/")[0] ?? "";
  return { name, parent, files, totalLength: plan.reduce((sum, file) => sum + file.length, 0) };
}

function writeRandom(path: string, length: number, seed: string): string {
  mkdirSync(dirname(path), { recursive: true });
  const key = createHash("sha256").update(seed).digest();
  const stream = createCipheriv("aes-128-ctr", key.subarray(0, 16), key.subarray(16));
  const hash = createHash("sha256");
  const file = openSync(path, "w");
  for (let done = 0; done < length; done += stepLength) {
    const bytes = stream.update(zeros.subarray(0, Math.min(stepLength, length - done)));
    hash.update(bytes);
    writeSync(file, bytes);
  }
  closeSync(file);
  return hash.digest("hex");
}

export function sha256OfFile(path: string): string {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  const buffer = new Uint8Array(stepLength);
  for (let got = readSync(file, buffer); got > 0; got = readSync(file, buffer)) hash.update(buffer.subarray(0, got));
  closeSync(file);
  return hash.digest("hex");
}

/** What is wrong with the copy of the payload in `directory`, one line a file; empty when nothing is. */
export function differences(
  payload: Payload,
  directory: string,
  options: { emptyFilesMayMiss?: boolean } = {},
): string[] {
  const found: string[] = [];
  for (const file of payload.files) {
    const path = join(directory, file.path);
    const length = statSync(path, { throwIfNoEntry: false })?.size;
    if (length === undefined) {
      if (file.length > 0 || options.emptyFilesMayMiss !== true) found.push(`${file.path} is missing`);
    } else if (length !== file.length) found.push(`${file.path} has ${length} bytes, not ${file.length}`);
    else if (sha256OfFile(path) !== file.sha256) found.push(`${file.path} has other content`);
  }
  return found;
}

/** One file. */
export function singleFile(name: string, totalLength: number): FilePlan[] {
  return [{ path: name, length: totalLength }];
}

/**
 * A folder: the total cut at odd places into up to nine files, in folders, with empty files first, last and between,
 * and with names that are not ASCII or hold spaces.
 */
export function folder(name: string, totalLength: number): FilePlan[] {
  const names = ["b.bin", "c/one byte", "c/d/grüße.txt", "c/d/файл", "e.bin", "f.bin", "g.bin", "h/i/j/k.bin", "z.bin"];
  const plan: FilePlan[] = [{ path: `${name}/a-empty`, length: 0 }];
  let left = totalLength;
  for (const [i, file] of names.entries()) {
    const isLast = i === names.length - 1;
    const share = file === "c/one byte" ? 1 : Math.floor(left / (names.length - i)) + 17 * i;
    const length = isLast ? left : Math.min(share, left);
    left -= length;
    plan.push({ path: `${name}/${file}`, length });
    if (i === 4) plan.push({ path: `${name}/e-empty`, length: 0 });
  }
  plan.push({ path: `${name}/zz-empty`, length: 0 });
  return plan;
}
