/**
 * Where everything goes, from the size of the terminal alone (and how much there is to show): pure, so that the screen,
 * the keys (page sizes) and what is asked of the engine (windows, cells) always agree.
 */
import type { Rect } from "../format/canvas.ts";

/** Below this the screen only says that it is too small. */
export const columnsMin = 40;
export const rowsMin = 10;

export interface Frame {
  readonly header: Rect;
  readonly body: Rect;
  readonly hints: Rect;
}

const empty: Rect = { x: 0, y: 0, width: 0, height: 0 };

function rect(x: number, y: number, width: number, height: number): Rect {
  return { x, y, width: Math.max(0, width), height: Math.max(0, height) };
}

/** The frame round every screen: header lines on top, one line of keys at the bottom. */
export function planFrame(columns: number, rows: number, headerHeight: number): Frame {
  return {
    header: rect(0, 0, columns, headerHeight),
    body: rect(0, headerHeight, columns, rows - headerHeight - 1),
    hints: rect(0, rows - 1, columns, 1),
  };
}

// ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ListPlan extends Frame {
  readonly table: Rect;
  /** Of all torrents together; empty where there is little room. */
  readonly rates: Rect;
  /** Rows of torrents, the heading not counted. */
  readonly pageSize: number;
}

export function planList(columns: number, rows: number): ListPlan {
  const frame = planFrame(columns, rows, 2);
  const ratesHeight = columns >= 100 && rows >= 36 ? Math.floor(rows / 4) : 0;
  const table = rect(0, frame.body.y, columns - 1, frame.body.height - ratesHeight);
  const rates = rect(0, table.y + table.height, columns, ratesHeight);
  return { ...frame, table, rates, pageSize: Math.max(1, table.height - 1) };
}

// ── a torrent ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface TorrentPlan extends Frame {
  readonly tabs: Rect;
  /** Room for panels with a border round them. */
  readonly hasBorders: boolean;
}

/** Header: name and state; progress; rates. Then the tabs, the view, the keys. */
export function planTorrent(columns: number, rows: number): TorrentPlan {
  const headerHeight = rows >= 20 ? 3 : 2;
  const frame = planFrame(columns, rows, headerHeight + 1);
  return {
    ...frame,
    header: rect(0, 0, columns, headerHeight),
    tabs: rect(0, headerHeight, columns, 1),
    hasBorders: columns >= 100 && rows >= 30,
  };
}

export interface SwarmPlan extends TorrentPlan {
  readonly choker: Rect;
  readonly neighbours: Rect;
  readonly pieces: Rect;
  /** How fast it could be at best; empty on small terminals. */
  readonly bound: Rect;
  readonly rates: Rect;
  readonly trackers: Rect;
  readonly log: Rect;
  /** The selected neighbour in words; only where the rest leaves much room. */
  readonly selected: Rect;
}

/** A panel's content, as `drawPanel` will place it. */
export function contentOf(panel: Rect, hasBorder: boolean): Rect {
  return hasBorder
    ? rect(panel.x + 2, panel.y + 1, panel.width - 4, panel.height - 2)
    : rect(panel.x + 1, panel.y + 1, panel.width - 2, panel.height - 1);
}

export interface SwarmCounts {
  readonly neighbours: number;
  readonly pieces: number;
  readonly trackers: number;
}

/** Swarm: everything at once. Small terminals stack it; wide ones put the pieces beside the neighbours. */
export function planSwarm(columns: number, rows: number, counts: SwarmCounts): SwarmPlan {
  const plan = planTorrent(columns, rows);
  const { body } = plan;
  if (columns >= 150 && body.height >= 30) return { ...plan, ...wide(body, counts) };
  if (plan.hasBorders) return { ...plan, ...medium(body, counts) };
  return { ...plan, ...compact(body, counts) };
}

/** Rows that the neighbours want, a few at a time, so that the panels do not jump with every one that comes. */
function neighbourRows(counts: SwarmCounts, step: number): number {
  return step * Math.ceil((counts.neighbours + 2) / step);
}

type SwarmRects = Pick<
  SwarmPlan,
  "choker" | "neighbours" | "pieces" | "bound" | "rates" | "trackers" | "log" | "selected"
