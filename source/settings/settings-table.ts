/**
 * Every setting of the product: its type, default and explanation. The file that is made at first, the check of what the
 * user wrote in it, `ctl settings`, and the type `Settings` are all drawn from this table.
 */
import { keyCommands } from "../preferences/key-choices.ts";
import { listColumns, sortWords } from "../preferences/list-columns.ts";
import { autoSwitches, themeNames } from "../preferences/look.ts";
import {
  addressOrInterface,
  command,
  decimal,
  hostAndPort,
  keys,
  listOf,
  minutes,
  oneOf,
  optional,
  type Places,
  path,
  preallocation,
  rate,
  type SettingValue,
  span,
  truth,
  type ValueType,
  whole,
} from "./value-types.ts";

export interface SettingOptions<Value extends SettingValue> {
  readonly type: ValueType<Value>;
  /** `places` is there for defaults that are paths. */
  readonly default: Value | ((places: Places) => Value);
  /** What people may write, in TOML: shown where the default is "not set" and tells nothing. */
  readonly example?: string;
  /** One or a few sentences for people. */
  readonly help: string;
  /** Whether a change holds only from the next start of the engine on. Default: no. */
  readonly needsRestart?: boolean;
}

export class Setting<Value extends SettingValue> {
  readonly type: ValueType<Value>;
  readonly example: string | undefined;
  readonly help: string;
  readonly needsRestart: boolean;
  readonly #default: Value | ((places: Places) => Value);

  constructor(options: SettingOptions<Value>) {
    this.type = options.type;
    this.example = options.example;
    this.help = options.help;
    this.needsRestart = options.needsRestart ?? false;
    this.#default = options.default;
  }

  defaultIn(places: Places): Value {
    return typeof this.#default === "function" ? this.#default(places) : this.#default;
  }
}

function setting<Value extends SettingValue>(options: SettingOptions<Value>): Setting<Value> {
  return new Setting(options);
}

