/** The command line of those `ctl` commands that say how much torrents may do: settings, limits, goals, places in the queue. */
import { OperationalError } from "../base/errors.ts";
import { connectionsMax, slotsMax } from "../control/limits.ts";
import { minutes } from "../settings/value-types.ts";
import type { CommandSpec } from "./command.ts";
import { common, torrentsMax, whichTorrent } from "./ctl-specs.ts";
import * as parse from "./option-parsers.ts";

/** `default`: as for all torrents. */
function orDefault<T>(read: (text: string) => T): (text: string) => T | null {
  return (text) => (text === "default" ? null : read(text));
}

function ratio(text: string): number {
  if (!/^\d{1,6}(?:\.\d{1,6})?$/.test(text)) {
    throw new OperationalError("bad-number", `${JSON.stringify(text)} is not a ratio such as 2 or 1.5`);
  }
  return Number(text);
}

/** As in the settings file. @returns minutes. */
function time(text: string): number {
  return minutes.read(text, { home: "", downloads: "" });
}

const value = <T>(placeholder: string, read: (text: string) => T, help: string) =>
  ({ kind: "value", placeholder, parse: read, help }) as const;

export const ctlSetSpec = {
  name: "ctl set",
  summary: "Change settings, or the limits and goals of torrents.",
  usage: "ctl set KEY=VALUE… | ctl set TORRENT…|all OPTION…",
  description:
    "Changes settings of the running engine, and in its settings file; `p2p-tui ctl settings` lists the KEYs. All of\n" +
    "them are changed or, where one cannot be, none. Without a VALUE (`KEY=`) a setting goes back to its default.\n" +
    'Lists are written as ["a", "b"]; one item may be given as it is.\n' +
    "With TORRENTs changes what holds for each of them alone; `default` is as for all torrents.\n" +
    whichTorrent,
  options: {
    "max-down": value("RATE", parse.rate, "Download at most this much a second; 0 is no limit."),
    "max-up": value("RATE", parse.rate, "Upload at most this much a second; 0 is no limit."),
    ratio: value(
      "RATIO",
      orDefault(ratio),
      "Of a TORRENT: seed until this is uploaded for each byte; 0 is no such goal.",
    ),
    "seed-time": value("TIME", orDefault(time), "Of a TORRENT: seed for so long (90, 12h, 3d); 0 is no such goal."),
    idle: value(
      "TIME",
      orDefault(time),
      "Of a TORRENT: seed until nobody took anything for so long; 0 is no such goal.",
    ),
    slots: value(
      "COUNT",
      orDefault(parse.wholeNumber(0, slotsMax)),
      "Of a TORRENT: upload to so many at once; 0: by the rate.",
    ),
    connections: value("COUNT", orDefault(parse.wholeNumber(1, connectionsMax)), "Of a TORRENT: neighbours at most."),
    "super-seed": value(
      "on|off",
      parse.oneOf("on", "off"),
      "Of a TORRENT: as the first seed of a swarm, show each\nneighbour one piece at a time (BEP 16).",
    ),
    force: value("on|off", parse.oneOf("on", "off"), "Of a TORRENT: active whatever the queue says."),
    ...common,
  },
  examples: [
    ["p2p-tui ctl set limits.down=2MB limits.up=500KiB", "for good"],
    ["p2p-tui ctl set 'seeding.time=3 days' seeding.action=remove", "when torrents have seeded enough"],
    ["p2p-tui ctl set limits.down=", "back to the default"],
    ["p2p-tui ctl set debian label:linux --max-up 200KiB --ratio 3", "of some torrents"],
    ["p2p-tui ctl set debian --ratio default --force on", "the goal of all; ahead of the queue"],
  ],
  positionals: [0, torrentsMax],
  completes: { torrents: ["all"] },
} as const satisfies CommandSpec;

export const ctlQueueSpec = {
  name: "ctl queue",
  summary: "Move torrents in the queue.",
  usage: "ctl queue TORRENT… top|up|down|bottom|PLACE",
  description:
    "Moves each TORRENT, keeping their order among themselves. PLACE is a number from 1. How many torrents may be active\n" +
    `at once is set by queue.downloads and queue.seeds.\n${whichTorrent}`,
  options: common,
  examples: [
    ["p2p-tui ctl queue debian top", "next"],
    ["p2p-tui ctl queue label:linux bottom", "when all others are done"],
  ],
  positionals: [2, torrentsMax],
  completes: { torrents: ["all", "top", "up", "down", "bottom"] },
} as const satisfies CommandSpec;

export const ctlAlternativeSpec = {
  name: "ctl alternative",
  summary: "Switch the alternative rate limits.",
  usage: "ctl alternative on|off|auto",
  description:
    "Switches to the limits of limits.alternative or back, until the schedule switches next; without a schedule, for good.\n" +
    "auto: as the schedule says now.",
  options: common,
  examples: [["p2p-tui ctl alternative on", "a call begins"]],
  positionals: [1, 1],
  completes: ["on", "off", "auto"],
} as const satisfies CommandSpec;
