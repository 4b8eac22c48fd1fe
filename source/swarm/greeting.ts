/** The first messages after the handshake: what we have, in short where that can be said (BEP 6), and our extensions. */
import type { Bitfield } from "../base/bitfield.ts";
import { encodeBare, encodeBitfield, encodeExtended, messageId } from "../wire/messages.ts";
import type { NeighbourInfo } from "./neighbour-owner.ts";

/** @param have what the neighbour is to know that we have. */
export function greeting(
  { hasFast, hasExtensions }: NeighbourInfo,
  have: Bitfield,
  extensionHandshake: Uint8Array | undefined,
): Uint8Array[] {
  const messages: Uint8Array[] = [];
  if (hasFast && have.isFull) messages.push(encodeBare(messageId.haveAll));
  else if (hasFast && have.isEmpty) messages.push(encodeBare(messageId.haveNone));
  else if (!have.isEmpty) messages.push(encodeBitfield(have.bytes));
  if (hasExtensions && extensionHandshake !== undefined) messages.push(encodeExtended(0, extensionHandshake));
  return messages;
}
