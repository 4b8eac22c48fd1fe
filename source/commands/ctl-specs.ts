/** The command line of `p2p-tui ctl …`: the running engine, driven from a shell or a script. */
import { settingEntries } from "../settings/settings.ts";
import type { CommandSpec, GroupSpec } from "./command.ts";
import * as parse from "./option-parsers.ts";
import { directory, engineOptions, help } from "./specs.ts";

const { profile, peer } = engineOptions;
const json = { kind: "flag", help: "One JSON object a line, see the README." } as const;
export const common = { json, profile, help } as const;

/** No command line of a person names more. */
export const torrentsMax = 10_000;

export const whichTorrent =
  "TORRENT is an info hash, the first digits of one (four or more), a name, or a part of a name that no other has; or,\n" +
  "for all that fit, a term as in `ctl list`: label:linux, state:paused, tracker:debian.org, path:/srv.";
export const oneTorrent =
  "TORRENT is an info hash, the first digits of one (four or more), a name, or a part of a name that no other has.";

export const pattern = { kind: "list", placeholder: "PATTERN", parse: parse.anyText } as const;

export const whichFiles = {
  only: { ...pattern, help: "Want these files and skip all others; may be repeated." },
  skip: { ...pattern, help: "Skip these files; may be repeated." },
} as const;

/** What a PATTERN is. */
export const patternText =
  "PATTERN is an index or a range of them (3, 3-7), a path, a folder with all below it, or a glob (*.nfo).";

export const ctlListSpec = {
  name: "ctl list",
  summary: "List the torrents.",
  usage: "ctl list [TERM…] [--json]",
  description:
    "Lists the torrents of the running engine for which every TERM holds, in the order they were added.\n" +
    "TERM is text in the name, eight or more digits of an info hash, state:WORD, label:NAME (label: for none),\n" +
    "tracker:HOST, path:FOLDER, or one of these with a minus for the others. Commas mean or: state:paused,failed.",
  options: common,
  examples: [
    ["p2p-tui ctl list", "for people"],
    ["p2p-tui ctl list state:seeding label:linux -tracker:debian.org", "some of them"],
    ["p2p-tui ctl list --json | jq -r 'select(.state == \"failed\").name'", "for scripts"],
  ],
  positionals: [0, 100],
  completes: ["state:", "label:", "tracker:", "path:"],
  takesDashWords: true,
} as const satisfies CommandSpec;

export const ctlAddSpec = {
  name: "ctl add",
  summary: "Add torrents.",
  usage: "ctl add FILE|URL|MAGNET… [--dir DIR] [--label A,B] [OPTION…]",
  description:
    "Adds .torrent files, http or https URLs of them, magnet links (or info hashes), every .torrent file of a directory,\n" +
    "or one from standard input (-).\n" +
    `What the engine has already is left as it is.\n${patternText}`,
  options: {
    dir: { ...directory, help: "Save here. Default: your download directory." },
    paused: { kind: "flag", help: "Add, but do not start." },
    label: { kind: "list", placeholder: "LABEL", parse: parse.anyText, help: "Give it these labels: A,B." },
    ...whichFiles,
    sequential: { kind: "flag", help: "Download pieces in order, for a player." },
    "super-seed": { kind: "flag", help: "Seed it as the first of its swarm, one piece at a time." },
    forced: { kind: "flag", help: "Be active whatever the queue says." },
    top: { kind: "flag", help: "Put what is new at the top of the queue." },
    peer,
    ...common,
  },
  examples: [
    ["p2p-tui ctl add debian.torrent --dir /srv/isos", "one"],
    ["p2p-tui ctl add album.torrent --label music --skip '*.jpg'", "with a label, without its pictures"],
    ["p2p-tui ctl add ~/torrents --paused", "every .torrent file of a directory"],
    ["ssh somewhere cat a.torrent | p2p-tui ctl add - --dir /srv", "from a pipe"],
  ],
  positionals: [1, torrentsMax],
  completes: "torrent-files",
} as const satisfies CommandSpec;

