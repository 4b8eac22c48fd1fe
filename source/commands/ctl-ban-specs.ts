/** The command line of `p2p-tui ctl ban`, `unban`, `bans` and `kick`. */
import type { CommandSpec } from "./command.ts";
import { common, oneTorrent } from "./ctl-specs.ts";

/** As many as can be banned. */
const addressesMax = 10_000;

export const ctlBanSpec = {
  name: "ctl ban",
  summary: "Have nothing to do with addresses any more.",
  usage: "ctl ban ADDRESS…",
  description:
    "Bans addresses for all torrents: who is connected is dropped, nobody of them is answered or dialled. Kept until unban.\n" +
    "ADDRESS is an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or an endpoint as `ctl peers` shows it.",
  options: common,
  examples: [["p2p-tui ctl ban 192.0.2.7 2001:db8::/32", "one host and one network"]],
  positionals: [1, addressesMax],
} as const satisfies CommandSpec;

export const ctlUnbanSpec = {
  name: "ctl unban",
  summary: "Take bans back.",
  usage: "ctl unban ADDRESS…",
  description: "Takes bans back, each as `ctl bans` shows it. IP filters stay as they are.",
  options: common,
  examples: [["p2p-tui ctl unban 192.0.2.0/24", "a network"]],
  positionals: [1, addressesMax],
} as const satisfies CommandSpec;

export const ctlBansSpec = {
  name: "ctl bans",
  summary: "List who is banned.",
  usage: "ctl bans [--json]",
  description: "Lists the addresses and networks that were banned by hand, in the order they were.",
  options: common,
  examples: [["p2p-tui ctl bans > bans.txt", "which the setting filter.files takes"]],
  positionals: [0, 0],
} as const satisfies CommandSpec;

export const ctlKickSpec = {
  name: "ctl kick",
  summary: "Let go of neighbours of a torrent.",
  usage: "ctl kick TORRENT ADDRESS:PORT…",
  description:
    "Ends the connection with each neighbour, named as `ctl peers` shows it. It is not dialled for ten minutes, and may come\n" +
    `back by itself; \`ctl ban\` keeps it away.\n${oneTorrent}`,
  options: common,
  examples: [["p2p-tui ctl kick debian 192.0.2.7:6881", "one of them"]],
  positionals: [2, addressesMax],
} as const satisfies CommandSpec;
