import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { infoHashFromHex } from "../../../source/base/ids.ts";
import { AfterCompletion, type CompletedDownload } from "../../../source/engine/housekeeping/after-completion.ts";
import { type CompletedTorrent, CompletionHook, callFor } from "../../../source/engine/housekeeping/completion-hook.ts";
import type { RecordPlace } from "../../../source/engine/profile/profile-record.ts";
import { defaultChoices } from "../../../source/engine/profile/torrent-choices.ts";
import type { Removal } from "../../../source/engine/profile/torrent-entry.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { NodePrograms } from "../../../source/platform/node-programs.ts";
import type { ProgramCall, ProgramEnd, Programs } from "../../../source/ports/programs.ts";
import type { RelocationPlan } from "../../../source/storage/relocation-plan.ts";
import { settle } from "../../support/virtual-clock.ts";

function torrent(more: Partial<CompletedTorrent> = {}): CompletedTorrent & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    name: "a",
    path: "/srv/a",
    infoHash: "00ff",
    labels: [],
    savePath: "/srv",
    log: (text) => lines.push(text),
    lines,
    ...more,
  };
}

describe("the program for complete downloads", () => {
  it("gets each argument whole, whatever is in a torrent's name", () => {
    const name = "$(rm -rf /) '; {path} \0 a b\n";
    const call = callFor(
      ["tell", "{name}", "at {path}:{label}", "{other}", "{hash}"],
      torrent({ name, labels: ["x", "y"] }),
    );
    const clean = name.replace("\0", "");
    expect(call?.command).toEqual(["tell", clean, "at /srv/a:x,y", "{other}", "00ff"]);
    expect(call?.environment).toEqual({
      P2P_TUI_NAME: clean,
      P2P_TUI_PATH: "/srv/a",
      P2P_TUI_HASH: "00ff",
      P2P_TUI_LABEL: "x,y",
    });
    expect(call?.directory).toBe("/srv");
  });

  it("is itself never taken from a torrent's name", () => {
    expect(callFor(["{name}", "{name}"], torrent())?.command).toEqual(["{name}", "a"]);
    expect(callFor([], torrent())).toBeUndefined();
    expect(callFor([""], torrent())).toBeUndefined();
  });

  it("runs four times at once, and for the others after those", async () => {
    const ends: ((end: ProgramEnd) => void)[] = [];
    const programs: Programs = { run: () => new Promise((resolve) => ends.push(resolve)) };
    const hook = new CompletionHook(programs, { command: () => ["tell"], warn: () => {} });
    for (let i = 0; i < 10; i++) hook.completed(torrent());
    const done: ProgramEnd = { exitCode: 0, signal: null, isTimedOut: false, output: "" };
    for (let running = 4; running < 10; running++) {
      await settle();
      expect(ends).toHaveLength(running);
      ends[running - 4]?.(done);
    }
    await settle();
    expect(ends).toHaveLength(10);
  });

  it("that fails is told, and what it wrote is in the torrent's log, not all of it", async () => {
    const output = `one\n\u001b[31mtwo\n${"more\n".repeat(1000)}`;
    const programs: Programs = { run: async () => ({ exitCode: 3, signal: null, isTimedOut: false, output }) };
    const warnings: string[] = [];
    const hook = new CompletionHook(programs, { command: () => ["tell"], warn: (message) => warnings.push(message) });
    const one = torrent();
    hook.completed(one);
    await settle();
    expect(warnings).toEqual(["a is complete, but tell ended with code 3"]);
    expect(one.lines.slice(0, 2)).toEqual(["runs tell", "tell: one"]);
    expect(one.lines.join("")).not.toContain("\u001b");
    expect(one.lines.length).toBeLessThan(30);
  });
});

function waitingIn(folder: string): readonly string[] {
  const [, json = ""] = readFileSync(join(folder, "completed"), "utf8").split("\n");
  return (JSON.parse(json) as { waiting: readonly string[] }).waiting;
}

