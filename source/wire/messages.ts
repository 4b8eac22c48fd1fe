/** Message ids (BEP 3, 5, 6, 10) and their encoding: a 4-byte big-endian length, the id, the body. */
export const messageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggestPiece: 13,
  haveAll: 14,
  haveNone: 15,
  rejectRequest: 16,
  allowedFast: 17,
  extended: 20,
} as const;

/** Bytes of a `piece` message before its data: length, id, index, begin. */
export const pieceHeaderLength = 13;
/** Bytes of a whole `request`, `cancel` or `reject`. */
export const requestMessageLength = 17;

export function encodeKeepAlive(): Uint8Array {
  return new Uint8Array(4);
}

/** choke, unchoke, interested, not interested, have all, have none. */
export function encodeBare(id: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[3] = 1;
  bytes[4] = id;
  return bytes;
}

/** `have`, `suggest piece` or `allowed fast` of several pieces, one message each, in one buffer. */
export function encodeIndices(id: number, indices: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(9 * indices.length);
  let at = 0;
  for (const index of indices) {
    bytes[at + 3] = 5;
    bytes[at + 4] = id;
    writeUint32(bytes, at + 5, index);
    at += 9;
  }
  return bytes;
}

/** @param field the wire form of a bitfield; copied. */
export function encodeBitfield(field: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + field.length);
  writeUint32(bytes, 0, 1 + field.length);
  bytes[4] = messageId.bitfield;
  bytes.set(field, 5);
  return bytes;
}

/** Writes a `request`, `cancel` or `reject` at `at`, 17 bytes. */
export function writeRequest(
  into: Uint8Array,
  at: number,
  id: number,
  index: number,
  begin: number,
  length: number,
): void {
  writeUint32(into, at, 13);
  into[at + 4] = id;
  writeUint32(into, at + 5, index);
  writeUint32(into, at + 9, begin);
  writeUint32(into, at + 13, length);
}

export function encodeRequest(id: number, index: number, begin: number, length: number): Uint8Array {
  const bytes = new Uint8Array(requestMessageLength);
  writeRequest(bytes, 0, id, index, begin, length);
  return bytes;
}

/** Writes the 13 bytes that go before a block's data. */
export function writePieceHeader(into: Uint8Array, at: number, index: number, begin: number, length: number): void {
  writeUint32(into, at, 9 + length);
  into[at + 4] = messageId.piece;
  writeUint32(into, at + 5, index);
  writeUint32(into, at + 9, begin);
}

/** @param port of our DHT node (BEP 5). */
export function encodePort(port: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, 3, messageId.port, port >> 8, port & 255);
}

/** @param extendedId 0 is the extension handshake (BEP 10). */
export function encodeExtended(extendedId: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(6 + payload.length);
  writeUint32(bytes, 0, 2 + payload.length);
  bytes[4] = messageId.extended;
  bytes[5] = extendedId;
  bytes.set(payload, 6);
  return bytes;
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
