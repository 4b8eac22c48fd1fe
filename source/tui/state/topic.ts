/** What to ask of the engine so that the screen can be drawn: only what is visible, with a page to spare each way. */
import type { GraphTopic, TorrentTopic, Window } from "../../control/protocol.ts";
import { heatmapArea } from "../layout/heatmap-area.ts";
import { planLedger } from "../layout/ledger-plan.ts";
import { contentOf, planList, planListing, planNeighbours, planSwarm } from "../layout/plan.ts";
import { planWhy } from "../layout/why-plan.ts";
import type { AppState, OpenTorrent } from "./app-state.ts";
import { askedForOptions } from "./options.ts";
import { piecesPlan } from "./pieces-reducer.ts";
import { neighbourPage } from "./torrent-reducer.ts";

/** The protocol's limits. */
const windowMax = 500;
const cellsMax = 20_000;
const runsMax = 100;

/** @returns `undefined` while no torrent is open. */
export function topicFor(state: AppState): TorrentTopic | undefined {
  const { open } = state;
  if (open === null) return undefined;
  const neighbour = watched(state, open);
  const listing = planListing(state.columns, state.rows).pageSize;
  return {
    kind: "torrent",
    infoHash: open.infoHash,
    neighbours: neighboursAsked(state, open),
    files: open.view === "files" ? filesWindow(open, listing) : { offset: 0, limit: 1 },
    logLimit: logLimit(state),
    cells: cells(state),
    ...ofPieces(state, open),
    ...(neighbour === null ? {} : { neighbour }),
    ...(open.view === "trackers" ? { scrape: "known" as const } : {}),
    ...(open.view === "ledger" ? { ledgerRounds: planLedger(state.columns, state.rows).rounds } : {}),
  };
}

/** What holds for the torrents whose options are chosen, one after the other. @returns `undefined` where that is known. */
export function optionsTopicFor({ overlay }: AppState): TorrentTopic | undefined {
  const infoHash = overlay?.kind === "options" ? askedForOptions(overlay) : undefined;
  if (infoHash === undefined) return undefined;
  return {
    kind: "torrent",
    infoHash,
    neighbours: { offset: 0, limit: 0, sort: "downRate", isDescending: true },
    files: { offset: 0, limit: 1 },
    logLimit: 0,
    cells: 0,
  };
}

/** @returns `undefined` while no graph is shown. */
export function graphTopicFor({ open, home, graph, columns, rows }: AppState): GraphTopic | undefined {
  const { span } = graph;
  if (open !== null) return open.view === "graphs" ? { kind: "graph", infoHash: open.infoHash, span } : undefined;
  const isShown = home === "totals" || planList(columns, rows).rates.height > 0;
  return isShown ? { kind: "graph", infoHash: null, span } : undefined;
}

/** None where none are shown: there may be thousands. */
function neighboursAsked(state: AppState, open: OpenTorrent): TorrentTopic["neighbours"] {
  const { sort, isDescending, offset } = open.neighbours;
  switch (open.view) {
    case "swarm":
    case "neighbours":
      return { ...pagedWindow(offset, neighbourPage(state, open)), sort, isDescending };
    case "why":
      return { offset: 0, limit: planWhy(state.columns, state.rows).pageSize, sort: "lost", isDescending: true };
    default:
      return { offset: 0, limit: 0, sort, isDescending };
  }
}

/** The neighbour that is shown closely, alone or beside the table. */
function watched(state: AppState, { view, isClose, neighbours }: OpenTorrent): number | null {
  if (view !== "neighbours") return null;
  return isClose || planNeighbours(state.columns, state.rows).isBeside ? neighbours.selectedId : null;
}

/** Of pieces what is seen: how rare they are, some of them, one of them. */
function ofPieces(state: AppState, open: OpenTorrent): Pick<TorrentTopic, "rareRuns" | "pieces" | "piece"> {
  if (open.view !== "pieces") return {};
  const { list, blocks, listPage } = piecesPlan(state, open);
  const { piece, offset } = open.pieces;
  return {
    rareRuns: runsMax,
    ...(list.height > 0 ? { pieces: pagedWindow(offset, listPage) } : {}),
    ...(blocks.height > 0 ? { piece } : {}),
  };
}

/** First all files, one window after another; then those that are seen. */
function filesWindow({ tree, files, detail }: OpenTorrent, page: number): Window {
  const { length } = tree.files;
  if (length === 0 || length < (detail?.fileCount ?? 0)) return { offset: length, limit: windowMax };
  if (length <= windowMax) return { offset: 0, limit: windowMax };
  const seen = tree.lines
    .slice(files.offset, files.offset + page)
    .flatMap((line) => (line.kind === "file" ? [line.at] : []));
  return { offset: seen.length === 0 ? 0 : Math.min(...seen), limit: windowMax };
}

/** Changes only when the window has moved by a page, so scrolling line by line asks for nothing new most of the time. */
export function pagedWindow(offset: number, page: number): Window {
  const first = Math.max(0, (Math.floor(offset / page) - 1) * page);
  return { offset: first, limit: Math.min(windowMax, 4 * page) };
}

function logLimit(state: AppState): number {
  const { open } = state;
  // All of it, so that one gets to its beginning at once; it is short.
  if (open?.view === "log") return windowMax;
  if (open?.view !== "swarm") return 0;
  const counts = { neighbours: 0, pieces: 1, trackers: 0 };
  const plan = planSwarm(state.columns, state.rows, counts);
  // How much of it is the log depends on how many neighbours there are.
  return plan.log.height > 0 ? plan.body.height : 0;
}

function cells(state: AppState): number {
  const { open } = state;
  if (open === null) return 0;
  if (open.view === "pieces") {
    // Deeper down the map is not seen, and is there at once when one comes back.
    const { map } = piecesPlan(state, open, "map");
    return Math.min(cellsMax, map.width * map.height);
  }
  if (open.view !== "swarm") return 0;
  const row = open.detail?.row ?? state.list.rows.get(open.infoHash);
  const plan = planSwarm(state.columns, state.rows, {
    neighbours: open.detail?.neighbourCount ?? 0,
    pieces: row?.pieceCount ?? cellsMax,
    trackers: open.detail?.trackers.length ?? 0,
  });
  const area = heatmapArea(contentOf(plan.pieces, plan.hasBorders));
  return Math.min(cellsMax, area.width * area.height);
}
