/** The command line of `p2p-tui ctl move` and `ctl rename`. */
import type { CommandSpec } from "./command.ts";
import { common, oneTorrent } from "./ctl-specs.ts";

export const ctlMoveSpec = {
  name: "ctl move",
  summary: "Move the files of a torrent to another folder.",
  usage: "ctl move TORRENT DIR [--dry-run] [--json]",
  description:
    "Moves the files of TORRENT to DIR, to other file systems as well, and goes on there without checking them. Nothing is\n" +
    "ever overwritten: where something is in the way, nothing is moved. Returns when it is done; interrupted, the engine\n" +
    `goes on. What a crash cuts short is finished or undone at the next start.\n${oneTorrent}`,
  options: {
    "dry-run": { kind: "flag", short: "n", help: "Say what would be done, and do nothing." },
    ...common,
  },
  examples: [
    ["p2p-tui ctl move debian /mnt/big --dry-run", "would it fit, is anything in the way?"],
    ["p2p-tui ctl move debian /mnt/big", "do it"],
  ],
  positionals: [2, 2],
  completes: { torrents: [] },
} as const satisfies CommandSpec;

export const ctlRenameSpec = {
  name: "ctl rename",
  summary: "Give a torrent, or a file or folder of it, another name on the disk.",
  usage: "ctl rename TORRENT [PATH] NAME",
  description:
    "Gives the file or folder at PATH, as `ctl files` shows it, the name NAME; without PATH the torrent itself, which is then\n" +
    `listed under it. Others in the swarm see nothing of it.\n${oneTorrent}`,
  options: common,
  examples: [
    ["p2p-tui ctl rename debian-13.1.0 'Debian 13'", "the torrent"],
    ["p2p-tui ctl rename album 'album/cd2/07.ogg' '07 Finale.ogg'", "a file of it"],
  ],
  positionals: [2, 3],
  completes: { torrents: [] },
} as const satisfies CommandSpec;
