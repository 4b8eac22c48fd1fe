/** A scripted seed: in all things as a seed should be, but for what the script changes. */
import { type PeerId, peerIdFromBytes } from "../../source/base/ids.ts";
import { messageId } from "../../source/wire/messages.ts";
import { type Arena, randomPeerId } from "./arena.ts";
import { type RawPeer, rawMessage, words } from "./hostile-peer.ts";

export interface AskedBlock {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
  /** How many blocks this peer was asked for, this one included. */
  readonly count: number;
}

export interface SeedScript {
  readonly peerId?: PeerId;
  /** Default true. */
  readonly hasFast?: boolean;
  /** What it says to have, as a whole message. Default: everything. */
  readonly field?: Uint8Array;
  /** Whether it unchokes whoever is interested. Default true. */
  readonly unchokes?: boolean;
  /** What is sent for a request, in whole messages. Default: the block. */
  readonly answer?: (asked: AskedBlock, peer: RawPeer) => readonly Uint8Array[];
}

export function block(arena: Arena, piece: number, begin: number, length: number): Uint8Array {
  return rawMessage(messageId.piece, Buffer.concat([words(piece, begin), arena.span(piece, begin, length)]));
}

/** The block with its last byte changed. */
export function spoiltBlock(arena: Arena, piece: number, begin: number, length: number): Uint8Array {
  const message = block(arena, piece, begin, length);
  message[message.length - 1] = (message[message.length - 1] ?? 0) ^ 0xff;
  return message;
}

export function fullField(arena: Arena): Uint8Array {
  const { pieceCount } = arena.geometry;
  const field = new Uint8Array((pieceCount + 7) >> 3).fill(0xff);
  const spare = field.length * 8 - pieceCount;
  field[field.length - 1] = (0xff << spare) & 0xff;
  return rawMessage(messageId.bitfield, field);
}

/** Plays the script on a connection, whoever opened it. */
export function playSeed(arena: Arena, peer: RawPeer, script: SeedScript = {}): void {
  const { hasFast = true, unchokes = true } = script;
  let count = 0;
  peer.onMessage = ({ id, body }) => {
    if (id === messageId.interested && unchokes) peer.send(rawMessage(messageId.unchoke));
    if (id !== messageId.request) return;
    const view = Buffer.from(body.buffer, body.byteOffset, body.length);
    const piece = view.readUInt32BE(0);
    const begin = view.readUInt32BE(4);
    const length = view.readUInt32BE(8);
    const answer = script.answer?.({ piece, begin, length, count: ++count }, peer);
    peer.send(...(answer ?? [block(arena, piece, begin, length)]));
  };
  peer.shake({ infoHash: arena.infoHash, peerId: script.peerId ?? randomPeerId(), hasFast });
  peer.send(script.field ?? (hasFast ? rawMessage(messageId.haveAll) : fullField(arena)));
}

export function peerIdOf(text: string): PeerId {
  return peerIdFromBytes(Buffer.from(text.padEnd(20, "-").slice(0, 20), "latin1"));
}
