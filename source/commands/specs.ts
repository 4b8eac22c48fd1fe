/**
 * The command line: the commands of one word. Those of two are in `engine-specs.ts` and `ctl-specs.ts`, the list of
 * all in `command-list.ts`. The programs behind are loaded only when they run.
 */
import type { CommandSpec } from "./command.ts";
import * as parse from "./option-parsers.ts";
import type { OptionTable } from "./option-table.ts";

export const help = { kind: "flag", short: "h", help: "Show this help." } as const;

export const engineOptions = {
  port: {
    kind: "value",
    placeholder: "N",
    parse: parse.wholeNumber(0, 65_535),
    help: "Listen on this port; 0 for any free one. Default: 6881,\nor any free one where that is taken.",
  },
  bind: {
    kind: "value",
    placeholder: "ADDR|INTERFACE",
    parse: parse.addressOrInterface,
    help: "Listen on, dial and announce from this address only, or from\na network interface such as tun0, as long as it is there.",
  },
  peer: {
    kind: "list",
    placeholder: "HOST:PORT",
    parse: parse.hostPort,
    help: "Connect to this peer too. May be repeated.",
  },
  "max-down": {
    kind: "value",
    placeholder: "RATE",
    parse: parse.rate,
    help: "Download at most this much a second: 2MB, 500KiB.",
  },
  "max-up": {
    kind: "value",
    placeholder: "RATE",
    parse: parse.rate,
    help: "Upload at most this much a second.",
  },
  slots: {
    kind: "value",
    placeholder: "N",
    parse: parse.wholeNumber(0, 500),
    help: "Neighbours of each torrent to upload to at once, besides\nthe optimistic one. Default: 4, more at high rates.",
  },
  profile: {
    kind: "value",
    placeholder: "DIR",
    parse: parse.path,
    help: "Keep state here. Default: $XDG_STATE_HOME/p2p-tui or\n~/.local/state/p2p-tui.",
  },
  log: { kind: "value", placeholder: "FILE", parse: parse.path, help: "Append what happens to this file." },
} as const satisfies OptionTable;

export const directory = {
  kind: "value",
  short: "d",
  placeholder: "DIR",
  parse: parse.path,
} as const;

const json = {
  kind: "flag",
  help: "Write events as lines of JSON on standard output, and\nnothing else there. See the README for their schema.",
} as const;

export const openSpec = {
  name: "open",
  summary: "Open the full-screen UI (what p2p-tui does by itself).",
  usage: "[TORRENT…] [OPTION…]",
  description:
    "Opens the full-screen UI, adding each TORRENT (a .torrent file, an http or https URL of one, or a magnet link).\n" +
    "The engine runs in a process of its own; one that runs already is used.",
  options: {
    dir: { ...directory, help: "Save added torrents here. Default: as set, or your\ndownload directory." },
    "on-quit": {
      kind: "value",
      placeholder: "ask|stop|keep",
      parse: parse.oneOf("ask", "stop", "keep"),
      help: "When the UI is left: stop the engine that it started,\nor keep it in the background; or ask.",
    },
    ...engineOptions,
    help,
    version: { kind: "flag", help: "Show the version." },
  },
  examples: [
    ["p2p-tui", "look at what is there"],
    ["p2p-tui debian.torrent --dir ~/isos", "download, and watch it"],
    ["p2p-tui --on-quit keep", "leave the UI and go on seeding"],
    ["p2p-tui demo", "watch a small swarm on this machine"],
  ],
  positionals: [0, 10_000],
  completes: "torrent-files",
} as const satisfies CommandSpec;

export const getSpec = {
  name: "get",
  summary: "Download in the foreground, without the UI.",
  usage: "get TORRENT… [--dir DIR] [OPTION…]",
  description:
    "Downloads each TORRENT (a .torrent file, an http or https URL of one, or a magnet link), and exits when all are\n" +
    "complete, verified and on the disk. What is there already is checked and kept; an interrupted download goes on.",
  options: {
    dir: { ...directory, help: "Save here. Default: as set, or your download directory." },
    seed: { kind: "flag", help: "Go on seeding until interrupted." },
    ...engineOptions,
    json,
    help,
  },
  examples: [
    ["p2p-tui get debian.torrent", "into your download directory"],
    ["p2p-tui get https://example.org/a.torrent --dir /srv --max-down 2MB", "at most 2 MB a second"],
    ["p2p-tui get a.torrent --peer 192.168.1.5:6881 --seed", "from a peer you know, then seed"],
    ["p2p-tui get a.torrent b.torrent --json", "with events for a script"],
  ],
  positionals: [1, 10_000],
  completes: "torrent-files",
} as const satisfies CommandSpec;

