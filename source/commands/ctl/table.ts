/** Rows as an aligned table, for people. Widths are those of a terminal's columns, not of characters. */
import { displayWidth, truncate } from "../../tui/format/text-width.ts";
import type { CommandIo } from "../command.ts";

export interface Column<Row> {
  readonly title: string;
  /** Numbers stand right. Default: left. */
  readonly isRight?: boolean;
  /** Sanitised, if it came from outside. */
  readonly text: (row: Row) => string;
}

const gap = "  ";
/** A last column that is cut to less says nothing; then the line is longer than the terminal. */
const lastWidthMin = 12;

/**
 * @param columns the last one may be long: it is neither padded nor, where nobody looks at a terminal, cut.
 * @returns lines with a title line first; "" for no rows.
 */
export function tableText<Row>(
  io: Pick<CommandIo, "isOutTerminal" | "outColumns">,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  if (rows.length === 0) return "";
  const last = columns.length - 1;
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, i) => lines.reduce((most, line) => Math.max(most, displayWidth(line[i] ?? "")), 0));
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + gap.length, 0);
  const lastWidth = io.isOutTerminal ? Math.max(lastWidthMin, io.outColumns() - before) : Number.POSITIVE_INFINITY;
  const cell = (text: string, i: number): string => {
    if (i === last) return truncate(text, lastWidth);
    const padding = " ".repeat((widths[i] ?? 0) - displayWidth(text));
    return columns[i]?.isRight === true ? padding + text : text + padding;
  };
  return lines.map((line) => `${line.map(cell).join(gap).trimEnd()}\n`).join("");
}

/** One JSON object a line. */
export function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
