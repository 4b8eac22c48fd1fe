/** What takes back what was done: pure. */
import type { InfoHash } from "../base/ids.ts";
import { type Command, isChangeResult } from "../control/protocol.ts";
import type { Answer } from "./engine-link.ts";
import type { AppState } from "./state/app-state.ts";

/**
 * @param before the state before anything was asked. @returns what undoes those that were done, in the order to be asked;
 * empty where nothing of it can be undone.
 */
export function backOf(before: AppState, answers: readonly Answer[]): readonly Command[] {
  const back: Command[] = [];
  const removed: InfoHash[] = [];
  for (const answer of answers) {
    if ("error" in answer) continue;
    const { command } = answer;
    if (command.name === "remove") {
      // Of a magnet link whose metadata never came nothing is kept.
      const isKept = command.data === "keep" && before.list.rows.get(command.infoHash)?.state !== "fetching";
      if (isKept) removed.push(command.infoHash);
    } else back.push(...backOfOne(before, answer));
  }
  // Together: then each finds its place in the queue.
  return removed.length === 0 ? back : [...back, { name: "restore", infoHashes: removed }];
}

function backOfOne(before: AppState, { command, result }: Extract<Answer, { result: unknown }>): readonly Command[] {
  switch (command.name) {
    case "pause":
      return [{ name: "resume", infoHash: command.infoHash }];
    case "resume": {
      // One that had failed tries again; that is nothing to be taken back.
      const isPaused = before.list.rows.get(command.infoHash)?.state === "paused";
      return isPaused ? [{ name: "pause", infoHash: command.infoHash }] : [];
    }
    case "change": {
      const { infoHash } = command;
      return isChangeResult(result) ? [{ name: "change", infoHash, changes: result.before }] : [];
    }
    case "queue":
      return placesBefore(before, command);
    case "move": {
      const savePath = before.list.rows.get(command.infoHash)?.savePath;
      if (command.isDryRun || savePath === undefined) return [];
      return [{ name: "move", infoHash: command.infoHash, savePath, isDryRun: false }];
    }
    case "rename":
      return renamedBack(before, command);
    case "ban":
      return [{ name: "unban", addresses: command.addresses }];
    case "unban":
      return [{ name: "ban", addresses: command.addresses }];
    case "alternative": {
      const { isByHand = false, isOn = false } = before.session?.alternative ?? {};
      return [{ name: "alternative", mode: isByHand ? (isOn ? "on" : "off") : "auto" }];
    }
    default:
      return [];
  }
}

/** One after another: first whoever is pushed away least by the others that are still to come. */
function placesBefore(
  { list }: AppState,
  { infoHashes, move }: Extract<Command, { readonly name: "queue" }>,
): readonly Command[] {
  const sign = move === "down" || move === "bottom" ? 1 : -1;
  return infoHashes
    .map((infoHash) => ({ infoHash, place: list.rows.get(infoHash)?.queuePosition ?? 0 }))
    .filter(({ place }) => place > 0)
    .sort((a, b) => sign * (a.place - b.place))
    .map(({ infoHash, place }) => ({ name: "queue", infoHashes: [infoHash], move: place }));
}

function renamedBack(
  { list }: AppState,
  { infoHash, path, to }: Extract<Command, { readonly name: "rename" }>,
): readonly Command[] {
  if (path === "") {
    const name = list.rows.get(infoHash)?.name;
    return name === undefined ? [] : [{ name: "rename", infoHash, path: "", to: name }];
  }
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return [{ name: "rename", infoHash, path: folder + to, to: path.slice(folder.length) }];
}
