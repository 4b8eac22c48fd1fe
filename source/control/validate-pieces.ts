/** Checks of what `piece-rows.ts` describes. See `validate.ts`. */
import { amount, anId, arrayOf, boolean, type Check, nullable, object, oneOf, text, whole } from "./check.ts";
import {
  blocksMax,
  cellsMax,
  copiesMax,
  lackingMax,
  pieceFilesMax,
  pieceNeighboursMax,
  rareHoldersMax,
  runsMax,
  textLengthMax,
  windowLimitMax,
} from "./limits.ts";
import type {
  LackingRow,
  PieceDetail,
  PieceFile,
  PieceList,
  PieceMap,
  PieceNeighbourRow,
  PieceRow,
  RareRun,
  Rarity,
} from "./piece-rows.ts";
import type { FilePriority } from "./rows.ts";
import { verdict } from "./validate-insight.ts";

const endpoint = text(300);

export const filePriority: Check<FilePriority> = oneOf("skip", "low", "normal", "high");

export const pieceMap: Check<PieceMap> = object<PieceMap>({
  pieceCount: amount,
  cellCount: whole(0, cellsMax),
  have: arrayOf(amount, cellsMax),
  active: arrayOf(amount, cellsMax),
  skipped: arrayOf(amount, cellsMax),
  minAvailability: arrayOf(amount, cellsMax),
  rarest: nullable(object<Exclude<PieceMap["rarest"], null>>({ availability: amount, count: amount, first: amount })),
  copies: amount,
  neighbours: nullable(amount),
});

export const rarity: Check<Rarity> = object<Rarity>({
  of: oneOf("missing", "ours"),
  copies: arrayOf(amount, copiesMax),
  runs: arrayOf(
    object<RareRun>({
      first: amount,
      last: amount,
      availability: amount,
      holders: arrayOf(endpoint, rareHoldersMax),
    }),
    runsMax,
  ),
  lacking: arrayOf(object<LackingRow>({ id: anId, endpoint, lacks: amount, seconds: nullable(amount) }), lackingMax),
  lackingCount: amount,
});

const pieceRow: { readonly [Key in keyof PieceRow]: Check<PieceRow[Key]> } = {
  state: oneOf("ours", "active", "missing", "skipped"),
  length: amount,
  availability: amount,
  blocks: whole(0, blocksMax),
  received: amount,
  requested: amount,
};

const pieceFile = object<PieceFile>({
  path: text(textLengthMax),
  priority: filePriority,
  first: amount,
  last: amount,
});

export const pieceList: Check<PieceList> = object<PieceList>({
  offset: amount,
  rows: arrayOf(object<PieceRow>(pieceRow), windowLimitMax),
  files: arrayOf(pieceFile, windowLimitMax),
});

export const pieceDetail: Check<PieceDetail> = object<PieceDetail>({
  ...pieceRow,
  index: amount,
  files: arrayOf(pieceFile, pieceFilesMax),
  fileCount: amount,
  blockStates: text(blocksMax),
  blockPeers: arrayOf(anId, blocksMax),
  neighbours: arrayOf(
    object<PieceNeighbourRow>({
      id: anId,
      endpoint,
      client: text(textLengthMax),
      hasPiece: boolean,
      peerChoking: boolean,
      amChoking: boolean,
      isSnubbed: boolean,
      downRate: amount,
      upRate: amount,
      asked: amount,
      sent: amount,
    }),
    pieceNeighboursMax,
  ),
  holderCount: amount,
  neighbourCount: amount,
  why: verdict,
});
