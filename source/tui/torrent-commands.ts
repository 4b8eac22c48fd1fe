/** What a key asks of the engine for one torrent or several: pure. */

import type { Command, QueueMove, TorrentRow } from "../control/protocol.ts";
import type { CommandId } from "../preferences/commands.ts";
import { plural } from "./format/numbers.ts";
import { type AppState, type OpenTorrent, targetRows } from "./state/app-state.ts";
import { changedPriorities, filesOfLine, type PriorityKey } from "./state/file-tree.ts";

export interface TorrentCommands {
  readonly commands: readonly Command[];
  /** Said when all is done; "" where the screen shows it anyway. */
  readonly done: string;
}

const nothing: TorrentCommands = { commands: [], done: "" };

export type TorrentKey = "pauseResume" | "reannounce" | "recheck";

const queueMoves: Partial<Record<CommandId, QueueMove>> = {
  queueUp: "up",
  queueDown: "down",
  queueTop: "top",
  queueBottom: "bottom",
};

/** @returns `undefined` for commands that ask nothing of the engine. */
export function commandsFor(command: CommandId, state: AppState): TorrentCommands | undefined {
  const rows = targetRows(state);
  const move = queueMoves[command];
  if (move !== undefined) return queueCommands(move, rows);
  switch (command) {
    case "pauseResume":
    case "reannounce":
    case "recheck":
      return torrentCommands(command, rows);
    case "priorityUp":
    case "priorityDown":
    case "priorityNext":
    case "prioritySkip":
      return fileCommands(command, state.open);
    case "sequential":
      return orderCommands(state.open);
    default:
      return undefined;
  }
}

/** Several are paused unless all stand still already; then they are resumed. */
export function torrentCommands(key: TorrentKey, rows: readonly TorrentRow[]): TorrentCommands {
  const isStill = (row: TorrentRow): boolean => row.state === "paused" || row.state === "failed";
  const [first] = rows;
  const what = rows.length === 1 ? (first?.name ?? "") : `${rows.length} torrents`;
  if (key === "pauseResume") {
    const name = rows.every(isStill) ? "resume" : "pause";
    const commands = rows
      .filter((row) => name === "resume" || !isStill(row))
      .map(({ infoHash }): Command => ({ name, infoHash }));
    return { commands, done: rows.length === 1 ? "" : `${name}d ${plural(commands.length, "torrent")}` };
  }
  const done = key === "reannounce" ? "asking the trackers" : "checking the data on the disk";
  return { commands: rows.map(({ infoHash }): Command => ({ name: key, infoHash })), done: `${done}: ${what}` };
}

function fileCommands(key: PriorityKey, open: OpenTorrent | null): TorrentCommands {
  if (open === null) return nothing;
  const { infoHash, tree, files } = open;
  const priorities = changedPriorities(key, filesOfLine(tree, tree.lines[files.cursor]));
  return priorities.length === 0
    ? nothing
    : { commands: [{ name: "change", infoHash, changes: { priorities } }], done: "" };
}

function orderCommands(open: OpenTorrent | null): TorrentCommands {
  const isSequential = open?.detail?.choices.isSequential;
  if (open === null || isSequential === undefined) return nothing;
  return {
    commands: [{ name: "change", infoHash: open.infoHash, changes: { isSequential: !isSequential } }],
    done: isSequential ? "rarest pieces first" : "pieces in order, for a player",
  };
}

function queueCommands(move: QueueMove, rows: readonly TorrentRow[]): TorrentCommands {
  if (rows.length === 0) return nothing;
  const infoHashes = rows.map(({ infoHash }) => infoHash);
  const words = { top: "to the top", up: "up", down: "down", bottom: "to the end" } as const;
  const done = typeof move === "number" ? "" : `${words[move]} in the queue: ${plural(rows.length, "torrent")}`;
  return { commands: [{ name: "queue", infoHashes, move }], done: rows.length === 1 ? "" : done };
}
