import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InfoHash } from "../../source/base/ids.ts";
import { cellOfPiece, type TorrentsFrame, type TorrentTopic } from "../../source/control/protocol.ts";
import type { CommandId } from "../../source/preferences/commands.ts";
import { listSorts } from "../../source/preferences/list-columns.ts";
import { torrentViews } from "../../source/preferences/views.ts";
import type { Action } from "../../source/tui/state/action.ts";
import { type AppState, initialState, openTorrent } from "../../source/tui/state/app-state.ts";
import { reduce } from "../../source/tui/state/reducer.ts";
import { editKey, insertText } from "../../source/tui/state/text-input.ts";
import type { Toast } from "../../source/tui/state/toasts.ts";
import { pagedWindow, topicFor } from "../../source/tui/state/topic.ts";
import { FakeEngine, livelySwarm, someSwarms } from "../support/fake-engine.ts";

const engine = new FakeEngine(someSwarms);
for (let i = 0; i < 40; i++) engine.step(250, true);

const start = initialState({ title: "p2p-tui", isDemo: false, columns: 80, rows: 24, nowMs: 0 });

function run(state: AppState, ...actions: readonly (Action | CommandId)[]): AppState {
  return actions.reduce<AppState>(
    (now, action) => reduce(now, typeof action === "string" ? { type: "command", command: action } : action),
    state,
  );
}

function frame(names: readonly string[], changes: Partial<TorrentsFrame> = {}): Action {
  const [template] = engine.swarms.values();
  if (template === undefined) throw new Error("no swarm");
  const rows = names.map((name, i) => ({
    ...template.row(),
    name,
    infoHash: hash(name),
    addedWallMs: i,
    downRate: 100 * i,
  }));
  return {
    type: "torrents",
    nowMs: 0,
    frame: { kind: "torrents", isWhole: true, rows, removed: [], session: engine.session(), ...changes },
  };
}

const hash = (name: string): InfoHash => name.padEnd(40, "0") as InfoHash;
const selectedName = (state: AppState): string =>
  state.list.selected === null ? "" : (state.list.rows.get(state.list.selected)?.name ?? "");
const names = (state: AppState): readonly string[] =>
  state.list.order.map((infoHash) => state.list.rows.get(infoHash)?.name ?? "");

