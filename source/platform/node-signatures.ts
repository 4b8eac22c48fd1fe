/** Ed25519 by Node's OpenSSL, which takes keys in ASN.1 only: the fixed bytes before a raw key. */
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { KeyPair, Signatures } from "../ports/signatures.ts";

/** SubjectPublicKeyInfo (RFC 8410, 4) and PrivateKeyInfo (7). */
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");

export class NodeSignatures implements Signatures {
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    try {
      const key = createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: "der", type: "spki" });
      return verify(null, message, key, signature);
    } catch {
      // No point of the curve.
      return false;
    }
  }

  keyPair(seed: Uint8Array): KeyPair {
    const key = createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: "der", type: "pkcs8" });
    const der = createPublicKey(key).export({ format: "der", type: "spki" });
    return {
      publicKey: new Uint8Array(der.subarray(publicPrefix.length)),
      sign: (message) => new Uint8Array(sign(null, message, key)),
    };
  }
}
