/**
 * The extension protocol's handshake (BEP 10), with `upload_only` (BEP 21) and the size of the metadata (BEP 9). What is sent
 * is all optional.
 */

import { formatAddress, parseAddress } from "../base/ip-address.ts";
import { sanitise } from "../base/sanitise.ts";
import { decodeDictPrefix } from "../bencode/decode.ts";
import { encode } from "../bencode/encode.ts";
import type { BencodeDict } from "../bencode/value.ts";

/** The extensions that we speak, and the ids under which we want their messages. */
export const extensionIds = { ut_pex: 1, ut_metadata: 2 } as const;
export type ExtensionName = keyof typeof extensionIds;
/** `upload_only`: libtorrent takes that we want something again (BEP 21) by a message of its own alone, a byte. */
export type PeerExtensionName = ExtensionName | "upload_only";

export interface OurExtensionHandshake {
  /** Default: none. */
  readonly extensions?: readonly ExtensionName[];
  /** Bytes of the info dictionary; `undefined` while we have none. */
  readonly metadataLength?: number | undefined;
  /** Name and version. */
  readonly client: string;
  /** Where we listen, `undefined` if we do not. */
  readonly port: number | undefined;
  /** Requests that we queue. */
  readonly requestQueue: number;
  /** It is not said where it is `undefined`; `false` takes back what was said before. */
  readonly isUploadOnly: boolean | undefined;
  /** The address that we see the peer at. */
  readonly yourAddress: string;
}

export interface PeerExtensionHandshake {
  /** Of the extensions that we use, those that it names, and the ids under which it wants their messages: 1 … 255; 0 for no more. */
  readonly extensions: Partial<Readonly<Record<PeerExtensionName, number>>>;
  /** Bytes of the info dictionary, 1 and up, as it claims. */
  readonly metadataLength: number | undefined;
  /** Sanitised, "" if absent. */
  readonly client: string;
  /** 1 … 65535. */
  readonly port: number | undefined;
  /** Requests that it queues, 1 and up. */
  readonly requestQueue: number | undefined;
  readonly isUploadOnly: boolean;
  /** The address that it sees us at, as it claims; `undefined` if absent. */
  readonly ourAddress: string | undefined;
}

/** A handshake is a few hundred bytes; one with very many extensions a few thousand (HOSTILE B9). */
const handshakeLengthMax = 64 * 1024;
const clientLengthMax = 40;

export function encodeExtensionHandshake(handshake: OurExtensionHandshake): Uint8Array {
  const address = parseAddress(handshake.yourAddress);
  const { extensions = [] } = handshake;
  return encode({
    m: Object.fromEntries(extensions.map((name) => [name, extensionIds[name]])),
    metadata_size: handshake.metadataLength,
    p: handshake.port,
    reqq: handshake.requestQueue,
    upload_only: handshake.isUploadOnly === undefined ? undefined : Number(handshake.isUploadOnly),
    v: handshake.client,
    yourip: address,
  });
}

/** @throws ProtocolError for what is no bencoded dictionary. Single values of a wrong type count as absent. */
export function decodeExtensionHandshake(payload: Uint8Array): PeerExtensionHandshake {
  const { dict } = decodeDictPrefix(payload, { lengthMax: handshakeLengthMax, depthMax: 8, itemCountMax: 2000 });
  const port = dict.integer("p") ?? 0;
  const requestQueue = dict.integer("reqq") ?? 0;
  const metadataLength = dict.integer("metadata_size") ?? 0;
  const ourAddress = dict.bytes("yourip");
  return {
    extensions: extensionsOf(dict.dict("m")),
    metadataLength: metadataLength >= 1 ? metadataLength : undefined,
    client: sanitise(dict.text("v") ?? "", clientLengthMax),
    port: port >= 1 && port <= 65535 ? port : undefined,
    requestQueue: requestQueue >= 1 ? requestQueue : undefined,
    isUploadOnly: dict.integer("upload_only") === 1,
    ourAddress: ourAddress?.length === 4 || ourAddress?.length === 16 ? formatAddress(ourAddress) : undefined,
  };
}

/** An id of 0 switches an extension off. */
function extensionsOf(m: BencodeDict | undefined): PeerExtensionHandshake["extensions"] {
  const extensions: Partial<Record<PeerExtensionName, number>> = {};
  for (const name of ["ut_pex", "ut_metadata", "upload_only"] as const) {
    const id = m?.integer(name) ?? -1;
    if (id >= 0 && id <= 255) extensions[name] = id;
  }
  return extensions;
}
