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

/** The commands that show one. */
export type ViewCommand = `view${Capitalize<TorrentView>}`;

const viewByCommand = new Map<string, TorrentView>(torrentViews.map((view) => [viewCommand(view), view]));

export function viewCommand(view: TorrentView): ViewCommand {
  return `view${view.charAt(0).toUpperCase()}${view.slice(1)}` as ViewCommand;
}

export function isViewCommand(command: string): command is ViewCommand {
  return viewByCommand.has(command);
}

export function viewOf(command: ViewCommand): TorrentView {
  return viewByCommand.get(command) ?? "swarm";
}
