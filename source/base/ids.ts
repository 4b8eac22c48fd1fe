/**
 * Branded identifiers. A branded value comes only from the functions here (or, for `PieceIndex`, from the torrent's
 * `Geometry`), so holding one means it was checked.
 */
import { OperationalError } from "./errors.ts";
import { bytesToHex, hexToBytes } from "./hex.ts";

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A torrent's identity: the SHA-1 of its raw info dictionary, 40 lower-case hex digits. */
export type InfoHash = Brand<string, "InfoHash">;
/** The 20 bytes a peer calls itself by in its handshake, 40 lower-case hex digits. */
export type PeerId = Brand<string, "PeerId">;
/** A piece's 0-based index, below the torrent's piece count. Made by `Geometry.pieceIndex`. */
export type PieceIndex = Brand<number, "PieceIndex">;

const fortyHex = /^[0-9a-f]{40}$/;

/** @param hex 40 hex digits in either case. @throws OperationalError `bad-info-hash`. */
export function infoHashFromHex(hex: string): InfoHash {
  const lower = hex.toLowerCase();
  if (!fortyHex.test(lower)) throw new OperationalError("bad-info-hash", "an info hash is 40 hex digits");
  return lower as InfoHash;
}

/** @param bytes exactly 20. @throws OperationalError `bad-info-hash`. */
export function infoHashFromBytes(bytes: Uint8Array): InfoHash {
  return infoHashFromHex(bytesToHex(bytes));
}

export function infoHashToBytes(infoHash: InfoHash): Uint8Array {
  return hexToBytes(infoHash);
}

/** @param bytes exactly 20. @throws OperationalError `bad-peer-id`. */
export function peerIdFromBytes(bytes: Uint8Array): PeerId {
  if (bytes.length !== 20) throw new OperationalError("bad-peer-id", "a peer id is 20 bytes");
  return bytesToHex(bytes) as PeerId;
}

export function peerIdToBytes(peerId: PeerId): Uint8Array {
  return hexToBytes(peerId);
}