export const seedSpec = {
  name: "seed",
  summary: "Verify what is there, then seed it.",
  usage: "seed TORRENT… --dir DIR [OPTION…]",
  description:
    "Verifies the content of each TORRENT in DIR, then seeds it until interrupted (Ctrl-C or SIGTERM).\n" +
    "Content that is not complete is left as it is, and reported.",
  options: {
    dir: { ...directory, help: "Where the content lies. Default: the working directory." },
    "super-seed": {
      kind: "flag",
      help: "As the first seed of a swarm: show each neighbour one\npiece at a time (BEP 16), until others have all twice.",
    },
    ...engineOptions,
    json,
    help,
  },
  examples: [
    ["p2p-tui seed album.torrent --dir ~/music", "the folder ~/music holds what the torrent describes"],
    ["p2p-tui seed new.torrent --super-seed", "nobody else has it yet"],
    ["p2p-tui seed *.torrent --dir /srv --max-up 5MB --slots 8", "many, with limits"],
  ],
  positionals: [1, 10_000],
  completes: "torrent-files",
} as const satisfies CommandSpec;

export const createSpec = {
  name: "create",
  summary: "Make a .torrent file.",
  usage: "create PATH -o FILE [--tracker URL…] [OPTION…]",
  description: "Makes a .torrent file for the file or folder at PATH.",
  options: {
    output: {
      kind: "value",
      short: "o",
      placeholder: "FILE",
      parse: parse.path,
      help: "Write here. Default: NAME.torrent.",
    },
    tracker: {
      kind: "list",
      short: "t",
      placeholder: "URL",
      parse: parse.trackerUrl,
      help: "Announce here. Repeated, each is tried when those before fail.",
    },
    "piece-length": {
      kind: "value",
      placeholder: "N",
      parse: parse.pieceLength,
      help: "Bytes of a piece, a power of two: 16KiB … 16MiB.\nDefault: by the size of the content.",
    },
    private: { kind: "flag", help: "Peers may come from the trackers only (BEP 27)." },
    comment: { kind: "value", placeholder: "TEXT", parse: parse.anyText, help: "A note for those who open it." },
    magnet: { kind: "flag", help: "Show a magnet link of it, too." },
    force: { kind: "flag", short: "f", help: "Overwrite FILE." },
    json,
    help,
  },
  examples: [
    ["p2p-tui create photos -o photos.torrent --tracker http://192.168.1.5:6969/announce", "a folder"],
    ["p2p-tui create disk.iso -o disk.torrent --piece-length 1MiB --private", "one file"],
  ],
  positionals: [1, 1],
  completes: "files",
} as const satisfies CommandSpec;

export const infoSpec = {
  name: "info",
  summary: "Show what a .torrent file or magnet link says.",
  usage: "info TORRENT [--fetch]",
  description:
    "Shows name, size, pieces, trackers and files of TORRENT (a .torrent file, an http or https URL of one, or a magnet\n" +
    "link). A magnet link says little: with --fetch, the rest is asked of peers.",
  options: {
    fetch: { kind: "flag", help: "Ask peers for what the magnet link does not say." },
    output: {
      kind: "value",
      short: "o",
      placeholder: "FILE",
      parse: parse.path,
      help: "Write the .torrent file here.",
    },
    peer: engineOptions.peer,
    port: engineOptions.port,
    bind: engineOptions.bind,
    profile: engineOptions.profile,
    json: { kind: "flag", help: "As one JSON object." },
    help,
  },
  examples: [
    ["p2p-tui info debian.torrent", "for people"],
    ["p2p-tui info 'magnet:?xt=…' --fetch -o debian.torrent", "from peers, kept as a file"],
    ["p2p-tui info debian.torrent --json", "for scripts"],
  ],
  positionals: [1, 1],
  completes: "torrent-files",
} as const satisfies CommandSpec;

