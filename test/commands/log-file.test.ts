import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LogFile } from "../../source/commands/log-file.ts";

it("a log that is closed writes nothing into whatever has its number by then", () => {
  const folder = mkdtempSync(join(tmpdir(), "p2p-tui-log-"));
  try {
    const log = new LogFile(folder, "log");
    log.write("first");
    log.close();
    const other = openSync(join(folder, "record"), "w");
    log.warning("late");
    log.close();
    closeSync(other);
    expect(readFileSync(join(folder, "record"), "utf8")).toBe("");
    expect(readFileSync(join(folder, "log"), "utf8")).toMatch(/^\S+ first\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
