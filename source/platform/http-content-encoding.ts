/** Undoes one Content-Encoding, bounded: the output never grows beyond what was asked for (HOSTILE C2, gzip bombs). */
import { OperationalError } from "../base/errors.ts";

/**
 * @param encoding the header's value; "" and `identity` mean none.
 * @throws OperationalError `too-large`, `bad-encoding`.
 */
export async function decodeBody(
  raw: Uint8Array,
  encoding: string,
  lengthMax: number,
  host: string,
): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity" || raw.length === 0) return raw;
  const [zlib, { promisify }] = await Promise.all([import("node:zlib"), import("node:util")]);
  const options = { maxOutputLength: lengthMax };
  try {
    switch (name) {
      case "gzip":
      case "x-gzip":
        return await promisify<Uint8Array, object, Uint8Array>(zlib.gunzip)(raw, options);
      case "deflate":
        // Some servers send the zlib format, as they should, and some bare deflate data.
        return await promisify<Uint8Array, object, Uint8Array>(
          ((raw[0] ?? 0) & 15) === 8 ? zlib.inflate : zlib.inflateRaw,
        )(raw, options);
      case "br":
        return await promisify<Uint8Array, object, Uint8Array>(zlib.brotliDecompress)(raw, options);
      default:
        break;
    }
  } catch (error) {
    if (error instanceof RangeError) {
      throw new OperationalError("too-large", `${host} sent more than ${lengthMax} bytes, compressed`, {
        cause: error,
      });
    }
    throw new OperationalError("bad-encoding", `${host} sent a damaged ${name} answer`, { cause: error });
  }
  throw new OperationalError("bad-encoding", `${host} sent an answer in an encoding that was not asked for`);
}
