/**
 * The metadata extension (BEP 9): the info dictionary in pieces of 16 KiB. A message is a bencoded dictionary; in `data` the
 * piece follows it.
 */
import { ProtocolError } from "../base/errors.ts";
import { decodeDictPrefix } from "../bencode/decode.ts";
import { encode } from "../bencode/encode.ts";

export const metadataPieceLength = 16 * 1024;
/** As a .torrent file may be at most. */
export const metadataLengthMax = 32 * 1024 * 1024;

const types = { request: 0, data: 1, reject: 2 } as const;

export type MetadataMessage =
  | { readonly kind: "request"; readonly piece: number }
  /** `data` is a view of the message. */
  | { readonly kind: "data"; readonly piece: number; readonly totalLength: number; readonly data: Uint8Array }
  | { readonly kind: "reject"; readonly piece: number };

export function encodeMetadataRequest(piece: number): Uint8Array {
  return encode({ msg_type: types.request, piece });
}

export function encodeMetadataReject(piece: number): Uint8Array {
  return encode({ msg_type: types.reject, piece });
}

/** @param piece 0 … `metadataPieceCount(metadata.length)` - 1. */
export function encodeMetadataData(piece: number, metadata: Uint8Array): Uint8Array {
  const head = encode({ msg_type: types.data, piece, total_size: metadata.length });
  const data = metadata.subarray(piece * metadataPieceLength, (piece + 1) * metadataPieceLength);
  const message = new Uint8Array(head.length + data.length);
  message.set(head);
  message.set(data, head.length);
  return message;
}

export function metadataPieceCount(length: number): number {
  return Math.ceil(length / metadataPieceLength);
}

/**
 * @returns `undefined` for a kind that we do not know: BEP 9 wants those ignored.
 * @throws ProtocolError `bad-bencode`, `bad-metadata`.
 */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage | undefined {
  const { dict, end } = decodeDictPrefix(payload, { depthMax: 8, itemCountMax: 100 });
  const type = dict.integer("msg_type");
  const piece = dict.integer("piece");
  if (type === undefined || piece === undefined || piece < 0) return fail("a message without its kind or piece");
  switch (type) {
    case types.request:
      return { kind: "request", piece };
    case types.reject:
      return { kind: "reject", piece };
    case types.data: {
      const totalLength = dict.integer("total_size") ?? 0;
      const data = payload.subarray(end);
      if (totalLength < 1 || totalLength > metadataLengthMax) return fail("a size that cannot be");
      const expected = Math.min(metadataPieceLength, totalLength - piece * metadataPieceLength);
      if (data.length !== expected) return fail("a piece of another length than it must have");
      return { kind: "data", piece, totalLength, data };
    }
    default:
      return undefined;
  }
}

function fail(problem: string): never {
  throw new ProtocolError("bad-metadata", `ut_metadata: ${problem}`);
}
