/** What a key asks of the engine for one torrent or several: pure. */

import { shownPath } from "../base/sanitise.ts";
import type { Command, QueueMove, TorrentRow } from "../control/protocol.ts";
import { shownName } from "../control/torrent-row.ts";
import type { CommandId } from "../preferences/commands.ts";
import type { Asking } from "./asker.ts";
import { plural } from "./format/numbers.ts";
import { planListColumns } from "./layout/list-columns-plan.ts";
import { type AppState, type OpenTorrent, targetRows } from "./state/app-state.ts";
import { changedPriorities, filesOfLine, type PriorityKey } from "./state/file-tree.ts";
import { listColumnsOptions } from "./state/list-reducer.ts";

const nothing: Asking = { commands: [], text: "" };

export type TorrentKey = "pauseResume" | "reannounce" | "recheck";

const queueMoves: Partial<Record<CommandId, QueueMove>> = {
  queueUp: "up",
  queueDown: "down",
  queueTop: "top",
  queueBottom: "bottom",
};

/** @returns `undefined` for commands that ask nothing of the engine. */
export function commandsFor(command: CommandId, state: AppState): Asking | undefined {
  const rows = targetRows(state);
  const move = queueMoves[command];
  if (move !== undefined) return queueCommands(move, rows, showsPlaces(state));
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
export function torrentCommands(key: TorrentKey, rows: readonly TorrentRow[]): Asking {
  const isStill = (row: TorrentRow): boolean => row.state === "paused" || row.state === "failed";
  if (key === "pauseResume") {
    const name = rows.every(isStill) ? "resume" : "pause";
    const commands = rows
      .filter((row) => name === "resume" || !isStill(row))
      .map(({ infoHash }): Command => ({ name, infoHash }));
    const isQuiet = rows.length === 1;
    return { commands, text: `${name}d ${isQuiet ? whatOf(rows) : plural(commands.length, "torrent")}`, isQuiet };
  }
  const done = key === "reannounce" ? "asking the trackers" : "checking the data on the disk";
  return { commands: rows.map(({ infoHash }): Command => ({ name: key, infoHash })), text: `${done}: ${whatOf(rows)}` };
}

/** Which torrents, in a few words. */
export function whatOf(torrents: readonly Pick<TorrentRow, "infoHash" | "name">[]): string {
  const [first] = torrents;
  return first !== undefined && torrents.length === 1 ? shownName(first) : plural(torrents.length, "torrent");
}

function fileCommands(key: PriorityKey, open: OpenTorrent | null): Asking {
  if (open === null) return nothing;
  const { infoHash, tree, files } = open;
  const chosen = filesOfLine(tree, tree.lines[files.cursor]);
  const priorities = changedPriorities(key, chosen);
  const [first] = chosen;
  if (priorities.length === 0 || first === undefined) return nothing;
  const what = chosen.length === 1 ? shownPath(first.path.split("/").at(-1) ?? "") : plural(chosen.length, "file");
  const commands: readonly Command[] = [{ name: "change", infoHash, changes: { priorities } }];
  return { commands, text: `another priority for ${what}`, isQuiet: true };
}

function orderCommands(open: OpenTorrent | null): Asking {
  const isSequential = open?.detail?.choices.isSequential;
  if (open === null || isSequential === undefined) return nothing;
  return {
    commands: [{ name: "change", infoHash: open.infoHash, changes: { isSequential: !isSequential } }],
    text: isSequential ? "rarest pieces first" : "pieces in order, for a player",
  };
}

/** Whether the list has a column of places in the queue just now. */
function showsPlaces(state: AppState): boolean {
  const columns = planListColumns(listColumnsOptions(state));
  return state.open === null && columns.some(({ column }) => column.id === "queue");
}

function queueCommands(move: QueueMove, rows: readonly TorrentRow[], isSeen: boolean): Asking {
  if (rows.length === 0) return nothing;
  const infoHashes = rows.map(({ infoHash }) => infoHash);
  const words = { top: "to the top", up: "up", down: "down", bottom: "to the end" } as const;
  const where = typeof move === "number" ? `to place ${move}` : words[move];
  const text = `${where} in the queue: ${whatOf(rows)}`;
  return { commands: [{ name: "queue", infoHashes, move }], text, isQuiet: rows.length === 1 && isSeen };
}
