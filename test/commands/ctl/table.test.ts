import { describe, expect, it } from "vitest";
import { type Column, tableText } from "../../../source/commands/ctl/table.ts";
import { displayWidth } from "../../../source/tui/format/text-width.ts";

interface Row {
  readonly state: string;
  readonly size: string;
  readonly name: string;
}

const columns: readonly Column<Row>[] = [
  { title: "STATE", text: ({ state }) => state },
  { title: "SIZE", isRight: true, text: ({ size }) => size },
  { title: "NAME", text: ({ name }) => name },
];
const rows: readonly Row[] = [
  { state: "seeding", size: "1 B", name: "一二三四五六七八九十一二三四五六七八九十" },
  { state: "見る", size: "100 KiB", name: "b".repeat(60) },
];
const terminal = (columnCount: number) => ({ isOutTerminal: true, outColumns: () => columnCount });

describe("a table", () => {
  it("may be as long as a torrent of very many files", () => {
    const [row] = rows;
    const many = Array.from({ length: 250_000 }, () => row as Row);
    expect(tableText({ isOutTerminal: false, outColumns: () => 0 }, columns, many).split("\n")).toHaveLength(250_002);
  });

  it("is aligned by the columns of the terminal, wide characters or not", () => {
    const lines = tableText({ isOutTerminal: false, outColumns: () => 0 }, columns, rows)
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => line.replace(/\S+$/, "")).map(displayWidth)).toEqual([18, 18, 18]);
    expect(lines[0]).toBe("STATE       SIZE  NAME");
    expect(lines[1]).toBe(`seeding      1 B  ${rows[0]?.name}`);
  });

  it("fits a terminal, and is whole in a pipe", () => {
    for (const line of tableText(terminal(40), columns, rows).trimEnd().split("\n")) {
      expect(displayWidth(line)).toBeLessThanOrEqual(40);
    }
    expect(tableText(terminal(40), columns, rows)).toContain("…\n");
    expect(tableText({ isOutTerminal: false, outColumns: () => 40 }, columns, rows)).not.toContain("…");
    expect(tableText(terminal(200), columns, rows)).not.toContain("…");
  });

  it("is nothing without rows", () => {
    expect(tableText(terminal(80), columns, [])).toBe("");
  });
});