describe("the list", () => {
  it("selects the first torrent, and moves with the keys without leaving the list", () => {
    const state = run(start, frame(["a", "b", "c"]));
    expect(selectedName(state)).toBe("a");
    expect(selectedName(run(state, "down"))).toBe("b");
    expect(selectedName(run(state, "up"))).toBe("a");
    expect(selectedName(run(state, "last", "down"))).toBe("c");
    expect(selectedName(run(state, "pageDown", "first"))).toBe("a");
  });

  it("keeps the selection on its torrent when the order changes", () => {
    const state = run(start, frame(["a", "b", "c"]), "down", "sort", "sortReverse");
    expect(names(state)).toEqual(["c", "b", "a"]);
    expect(selectedName(state)).toBe("b");
  });

  it("selects what took the place of a torrent that went", () => {
    const state = run(start, frame(["a", "b", "c"]), "down");
    const removed = run(state, frame([], { isWhole: false, removed: [hash("b")] }));
    expect(names(removed)).toEqual(["a", "c"]);
    expect(selectedName(removed)).toBe("c");
  });

  it("changes only the rows that a partial frame names", () => {
    const state = run(start, frame(["a", "b"]), frame(["b"], { isWhole: false }));
    expect(names(state).length).toBe(2);
  });

  it("starts rates with the fastest, names with the first", () => {
    let state = run(start, frame(["b", "a", "c"]));
    state = run(state, "sort");
    expect([state.list.sort, names(state)]).toEqual(["name", ["a", "b", "c"]]);
    while (state.list.sort !== "down") state = run(state, "sort");
    expect(names(state)).toEqual(["c", "a", "b"]);
  });

  it("is sorted by names as people read them: either case, and numbers by what they count", () => {
    const state = run(start, frame(["show 10", "Show 2", "Zoo", "apple"]), "sort");
    expect(names(state)).toEqual(["apple", "Show 2", "show 10", "Zoo"]);
  });

  it("is filtered by name while typing, and whole again after Esc", () => {
    const typed = run(start, frame(["ubuntu", "debian", "arch"]), "filter", { type: "overlayKey", key: "B" });
    expect(names(typed)).toEqual(["ubuntu", "debian"]);
    const kept = run(typed, { type: "overlayKey", key: "enter" });
    expect([names(kept).length, kept.overlay]).toEqual([2, null]);
    expect(names(run(kept, "back")).length).toBe(3);
  });

  it("is in the same order whether rows come one by one or all at once", () => {
    const [template] = engine.swarms.values();
    if (template === undefined) throw new Error("no swarm");
    const row = fc.record({
      infoHash: fc.constantFrom("a", "b", "c", "d", "e").map(hash),
      name: fc.constantFrom("ubuntu", "debian"),
      downRate: fc.integer({ min: 0, max: 3 }),
      state: fc.constantFrom("downloading" as const, "seeding" as const),
    });
    const frames = fc.array(
      fc.record({ rows: fc.uniqueArray(row, { selector: ({ infoHash }) => infoHash }), removes: fc.boolean() }),
    );
    const filters = fc.constantFrom("", "ub", "state:seed", "-deb");
    fc.assert(
      fc.property(frames, fc.constantFrom(...listSorts), fc.boolean(), filters, (all, sort, isDescending, filter) => {
        let state: AppState = { ...start, list: { ...start.list, sort, isDescending, filter } };
        for (const [i, { rows, removes }] of all.entries()) {
          const removed = removes ? [hash("c")] : [];
          const changed = rows.map((each) => ({ ...template.row(), ...each }));
          state = run(state, frame([], { isWhole: i === 0, rows: changed, removed }));
          const whole = run(state, frame([], { isWhole: true, rows: [...state.list.rows.values()] }));
          expect(state.list.order).toEqual(whole.list.order);
          expect([state.list.selected, state.list.offset]).toEqual([whole.list.selected, whole.list.offset]);
        }
      }),
    );
  });

  it("is not sorted anew by figures that it does not go by", () => {
    const state = run(start, frame(["a", "b", "c"]));
    const rows = [...state.list.rows.values()].map((row) => ({ ...row, upRate: row.upRate + 1 }));
    expect(run(state, frame([], { isWhole: false, rows })).list.order).toBe(state.list.order);
  });

  it("keeps ten thousand torrents in order", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `t${String((i * 7919) % 10_000).padStart(5, "0")}`);
    const state = run(start, frame(many), "sort", "last");
    expect(selectedName(state)).toBe("t09999");
    expect(state.list.offset).toBeGreaterThan(9_900);
  });
});