>;

function compact(body: Rect, counts: SwarmCounts): SwarmRects {
  const { x, y, width, height } = body;
  const trackerHeight = height >= 12 ? 1 : 0;
  const chokerHeight = height >= 9 ? 1 : 0;
  const room = height - trackerHeight - chokerHeight;
  // The heatmap: a title, its cells, a legend. It gets a third, and no more than it has pieces for.
  const cellRoom = Math.max(Math.floor(room / 3) - 1, room - neighbourRows(counts, 4) - 4);
  const cellRows = Math.max(1, Math.min(Math.ceil(counts.pieces / Math.max(1, width - 2)), cellRoom));
  const piecesHeight = room >= 10 ? cellRows + 2 : room >= 6 ? 2 : 0;
  const neighboursHeight = room - piecesHeight;
  return {
    neighbours: rect(x, y, width, neighboursHeight),
    choker: rect(x, y + neighboursHeight, width, chokerHeight),
    pieces: rect(x, y + neighboursHeight + chokerHeight, width, piecesHeight),
    trackers: rect(x, y + neighboursHeight + chokerHeight + piecesHeight, width, trackerHeight),
    rates: empty,
    bound: empty,
    log: empty,
    selected: empty,
  };
}

function medium(body: Rect, counts: SwarmCounts): SwarmRects {
  const { x, y, width, height } = body;
  const sideWidth = Math.max(36, Math.floor(width * 0.34));
  const mainWidth = width - sideWidth;
  const chokerHeight = 3;
  const lowerMin = Math.max(10, Math.min(Math.floor(height * 0.42), 18));
  const neighboursHeight = Math.max(9, Math.min(3 + neighbourRows(counts, 4), height - chokerHeight - lowerMin));
  const upperHeight = neighboursHeight + chokerHeight;
  const lowerHeight = height - upperHeight;
  const trackersHeight = Math.min(lowerHeight - 5, Math.max(3, Math.min(counts.trackers, 3) + 2));
  return {
    neighbours: rect(x, y, width, neighboursHeight),
    choker: rect(x, y + neighboursHeight, width, chokerHeight),
    pieces: rect(x, y + upperHeight, mainWidth, lowerHeight),
    rates: rect(x + mainWidth, y + upperHeight, sideWidth, lowerHeight - trackersHeight),
    trackers: rect(x + mainWidth, y + upperHeight + lowerHeight - trackersHeight, sideWidth, trackersHeight),
    bound: empty,
    log: empty,
    selected: empty,
  };
}

/** Five lines in a border. */
const boundRows = 7;

/** With as many rows below the neighbours, a log alone would be mostly empty. */
const roomyHeight = 26;

function wide(body: Rect, counts: SwarmCounts): SwarmRects {
  const { x, y, width, height } = body;
  const sideWidth = Math.max(56, Math.floor(width * 0.37));
  const mainWidth = width - sideWidth;
  const chokerHeight = 3;
  const wanted = 3 + neighbourRows(counts, 4);
  const logMin = Math.max(8, Math.floor(height * 0.2));
  const neighboursHeight = Math.max(11, Math.min(wanted, height - chokerHeight - logMin));
  const logTop = neighboursHeight + chokerHeight;
  const trackersHeight = Math.max(3, Math.min(counts.trackers, 4) + 2);
  const lowerHeight = height - logTop;
  const boundHeight = height >= 40 ? boundRows : 0;
  if (lowerHeight >= roomyHeight) {
    // Few neighbours leave room below them: for the selected one and wide curves. The pieces get all of the side.
    const selectedHeight = Math.min(18, Math.floor(lowerHeight * 0.5));
    const selectedWidth = Math.floor(mainWidth / 2);
    return {
      neighbours: rect(x, y, mainWidth, neighboursHeight),
      choker: rect(x, y + neighboursHeight, mainWidth, chokerHeight),
      selected: rect(x, y + logTop, selectedWidth, selectedHeight),
      rates: rect(x + selectedWidth, y + logTop, mainWidth - selectedWidth, selectedHeight),
      log: rect(x, y + logTop + selectedHeight, mainWidth, lowerHeight - selectedHeight),
      pieces: rect(x + mainWidth, y, sideWidth, height - trackersHeight - boundHeight),
      bound: rect(x + mainWidth, y + height - trackersHeight - boundHeight, sideWidth, boundHeight),
      trackers: rect(x + mainWidth, y + height - trackersHeight, sideWidth, trackersHeight),
    };
  }
  const ratesHeight = Math.max(8, Math.min(16, Math.floor(height * 0.3)));
  const piecesHeight = height - ratesHeight - trackersHeight - boundHeight;
  return {
    neighbours: rect(x, y, mainWidth, neighboursHeight),
    choker: rect(x, y + neighboursHeight, mainWidth, chokerHeight),
    log: rect(x, y + logTop, mainWidth, lowerHeight),
    selected: empty,
    pieces: rect(x + mainWidth, y, sideWidth, piecesHeight),
    bound: rect(x + mainWidth, y + piecesHeight, sideWidth, boundHeight),
    rates: rect(x + mainWidth, y + piecesHeight + boundHeight, sideWidth, ratesHeight),
    trackers: rect(x + mainWidth, y + height - trackersHeight, sideWidth, trackersHeight),
  };
}

