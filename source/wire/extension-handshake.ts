/** The extension protocol's handshake (BEP 10), with `upload_only` (BEP 21). What is sent is all optional. */

import { parseAddress } from "../base/ip-address.ts";
import { sanitise } from "../base/sanitise.ts";
import { decodeDictPrefix } from "../bencode/decode.ts";
import { encode } from "../bencode/encode.ts";

export interface OurExtensionHandshake {
  /** Name and version. */
  readonly client: string;
  /** Where we listen, `undefined` if we do not. */
  readonly port: number | undefined;
  /** Requests that we queue. */
  readonly requestQueue: number;
  readonly isUploadOnly: boolean;
  /** The address that we see the peer at. */
  readonly yourAddress: string;
}

export interface PeerExtensionHandshake {
  /** Sanitised, "" if absent. */
  readonly client: string;
  /** 1 … 65535. */
  readonly port: number | undefined;
  /** Requests that it queues, 1 and up. */
  readonly requestQueue: number | undefined;
  readonly isUploadOnly: boolean;
}

/** A handshake is a few hundred bytes; one with very many extensions a few thousand (HOSTILE B9). */
const handshakeLengthMax = 64 * 1024;
const clientLengthMax = 40;

export function encodeExtensionHandshake(handshake: OurExtensionHandshake): Uint8Array {
  const address = parseAddress(handshake.yourAddress);
  return encode({
    m: {},
    p: handshake.port,
    reqq: handshake.requestQueue,
    upload_only: handshake.isUploadOnly ? 1 : undefined,
    v: handshake.client,
    yourip: address,
  });
}

/** @throws ProtocolError for what is no bencoded dictionary. Single values of a wrong type count as absent. */
export function decodeExtensionHandshake(payload: Uint8Array): PeerExtensionHandshake {
  const { dict } = decodeDictPrefix(payload, { lengthMax: handshakeLengthMax, depthMax: 8, itemCountMax: 2000 });
  const port = dict.integer("p") ?? 0;
  const requestQueue = dict.integer("reqq") ?? 0;
  return {
    client: sanitise(dict.text("v") ?? "", clientLengthMax),
    port: port >= 1 && port <= 65535 ? port : undefined,
    requestQueue: requestQueue >= 1 ? requestQueue : undefined,
    isUploadOnly: dict.integer("upload_only") === 1,
  };
}