describe("an open torrent", () => {
  const infoHash = engine.first.infoHash;
  const opened = run(start, { type: "connected" }, { type: "openTorrent", infoHash });
  const detailAction = (state: AppState): Action => {
    const topic = topicFor(state);
    if (topic === undefined) throw new Error("no topic");
    return { type: "detail", topic, detail: engine.first.detail(topic), nowMs: 0 };
  };
  const withDetail = run(opened, detailAction(opened));

  it("is left with Esc", () => {
    expect(run(withDetail, "back").open).toBeNull();
  });

  it("goes round through its views", () => {
    let state = withDetail;
    const seen = [];
    for (let i = 0; i < torrentViews.length + 1; i++) {
      seen.push(state.open?.view);
      state = run(state, "nextView");
    }
    expect(seen).toEqual([...torrentViews, "swarm"]);
    expect(run(withDetail, "previousView").open?.view).toBe("log");
    expect(run(withDetail, "viewPieces").open?.view).toBe("pieces");
  });

  it("says why from anywhere, and goes back to where that was asked", () => {
    const fromFiles = run(withDetail, "viewFiles", "why");
    expect(fromFiles.open?.view).toBe("why");
    expect(run(fromFiles, "why").open?.view).toBe("files");
    expect(run(fromFiles, "back").open?.view).toBe("files");
    const list = run(withDetail, "back");
    expect(run(list, "why").open?.view).toBe("why");
    expect(run(list, "why", "back").open).toBeNull();
    expect(run(list, "why", "why").open).toBeNull();
    expect(run(withDetail, "viewWhy", "back").open).toBeNull();
  });

  it("asks only for the windows that its view shows", () => {
    const swarm = topicFor(withDetail);
    expect(swarm?.files.limit).toBe(1);
    expect(swarm?.cells).toBeGreaterThan(100);
    expect(swarm?.neighbours.offset).toBe(0);
    const files = topicFor(run(withDetail, "viewFiles"));
    expect(files?.neighbours.limit).toBe(0);
    expect(files?.files.limit).toBeGreaterThan(10);
    expect(files?.cells).toBe(0);
    expect(topicFor(run(withDetail, "viewLog"))?.logLimit).toBeGreaterThan(5);
    expect(topicFor(run(withDetail, "back"))).toBeUndefined();
  });

  it("keeps the selection on a neighbour whose place changed", () => {
    const state = run(withDetail, "down", "down");
    const id = state.open?.neighbours.selectedId;
    expect(id).toBe(withDetail.open?.detail?.neighbours[2]?.id);
    const topic = topicFor(state);
    if (topic === undefined) throw new Error("no topic");
    const detail = engine.first.detail(topic);
    const turned = { ...detail, neighbours: [...detail.neighbours].reverse() };
    const next = run(state, { type: "detail", topic, detail: turned, nowMs: 0 });
    expect(next.open?.neighbours.selectedId).toBe(id);
    expect(next.open?.neighbours.cursor).toBe(turned.neighbours.length - 3);
  });

  it("does not take the window of another question for its own", () => {
    const topic = topicFor(withDetail) as TorrentTopic;
    const other: TorrentTopic = { ...topic, infoHash: hash("other") };
    const state = run(withDetail, { type: "detail", topic: other, detail: engine.first.detail(topic), nowMs: 99 });
    expect(state.open).toBe(withDetail.open);
  });

  it("asks for another window only after a page", () => {
    expect(pagedWindow(0, 10)).toEqual({ offset: 0, limit: 40 });
    expect(pagedWindow(9, 10)).toEqual({ offset: 0, limit: 40 });
    expect(pagedWindow(25, 10)).toEqual({ offset: 10, limit: 40 });
    expect(pagedWindow(0, 400).limit).toBe(500);
  });

  it("sorts neighbours by the next column, names ascending and figures descending", () => {
    let state = withDetail;
    const seen = new Set<string>();
    for (let i = 0; i < 8; i++) {
      state = run(state, "sort");
      seen.add(`${state.open?.neighbours.sort} ${state.open?.neighbours.isDescending ? "down" : "up"}`);
    }
    expect(seen).toContain("client up");
    expect(seen).toContain("upRate down");
    expect(seen.size).toBe(8);
    expect(run(state, "sortReverse").open?.neighbours.isDescending).toBe(false);
  });

  it("moves the mark over the piece map by cell and by row", () => {
    const pieces = run(withDetail, "viewPieces");
    const state = run(pieces, detailAction(pieces));
    const cellAfter = (...commands: readonly CommandId[]): number => {
      const { detail, pieces: at } = run(state, ...commands).open ?? {};
      return detail === null || detail === undefined ? -1 : cellOfPiece(detail.pieces, at?.piece ?? -1);
    };
    expect(cellAfter("right", "right")).toBe(2);
    expect(cellAfter("down")).toBeGreaterThan(10);
    expect(cellAfter("left")).toBe(0);
    expect(cellAfter("last")).toBe((state.open?.detail?.pieces.cellCount ?? 0) - 1);
  });

  it("that was removed says so", () => {
    expect(run(withDetail, { type: "gone", infoHash }).open?.isGone).toBe(true);
  });

  it("asks before it is removed, by its name", () => {
    const state = run(withDetail, "removeWithData");
    expect(state.overlay).toMatchObject({
      kind: "confirm",
      torrents: [{ name: livelySwarm.name }],
      data: "delete",
    });
    expect(run(state, "cancel").overlay).toBeNull();
  });

  it("scrolls the log back and never beyond its ends", () => {
    const log = run(withDetail, "viewLog");
    const state = run(log, detailAction(log));
    expect(run(state, "down").open?.logBack).toBe(0);
    expect(run(state, "first").open?.logBack).toBeGreaterThanOrEqual(0);
    expect(run(state, "first", "last").open?.logBack).toBe(0);
  });

  it("survives any size", () => {
    let state = run(withDetail, "last");
    for (const [columns, rows] of [
      [40, 10],
      [1, 1],
      [300, 100],
      [80, 24],
    ] as const) {
      state = run(state, { type: "resized", columns, rows });
      expect(state.open?.neighbours.offset).toBeGreaterThanOrEqual(0);
    }
    expect(openTorrent(infoHash).view).toBe("swarm");
  });
});

