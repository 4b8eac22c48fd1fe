/** Gives the info dictionary to neighbours that came by a magnet link (BEP 9). */
import { ProtocolError } from "../../base/errors.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { Neighbour } from "../../swarm/neighbour.ts";
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
  metadataPieceCount,
} from "../../wire/ut-metadata.ts";

/** Each neighbour may have all of it so many times; more is a way to have us send without end. */
const timesMax = 3;
/** Requests beyond that, which are rejected, before it goes. */
const rejectsMax = 100;

export class MetadataService {
  readonly #asked = new WeakMap<Neighbour, number>();

  /** @param metainfo absent: it is rejected. @throws ProtocolError for what is none, and for a flood. */
  answer(neighbour: Neighbour, payload: Uint8Array, metainfo: Metainfo | undefined): void {
    const message = decodeMetadataMessage(payload);
    // We ask for nothing here, so whatever else comes was not asked for.
    if (message?.kind !== "request") return;
    const { piece } = message;
    const pieceCount = metainfo === undefined ? 0 : metadataPieceCount(metainfo.infoBytes.length);
    const asked = (this.#asked.get(neighbour) ?? 0) + 1;
    this.#asked.set(neighbour, asked);
    if (asked > timesMax * pieceCount + rejectsMax)
      throw new ProtocolError("flood", "it asks for the metadata for ever");
    const isGiven = metainfo !== undefined && piece < pieceCount && asked <= timesMax * pieceCount;
    neighbour.extensions.send(
      "ut_metadata",
      isGiven ? encodeMetadataData(piece, metainfo.infoBytes) : encodeMetadataReject(piece),
    );
  }
}
