import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bootId } from "../../source/platform/boot-id.ts";
import { markProcess } from "../../source/platform/process-mark.ts";

let directory = "";
let path = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "p2p-tui-test-"));
  path = join(directory, "mark");
});
afterEach(() => rm(directory, { recursive: true }));

/** Of the process that started this one: alive, and another. */
async function parentStart(): Promise<number> {
  const stat = await readFile(`/proc/${process.ppid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}

describe.skipIf(bootId() === "")("the mark of a process", () => {
  it("names this process, and is gone after release", async () => {
    const mark = await markProcess(path);
    if ("pid" in mark) throw new Error("held");
    expect(await readFile(path, "utf8")).toMatch(new RegExp(`^${process.pid} \\d+ ${bootId()}\n$`));
    await mark.release();
    await mark.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it("of another process that lives keeps us out, and is left alone", async () => {
    const text = `${process.ppid} ${await parentStart()} ${bootId()}\n`;
    await writeFile(path, text);
    expect(await markProcess(path)).toEqual({ pid: process.ppid });
    expect(await readFile(path, "utf8")).toBe(text);
    expect(await readdir(directory)).toEqual(["mark"]);
  });

  it("of a process that is gone keeps nobody out: another boot, a process id that was used again, or nonsense", async () => {
    const start = await parentStart();
    const stale = [
      `${process.ppid} ${start} 00000000-0000-0000-0000-000000000000\n`,
      `${process.ppid} ${start + 1} ${bootId()}\n`,
      `4194999 ${start} ${bootId()}\n`,
      "",
      "nonsense\n",
      `-1 ${start} ${bootId()}\n`,
    ];
    for (const text of stale) {
      await writeFile(path, text);
      const mark = await markProcess(path);
      if ("pid" in mark) throw new Error(`held by ${text}`);
      expect(await readFile(path, "utf8")).toMatch(new RegExp(`^${process.pid} `));
      await mark.release();
      expect(await readdir(directory)).toEqual([]);
    }
  });

  it("that cannot be made keeps nobody out", async () => {
    expect(await markProcess(join(directory, "not", "there"))).not.toHaveProperty("pid");
    await mkdir(path);
    expect(await markProcess(path)).not.toHaveProperty("pid");
  });

  it("of somebody else is not removed by release", async () => {
    const mark = await markProcess(path);
    if ("pid" in mark) throw new Error("held");
    await rm(path);
    await writeFile(path, "another's");
    await mark.release();
    expect(await readFile(path, "utf8")).toBe("another's");
  });
});
