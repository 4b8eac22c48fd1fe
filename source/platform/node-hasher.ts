/** SHA-1 by the platform's library, which uses the processor's own instructions where it has them. */
import { createHash, hash } from "node:crypto";
import type { Hasher, RunningHash } from "../ports/hasher.ts";

export class NodeHasher implements Hasher {
  begin(): RunningHash {
    return createHash("sha1");
  }

  sha1(bytes: Uint8Array): Uint8Array {
    return hash("sha1", bytes, "buffer");
  }
}
