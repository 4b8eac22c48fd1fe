/** A grid of styled cells → SVG → PNG, so that anybody can look at a screen without a terminal. */
import { Resvg } from "@resvg/resvg-js";

export interface PictureCell {
  /** "" for the second cell of a wide character. */
  readonly text: string;
  readonly width: number;
  /** `#rrggbb`; `undefined`: the terminal's own. */
  readonly fg: string | undefined;
  readonly bg: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isInverse: boolean;
  readonly isUnderlined: boolean;
}

export interface PictureOptions {
  readonly fg: string;
  readonly bg: string;
}

const cellWidth = 9;
const cellHeight = 18;
const baseline = 14;
const defaults: PictureOptions = { fg: "#d4d4d4", bg: "#11151c" };

export function gridToSvg(grid: readonly (readonly PictureCell[])[], options: PictureOptions = defaults): string {
  const columns = Math.max(...grid.map((row) => row.length));
  const width = columns * cellWidth;
  const height = grid.length * cellHeight;
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans Mono, monospace" font-size="14.9">`,
    `<rect width="${width}" height="${height}" fill="${options.bg}"/>`,
  ];
  grid.forEach((row, y) => {
    row.forEach((cell, x) => {
      const fg = (cell.isInverse ? cell.bg : cell.fg) ?? (cell.isInverse ? options.bg : options.fg);
      const bg = cell.isInverse ? (cell.fg ?? options.fg) : cell.bg;
      const left = x * cellWidth;
      const top = y * cellHeight;
      const span = Math.max(1, cell.width) * cellWidth;
      if (bg !== undefined && cell.text !== "") {
        parts.push(`<rect x="${left}" y="${top}" width="${span + 0.3}" height="${cellHeight + 0.3}" fill="${bg}"/>`);
      }
      if (cell.text === "" || cell.text === " ") return;
      const shape = shapeOf(cell.text, left, top, fg);
      if (shape !== undefined) {
        parts.push(shape);
        return;
      }
      const weight = cell.isBold ? ' font-weight="bold"' : "";
      const opacity = cell.isDim ? ' opacity="0.6"' : "";
      const underline = cell.isUnderlined ? ' text-decoration="underline"' : "";
      parts.push(
        `<text x="${left}" y="${top + baseline}" fill="${fg}"${weight}${opacity}${underline} xml:space="preserve">${escapeXml(cell.text)}</text>`,
      );
    });
  });
  parts.push("</svg>");
  return parts.join("\n");
}

/** Block elements and lines are drawn as terminals do, filling their cell, rather than from a font. */
function shapeOf(text: string, x: number, y: number, fill: string): string | undefined {
  const rect = (dx: number, dy: number, w: number, h: number, opacity = 1): string =>
    `<rect x="${x + dx}" y="${y + dy}" width="${w}" height="${h}" fill="${fill}"${opacity === 1 ? "" : ` fill-opacity="${opacity}"`}/>`;
  const middleX = cellWidth / 2;
  const middleY = cellHeight / 2;
  const code = text.codePointAt(0) ?? 0;
  if (code >= 0x2581 && code <= 0x2588) {
    const h = (cellHeight * (code - 0x2580)) / 8;
    return rect(0, cellHeight - h, cellWidth + 0.3, h + 0.3);
  }
  if (code >= 0x2589 && code <= 0x258f) return rect(0, 0, (cellWidth * (0x2590 - code)) / 8, cellHeight + 0.3);
  if (code >= 0x2591 && code <= 0x2593) return rect(0, 0, cellWidth + 0.3, cellHeight + 0.3, (code - 0x2590) * 0.25);
  const line = 1.3;
  const thick = 2.6;
  switch (text) {
    case "─":
      return rect(0, middleY - line / 2, cellWidth + 0.3, line);
    case "━":
      return rect(0, middleY - thick / 2, cellWidth + 0.3, thick);
    case "╸":
      return rect(0, middleY - thick / 2, middleX, thick);
    case "│":
      return rect(middleX - line / 2, 0, line, cellHeight + 0.3);
    case "┃":
      return rect(middleX - thick / 2, 0, thick, cellHeight + 0.3);
    case "╭":
    case "╮":
    case "╰":
    case "╯": {
      const isLeft = text === "╭" || text === "╰";
      const isTop = text === "╭" || text === "╮";
      const endX = isLeft ? cellWidth + 0.3 : 0;
      const endY = isTop ? cellHeight : 0;
      return `<path d="M ${x + middleX} ${y + endY} Q ${x + middleX} ${y + middleY} ${x + endX} ${y + middleY}" fill="none" stroke="${fill}" stroke-width="${line}"/>`;
    }
    default:
      return undefined;
  }
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

export function svgToPng(svg: string): Uint8Array {
  return new Resvg(svg, { font: { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans Mono" } }).render().asPng();
}

const classic = [
  "#000000",
  "#cd3131",
  "#0dbc79",
  "#c5a21d",
  "#2472c8",
  "#bc3fbc",
  "#11a8cd",
  "#d0d0d0",
  "#666666",
  "#f14c4c",
  "#23d18b",
  "#f5f543",
  "#3b8eea",
  "#d670d6",
  "#29b8db",
  "#ffffff",
];

/** A colour of the 256-colour palette. */
export function paletteColour(index: number): string {
  if (index < 16) return classic[index] ?? "#ffffff";
  if (index >= 232) {
    const grey = (8 + (index - 232) * 10).toString(16).padStart(2, "0");
    return `#${grey}${grey}${grey}`;
  }
  const levels = [0, 95, 135, 175, 215, 255];
  const i = index - 16;
  return `#${[Math.floor(i / 36), Math.floor(i / 6) % 6, i % 6].map((part) => (levels[part] ?? 0).toString(16).padStart(2, "0")).join("")}`;
}
