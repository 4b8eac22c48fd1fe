/** The command line of `p2p-tui engine …`: the engine of a profile without a UI in front of it. */
import type { CommandSpec, GroupSpec } from "./command.ts";
import * as parse from "./option-parsers.ts";
import { engineOptions, help } from "./specs.ts";

/** An engine has no peers of its own to connect to: those are given with a torrent. */
const { peer: _, ...settings } = engineOptions;
const { profile } = engineOptions;

export const engineStartSpec = {
  name: "engine start",
  summary: "Start the engine in the background.",
  usage: "engine start [OPTION…]",
  description:
    "Starts the engine of the profile in the background, where it goes on until `p2p-tui engine stop`.\n" +
    "Where it runs already nothing is changed, but that it stays when its last UI is closed.",
  options: {
    ...settings,
    json: { kind: "flag", help: "What `engine status --json` says, once it runs." },
    help,
  },
  examples: [
    ["p2p-tui engine start", "go on seeding what the UI has"],
    ["p2p-tui engine start --profile /srv/p2p --port 6900 --max-up 5MB", "a second one, with a profile of its own"],
  ],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const engineStopSpec = {
  name: "engine stop",
  summary: "Stop the running engine, and wait until it has ended.",
  usage: "engine stop [--profile DIR]",
  description:
    "Stops the engine of the profile in good order (trackers are told, state is written), and waits until its process\n" +
    "has ended. Exits 1 if none runs.",
  options: { profile, help },
  examples: [["p2p-tui engine stop", "it takes up to a few seconds"]],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const engineStatusSpec = {
  name: "engine status",
  summary: "Say whether an engine runs, and what it does.",
  usage: "engine status [--json] [--profile DIR]",
  description: "Says in a paragraph what the running engine does. Exits 1 if none runs.",
  options: { profile, json: { kind: "flag", help: "As one JSON object, see the README." }, help },
  examples: [["p2p-tui engine status --json | jq .torrents.seeding", "how many are seeding"]],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const engineUnitSpec = {
  name: "engine unit",
  summary: "Print a systemd user unit that keeps the engine running.",
  usage: "engine unit [OPTION…]",
  description:
    "Prints a unit for systemd's user manager that runs this very program as the engine of the profile, with the\n" +
    "options given here. Its first lines say how to install it.",
  options: { ...settings, help },
  examples: [
    ["p2p-tui engine unit > ~/.config/systemd/user/p2p-tui.service", "then: systemctl --user enable --now p2p-tui"],
  ],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const engineRunSpec = {
  name: "engine run",
  summary: "Run the engine in the foreground, for a service manager.",
  usage: "engine run [OPTION…]",
  description:
    "Runs the engine of the profile in the foreground until it is stopped (SIGTERM, Ctrl-C or `p2p-tui engine stop`).\n" +
    "Writes `ready` on standard output once UIs can attach.",
  options: {
    ...settings,
    linger: {
      kind: "value",
      placeholder: "SECONDS",
      parse: parse.wholeNumber(0, 86_400),
      help: "Stop when nobody has been attached for this long.",
    },
    help,
  },
  examples: [["p2p-tui engine run --log ~/p2p-tui.log", "what `engine unit` has systemd do"]],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const engineGroup = {
  name: "engine",
  summary: "Run the engine in the background: start, stop, status.",
  description:
    "The engine holds a profile's torrents in a process of its own. `p2p-tui` attaches to the one that runs, and\n" +
    "`p2p-tui ctl` drives it from scripts.",
} as const satisfies GroupSpec;