export const verifySpec = {
  name: "verify",
  summary: "Check content against its .torrent file.",
  usage: "verify TORRENT --dir DIR",
  description:
    "Hashes what lies in DIR and says which files are right. Changes nothing. Exits 0 only if all of it is there.",
  options: {
    dir: { ...directory, help: "Where the content lies. Default: the working directory." },
    json,
    help,
  },
  examples: [["p2p-tui verify debian.torrent --dir ~/isos", "is the download whole?"]],
  positionals: [1, 1],
  completes: "torrent-files",
} as const satisfies CommandSpec;

export const trackSpec = {
  name: "track",
  summary: "Run a tracker.",
  usage: "track [--bind ADDR] [--port N]",
  description: "Runs a tracker (announce and scrape, over HTTP and UDP) until interrupted.",
  options: {
    bind: { kind: "value", placeholder: "ADDR", parse: parse.address, help: "Listen on this address. Default: all." },
    port: {
      kind: "value",
      placeholder: "N",
      parse: parse.wholeNumber(0, 65_535),
      help: "Listen on this port, TCP and UDP; 0 for any free one. Default: 6969.",
    },
    json,
    help,
  },
  examples: [
    ["p2p-tui track", "on port 6969 of every address"],
    ["p2p-tui track --bind 127.0.0.1 --port 8000", "for this machine only"],
  ],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const demoSpec = {
  name: "demo",
  summary: "Watch small swarms on this machine.",
  usage: "demo [OPTION…]",
  description:
    "Starts a tracker, seeds and leeching neighbours on loopback, and downloads three torrents from them in the UI.\n" +
    "Leaving the UI with q asks whether that goes on in the background; `p2p-tui demo` comes back to it then. Nothing is\n" +
    "left behind when it ends, two hours after the last look at the latest.\n" +
    "Without a terminal it downloads one, prints its progress, and exits when the file is complete and verified.",
  options: {
    quick: { kind: "flag", help: "Without the UI, in less than a minute." },
    stop: { kind: "flag", help: "End the demo that goes on in the background." },
    json,
    help,
  },
  examples: [
    ["p2p-tui demo", "for a few minutes"],
    ["p2p-tui demo --stop", "when it was left in the background"],
  ],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const completionsSpec = {
  name: "completions",
  summary: "Print what makes a shell complete this command line.",
  usage: "completions bash|zsh|fish",
  description: "Prints a script for bash, zsh or fish that completes the commands, options and files of p2p-tui.",
  options: { help },
  examples: [
    ['eval "$(p2p-tui completions bash)"', "in ~/.bashrc"],
    ["p2p-tui completions zsh > ~/.zfunc/_p2p-tui", "a directory of $fpath"],
    ["p2p-tui completions fish > ~/.config/fish/completions/p2p-tui.fish", "for good"],
  ],
  positionals: [1, 1],
  completes: ["bash", "zsh", "fish"],
} as const satisfies CommandSpec;

const demoDirectory = {
  kind: "value",
  placeholder: "DIR",
  parse: parse.path,
  help: "The demo's own directory.",
} as const;

export const demoSwarmSpec = {
  name: "demo-swarm",
  summary: "The neighbours of the demo without a terminal.",
  usage: "demo-swarm --directory DIR",
  description: "Runs the demo's tracker, seed and leeches until its standard input ends, then removes DIR.",
  options: { directory: demoDirectory, help },
  examples: [],
  positionals: [0, 0],
  isHidden: true,
} as const satisfies CommandSpec;

export const demoHostSpec = {
  name: "demo-host",
  summary: "The neighbours of the demo that is watched, and its end.",
  usage: "demo-host",
  description: "Runs the demo's trackers, seeds and leeches, and its engine, until that ends.",
  options: { help },
  examples: [],
  positionals: [0, 0],
  isHidden: true,
} as const satisfies CommandSpec;

export const demoEngineSpec = {
  name: "demo-engine",
  summary: "The engine of the demo that is watched.",
  usage: "demo-engine --directory DIR",
  description: "Runs the demo's engine until it is stopped or its standard input ends, then removes DIR.",
  options: { directory: demoDirectory, help },
  examples: [],
  positionals: [0, 0],
  isHidden: true,
} as const satisfies CommandSpec;