function isAlive(pid: number): boolean {
  try {
    // One that has ended and that nobody has asked about yet is a zombie.
    return process.kill(pid, 0) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

describe("a complete download", () => {
  const folders: string[] = [];
  let warnings: string[];
  let calls: ProgramCall[];
  beforeEach(() => {
    folders.length = 0;
    warnings = [];
    calls = [];
  });

  type Made = Omit<CompletedDownload, "isEnding" | "entry"> & {
    isEnding: boolean;
    entry: { removal: Removal | null; addedWallMs: number };
    isFinished: boolean;
  };

  function download(name: string, move: (folder: string) => Promise<void> = async () => {}): Made {
    const summary = { rootName: name } as CompletedDownload["summary"];
    const made = {
      infoHash: infoHashFromHex(name.charCodeAt(0).toString(16).padStart(40, "0")),
      name,
      savePath: "/in",
      summary,
      choices: defaultChoices,
      isEnding: false,
      entry: { removal: null, addedWallMs: 1 },
      isFinished: true,
      log: () => {},
      mover: {
        move: async (folder: string) => {
          folders.push(folder);
          await move(folder);
          made.savePath = folder;
          return {} as RelocationPlan;
        },
      },
    };
    return made;
  }

  function afterwards(moveTo: string | null, place?: RecordPlace): AfterCompletion {
    const programs: Programs = {
      run: async (call) => {
        calls.push(call);
        return { exitCode: 0, signal: null, isTimedOut: false, output: "" };
      },
    };
    const warn = (message: string) => warnings.push(message);
    const hook = new CompletionHook(programs, { command: () => ["tell", "{path}"], warn });
    return new AfterCompletion({ moveTo: () => moveTo, hook, place, warn });
  }
  const told = () => calls.map(({ command }) => command[1]);

  it("is moved before the program is run, one after the other", async () => {
    const gate = Promise.withResolvers<void>();
    const completion = afterwards("/done");
    completion.completed(download("a", () => gate.promise));
    completion.completed(download("b"));
    await settle();
    expect([folders, told()]).toEqual([["/done"], []]);
    gate.resolve();
    await settle();
    expect([folders, told(), warnings]).toEqual([["/done", "/done"], ["/done/a", "/done/b"], []]);
  });

  it("stays, and is told, where it cannot be moved; the program is run all the same", async () => {
    afterwards("/done").completed(
      download("a", () => Promise.reject(new OperationalError("conflict", "/done/a is there"))),
    );
    await settle();
    expect(told()).toEqual(["/in/a"]);
    expect(warnings).toEqual(["a is complete, but stays where it is: /done/a is there"]);
  });

  it("is not moved where it was removed meanwhile, and the program is run only where its files are there still", async () => {
    const gate = Promise.withResolvers<void>();
    const completion = afterwards("/done");
    const [kept, deleted] = [download("kept"), download("deleted")];
    completion.completed(download("first", () => gate.promise));
    completion.completed(kept);
    completion.completed(deleted);
    for (const one of [kept, deleted]) one.isEnding = true;
    kept.entry = { removal: "torrent", addedWallMs: 1 };
    deleted.entry = { removal: "data", addedWallMs: 1 };
    gate.resolve();
    await settle();
    expect([folders, told(), warnings]).toEqual([["/done"], ["/done/first", "/in/kept"], []]);
  });

  it("is moved and its program run after the next start, where the engine ended before", async () => {
    const folder = mkdtempSync(join(tmpdir(), "p2p-tui-completed-"));
    const place: RecordPlace = { files: new NodeFileSystem(), folder, warn: (message) => warnings.push(message) };
    try {
      const written = (count: number) =>
        vi.waitUntil(() => existsSync(join(folder, "completed")) && waitingIn(folder).length === count);
      const gate = Promise.withResolvers<void>();
      const first = afterwards("/done", place);
      first.completed(download("a", () => gate.promise));
      first.completed(download("b"));
      first.completed(download("c"));
      await written(3);
      first.close();
      gate.reject(new OperationalError("cancelled", "the engine stops"));
      await settle();
      expect([told(), warnings]).toEqual([[], []]);

      // One of them has been removed since, and one has become incomplete.
      const second = afterwards("/done", place);
      await second.restore([download("a"), download("other"), { ...download("c"), isFinished: false }]);
      await vi.waitUntil(() => told().length > 0);
      expect(told()).toEqual(["/done/a"]);
      await written(0);
      const third = afterwards("/done", place);
      await third.restore([download("a")]);
      await settle();
      expect([told(), warnings]).toEqual([["/done/a"], []]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("stays where nothing is set, or where it is there already", async () => {
    afterwards(null).completed(download("a"));
    afterwards("/in").completed(download("b"));
    await settle();
    expect([folders, told()]).toEqual([[], ["/in/a", "/in/b"]]);
  });
});

describe("programs", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "p2p-tui-hook-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(command: readonly [string, ...string[]], more: Partial<ProgramCall> = {}): Promise<ProgramEnd> {
    const call = { command, directory: folder, environment: {}, timeoutMs: 20_000, outputLengthMax: 1000, ...more };
    return new NodePrograms().run(call);
  }

  it("are run where they should, with their arguments as they are and an empty input", async () => {
    const end = await run(
      [
        process.execPath,
        "-e",
        "console.log(process.argv[1], process.cwd(), process.env.X); process.stdin.on('end', () => console.error('over')).resume()",
        "a 'b' $HOME",
      ],
      {
        environment: { X: "y" },
      },
    );
    expect(end).toMatchObject({ exitCode: 0, signal: null, isTimedOut: false });
    expect(end.output).toContain(`a 'b' $HOME ${folder} y`);
    expect(end.output).toContain("over");
  });

  it("keep a bounded part of what is written", async () => {
    const end = await run(["sh", "-c", "yes | head -c 10000000"]);
    expect([end.exitCode, end.output.length]).toEqual([0, 1000]);
  });

  it("are ended with all that they started when their time is over", async () => {
    const end = await run(["sh", "-c", "sleep 60 & echo $!; wait"], { timeoutMs: 300 });
    expect(end).toMatchObject({ isTimedOut: true, signal: "SIGTERM" });
    await expect.poll(() => isAlive(Number(end.output))).toBe(false);
  });

  it("are not waited for by what they leave running", async () => {
    const end = await run(["sh", "-c", "sleep 3 & echo left"]);
    expect(end).toMatchObject({ exitCode: 0, output: "left\n" });
  });

  it("that cannot be started are told", async () => {
    await expect(run([join(folder, "none")])).rejects.toMatchObject({ code: "no-program" });
    writeFileSync(join(folder, "text"), "x");
    await expect(run([join(folder, "text")])).rejects.toMatchObject({ code: "no-program" });
    await expect(run(["true"], { directory: join(folder, "gone") })).rejects.toMatchObject({ code: "no-program" });
    expect(readFileSync(join(folder, "text"), "utf8")).toBe("x");
  });
});
