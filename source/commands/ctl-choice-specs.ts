/** The command line of those `ctl` commands that change what was decided about torrents: labels, files, order. */
import type { CommandSpec } from "./command.ts";
import { common, oneTorrent, pattern, patternText, torrentsMax, whichFiles, whichTorrent } from "./ctl-specs.ts";

export const ctlLabelSpec = {
  name: "ctl label",
  summary: "Give torrents labels, take them away, or list them.",
  usage: "ctl label [TORRENT…|all [+A,B] [-A] [=A,B]]",
  description:
    "Of each TORRENT, +A,B gives labels, -A takes one away, =A,B sets them (= alone leaves none); without any of these\n" +
    "its labels are listed. Without a TORRENT, all labels are, and how many torrents have them.\n" +
    whichTorrent,
  options: common,
  examples: [
    ["p2p-tui ctl label debian +linux,iso -new", "two given, one taken away"],
    ["p2p-tui ctl label path:/srv/films =films", "of all that are saved there"],
    ["p2p-tui ctl label", "which there are"],
  ],
  positionals: [0, torrentsMax],
  completes: { torrents: ["all"] },
  takesDashWords: true,
} as const satisfies CommandSpec;

export const ctlFilesSpec = {
  name: "ctl files",
  summary: "List the files of a torrent, or choose among them.",
  usage: "ctl files TORRENT [--only|--skip|--low|--normal|--high PATTERN]…",
  description:
    "Lists the files of TORRENT: index, priority, how much of each is verified. Or changes how much they are wanted, at any\n" +
    "time; what is skipped is not downloaded. Where a file is named twice, --skip wins, then --high.\n" +
    `${patternText}\n${oneTorrent}`,
  options: {
    ...whichFiles,
    low: { ...pattern, help: "Want these files less than others." },
    normal: { ...pattern, help: "Want these files like most." },
    high: { ...pattern, help: "Want these files before others." },
    ...common,
  },
  examples: [
    ["p2p-tui ctl files debian", "what is there of each"],
    ["p2p-tui ctl files album --skip '*.jpg' --high 0-2", "no pictures, the first three first"],
    ["p2p-tui ctl files series --only 'season 2'", "one folder of it"],
  ],
  positionals: [1, 1],
  completes: { torrents: [] },
} as const satisfies CommandSpec;

export const ctlSequentialSpec = {
  name: "ctl sequential",
  summary: "Download pieces in order, for a player.",
  usage: "ctl sequential TORRENT… on|off",
  description:
    "On: the pieces of each TORRENT come in order, the first and last of each file before the others. Off: rarest first,\n" +
    `which is better for all who download it.\n${whichTorrent}`,
  options: common,
  examples: [["p2p-tui ctl sequential film on", "to watch it while it comes"]],
  positionals: [2, torrentsMax],
  completes: { torrents: ["all", "on", "off"] },
} as const satisfies CommandSpec;

export const ctlWhySpec = {
  name: "ctl why",
  summary: "Say why a torrent does what it does.",
  usage: "ctl why TORRENT",
  description:
    "Says in words what stops TORRENT or slows it down, what that goes by, and what can be done about it, the weightiest\n" +
    "first; then when it will be complete, and how fast it could spread at best. With --json the last line has these two.\n" +
    oneTorrent,
  options: common,
  examples: [["p2p-tui ctl why debian", "it stands still: what is it waiting for?"]],
  positionals: [1, 1],
  completes: { torrents: [] },
} as const satisfies CommandSpec;
