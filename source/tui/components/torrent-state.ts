/** A torrent's state as a sign, a word and a colour. */
import { unreachable } from "../../base/assert.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { isKnown } from "../../control/torrent-row.ts";
import type { StyleId } from "../format/styles.ts";
import type { Theme } from "../format/theme.ts";

export interface StateLook {
  readonly sign: string;
  readonly word: string;
  readonly style: StyleId;
}

export function stateLook(theme: Theme, row: TorrentRow): StateLook {
  const g = theme.glyphs;
  switch (row.state) {
    case "downloading":
      if (row.downRate < 1 && row.neighbours === 0) return { sign: g.warning, word: "no peers yet", style: theme.warn };
      if (row.downRate < 1) return { sign: g.warning, word: "stalled", style: theme.warn };
      return { sign: g.stateDownloading, word: "downloading", style: theme.down };
    case "seeding":
      return { sign: g.stateSeeding, word: "seeding", style: theme.good };
    case "fetching":
      return { sign: g.stateChecking, word: "fetching", style: theme.accent };
    case "queued":
      return { sign: g.stateQueued, word: "queued", style: theme.dim };
    case "moving":
      return { sign: g.stateChecking, word: "moving", style: theme.accent };
    case "paused":
      return { sign: g.statePaused, word: "paused", style: theme.dim };
    case "checking":
      return { sign: g.stateChecking, word: "checking", style: theme.accent };
    case "failed":
      return { sign: g.stateFailed, word: "failed", style: theme.badStrong };
    default:
      return unreachable(row.state);
  }
}

/** What the signs before torrents mean, each with its colour. */
export function signLegend(theme: Theme): readonly (readonly [sign: string, meaning: string, style: StyleId])[] {
  const g = theme.glyphs;
  return [
    [g.stateDownloading, "downloading", theme.down],
    [g.warning, "downloading: no peers yet, or stalled", theme.warn],
    [g.stateSeeding, "seeding", theme.good],
    [g.statePaused, "paused", theme.dim],
    [g.stateQueued, "queued: waits for its turn", theme.dim],
    [g.stateChecking, "checking, moving or fetching", theme.accent],
    [g.stateFailed, "failed", theme.badStrong],
    [g.marked, "marked", theme.accentStrong],
  ];
}

/** 0 … 1: verified bytes of what is wanted, or how far the check, or the move, has come. */
export function shownFraction(row: TorrentRow): number {
  // A magnet link: of what there is nothing is known.
  if (!isKnown(row)) return row.checkedFraction ?? 0;
  if ((row.state === "checking" || row.state === "moving") && row.checkedFraction !== null) return row.checkedFraction;
  return row.wantedLength === 0 ? 1 : 1 - row.leftLength / row.wantedLength;
}

/** The bar's colour: green is what is ours, as in the piece map; else what keeps it from growing. */
export function barStyle(theme: Theme, row: TorrentRow): StyleId {
  switch (row.state) {
    case "fetching":
    case "checking":
    case "moving":
      return theme.accent;
    case "failed":
      return theme.bad;
    case "paused":
    case "queued":
      return theme.dim;
    default:
      return theme.barDone;
  }
}
