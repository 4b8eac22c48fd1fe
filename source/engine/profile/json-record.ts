/** Records of the profile as text of two lines: `p2p-tui KIND VERSION CRC32`, and JSON. */
import { crc32 } from "../../storage/crc32.ts";

/** Before the JSON: kinds and versions are short. */
const headLengthMax = 100;

/** @param kind a word that says what it is. @param version of what the JSON holds. */
export function encodeRecord(kind: string, version: number, value: unknown): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const head = new TextEncoder().encode(`${headOf(kind, version, body)}\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/**
 * @param read makes the value of what the JSON says, and throws where it is not what it must be (base/json-fields.ts).
 * @returns `undefined` for anything that is not a whole record of that kind and version. Never throws.
 */
export function decodeRecord<T>(
  kind: string,
  version: number,
  bytes: Uint8Array,
  read: (value: unknown) => T,
): T | undefined {
  const lineEnd = bytes.subarray(0, headLengthMax).indexOf(0x0a);
  if (lineEnd < 0) return undefined;
  const body = bytes.subarray(lineEnd + 1);
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    if (decoder.decode(bytes.subarray(0, lineEnd)) !== headOf(kind, version, body)) return undefined;
    return read(JSON.parse(decoder.decode(body)));
  } catch {
    return undefined;
  }
}

function headOf(kind: string, version: number, body: Uint8Array): string {
  return `p2p-tui ${kind} ${version} ${crc32(body).toString(16).padStart(8, "0")}`;
}
