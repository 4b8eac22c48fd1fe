/** The views of a torrent, in the order of their numbers, from 1. */
export const torrentViews = [
  "swarm",
  "neighbours",
  "pieces",
  "files",
  "trackers",
  "graphs",
  "ledger",
  "why",
  "log",
] as const;

export type TorrentView = (typeof torrentViews)[number];
