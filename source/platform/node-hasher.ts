/** SHA-1 by the platform's library, which uses the processor's own instructions where it has them. */
import { createHash, type Hash, hash } from "node:crypto";
import type { Hasher, RunningHash } from "../ports/hasher.ts";

export class NodeHasher implements Hasher {
  begin(): RunningHash {
    return new NodeRunningHash();
  }

  sha1(bytes: Uint8Array): Uint8Array {
    return bytesOf(hash("sha1", bytes, "binary"));
  }
}

class NodeRunningHash implements RunningHash {
  readonly #hash: Hash = createHash("sha1");

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Uint8Array {
    return bytesOf(this.#hash.digest("binary"));
  }
}

/** A digest comes as text, a byte a character: a buffer of its own costs Node more than to hash a few hundred bytes. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
