/** What was done is taken back with U; many at once are told in one line. */
import { afterEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import type { InfoHash } from "../../source/base/ids.ts";
import type { Command, Notice } from "../../source/control/protocol.ts";
import { movedInQueue } from "../../source/engine/housekeeping/queue-order.ts";
import { noticeMessages } from "../../source/tui/notice-toasts.ts";
import { type AppState, initialState } from "../../source/tui/state/app-state.ts";
import { backOf } from "../../source/tui/undo.ts";
import { FakeEngine, someSwarms } from "../support/fake-engine.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

describe("what takes back", () => {
  const engine = new FakeEngine(someSwarms);
  const hashes = [...engine.swarms.keys()];
  const start = initialState({ title: "", isDemo: false, columns: 80, rows: 24, nowMs: 0 });
  const rows = new Map([...engine.swarms].map(([infoHash, swarm]) => [infoHash, swarm.row()]));
  const state: AppState = { ...start, list: { ...start.list, rows } };
  const back = (...commands: readonly Command[]): readonly Command[] =>
    backOf(
      state,
      commands.map((command) => ({ command, result: null })),
    );
  const infoHash = hashes[0] as InfoHash;

  it("removals brings all back together, and nothing that took the data along", () => {
    const remove = (data: "keep" | "delete") =>
      hashes.map((hash) => ({ name: "remove", infoHash: hash, data }) as const);
    expect(back(...remove("keep"))).toEqual([{ name: "restore", infoHashes: hashes }]);
    expect(back(...remove("delete"))).toEqual([]);
  });

  it("changes is what they were, as the engine says", () => {
    const before = { labels: ["old"] };
    const command = { name: "change", infoHash, changes: { labels: ["new"] } } as const;
    expect(backOf(state, [{ command, result: { before } }])).toEqual([{ ...command, changes: before }]);
  });

  it("what failed is left alone", () => {
    const command = { name: "pause", infoHash } as const;
    expect(backOf(state, [{ command, error: new Error("no") }])).toEqual([]);
    expect(back(command)).toEqual([{ name: "resume", infoHash }]);
  });

  it("resuming pauses again what was paused, not what had failed", () => {
    const resumed = back(...hashes.map((hash) => ({ name: "resume", infoHash: hash }) as const));
    const paused = hashes.filter((hash) => rows.get(hash)?.state === "paused");
    expect(resumed).toEqual(paused.map((hash) => ({ name: "pause", infoHash: hash })));
  });

  it.each(["top", "up", "down", "bottom"] as const)("a move %s in the queue puts each where it was", (move) => {
    const order = [...hashes].sort((a, b) => (rows.get(a)?.queuePosition ?? 0) - (rows.get(b)?.queuePosition ?? 0));
    for (let bits = 1; bits < 1 << order.length; bits++) {
      const infoHashes = order.filter((_, i) => (bits & (1 << i)) !== 0);
      let now = movedInQueue(order, new Set(infoHashes), move);
      for (const command of back({ name: "queue", infoHashes, move })) {
        if (command.name === "queue") now = movedInQueue(now, new Set(command.infoHashes), command.move);
      }
      expect(now).toEqual(order);
    }
  });

  it("moved and renamed files is the way back", () => {
    const savePath = rows.get(infoHash)?.savePath;
    expect(back({ name: "move", infoHash, savePath: "/new", isDryRun: false })).toMatchObject([{ savePath }]);
    expect(back({ name: "move", infoHash, savePath: "/new", isDryRun: true })).toEqual([]);
    expect(back({ name: "rename", infoHash, path: "a/b.txt", to: "c.txt" })).toMatchObject([
      { path: "a/c.txt", to: "b.txt" },
    ]);
    expect(back({ name: "rename", infoHash, path: "", to: "x" })).toMatchObject([
      { path: "", to: someSwarms[0]?.name },
    ]);
  });
});

describe("what the engine tells at once", () => {
  const nameOf = (infoHash: InfoHash): string => infoHash.slice(0, 2);
  const complete = (name: string): Notice => {
    return { kind: "complete", infoHash: name.padEnd(40, "0") as InfoHash, bytes: 2048, seconds: 61 };
  };

  it("is one line for each kind, and each failure has its own", () => {
    const failed = (message: string): Notice => {
      return { kind: "failed", infoHash: "ff".padEnd(40, "0") as InfoHash, code: "x", message };
    };
    const notices = [complete("aa"), failed("one"), complete("bb"), failed("two"), complete("cc"), complete("dd")];
    expect(noticeMessages(notices, nameOf).map(({ text }) => text)).toEqual([
      "4 torrents are complete: aa, bb, cc…",
      "ff: one",
      "ff: two",
    ]);
    expect(noticeMessages([complete("aa")], nameOf)[0]?.text).toMatch(/^aa is complete: 2\.00 KiB in 1m/);
  });

  it("names the trash that files went to", () => {
    const removed = (name: string): Notice => {
      return {
        kind: "removed",
        infoHash: "a" as InfoHash,
        name,
        isKept: false,
        inTrash: `/home/me/Trash/files/${name}`,
      };
    };
    expect(noticeMessages([removed("x")], nameOf)[0]?.text).toBe("removed x, its files to /home/me/Trash/files/x");
    expect(noticeMessages([removed("x"), removed("y")], nameOf)[0]?.text).toContain("are in /home/me/Trash/files");
  });
});

describe.each([
  [60, 15],
  [80, 24],
  [200, 60],
] as const)("on a screen of %i×%i", (...size) => {
  it("removed torrents are back after U, one line for all of them", async () => {
    const { screen, engine } = await startUi({ swarms: someSwarms, size });
    await screen.untilText("holiday");
    screen.type("   dy");
    const removed = await screen.untilText("removed 3 torrents");
    expect(removed.at(-1)).toMatch(/U undoes it *$/);
    expect(engine.swarms.size).toBe(4);
    screen.type("U");
    await screen.untilText("undone: removed 3 torrents");
    expect(engine.swarms.size).toBe(7);
    screen.type("U");
    await screen.untilText("there is nothing to undo");
  });

  it("pauses, labels and moves in the queue are undone one after another", async () => {
    const { screen, engine } = await startUi({ swarms: someSwarms, size });
    await screen.untilText("holiday");
    screen.type("p");
    await screen.until(() => engine.first.state === "paused");
    screen.type("Lnew\r");
    await screen.until(() => engine.first.choices.labels.includes("new"));
    screen.type("\x1b");
    await screen.until((lines) => !lines.join("\n").includes("Labels of"));
    screen.type("J");
    await screen.until(() => engine.commands.at(-1)?.name === "queue");
    screen.type("UUU");
    await screen.until(() => engine.first.state === "downloading");
    expect(engine.first.choices.labels).toEqual([]);
    expect(engine.commands.filter(({ name }) => name === "queue").at(-1)).toMatchObject({ move: 1 });
  });

  it("says how many of several failed, and why", async () => {
    const { screen, engine } = await startUi({ swarms: someSwarms, size });
    await screen.untilText("holiday");
    engine.refusal = new OperationalError("busy", "it is being moved");
    screen.type("   R");
    await screen.untilText("1 of 3 failed: debian");
  });
});
