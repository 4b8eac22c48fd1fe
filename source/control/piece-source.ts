/** What the views of pieces go by: of a torrent that is active its swarm, else what is known of it at rest. */
import { Bitfield } from "../base/bitfield.ts";
import { filePriorities } from "../engine/profile/torrent-choices.ts";
import type { Torrent } from "../engine/torrent.ts";
import { type PiecePriorities, piecePriorities, piecePriority } from "../swarm/piece-priorities.ts";

export interface PieceSource {
  readonly pieceCount: number;
  readonly have: Bitfield;
  /** What is wanted and missing. */
  readonly needed: Bitfield;
  /** How many neighbours that are no seeds have each piece; `undefined` while the torrent is not active. */
  readonly counts: Uint16Array | undefined;
  readonly seeds: number;
  /** Seeds among them. */
  readonly neighbours: number;
  /** Pieces that are begun. */
  active(): Iterable<number>;
}

export function pieceSource(torrent: Torrent): PieceSource {
  const { have, swarm } = torrent;
  const { pieceCount } = torrent.geometry;
  if (swarm === undefined) {
    const needed = neededAtRest(torrent);
    return { pieceCount, have, needed, counts: undefined, seeds: 0, neighbours: 0, active: () => [] };
  }
  const { needed, availability, ledger, neighbours } = swarm;
  return {
    pieceCount,
    have,
    needed,
    counts: availability.counts,
    seeds: availability.seeds,
    neighbours: neighbours.size,
    *active() {
      for (const { piece } of ledger.pieces()) yield piece;
    },
  };
}

export function availabilityOf({ counts, seeds }: PieceSource, piece: number): number {
  return (counts?.[piece] ?? 0) + seeds;
}

interface Rest {
  readonly metainfo: Torrent["metainfo"];
  readonly priorities: readonly unknown[];
  readonly have: Bitfield;
  readonly haveCount: number;
  readonly needed: Bitfield;
}

/** A torrent at rest changes seldom, and is looked at four times a second. */
const rests = new WeakMap<Torrent, Rest>();

function neededAtRest(torrent: Torrent): Bitfield {
  const { have, metainfo } = torrent;
  const { priorities } = torrent.choices;
  const known = rests.get(torrent);
  if (
    known?.metainfo === metainfo &&
    known?.priorities === priorities &&
    known.have === have &&
    known.haveCount === have.count
  )
    return known.needed;
  const ofPieces = prioritiesAtRest(torrent);
  const needed = new Bitfield(have.length);
  for (let piece = 0; piece < have.length; piece++) {
    if (!have.has(piece) && ofPieces?.[piece] !== piecePriority.skip) needed.set(piece);
  }
  rests.set(torrent, { metainfo, priorities, have, haveCount: have.count, needed });
  return needed;
}

/** `undefined` where all are wanted, or that is not known. */
function prioritiesAtRest({ metainfo, choices }: Torrent): PiecePriorities | undefined {
  const { priorities } = choices;
  if (metainfo === undefined || priorities.length === 0) return undefined;
  return piecePriorities(
    metainfo,
    Uint8Array.from(metainfo.files, (_, file) => filePriorities.indexOf(priorities[file] ?? "normal")),
  );
}
