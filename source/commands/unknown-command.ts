/** A word on the command line that nobody knows: what is said of it, and what it may have been meant to be. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { nearestName } from "../base/nearest-name.ts";
import { sanitise } from "../base/sanitise.ts";
import type { CommandSpec } from "./command.ts";

/** What no file, link or magnet of a torrent is likely to be called. */
const likeCommand = /^[a-z]{2,20}$/;

/** @returns the command that a word stands for that was given for a TORRENT and is none. */
export function unknownCommand(
  word: string,
  specs: readonly CommandSpec[],
  workingDirectory: string,
): string | undefined {
  if (!likeCommand.test(word) || existsSync(resolve(workingDirectory, word))) return undefined;
  const meant = nearestCommand(word, specs);
  return meant === undefined
    ? undefined
    : `there is neither a command nor a file "${word}"; did you mean \`${meant}\`?`;
}

/** @param word behind the group's name. @param members of the group. */
export function unknownMember(group: string, word: string, members: readonly CommandSpec[]): string {
  const shown = `${group} has no command ${JSON.stringify(sanitise(word))}`;
  const meant = nearestCommand(`${group} ${word}`, members);
  return meant === undefined ? `${shown}, only ${namesIn(group, members)}` : `${shown}; did you mean \`${meant}\`?`;
}

export function namesIn(group: string, members: readonly CommandSpec[]): string {
  return members.map(({ name }) => name.slice(group.length + 1)).join(", ");
}

function nearestCommand(words: string, specs: readonly CommandSpec[]): string | undefined {
  const known = specs.filter(({ isHidden }) => isHidden !== true).map(({ name }) => name.replace(" ", "."));
  const nearest = nearestName(words.replace(" ", "."), known);
  return nearest === undefined ? undefined : `p2p-tui ${nearest.replace(".", " ")}`;
}
