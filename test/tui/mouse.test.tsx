import { afterEach, describe, expect, it } from "vitest";
import { detectMouse } from "../../source/tui/format/capabilities.ts";
import { MouseReader } from "../../source/tui/mouse-input.ts";
import { livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { FakeSources } from "../support/fake-sources.ts";
import type { Screen } from "../support/screen.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

/** Presses and releases the left button. From 0. */
function click(screen: Screen, x: number, y: number): void {
  screen.type(`\x1b[<0;${x + 1};${y + 1}M\x1b[<0;${x + 1};${y + 1}m`);
}

function placeOf(lines: readonly string[], text: string): readonly [x: number, y: number] {
  const y = lines.findIndex((line) => line.includes(text));
  expect(y, text).toBeGreaterThanOrEqual(0);
  return [(lines[y] ?? "").indexOf(text), y];
}

describe("reports of the mouse", () => {
  it("become clicks and turns of the wheel; releases, other buttons and moves mean nothing", () => {
    const reader = new MouseReader();
    expect(reader.read("\x1b[<0;5;3M\x1b[<0;5;3m\x1b[<2;1;1M\x1b[<35;9;9M\x1b[<64;1;2M\x1b[<65;300;200M")).toEqual([
      { kind: "click", x: 4, y: 2 },
      { kind: "wheelUp", x: 0, y: 1 },
      { kind: "wheelDown", x: 299, y: 199 },
    ]);
  });

  it("may come in pieces, among keys, and with modifiers held", () => {
    const reader = new MouseReader();
    const text = "jj\x1b[<4;12;7Mk";
    const events = [...text].flatMap((character) => reader.read(character));
    expect(events).toEqual([{ kind: "click", x: 11, y: 6 }]);
  });

  it("that are none leave nothing behind", () => {
    const reader = new MouseReader();
    expect(reader.read(`\x1b[<${"1".repeat(100_000)}`)).toEqual([]);
    expect(reader.read(";1;1M")).toEqual([]);
    expect(reader.read("\x1b[<0;1;1M")).toHaveLength(1);
    expect(reader.read("\x1b[<64;1;1M".repeat(10_000)).length).toBeLessThanOrEqual(64);
  });
});

describe("the mouse is captured", () => {
  it("where the terminal is known to report it", () => {
    expect(detectMouse({ TERM: "xterm-256color" })).toBe(true);
    expect(detectMouse({ TERM: "tmux-256color" })).toBe(true);
    for (const TERM of ["", "dumb", "linux", "vt100"]) expect(detectMouse({ TERM })).toBe(false);
    expect(detectMouse({ TERM: "xterm" }, "win32")).toBe(false);
  });

  it("until the end, and given back at once with m", async () => {
    const { screen, outcome } = await startUi();
    await screen.untilText("debian");
    const written = (): string => screen.written.join("");
    expect(written()).toContain("\x1b[?1000h\x1b[?1006h");
    screen.type("m");
    await screen.untilText("selects text");
    expect(written().endsWith("\x1b[?1000h")).toBe(false);
    expect(written().lastIndexOf("\x1b[?1000l")).toBeGreaterThan(written().lastIndexOf("\x1b[?1000h"));
    screen.type("m");
    await screen.untilText("clicks here");
    expect(written().lastIndexOf("\x1b[?1000h")).toBeGreaterThan(written().lastIndexOf("\x1b[?1000l"));
    screen.type("q");
    await outcome;
    expect(written().lastIndexOf("\x1b[?1000l")).toBeGreaterThan(written().lastIndexOf("\x1b[?1000h"));
    expect(written().lastIndexOf("\x1b[?1006l")).toBeGreaterThan(written().lastIndexOf("\x1b[?1006h"));
  });

  it("not at all where the user does not want it", async () => {
    const { screen, outcome } = await startUi({ settings: new Map([["ui.mouse", "off"]]) });
    await screen.untilText("debian");
    screen.type("q");
    await outcome;
    expect(screen.written.join("")).not.toContain("?1000");
  });
});

describe("a click", () => {
  it("selects a torrent, and a second one opens it", async () => {
    const { screen } = await startUi({ swarms: someSwarms });
    const [x, y] = placeOf(await screen.untilText("holiday"), "holiday");
    click(screen, x, y);
    await screen.until((lines) => lines[y]?.startsWith("▌") === true);
    click(screen, x, y);
    const [first] = await screen.untilText("Swarm");
    expect(first).toContain("holiday");
  });

  it("on a tab opens the view, and on a key of the last line presses it", async () => {
    const { screen } = await startUi({ opens: true, size: [100, 24] });
    click(screen, ...placeOf(screen.lines(), "Trackers"));
    const lines = await screen.untilText("State");
    click(screen, ...placeOf(lines, "Esc list"));
    const list = await screen.untilText("1 torrent");
    click(screen, ...placeOf(list, "? help"));
    await screen.untilText("a page up");
  });

  it("selects a neighbour, then shows it in words", async () => {
    const { screen } = await startUi({ opens: true, size: [120, 40] });
    const [x, y] = placeOf(screen.lines(), "Address");
    click(screen, x, y + 3);
    await screen.until((lines) => /^│\s*▌/.test(lines[y + 3] ?? ""));
    click(screen, x, y + 3);
    await screen.untilText("connected");
  });

  it("marks a cell of the piece map", async () => {
    const { screen } = await startUi({ opens: true });
    screen.type("3");
    const lines = await screen.untilText("each");
    const before = lines.find((line) => /piece/i.test(line) && /\d+–\d+|\d+ of/.test(line));
    click(screen, 20, 8);
    await screen.until((shown) => shown.join("\n") !== lines.join("\n"));
    expect(before).toBeDefined();
  });

  it("behind a question means nothing", async () => {
    const { screen, engine } = await startUi({ opens: true });
    const tab = placeOf(screen.lines(), "Trackers");
    screen.type("d");
    await screen.untilText("Remove this torrent?");
    click(screen, ...tab);
    screen.type("y");
    await screen.untilText("No torrents yet");
    expect(engine.commands.map(({ name }) => name)).toEqual(["remove"]);
  });

  it("types nothing where text is entered", async () => {
    const { screen } = await startUi({ sources: new FakeSources() });
    await screen.untilText("debian");
    screen.type("aab");
    await screen.untilText("ab");
    click(screen, 3, 3);
    screen.type("c");
    const lines = await screen.untilText("abc");
    expect(lines.join("\n")).not.toContain("[<");
  });
});

it("the wheel moves through a list", async () => {
  const { screen } = await startUi({ swarms: [...someSwarms, livelySwarm] });
  await screen.untilText("holiday");
  screen.type("\x1b[<65;10;10M");
  await screen.until((lines) => lines[6]?.startsWith("▌") === true);
  screen.type("\x1b[<64;10;10M");
  await screen.until((lines) => lines[3]?.startsWith("▌") === true);
});
