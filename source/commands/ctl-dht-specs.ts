/** The command line of `p2p-tui ctl dht`. */
import type { CommandSpec } from "./command.ts";
import { common, oneTorrent } from "./ctl-specs.ts";

export const ctlDhtSpec = {
  name: "ctl dht",
  summary: "Show how the DHT does, or ask it how large a swarm is.",
  usage: "ctl dht [TORRENT] [--json]",
  description:
    "Shows the nodes that find peers without a tracker: whom they know, what they are asked and keep, why they find nobody.\n" +
    `With TORRENT, also any info hash, it asks how many seeds and leeches the DHT knows of, roughly.\n${oneTorrent}`,
  options: common,
  examples: [
    ["p2p-tui ctl dht", "how many nodes are known?"],
    ["p2p-tui ctl dht debian", "how large is its swarm, without a tracker?"],
  ],
  positionals: [0, 1],
} as const satisfies CommandSpec;
