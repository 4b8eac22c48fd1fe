/** The columns of a tree of files. */
import { formatSize } from "../../base/units.ts";
import type { FilePriority } from "../../control/protocol.ts";
import { formatCount, formatPercent } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { FileTree, TreeLine } from "../state/file-tree.ts";
import { drawThinBar } from "./bars.ts";
import { cleanPath, type Drawing, drawSpans, span } from "./drawing.ts";
import type { Column } from "./table.ts";

interface LineFacts {
  readonly length: number;
  readonly progress: number;
  readonly priority: FilePriority | "mixed";
  readonly availability: number | null;
}

function factsOf(tree: FileTree, line: TreeLine): LineFacts {
  if (line.kind === "folder") {
    const { length, doneLength, priority, availability } = line;
    return { length, progress: length === 0 ? 1 : doneLength / length, priority, availability };
  }
  return tree.files[line.at] ?? { length: 0, progress: 0, priority: "normal", availability: null };
}

/** Each has a sign, a word and a colour. */
function priorityLook(
  theme: Theme,
  priority: LineFacts["priority"],
): { readonly text: string; readonly style: StyleId } {
  switch (priority) {
    case "skip":
      return { text: `${theme.glyphs.times} skip`, style: theme.warn };
    case "low":
      return { text: "- low", style: theme.dim };
    case "normal":
      return { text: `${theme.glyphs.dot} normal`, style: theme.dim };
    case "high":
      return { text: "+ high", style: theme.good };
    case "mixed":
      return { text: "~ mixed", style: theme.accent };
  }
}

/** Names get so much at least where there is room for that and for figures. */
const nameWidth = 42;
const narrowNameWidth = 26;
const narrowMax = 72;

/** Name, how much it is wanted, size, progress, copies. @param width of the table. */
export function fileColumns(theme: Theme, tree: FileTree, width: number): readonly Column<TreeLine>[] {
  const isSkipped = (line: TreeLine): boolean => factsOf(tree, line).priority === "skip";
  // Without folders there is nothing to stand back for.
  const signWidth = tree.lines.some(({ kind }) => kind === "folder") ? 2 : 0;
  return [
    {
      id: "path",
      title: "Name",
      alignment: "left",
      widthMin: width < narrowMax ? narrowNameWidth : nameWidth,
      widthMax: 120,
      priority: 0,
      text: () => "",
      draw: (d, x, y, width, line) => drawName(d, { x, y, width, signWidth }, line, isSkipped(line)),
    },
    {
      id: "priority",
      title: "Wanted",
      alignment: "left",
      widthMin: 8,
      widthMax: 8,
      priority: 1,
      text: (line) => priorityLook(theme, factsOf(tree, line).priority).text,
      style: (line) => priorityLook(theme, factsOf(tree, line).priority).style,
    },
    {
      id: "size",
      title: "Size",
      alignment: "right",
      widthMin: 8,
      widthMax: 9,
      priority: 2,
      text: (line) => formatSize(factsOf(tree, line).length),
      style: () => theme.dim,
    },
    {
      id: "bar",
      title: "",
      alignment: "left",
      widthMin: 10,
      widthMax: 40,
      priority: 5,
      text: () => "",
      draw: (d, x, y, width, line) => {
        drawThinBar(d, x, y, width, factsOf(tree, line).progress, isSkipped(line) ? theme.dim : theme.barDone);
      },
    },
    {
      id: "progress",
      title: "Done",
      alignment: "right",
      widthMin: 6,
      widthMax: 6,
      priority: 3,
      text: (line) => formatPercent(factsOf(tree, line).progress, 1),
      style: (line) => (factsOf(tree, line).progress >= 1 ? theme.good : isSkipped(line) ? theme.dim : theme.text),
    },
    {
      id: "availability",
      title: "Copies",
      alignment: "right",
      widthMin: 6,
      widthMax: 6,
      priority: 4,
      text: (line) => {
        const { availability } = factsOf(tree, line);
        return availability === null ? theme.glyphs.none : formatCount(availability);
      },
      style: (line) => copiesStyle(theme, factsOf(tree, line), isSkipped(line)),
    },
  ];
}

/** Few copies matter as long as something is missing that is wanted. */
function copiesStyle(theme: Theme, { availability, progress }: LineFacts, isSkipped: boolean): StyleId {
  if (availability === null) return theme.rule;
  if (progress >= 1 || isSkipped) return theme.dim;
  return availability === 0 ? theme.badStrong : availability === 1 ? theme.warn : theme.text;
}

interface NamePlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Of what stands before folders. */
  readonly signWidth: number;
}

function drawName(d: Drawing, place: NamePlace, line: TreeLine, isSkipped: boolean): void {
  const { theme } = d;
  const { x, y, width, signWidth } = place;
  // However deep, some of the name is seen.
  const indent = Math.min(2 * line.depth, Math.floor(width / 2));
  const room = width - indent - signWidth;
  const name = truncateMiddle(cleanPath(line.name), room, theme.glyphs.ellipsis);
  if (line.kind === "file") {
    drawSpans(d, x + indent + signWidth, y, [span(name, isSkipped ? theme.dim : theme.text)], room);
    return;
  }
  const sign = line.isOpen ? theme.glyphs.sortDown : theme.glyphs.arrowRight;
  const count = line.isOpen ? "" : `  ${formatCount(line.fileCount)}`;
  const spans = [span(`${sign} `, theme.accent), span(`${name}/`, isSkipped ? theme.dim : theme.strong)];
  drawSpans(d, x + indent, y, [...spans, span(count, theme.dim)], width - indent);
}
