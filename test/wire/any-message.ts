/** Messages at random, with what a handler is to be told of them. */
import fc from "fast-check";
import {
  encodeBare,
  encodeBitfield,
  encodeExtended,
  encodeIndices,
  encodeKeepAlive,
  encodeRequest,
  messageId,
  pieceHeaderLength,
  writePieceHeader,
} from "../../source/wire/messages.ts";
import { type Call, hexOf } from "./recorder.ts";

export interface Message {
  readonly bytes: Uint8Array;
  /** `undefined`: it is skipped. */
  readonly call: Call | undefined;
}

export const bitfieldLength = 13;

export function encodePiece(index: number, begin: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(pieceHeaderLength + data.length);
  writePieceHeader(bytes, 0, index, begin, data.length);
  bytes.set(data, pieceHeaderLength);
  return bytes;
}

const uint32 = fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 0, max: 0xffffffff }));
const bareNames = ["choke", "unchoke", "interested", "notInterested", "haveAll", "haveNone"] as const;
const indexNames = ["have", "suggestPiece", "allowedFast"] as const;
const requestNames = ["request", "cancel", "rejectRequest"] as const;
const knownIds: ReadonlySet<number> = new Set(Object.values(messageId));

const bare = fc
  .constantFrom(...bareNames)
  .map((name): Message => ({ bytes: encodeBare(messageId[name]), call: [name] }));
const indexed = fc
  .tuple(fc.constantFrom(...indexNames), uint32)
  .map(([name, index]): Message => ({ bytes: encodeIndices(messageId[name], [index]), call: [name, index] }));
const requests = fc.tuple(fc.constantFrom(...requestNames), uint32, uint32, uint32).map(
  ([name, index, begin, length]): Message => ({
    bytes: encodeRequest(messageId[name], index, begin, length),
    call: [name, index, begin, length],
  }),
);
const bitfield = fc
  .uint8Array({ minLength: bitfieldLength, maxLength: bitfieldLength })
  .map((field): Message => ({ bytes: encodeBitfield(field), call: ["bitfield", hexOf(field)] }));
const piece = fc.tuple(uint32, uint32, fc.uint8Array({ maxLength: 300 })).map(
  ([index, begin, data]): Message => ({
    bytes: encodePiece(index, begin, data),
    call: ["piece", index, begin, hexOf(data)],
  }),
);
const extended = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 100 }))
  .map(([id, payload]): Message => ({ bytes: encodeExtended(id, payload), call: ["extended", id, hexOf(payload)] }));
const keepAlive = fc.constant<Message>({ bytes: encodeKeepAlive(), call: ["keepAlive"] });
const port = fc.constant<Message>({ bytes: new Uint8Array([0, 0, 0, 3, messageId.port, 26, 225]), call: undefined });
const unknown = fc
  .tuple(
    fc.integer({ min: 0, max: 255 }).filter((id) => !knownIds.has(id)),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([id, body]): Message => {
    const bytes = new Uint8Array(5 + body.length);
    bytes[3] = 1 + body.length;
    bytes[4] = id;
    bytes.set(body, 5);
    return { bytes, call: undefined };
  });

export const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  bare,
  indexed,
  requests,
  bitfield,
  { arbitrary: piece, weight: 3 },
  extended,
  { arbitrary: keepAlive, weight: 2 },
  port,
  unknown,
);

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Feeds as a socket does: each read in the same buffer, which is overwritten as soon as `feed` returns. */
export function feedInReads(
  decoder: { feed(bytes: Uint8Array): void },
  bytes: Uint8Array,
  readLengths: Iterable<number>,
): void {
  const buffer = new Uint8Array(bytes.length);
  let at = 0;
  const read = (length: number) => {
    const part = bytes.subarray(at, at + length);
    buffer.set(part);
    try {
      decoder.feed(buffer.subarray(0, part.length));
    } finally {
      buffer.fill(0xee);
    }
    at += part.length;
  };
  for (const length of readLengths) if (at < bytes.length) read(length);
  if (at < bytes.length) read(bytes.length - at);
}