export interface NeighboursPlan extends TorrentPlan {
  readonly table: Rect;
  readonly detail: Rect;
  /** The detail has room for everything about one neighbour. */
  readonly isBeside: boolean;
  readonly pageSize: number;
}

/** Neighbours: the table, and the selected one in words below or beside it. */
export function planNeighbours(columns: number, rows: number): NeighboursPlan {
  const plan = planTorrent(columns, rows);
  const { body } = plan;
  let table = body;
  let detail = empty;
  const isBeside = columns >= 150 && body.height >= 20;
  if (columns >= 150) {
    const detailWidth = Math.max(44, Math.floor(columns * 0.26));
    table = rect(body.x, body.y, body.width - detailWidth, body.height);
    detail = rect(body.x + table.width, body.y, detailWidth, body.height);
  } else if (body.height >= 14) {
    const detailHeight = plan.hasBorders ? 10 : 6;
    table = rect(body.x, body.y, body.width, body.height - detailHeight);
    detail = rect(body.x, body.y + table.height, body.width, detailHeight);
  }
  const content = contentOf(table, plan.hasBorders);
  return { ...plan, table, detail, isBeside, pageSize: Math.max(1, content.height - 1) };
}

export interface ListingPlan extends TorrentPlan {
  readonly panel: Rect;
  readonly pageSize: number;
}

/** Files, graphs, why: one thing on the whole body. */
export function planListing(columns: number, rows: number): ListingPlan {
  const plan = planTorrent(columns, rows);
  const content = contentOf(plan.body, plan.hasBorders);
  return { ...plan, panel: plan.body, pageSize: Math.max(1, content.height - 1) };
}

export interface TrackersPlan extends ListingPlan {
  readonly table: Rect;
  /** Below the table; its first line stays empty. No height where there is no room. */
  readonly sources: Rect;
  /** Below that: the selected tracker in words. */
  readonly about: Rect;
}

/** Lines for the sources of peers besides the trackers. */
const sourcesHeight = 6;

export function planTrackers(columns: number, rows: number): TrackersPlan {
  const plan = planListing(columns, rows);
  const { x, y, width, height } = contentOf(plan.panel, plan.hasBorders);
  // Four: the three that others know, and the empty line.
  const below = height >= 14 ? sourcesHeight : height >= 8 ? 4 : 0;
  const above = height - below;
  const aboutHeight = height >= 26 ? 9 : height >= 17 ? 6 : 0;
  const tableHeight = above - aboutHeight;
  return {
    ...plan,
    table: rect(x, y, width, tableHeight),
    sources: rect(x, y + tableHeight, width, below),
    about: rect(x, y + tableHeight + below, width, aboutHeight),
    pageSize: Math.max(1, tableHeight - 1),
  };
}

export interface LogPlan extends TorrentPlan {
  readonly log: Rect;
  readonly pageSize: number;
}

export function planLog(columns: number, rows: number): LogPlan {
  const plan = planTorrent(columns, rows);
  return { ...plan, log: plan.body, pageSize: Math.max(1, contentOf(plan.body, plan.hasBorders).height) };
}