describe("messages", () => {
  const toast = (text: string, nowMs: number, more: Partial<Toast> = {}): Action => ({
    type: "toast",
    toast: { text, tone: "info", hint: "", isAnswer: false, ...more },
    nowMs,
  });
  const tick = (nowMs: number): Action => ({ type: "tick", nowMs });
  const texts = (state: AppState): readonly string[] => state.toasts.map(({ text }) => text);

  it("go away after their time", () => {
    const state = run(start, toast("hello", 1_000));
    expect(state.toasts.length).toBe(1);
    expect(run(state, { type: "tick", nowMs: 2_000 }).toasts.length).toBe(1);
    expect(run(state, { type: "tick", nowMs: 20_000 }).toasts.length).toBe(0);
  });

  it("are few, and the same one is not repeated", () => {
    const same = run(start, toast("x", 0), toast("x", 10));
    expect(same.toasts.length).toBe(1);
    const many = run(start, ...Array.from({ length: 50 }, (_, i) => toast(`m${i}`, 0, i === 7 ? { tone: "bad" } : {})));
    expect(many.toasts.length).toBeLessThan(25);
    expect(texts(many)).toEqual(expect.arrayContaining(["m0", "m7"]));
  });

  it("follow one another, what is bad first, and none hides another", () => {
    let state = run(start, toast("a", 0), toast("b", 0), toast("c", 0, { tone: "bad" }));
    expect(texts(state)).toEqual(["a", "c", "b"]);
    state = run(state, tick(1_000));
    expect(texts(state)).toEqual(["a", "c", "b"]);
    state = run(state, tick(2_500));
    expect(texts(state)).toEqual(["c", "b"]);
    // It has its own time, from when it came to be seen.
    state = run(state, tick(8_000));
    expect(texts(state)).toEqual(["c", "b"]);
    state = run(state, tick(9_000), tick(12_500));
    expect(texts(state)).toEqual(["b"]);
    expect(texts(run(state, tick(13_500)))).toEqual([]);
  });

  it("that are only told are no news after a while, what is bad stays", () => {
    const told = Array.from({ length: 8 }, (_, i) => toast(`m${i}`, 0, i === 5 ? { tone: "bad" } : { tone: "good" }));
    let state = run(start, ...told);
    const seen = new Set<string>();
    for (let nowMs = 0; nowMs <= 25_000; nowMs += 500) {
      state = run(state, tick(nowMs));
      const [first] = texts(state);
      if (first !== undefined) seen.add(first);
      if (nowMs >= 10_000) expect(state.toasts.length).toBeLessThanOrEqual(1);
    }
    expect([...seen].slice(0, 3)).toEqual(["m0", "m5", "m1"]);
    expect(seen.size).toBeLessThan(6);
    expect(texts(state)).toEqual([]);
  });

  it("that answer a key are seen at once; what was there waits, an older answer goes", () => {
    const state = run(
      start,
      toast("a", 0),
      toast("first", 10, { isAnswer: true }),
      toast("then", 20, { isAnswer: true }),
    );
    expect(texts(state)).toEqual(["then", "a"]);
    expect(texts(run(state, tick(3_000)))).toEqual(["a"]);
    // Seen long enough, it need not come again.
    const late = run(start, toast("a", 0), toast("bad", 0, { tone: "bad" }), toast("b", 3_000, { isAnswer: true }));
    expect(texts(late)).toEqual(["b", "bad"]);
  });
});

describe("the line for adding", () => {
  it("is edited as lines are", () => {
    let input = insertText({ text: "", caret: 0 }, "/home/me/x.torrent");
    input = editKey(input, "ctrl+w") ?? input;
    expect(input.text).toBe("/home/me/");
    input = editKey(input, "home") ?? input;
    input = editKey(input, "delete") ?? input;
    input = editKey(input, "~") ?? input;
    expect(input).toEqual({ text: "~home/me/", caret: 1 });
    expect(editKey(input, "pageup")).toBeUndefined();
  });

  it("takes pasted text without its controls, and not without end", () => {
    expect(insertText({ text: "", caret: 0 }, "a\u001b[31m\nb").text).toBe("a[31m b");
    expect(insertText({ text: "", caret: 0 }, "x".repeat(1e6)).text.length).toBeLessThanOrEqual(65_536);
  });

  it("deletes a whole emoji", () => {
    const input = insertText({ text: "", caret: 0 }, "a🚀");
    expect(editKey(input, "backspace")?.text).toBe("a");
  });
});
