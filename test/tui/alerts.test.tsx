import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { InfoHash } from "../../source/base/ids.ts";
import { detectNotification, notification } from "../../source/tui/format/notification.ts";
import { closeUis, startUi, type UiRun } from "../support/ui-run.ts";

afterEach(closeUis);

describe("a notification", () => {
  it.each([
    [{ TERM: "xterm-256color" }, 9, null],
    [{ TERM: "xterm-256color", TERM_PROGRAM: "iTerm.app" }, 9, null],
    [{ TERM: "xterm-kitty" }, 99, null],
    [{ TERM: "tmux-256color", TMUX: "/tmp/tmux", KITTY_WINDOW_ID: "1" }, 99, "tmux"],
    [{ TERM: "screen", STY: "1.pts" }, 9, "screen"],
    [{ TERM: "foot" }, 777, null],
    [{ TERM: "rxvt-unicode-256color" }, 777, null],
    [{ TERM: "xterm-256color", KONSOLE_VERSION: "220400" }, 777, null],
    [{ TERM: "xterm-256color", TERM_PROGRAM: "WezTerm" }, 777, null],
    [{ TERM: "xterm-ghostty" }, 777, null],
  ] as const)("with %o goes by OSC %i, through %s", (env, sequence, through) => {
    expect(detectNotification(env)).toEqual({ sequence, through });
  });

  it("goes nowhere where nobody would show it", () => {
    for (const TERM of ["", "dumb", "linux", "vt100"]) expect(detectNotification({ TERM })).toBeUndefined();
  });

  it("is written as each terminal takes it", () => {
    const written = (sequence: 9 | 777 | 99, through: "tmux" | "screen" | null): string =>
      notification({ sequence, through }, "a; b");
    expect(written(9, null)).toBe("\x1b]9;p2p-tui: a; b\x07");
    expect(written(777, null)).toBe("\x1b]777;notify;p2p-tui;a, b\x07");
    expect(written(99, null)).toBe("\x1b]99;;p2p-tui: a; b\x07");
    expect(written(9, "tmux")).toBe("\x1bPtmux;\x1b\x1b]9;p2p-tui: a; b\x07\x1b\\");
    expect(written(777, "screen")).toBe("\x1bP\x1b]777;notify;p2p-tui;a, b\x07\x1b\\");
  });

  it("holds whatever name comes from outside, and never more than one sequence", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc
        .array(fc.constantFrom("\x1b]0;owned\x07", "\x1b\\", "\x9c", "\x9d9;x", "\n", "a", ";"), { maxLength: 20 })
        .map((parts) => parts.join("")),
    );
    const way = fc.record({
      sequence: fc.constantFrom(9 as const, 777 as const, 99 as const),
      through: fc.constantFrom("tmux" as const, "screen" as const, null),
    });
    fc.assert(
      fc.property(way, text, (given, each) => {
        const inner = notification(given, each)
          .replace(/^\x1bP(?:tmux;\x1b)?(\x1b.*)\x1b\\$/s, "$1")
          .replace(/^\x1b\](?:9;|99;;|777;notify;)/, "")
          .replace(/\x07$/, "");
        expect(inner).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(inner.length).toBeLessThan(220);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what happens while nobody looks", () => {
  const infoHash = (run: UiRun): InfoHash => run.engine.first.infoHash;
  const said = (run: UiRun): readonly string[] =>
    [...run.screen.written.join("").matchAll(/\x1b\]9;([^\x07]*)\x07/g)].map(([, text = ""]) => text);
  const bells = (run: UiRun): number =>
    run.screen.written
      .join("")
      .replace(/\x1b\][^\x07]*\x07/g, "")
      .split("\x07").length - 1;
  const both = new Map<string, boolean>([
    ["ui.bell", true],
    ["ui.notify", true],
  ]);

  it("is told by bell and notification, where that is chosen", async () => {
    const run = await startUi({ settings: both });
    await run.screen.untilText("debian");
    run.engine.notify({ kind: "complete", infoHash: infoHash(run), bytes: 3e9, seconds: 60 });
    await run.screen.untilText("is complete");
    expect(said(run)).toEqual(["p2p-tui: debian-13.2.0-amd64-netinst.iso is complete: 2.79 GiB in 1m 00s"]);
    expect(bells(run)).toBe(1);
    // The picture is as it was.
    expect(run.screen.lines().join("\n")).not.toContain("]9;");
  });

  it("is one notification, however much happens at once", async () => {
    const run = await startUi({ settings: both });
    await run.screen.untilText("debian");
    for (let i = 0; i < 50; i++) {
      run.engine.notify({ kind: "failed", infoHash: infoHash(run), code: "x", message: `no. ${i} \x1b]0;owned\x07` });
    }
    await run.screen.untilText("no. 0");
    expect(said(run)).toEqual([expect.stringMatching(/^p2p-tui: 49 more; debian.*no\. 0 \]0;owned$/)]);
    expect(bells(run)).toBe(1);
  });

  it("is nothing that one has asked for oneself, nor a warning", async () => {
    const run = await startUi({ settings: both });
    await run.screen.untilText("debian");
    run.engine.notify({ kind: "warning", message: "the port has changed" });
    await run.screen.untilText("the port has changed");
    expect(said(run)).toEqual([]);
    expect(bells(run)).toBe(0);
  });

  it("includes a disk that will be too small, once", async () => {
    const run = await startUi({ settings: both });
    await run.screen.untilText("debian");
    run.engine.shortDisk = { folder: "/srv", freeBytes: 1e9, missingBytes: 2e9, fullSeconds: 600 };
    for (let i = 0; i < 5; i++) run.engine.step(1000);
    await run.screen.untilText("disk: ");
    expect(said(run)).toEqual(["p2p-tui: the disk of /srv is 1.86 GiB too small, and full in 10m 00s"]);
  });

  it("is told on the screen alone where nothing else is chosen, from the moment it is", async () => {
    const run = await startUi({ settingsFile: "" });
    await run.screen.untilText("debian");
    run.engine.notify({ kind: "goal", infoHash: infoHash(run), name: "x", reason: "is at ratio 2", action: "pause" });
    await run.screen.untilText("is at ratio 2");
    expect(said(run)).toEqual([]);
    expect(bells(run)).toBe(0);
    await run.engine.settings?.write("[ui]\nnotify = true\n");
    run.engine.publish();
    await run.screen.settled();
    run.engine.notify({ kind: "goal", infoHash: infoHash(run), name: "y", reason: "is at ratio 3", action: "pause" });
    await run.screen.until(() => said(run).length > 0);
    expect(said(run)).toEqual(["p2p-tui: y is at ratio 3"]);
  });
});
