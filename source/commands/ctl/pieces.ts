/** `ctl pieces`: how rare the pieces of a torrent are, where the rarest lie, and one piece down to its blocks. */
import { OperationalError } from "../../base/errors.ts";
import { sanitise, shownPath } from "../../base/sanitise.ts";
import { formatCount, formatDuration, formatRate, formatSize, plural } from "../../base/units.ts";
import type {
  LackingRow,
  PieceDetail,
  PieceNeighbourRow,
  RareRun,
  Rarity,
  TorrentDetail,
} from "../../control/protocol.ts";
import { type CommandIo, exitCode, type RunCommand } from "../command.ts";
import type { ctlPiecesSpec } from "../ctl-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { oneTorrent } from "./select-torrents.ts";
import { type Column, jsonLines, tableText } from "./table.ts";
import { onceDetail } from "./torrent-detail.ts";

/** As many as the engine tells. */
const rareRuns = 100;

export const runCtlPieces: RunCommand<typeof ctlPiecesSpec.options> = (io, values, [name = "", number]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const { infoHash } = oneTorrent((await wholeList(client)).rows, name);
    if (number === undefined) {
      const detail = await onceDetail(client, infoHash, { rareRuns });
      io.out(values.json ? jsonLines(allJson(detail)) : allText(io, detail));
      return exitCode.done;
    }
    const index = /^\d{1,9}$/.test(number) ? Number(number) : undefined;
    const { piece, row } = await onceDetail(client, infoHash, index === undefined ? {} : { piece: index });
    if (piece === null) {
      throw new OperationalError(
        "no-piece",
        `there is no piece ${sanitise(number, 20)}: it has 0 to ${row.pieceCount - 1}`,
      );
    }
    io.out(values.json ? jsonLines([piece]) : pieceText(io, piece));
    return exitCode.done;
  });

function allJson({ row, pieces, rarity }: TorrentDetail): readonly object[] {
  const { verifiedPieces, pieceCount, pieceLength } = row;
  const { copies: copiesNear, neighbours } = pieces;
  const { runs = [], lacking = [], of = "missing", copies = [] } = rarity ?? {};
  const head = { pieces: verifiedPieces, totalPieces: pieceCount, pieceLength, neighbours, copiesNear, of, copies };
  return [head, ...runs, ...lacking];
}

function allText(io: CommandIo, { row, pieces, rarity }: TorrentDetail): string {
  const head = `${formatCount(row.verifiedPieces)} of ${plural(row.pieceCount, "piece")} of ${formatSize(row.pieceLength)}`;
  if (rarity === null || pieces.neighbours === null) return `${head}; copies are not known: it is not active\n`;
  const lines = [`${head}; ${pieces.copies.toFixed(2)} copies among ${plural(pieces.neighbours, "neighbour")}\n`];
  lines.push("\n", tableText(io, copiesColumns(rarity), copiesRows(rarity)));
  if (rarity.runs.length > 0) lines.push("\n", tableText(io, runColumns, rarity.runs));
  if (rarity.lacking.length > 0) lines.push("\n", tableText(io, lackingColumns, rarity.lacking));
  return lines.join("");
}

interface CopiesRow {
  readonly copies: string;
  readonly count: number;
}

function copiesRows({ copies }: Rarity): readonly CopiesRow[] {
  return copies
    .map((count, i) => ({ copies: copies.length > 32 && i === copies.length - 1 ? `${i}+` : String(i), count }))
    .filter(({ count }) => count > 0);
}

function copiesColumns({ of }: Rarity): readonly Column<CopiesRow>[] {
  return [
    { title: "COPIES", isRight: true, text: ({ copies }) => copies },
    {
      title: of === "missing" ? "MISSING PIECES" : "OUR PIECES",
      isRight: true,
      text: ({ count }) => formatCount(count),
    },
  ];
}

const runColumns: readonly Column<RareRun>[] = [
  { title: "PIECES", text: ({ first, last }) => (first === last ? String(first) : `${first}-${last}`) },
  { title: "COPIES", isRight: true, text: ({ availability }) => String(availability) },
  { title: "ONLY WITH", text: ({ holders }) => holders.map((one) => sanitise(one)).join(", ") },
];

const lackingColumns: readonly Column<LackingRow>[] = [
  { title: "ADDRESS", text: ({ endpoint }) => sanitise(endpoint) },
  { title: "LACKS", isRight: true, text: ({ lacks }) => formatCount(lacks) },
  { title: "COMPLETE IN", text: ({ seconds }) => (seconds === null ? "·" : `about ${formatDuration(seconds)}`) },
];

const stateWords: Readonly<Record<PieceDetail["state"], string>> = {
  ours: "ours",
  active: "in flight",
  missing: "missing",
  skipped: "skipped",
};

function pieceText(io: CommandIo, piece: PieceDetail): string {
  const { why, files, fileCount, state, length, blocks, received, requested } = piece;
  const flight = state === "ours" ? "" : `; ${received} of ${plural(blocks, "block")} here, ${requested} asked for`;
  const lines = [
    `piece ${piece.index}, ${formatSize(length)}: ${stateWords[state]}${flight}`,
    `  ${sanitise(why.sentence, 1000)}`,
    ...why.evidence.map((text) => `  ${sanitise(text, 1000)}`),
    ...files.map(({ path, priority }) => `  of ${shownPath(path, 4000)}${priority === "skip" ? " (skipped)" : ""}`),
  ];
  if (fileCount > files.length) lines.push(`  and of ${plural(fileCount - files.length, "file")} more`);
  const table = tableText(io, neighbourColumns, piece.neighbours);
  return `${lines.join("\n")}\n${table === "" ? "" : `\n${table}`}`;
}

const neighbourColumns: readonly Column<PieceNeighbourRow>[] = [
  { title: "ADDRESS", text: ({ endpoint }) => sanitise(endpoint) },
  { title: "IT", text: ({ hasPiece }) => (hasPiece ? "has it" : "lacks it") },
  {
    title: "LETS US ASK",
    text: ({ peerChoking, isSnubbed }) => (peerChoking ? "chokes us" : isSnubbed ? "snubs us" : "yes"),
  },
  { title: "DOWN", isRight: true, text: ({ downRate }) => (downRate < 1 ? "·" : formatRate(downRate)) },
  { title: "ASKED", isRight: true, text: ({ asked }) => String(asked) },
  { title: "SENT", isRight: true, text: ({ sent }) => String(sent) },
  { title: "CLIENT", text: ({ client }) => sanitise(client, 100) },
];
