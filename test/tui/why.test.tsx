/** The view that says why: reasons, the keys that help, where the time went, and who holds it up. */
import { afterEach, describe, expect, it } from "vitest";
import type { Verdict } from "../../source/control/verdict.ts";
import { remediesOf } from "../../source/tui/components/remedies.ts";
import { displayWidth } from "../../source/tui/format/text-width.ts";
import { livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { usualChoices } from "../support/fake-swarm.ts";
import type { Screen } from "../support/screen.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

const text = (screen: Screen): string => screen.lines().join("\n");

describe.each(sizes)("why at %i×%i", (columns, rows) => {
  it("shows the reason first, where the time went, and who holds it up with what and how long", async () => {
    const { screen } = await startUi({ size: [columns, rows], opens: true });
    screen.type("w");
    const lines = await screen.untilText("nothing holds it up");
    const reason = lines.findIndex((line) => line.includes("nothing holds it up"));
    expect(reason).toBeLessThan(6);
    expect(text(screen)).toContain("Where the last minute of useful neighbours went");
    expect(text(screen)).toMatch(/chokes us/);
    expect(text(screen)).toContain("Who lost most of it");
    expect(text(screen)).toMatch(/\d+:\d+ .*░c?░.* 80% chokes us/);
    for (const line of lines) expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
  });

  it("scrolls to its end and back again, line by line", async () => {
    const { screen } = await startUi({ size: [columns, rows], opens: true });
    screen.type("8");
    await screen.untilText("nothing holds it up");
    screen.type("G");
    await screen.untilText("is an estimate");
    const last = text(screen);
    screen.type("jjj");
    await screen.settled();
    expect(text(screen)).toBe(last);
    screen.type("g");
    await screen.untilText("nothing holds it up");
  });
});

describe("why", () => {
  it("leads back to where it was asked, and says so", async () => {
    const { screen } = await startUi({ size: [120, 40], opens: true });
    screen.type("4w");
    await screen.untilText("Esc files");
    await screen.untilText("w back");
    screen.type("w");
    await screen.untilText("Wanted");
    screen.type("w\x1b");
    await screen.untilText("Wanted");
  });

  it("has keys that help, which work right there", async () => {
    const paused = { ...livelySwarm, state: "paused", neighbours: 0 } as const;
    const { screen, engine } = await startUi({ swarms: [paused], opens: true });
    screen.type("w");
    await screen.untilText("› p resumes it");
    const lines = screen.lines();
    const y = lines.findIndex((line) => line.includes("p resumes it"));
    screen.type(`\x1b[<0;10;${y + 1}M`);
    await screen.until(() => engine.commands.length > 0);
    expect(engine.commands).toMatchObject([{ name: "resume" }]);
    screen.type("p");
    await screen.until(() => engine.commands.length > 1);
    expect(engine.commands).toMatchObject([{ name: "resume" }, { name: "pause" }]);
  });

  it("opens the neighbour that holds it up most with Enter, and any with a click", async () => {
    const { screen } = await startUi({ size: [120, 40], opens: true });
    screen.type("w");
    const lines = await screen.untilText("80% chokes us");
    const worst = lines.findIndex((line) => line.includes("80% chokes us"));
    // Long addresses are shortened in the middle.
    const portAt = (y: number) => /:\d+(?= )/.exec((lines[y] ?? "").slice(2, 29))?.[0] ?? "nobody";
    const [address, other] = [portAt(worst), portAt(worst + 2)];
    screen.type("\r");
    await screen.untilText("last minute");
    await screen.until((shown) => shown[4]?.includes(address) === true);
    screen.type("8");
    await screen.until((shown) => shown[worst + 2] === lines[worst + 2]);
    screen.type(`\x1b[<0;10;${worst + 3}M`);
    await screen.until((shown) => shown[4]?.includes(other) === true);
  });

  it("says of a seed who wants something and does not get it", async () => {
    const { screen } = await startUi({ swarms: someSwarms.slice(1, 2), size: [120, 40], opens: true });
    screen.type("w");
    await screen.untilText("those who want something");
    expect(text(screen)).toMatch(/we choke it/);
  });
});

describe("the keys that help", () => {
  const verdict = (code: string): Verdict => ({ weight: "slows", code, sentence: "", evidence: [], help: "" });
  const keys = (code: string, choices = usualChoices) =>
    remediesOf(verdict(code), { choices }).map(({ command }) => command);

  it("change a torrent's own limits only where it has such", () => {
    expect(keys("upload-starved")).toEqual(["limits"]);
    expect(keys("upload-starved", { ...usualChoices, maxUpRate: 1 })).toEqual(["options"]);
    expect(keys("down-limit-held", { ...usualChoices, maxDownRate: 1 })).toEqual(["options"]);
    expect(keys("trackers-failed")).toEqual(["reannounce"]);
    expect(keys("something-new")).toEqual([]);
  });
});