export const ctlPauseSpec = {
  name: "ctl pause",
  summary: "Pause torrents.",
  usage: "ctl pause TORRENT…|all",
  description: `Pauses each TORRENT, or all.\n${whichTorrent}`,
  options: common,
  examples: [
    ["p2p-tui ctl pause 3f19 debian", "two"],
    ["p2p-tui ctl pause all", "everything"],
  ],
  positionals: [1, torrentsMax],
  completes: { torrents: ["all"] },
} as const satisfies CommandSpec;

export const ctlResumeSpec = {
  name: "ctl resume",
  summary: "Go on with paused or failed torrents.",
  usage: "ctl resume TORRENT…|all",
  description: `Goes on with each TORRENT, or all.\n${whichTorrent}`,
  options: common,
  examples: [["p2p-tui ctl resume all", "everything"]],
  positionals: [1, torrentsMax],
  completes: { torrents: ["all"] },
} as const satisfies CommandSpec;

export const ctlRemoveSpec = {
  name: "ctl remove",
  summary: "Forget torrents, and delete their files if asked to.",
  usage: "ctl remove TORRENT… [--with-data [--yes] | --trash]",
  description:
    "Forgets each TORRENT. Files stay, and `ctl restore` brings it back for ten minutes; unless --with-data is given: then\n" +
    "the torrent's own files are deleted for good; or --trash: then they go to your trash, if there is one on their disk.\n" +
    "TORRENT is an info hash, the first digits of one (four or more), or a whole name; parts of names are not taken here.",
  options: {
    "with-data": { kind: "flag", help: "Delete the torrent's own files, too. Asks first." },
    trash: { kind: "flag", help: "Move the torrent's own files to your trash instead. Does not ask." },
    yes: { kind: "flag", short: "y", help: "Do not ask. Without a terminal, --with-data needs it." },
    ...common,
  },
  examples: [
    ["p2p-tui ctl remove 3f19c2", "keeps the files"],
    ["p2p-tui ctl remove debian.iso --with-data --yes", "deletes them"],
  ],
  positionals: [1, torrentsMax],
  completes: { torrents: [] },
} as const satisfies CommandSpec;

export const ctlRestoreSpec = {
  name: "ctl restore",
  summary: "Bring back torrents that were removed without their files.",
  usage: "ctl restore [TORRENT…|all] [--json]",
  description:
    "Brings back each TORRENT as it was before `ctl remove`: place, labels, priorities, totals, what is verified. They are\n" +
    "kept for ten minutes, over a restart of the engine as well. Without TORRENT: lists them.\n" +
    "TORRENT is an info hash, the first digits of one (four or more), a name, or a part of a name that no other has.",
  options: common,
  examples: [
    ["p2p-tui ctl restore", "what could come back"],
    ["p2p-tui ctl restore debian", "it comes back"],
  ],
  positionals: [0, torrentsMax],
  completes: ["all"],
} as const satisfies CommandSpec;

export const ctlRecheckSpec = {
  name: "ctl recheck",
  summary: "Verify the files of torrents again.",
  usage: "ctl recheck TORRENT…",
  description: `Hashes what is on the disk of each TORRENT again.\n${whichTorrent}`,
  options: common,
  examples: [["p2p-tui ctl recheck debian", "after its files were touched"]],
  positionals: [1, torrentsMax],
  completes: { torrents: [] },
} as const satisfies CommandSpec;

export const ctlReannounceSpec = {
  name: "ctl reannounce",
  summary: "Ask the trackers for peers now.",
  usage: "ctl reannounce TORRENT…|all",
  description: `Announces each TORRENT, or all, to its trackers now.\n${whichTorrent}`,
  options: common,
  examples: [["p2p-tui ctl reannounce all", "after the network was gone"]],
  positionals: [1, torrentsMax],
  completes: { torrents: ["all"] },
} as const satisfies CommandSpec;

