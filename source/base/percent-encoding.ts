/** Percent-encoding of raw bytes (RFC 3986 §2), as info hashes and peer ids travel in tracker URLs. */

const unreserved = /[0-9A-Za-z\-._~]/;

/** Every byte that is not unreserved becomes `%XX`, upper case. */
export function percentEncode(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

/**
 * The bytes of a query value. Tolerant, as clients differ: `+` is a space, a `%` that is not followed by two hex digits
 * stands for itself.
 * @returns `undefined` where more than `lengthMax` bytes come out, or a character is outside Latin-1.
 */
export function percentDecode(text: string, lengthMax: number): Uint8Array | undefined {
  if (text.length > 3 * lengthMax) return undefined;
  const bytes = new Uint8Array(Math.min(text.length, lengthMax));
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    if (length === lengthMax) return undefined;
    let code = text.charCodeAt(at);
    if (code > 255) return undefined;
    if (code === 0x2b) code = 0x20;
    else if (code === 0x25) {
      const digits = text.slice(at + 1, at + 3);
      if (/^[0-9a-fA-F]{2}$/.test(digits)) {
        code = Number.parseInt(digits, 16);
        at += 2;
      }
    }
    bytes[length++] = code;
  }
  return bytes.subarray(0, length);
}
