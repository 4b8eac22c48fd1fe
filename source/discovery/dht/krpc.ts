/**
 * The DHT's messages (BEP 5 "KRPC protocol") as values; see krpc-decode.ts and krpc-encode.ts.
 */
import type { Endpoint } from "../../base/ip-address.ts";
import type { Contact } from "./contact.ts";
import type { NodeId } from "./node-id.ts";

/** Of a stored value, encoded (BEP 44). */
export const valueLengthMax = 1000;
export const saltLengthMax = 64;
/** BEP 32: a datagram of ours is never longer. */
export const sentLengthMax = 1024;

/** Which nodes are wanted in the answer (BEP 32). */
export interface Want {
  readonly nodes4: boolean;
  readonly nodes6: boolean;
}

/** A value that its author can replace (BEP 44 "mutable items"). */
export interface Signature {
  readonly publicKey: Uint8Array;
  readonly sequence: bigint;
  readonly signature: Uint8Array;
}

/** Parts that are bytes may be views of the datagram. */
export type Query =
  | { readonly method: "ping" }
  | { readonly method: "find_node"; readonly target: NodeId; readonly want: Want | undefined }
  | {
      readonly method: "get_peers";
      readonly infoHash: NodeId;
      readonly want: Want | undefined;
      /** BEP 33: seeds are of no use to whoever asks. */
      readonly noSeeds: boolean;
      readonly isScrape: boolean;
    }
  | {
      readonly method: "announce_peer";
      readonly infoHash: NodeId;
      /** 0 only where that of the datagram holds in its place. */
      readonly port: number;
      readonly isPortImplied: boolean;
      readonly token: Uint8Array;
      readonly isSeed: boolean;
    }
  | {
      readonly method: "get";
      readonly target: NodeId;
      readonly want: Want | undefined;
      /** A mutable value is wanted only if it is newer. */
      readonly newerThan: bigint | undefined;
    }
  | {
      readonly method: "put";
      readonly token: Uint8Array;
      /** Encoded, as it came. */
      readonly value: Uint8Array;
      readonly signed: (Signature & { readonly salt: Uint8Array; readonly replaces: bigint | undefined }) | undefined;
    }
  | { readonly method: "sample_infohashes"; readonly target: NodeId; readonly want: Want | undefined };

export interface QueryMessage {
  readonly kind: "query";
  readonly transaction: Uint8Array;
  readonly id: NodeId;
  readonly query: Query;
  /** BEP 43: it answers nobody, and wants to be in no table. */
  readonly isReadOnly: boolean;
}

/** What an answer says. Absent where it does not. */
export interface Answer {
  readonly token?: Uint8Array;
  readonly nodes4?: readonly Contact[];
  readonly nodes6?: readonly Contact[];
  readonly peers?: readonly Endpoint[];
  /** BEP 33: bloom filters. */
  readonly seedFilter?: Uint8Array;
  readonly peerFilter?: Uint8Array;
  /** BEP 44. Encoded, as it was put. */
  readonly value?: Uint8Array;
  readonly publicKey?: Uint8Array;
  readonly sequence?: bigint;
  readonly signature?: Uint8Array;
  /** BEP 51: 20 bytes each. */
  readonly samples?: Uint8Array;
  readonly sampledOf?: number;
  readonly sampleSeconds?: number;
}

export interface AnswerMessage {
  readonly kind: "answer";
  readonly transaction: Uint8Array;
  readonly id: NodeId;
  readonly answer: Answer;
  /** Where it saw our query come from (BEP 42). */
  readonly seenAs: Endpoint | undefined;
}

export interface ErrorMessage {
  readonly kind: "error";
  readonly transaction: Uint8Array;
  readonly code: number;
  /** Not sanitised. */
  readonly text: string;
}

/** A query that is one, but cannot be answered. */
export interface BadQueryMessage {
  readonly kind: "bad-query";
  readonly transaction: Uint8Array;
  readonly code: ErrorCode;
}

export type Message = QueryMessage | AnswerMessage | ErrorMessage | BadQueryMessage;

/** BEP 5 "errors", BEP 44 "errors". */
export const errorTexts = {
  201: "Generic Error",
  202: "Server Error",
  203: "Protocol Error",
  204: "Method Unknown",
  205: "Value Too Long",
  206: "Invalid Signature",
  207: "Salt Too Long",
  301: "Compare And Swap Mismatch",
  302: "Sequence Number Too Low",
} as const;

export type ErrorCode = keyof typeof errorTexts;
