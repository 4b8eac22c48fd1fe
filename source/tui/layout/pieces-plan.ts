/**
 * Where the map, its pieces and one piece's blocks go: pure. Large terminals show all of it side by side; smaller ones the
 * level that is looked at.
 */
import type { Rect } from "../format/canvas.ts";
import { heatmapGrid } from "./heatmap-area.ts";
import { contentOf, planTorrent, type TorrentPlan } from "./plan.ts";

/** How deep one has gone: the whole map, piece by piece, one piece's blocks and who has it. */
export type PieceLevel = "map" | "list" | "blocks";

export interface PiecesPlan extends TorrentPlan {
  /** All levels are on the screen. */
  readonly isWide: boolean;
  /** Empty where another level has the screen. */
  readonly mapPanel: Rect;
  /** The cells. */
  readonly map: Rect;
  readonly legend: Rect;
  /** A line about the marked cell. */
  readonly about: Rect;
  /** How rare pieces are: a panel, or on small terminals `rarityLines` without a frame. */
  readonly rarity: Rect;
  readonly rarityLines: Rect;
  readonly list: Rect;
  readonly blocks: Rect;
  /** Rows of pieces in the list. */
  readonly listPage: number;
  /** Neighbours of the piece that there is room for. */
  readonly holdersPage: number;
}

const empty: Rect = { x: 0, y: 0, width: 0, height: 0 };
/** Below this the rarest are told in lines under the map. */
const panelRowsMin = 26;
/** A map of one piece is a panel all the same. */
const mapRowsMin = 3;
/** For the list to be worth its place below a small map. */
const listRowsMin = 8;

export function planPieces(columns: number, rows: number, level: PieceLevel, pieceCount: number): PiecesPlan {
  const plan = planTorrent(columns, rows);
  const { body } = plan;
  const isWide = columns >= 150 && body.height >= panelRowsMin;
  const rects = isWide ? wide(body, pieceCount) : narrow(body, plan.hasBorders, level, pieceCount);
  const listContent = contentOf(rects.list, plan.hasBorders);
  return {
    ...plan,
    isWide,
    ...rects,
    ...mapParts(rects.mapPanel, plan.hasBorders),
    listPage: Math.max(1, listContent.height - 1),
    holdersPage: Math.max(1, contentOf(rects.blocks, plan.hasBorders).height - blocksHeadMax),
  };
}

/** Lines of a piece before its neighbours, at most; `drawPieceBlocks` keeps to it where there is little room. */
export const blocksHeadMax = 8;

type Panels = Pick<PiecesPlan, "mapPanel" | "rarity" | "rarityLines" | "list" | "blocks">;

function wide(body: Rect, pieceCount: number): Panels {
  const left = { ...body, width: Math.floor(body.width / 2) };
  const right = { ...body, x: left.width, width: body.width - left.width };
  const rarityHeight = Math.max(10, Math.floor(body.height * 0.25));
  const mapHeight = mapPanelHeight(left.width - 4, body.height - rarityHeight, 5, pieceCount);
  const listHeight = Math.max(listRowsMin, Math.floor(body.height * 0.4));
  return {
    mapPanel: { ...left, height: mapHeight },
    rarity: { ...left, y: left.y + mapHeight, height: body.height - mapHeight },
    rarityLines: empty,
    list: { ...right, height: listHeight },
    blocks: { ...right, y: right.y + listHeight, height: body.height - listHeight },
  };
}

function narrow(body: Rect, hasBorders: boolean, level: PieceLevel, pieceCount: number): Panels {
  const nothing = { mapPanel: empty, rarity: empty, rarityLines: empty, list: empty, blocks: empty };
  if (level === "list") return { ...nothing, list: body };
  if (level === "blocks") return { ...nothing, blocks: body };
  if (body.height < panelRowsMin) {
    const lines = body.height >= 14 ? 2 : 0;
    return {
      ...nothing,
      mapPanel: { ...body, height: body.height - lines },
      rarityLines: { x: body.x + 1, y: body.y + body.height - lines, width: body.width - 2, height: lines },
    };
  }
  const rarityHeight = Math.max(9, Math.floor(body.height * 0.3));
  const mapHeight = mapPanelHeight(body.width - 4, body.height - rarityHeight, hasBorders ? 5 : 4, pieceCount);
  return {
    ...nothing,
    mapPanel: { ...body, height: mapHeight },
    rarity: { ...body, y: body.y + mapHeight, height: body.height - mapHeight },
  };
}

/** Few pieces do not take the whole screen. @param frame rows of the panel that are no cells. */
function mapPanelHeight(width: number, heightMax: number, frame: number, pieceCount: number): number {
  const { perRow, cellCount } = heatmapGrid({ x: 0, y: 0, width, height: heightMax - frame }, pieceCount);
  return Math.min(heightMax, Math.max(mapRowsMin, Math.ceil(cellCount / Math.max(1, perRow))) + frame);
}

function mapParts(panel: Rect, hasBorders: boolean): Pick<PiecesPlan, "map" | "legend" | "about"> {
  const content = contentOf(panel, hasBorders);
  const aboutHeight = content.height >= 4 ? 1 : 0;
  const legendHeight = content.height >= 3 ? 1 : 0;
  const gap = content.height >= 12 ? 1 : 0;
  const mapHeight = Math.max(0, content.height - aboutHeight - legendHeight - gap);
  return {
    map: { ...content, height: mapHeight },
    legend: { ...content, y: content.y + mapHeight + gap, height: legendHeight },
    about: { ...content, y: content.y + mapHeight + gap + legendHeight, height: aboutHeight },
  };
}