export const ctlSettingsSpec = {
  name: "ctl settings",
  summary: "List the settings.",
  usage: "ctl settings [KEY|GROUP…] [--json]",
  description:
    "Lists all settings or these: what holds, what the default is, and where the value comes from. A group (limits,\n" +
    "ui.keys) stands for all in it. Problems of the settings file are told on standard error.",
  options: common,
  examples: [
    ["p2p-tui ctl settings", "all"],
    ["p2p-tui ctl settings ui.keys", "the keys of the UI, by what they do"],
    ["p2p-tui ctl settings limits.down --json | jq .value", "one, for a script"],
  ],
  positionals: [0, 1000],
  completes: [...new Set(settingEntries.flatMap(({ group, key }) => [group, key]))],
} as const satisfies CommandSpec;

export const ctlPeersSpec = {
  name: "ctl peers",
  summary: "List the neighbours of a torrent.",
  usage: "ctl peers TORRENT",
  description: `Lists the connected peers of TORRENT, the fastest first.\n${oneTorrent}`,
  options: common,
  examples: [["p2p-tui ctl peers debian --json | jq -r .client | sort | uniq -c", "which clients they use"]],
  positionals: [1, 1],
  completes: { torrents: [] },
} as const satisfies CommandSpec;

export const ctlPiecesSpec = {
  name: "ctl pieces",
  summary: "Show how rare a torrent's pieces are, or one of them.",
  usage: "ctl pieces TORRENT [PIECE]",
  description:
    "Tells how many of the missing pieces have how many copies among the neighbours, where the rarest lie and who alone has\n" +
    "them; of a complete torrent, which pieces only we have, and what the neighbours lack. With PIECE, a number from 0 on:\n" +
    `what becomes of that one, and who has it.\n${oneTorrent}`,
  options: common,
  examples: [
    ["p2p-tui ctl pieces debian", "the rarest pieces"],
    ["p2p-tui ctl pieces debian 3912", "why one of them does not come"],
  ],
  positionals: [1, 2],
  completes: { torrents: [] },
} as const satisfies CommandSpec;

export const ctlTrackersSpec = {
  name: "ctl trackers",
  summary: "List the trackers of a torrent.",
  usage: "ctl trackers TORRENT [--scrape]",
  description: `Lists the trackers of TORRENT and what they said last.\n${oneTorrent}`,
  options: {
    ...common,
    scrape: {
      kind: "flag",
      help: "Ask them first how large the swarm is, whether the torrent is active or not.",
    },
  },
  examples: [
    ["p2p-tui ctl trackers debian", "does anybody answer?"],
    ["p2p-tui ctl trackers debian --scrape", "is anybody there, though it is paused?"],
  ],
  positionals: [1, 1],
  completes: { torrents: [] },
} as const satisfies CommandSpec;

export const ctlStatsSpec = {
  name: "ctl stats",
  summary: "Sum up what the engine does.",
  usage: "ctl stats [--json]",
  description: "Sums up rates, limits, amounts and states of all torrents.",
  options: common,
  examples: [["p2p-tui ctl stats --json | jq .upRate", "for a status line"]],
  positionals: [0, 0],
} as const satisfies CommandSpec;

/** For completion of names in a shell. */
export const ctlNamesSpec = {
  name: "ctl names",
  summary: "Print the names of the torrents, one a line.",
  usage: "ctl names",
  description: "Prints the name of every torrent that no other has, one a line; nothing where no engine runs.",
  options: { profile, help },
  examples: [["p2p-tui ctl names | fzf | xargs -d '\\n' p2p-tui ctl pause", "for a menu, and for completion"]],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const ctlGroup = {
  name: "ctl",
  summary: "Drive the running engine from scripts: list, add, pause, …",
  description:
    "Drives the engine that runs, in the background or behind a UI; never starts one (`p2p-tui engine start` does).\n" +
    `${whichTorrent}`,
} as const satisfies GroupSpec;
