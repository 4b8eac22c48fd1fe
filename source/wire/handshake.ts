/** The first 68 bytes each way (BEP 3 "peer protocol"; reserved bits: BEP 4, 5, 6, 10). */
import { ProtocolError } from "../base/errors.ts";
import {
  type InfoHash,
  infoHashFromBytes,
  infoHashToBytes,
  type PeerId,
  peerIdFromBytes,
  peerIdToBytes,
} from "../base/ids.ts";

export const handshakeLength = 68;
const protocolName = "\x13BitTorrent protocol";

export interface Handshake {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** BEP 10: reserved byte 5, 0x10. */
  readonly hasExtensions: boolean;
  /** BEP 6: reserved byte 7, 0x04. */
  readonly hasFast: boolean;
  /** BEP 5: reserved byte 7, 0x01. */
  readonly hasDht: boolean;
}

export function encodeHandshake(handshake: Handshake): Uint8Array {
  const bytes = new Uint8Array(handshakeLength);
  for (let i = 0; i < 20; i++) bytes[i] = protocolName.charCodeAt(i);
  if (handshake.hasExtensions) bytes[25] = 0x10;
  bytes[27] = (handshake.hasFast ? 0x04 : 0) | (handshake.hasDht ? 0x01 : 0);
  bytes.set(infoHashToBytes(handshake.infoHash), 28);
  bytes.set(peerIdToBytes(handshake.peerId), 48);
  return bytes;
}

/** Whether these first bytes (any number) may still become a handshake: noise is refused at its first wrong byte. */
export function looksLikeHandshake(bytes: Uint8Array): boolean {
  const known = Math.min(bytes.length, 20);
  for (let i = 0; i < known; i++) if (bytes[i] !== protocolName.charCodeAt(i)) return false;
  return true;
}

/** @param bytes at least 68. @throws ProtocolError `not-bittorrent`. */
export function decodeHandshake(bytes: Uint8Array): Handshake {
  if (!looksLikeHandshake(bytes)) throw new ProtocolError("not-bittorrent", "it does not speak BitTorrent");
  return {
    infoHash: infoHashFromBytes(bytes.subarray(28, 48)),
    peerId: peerIdFromBytes(bytes.subarray(48, 68)),
    hasExtensions: ((bytes[25] ?? 0) & 0x10) !== 0,
    hasFast: ((bytes[27] ?? 0) & 0x04) !== 0,
    hasDht: ((bytes[27] ?? 0) & 0x01) !== 0,
  };
}