/** Names are in camel case here and in kebab case in the file; groups are TOML tables. */
export const settingsTable = {
  downloads: {
    directory: setting({
      type: path,
      default: (places) => places.downloads,
      help: "Where added torrents are saved when nothing else is said.",
    }),
    watch: setting({
      type: listOf("folders", path),
      default: [],
      example: '["~/Torrents"]',
      help: "Folders that are watched: .torrent files that appear in them are added.",
    }),
    startPaused: setting({
      type: truth,
      default: false,
      help: "Whether added torrents wait for you to resume them.",
    }),
    preallocate: setting({
      type: preallocation,
      default: "quick",
      help:
        "Whether the disk space of a file is taken before its first byte is written. quick: of long files, where the file\n" +
        "system can reserve it at once. full: of all, with zeros where it cannot.",
    }),
    sequential: setting({
      type: truth,
      default: false,
      help:
        "Whether added torrents download their pieces in order, so that they can be watched meanwhile.\n" +
        "The swarm is better served without.",
    }),
    onComplete: setting({
      type: command,
      default: [],
      example: '["notify-send", "Complete", "{name}"]',
      help:
        "A program that is run when a torrent is complete, and its arguments; no shell reads them.\n" +
        "{name}, {path}, {hash} and {label} stand for the torrent's.",
    }),
    moveWhenComplete: setting({
      type: optional(path),
      default: null,
      example: '"~/Complete"',
      help: "A folder that the files of complete torrents are moved to.",
    }),
  },
  network: {
    port: setting({
      type: optional(whole(0, 65_535)),
      default: null,
      example: "6881",
      help: "Where peers connect to us; 0 for any free port. Not set: 6881 or one after it. Takes a restart.",
      needsRestart: true,
    }),
    bind: setting({
      type: optional(addressOrInterface),
      default: null,
      example: '"tun0"',
      help:
        "Listen on, dial and announce from this address or network interface only; without it, nothing is connected.\n" +
        "Not set: all. Takes a restart.",
      needsRestart: true,
    }),
    connections: setting({
      type: whole(1, 100_000),
      default: 600,
      help: "Connections of all torrents together, at most. The system's limit of open files is above it.",
    }),
    connectionsPerTorrent: setting({
      type: whole(1, 100_000),
      default: 80,
      help: "Connections of one torrent, at most.",
    }),
  },
  dht: {
    enabled: setting({
      type: truth,
      default: true,
      help:
        "Whether peers are found over the DHT, too: a network of clients that needs no tracker.\n" +
        "Private torrents never use it.",
    }),
    bootstrap: setting({
      type: listOf("hosts with ports", hostAndPort),
      default: ["router.bittorrent.com:6881", "dht.transmissionbt.com:6881", "dht.libtorrent.org:25401"],
      help: "Where to come into that network for the first time. Later the nodes that were known serve.",
    }),
    readOnly: setting({
      type: truth,
      default: false,
      help: "Ask others, and answer nobody: for lines that are paid by volume.",
    }),
  },
  lsd: {
    enabled: setting({
      type: truth,
      default: true,
      help:
        "Whether others on the local network are told which torrents are active here, and heard (local service discovery).\n" +
        "Private torrents never are.",
    }),
  },
  trackers: {
    allTiers: setting({
      type: truth,
      default: false,
      help:
        "Whether the trackers of every tier are announced to, and not only those of the first that answers.\n" +
        "It finds more peers, and asks more of the trackers than they expect.",
    }),
  },
  limits: {
    down: setting({
      type: rate,
      default: 0,
      example: '"2 MB"',
      help: "Download at most this much a second; 0: no limit.",
    }),
    up: setting({
      type: rate,
      default: 0,
      example: '"500 KB"',
      help: "Upload at most this much a second; 0: no limit.",
    }),
    slots: setting({
      type: whole(0, 500),
      default: 0,
      example: "8",
      help:
        "Neighbours of each torrent that we upload to at once, besides the optimistic one. 0: four, and more the more is\n" +
        "uploaded.",
    }),
    alternative: {
      down: setting({
        type: rate,
        default: 0,
        example: '"500 KB"',
        help: "The limits for the times below, or for when they are switched on by hand; 0: no limit.",
      }),
      up: setting({ type: rate, default: 0, example: '"50 KB"', help: "Upload at most this much a second, then." }),
      schedule: setting({
        type: listOf("spans of the week", span),
        default: [],
        example: '["mon-fri 08:00-18:00", "sat,sun 22:00-06:00"]',
        help: "When they hold, in local time.",
      }),
    },
  },
  queue: {
    downloads: setting({
      type: whole(0, 100_000),
      default: 0,
      help: "Torrents that download at once, at most; the others wait their turn. 0: all.",
    }),
    seeds: setting({
      type: whole(0, 100_000),
      default: 0,
      help: "Torrents that seed at once, at most; the others wait their turn. 0: all.",
    }),
    slowRate: setting({
      type: rate,
      default: 0,
      example: '"2 KB"',
      help: "A torrent that is slower than this for a while does not count above. 0: all count.",
    }),
  },
  seeding: {
    ratio: setting({
      type: decimal(0, 100_000),
      default: 0,
      example: "2",
      help: "Seed until this many times the size of a torrent is uploaded. 0: no such goal.",
    }),
    time: setting({
      type: minutes,
      default: 0,
      example: '"3 days"',
      help: "Seed for so long, in minutes or as here. 0: no such goal.",
    }),
    idle: setting({
      type: minutes,
      default: 0,
      example: '"12 hours"',
      help: "Seed until nobody has taken anything for so long. 0: no such goal.",
    }),
    action: setting({
      type: oneOf("pause", "remove", "remove-with-data"),
      default: "pause",
      help: "What is done with a torrent that has reached one of these goals.",
    }),
  },
  filter: {
    files: setting({
      type: listOf("files", path),
      default: [],
      example: '["~/ipfilter.dat.gz"]',
      help: "Lists of addresses that we keep away from: eMule .dat, PeerGuardian .p2p or CIDR; may be gzipped.",
    }),
  },
  ui: {
    onQuit: setting({
      type: oneOf("ask", "stop", "keep"),
      default: "ask",
      help: "When the UI is left: stop the engine that it started, or keep it in the background.",
    }),
    theme: setting({
      type: oneOf(...themeNames),
      default: "auto",
      help:
        "The colours. dark, light and high-contrast bring their own background; 16 has the terminal's colours, mono none.\n" +
        "auto: on the terminal's background, which counts as dark unless COLORFGBG says otherwise. NO_COLOR: none.",
    }),
    ascii: setting({
      type: oneOf(...autoSwitches),
      default: "auto",
      help: "Whether only ASCII is drawn. auto: where the terminal or the locale has no more.",
    }),
    mouse: setting({
      type: oneOf(...autoSwitches),
      default: "auto",
      help: "Whether clicks come to the UI; else the terminal selects text with them. auto: where terminals can do both.",
    }),
    columns: setting({
      type: listOf("columns", oneOf(...listColumns)),
      default: [],
      example: '["name", "size", "progress", "down", "up", "ratio", "labels"]',
      help: `${wrapped(`The columns of the list, in order, of: ${listColumns.join(", ")}.`)}\nNone: those that matter most.`,
    }),
    sort: setting({
      type: oneOf(...sortWords),
      default: "added",
      help: "The column that the list is sorted by; with - before it the other way round.",
    }),
    bell: setting({
      type: truth,
      default: false,
      help:
        "Whether the terminal's bell rings when a download is complete or has failed, a seeding goal is reached or a disk\n" +
        "is going to be full.",
    }),
    notify: setting({
      type: truth,
      default: false,
      help:
        "Whether the desktop says so, through the terminal (OSC 9, 777 or 99). Terminals that cannot do that ignore it;\n" +
        "tmux lets it through where its allow-passthrough is on.",
    }),
    keys: keySettings(),
  },
} as const;

/** The explanation above each group in the file. */
export const groupHelp: Readonly<Record<string, string>> = {
  downloads: "What is added, and where it goes.",
  network: "How we reach others, and others us.",
  dht: "Finding peers without a tracker.",
  lsd: "Peers on the local network.",
  trackers: "Whom we ask for peers.",
  limits: "How much we take and give. A torrent may have limits of its own besides.",
  "limits.alternative": "Other limits, for some hours of the week.",
  queue: "How many torrents are active at once.",
  seeding: "When a torrent has given enough. A torrent may have goals of its own instead.",
  filter: "Whom we have nothing to do with.",
  ui: "The full-screen UI. It follows changes while it runs.",
  "ui.keys":
    "Its keys, with spaces between them: characters, ctrl+a … ctrl+z, up down left right pageup pagedown home end\n" +
    "enter tab shift+tab shift+up shift+down backspace delete space. none: no key. Esc and Ctrl-C always lead out.",
};

/** One setting for each command of the UI whose keys can be chosen. */
function keySettings(): Readonly<Record<string, Setting<string>>> {
  return Object.fromEntries(
    keyCommands.map((each) => [each.command, setting({ type: keys, default: each.keys, help: each.help })]),
  );
}

/** In lines as long as the others of the file. */
function wrapped(text: string): string {
  return text.replace(/(.{80,108}) /g, "$1\n");
}
