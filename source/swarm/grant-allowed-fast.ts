import type { Bitfield } from "../base/bitfield.ts";
import { type InfoHash, infoHashToBytes } from "../base/ids.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import type { Hasher } from "../ports/hasher.ts";
import { allowedFastCount, allowedFastSet } from "../wire/allowed-fast.ts";
import type { Neighbour } from "./neighbour.ts";

/**
 * Newcomers without a piece that may ask at once. More would share the line, and all wait for their first piece as long as the
 * last of them: with a hundred and large pieces a twentieth of the whole time. The choker gives one after another his turn.
 */
const newcomersMax = 2;

/** What a newcomer may ask us for though we choke it (BEP 6). Only newcomers: who has some pieces can trade for more. */
export function grantAllowedFast(
  neighbour: Neighbour,
  swarm: {
    readonly infoHash: InfoHash;
    readonly geometry: Geometry;
    readonly have: Bitfield;
    readonly neighbours: ReadonlyMap<number, Neighbour>;
  },
  hasher: Hasher,
): void {
  const { infoHash, geometry, have } = swarm;
  if (!neighbour.info.hasFast || neighbour.field.count >= allowedFastCount || have.isEmpty) return;
  let newcomers = 0;
  for (const one of swarm.neighbours.values()) if (one.field.isEmpty && ++newcomers > newcomersMax) return;
  const set = allowedFastSet(
    (bytes) => hasher.sha1(bytes),
    infoHashToBytes(infoHash),
    neighbour.info.endpoint.address,
    geometry.pieceCount,
  );
  neighbour.grantAllowedFast(set.filter((piece) => have.has(piece)).map((piece) => geometry.piece(piece)));
}
