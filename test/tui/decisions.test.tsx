/** What can be decided about torrents on the screen: labels, options, the queue; and why they do what they do. */
import { afterEach, describe, expect, it } from "vitest";
import type { TorrentRow } from "../../source/control/protocol.ts";
import { labelCommands } from "../../source/tui/state/labels.ts";
import { optionFields, optionTexts, readOptions } from "../../source/tui/state/options.ts";
import { livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { usualChoices } from "../support/fake-swarm.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const sizes = [
  [80, 24],
  [200, 60],
] as const;
const labelled = [
  { ...livelySwarm, labels: ["linux"] },
  { ...livelySwarm, seed: 8, name: "another", labels: ["linux", "old"] },
  ...someSwarms.slice(1).map((swarm) => ({ ...swarm, labels: [] })),
];

describe.each(sizes)("on a screen of %i×%i", (...size) => {
  it("says in whole how long a removal can be undone, and below a dialog's own keys nothing else of Enter", async () => {
    const { screen } = await startUi({ size });
    await screen.untilText("debian");
    screen.type("d");
    expect((await screen.untilText("Remove this torrent?")).join(" ")).toMatch(/undone for ten[\s│]+minutes\./);
    screen.type("no");
    await screen.untilText("Seed while idle for");
    expect(screen.lines().at(-1)?.trim()).toBe("Esc cancel");
  });

  it("a torrent without a name is asked for by its info hash, and so it stands in the list", async () => {
    const { screen, engine } = await startUi({ swarms: [{ ...livelySwarm, name: "\u200b \u0007" }], size });
    const shown = engine.first.infoHash.slice(0, 8);
    await screen.untilText(shown);
    screen.type("D");
    const lines = await screen.untilText("Remove and delete the data?");
    expect(lines.some((line) => line.includes(`│ ${shown} `))).toBe(true);
  });

  it("labels are switched for what is marked, and typed where there are none", async () => {
    const { screen, engine } = await startUi({ swarms: labelled, size });
    await screen.untilText("another");
    screen.type("  L");
    const lines = await screen.untilText("Labels of 2 torrents");
    expect(lines.join("\n")).toMatch(/\[✓\] linux/);
    expect(lines.join("\n")).toMatch(/\[~\] old {2}some of them/);
    screen.type("\x1b[B\r");
    await screen.untilText("[✓] old");
    screen.type("new one");
    await screen.untilText("[ ] new one  new");
    screen.type("\r");
    await screen.untilText("[✓] new one");
    expect(engine.commands.map((command) => command.name === "change" && command.changes)).toEqual([
      { labels: ["linux", "old"] },
      { labels: ["linux", "new one", "old"] },
      { labels: ["linux", "new one", "old"] },
    ]);
    screen.type("\x1b");
    await screen.until((all) => !all.join("\n").includes("Labels of"));
  });

  it("labels are those of the torrent that the dialog was opened for, though the filter hides it by now", async () => {
    const swarms = labelled.map((swarm, i) => (i < 2 ? { ...swarm, labels: ["linux", "old"] } : swarm));
    const { screen, engine } = await startUi({ swarms, size });
    await screen.untilText("another");
    screen.type("/label:linux\r");
    await screen.until((lines) => !lines.join("\n").includes("holiday"));
    screen.type("L");
    const opened = (await screen.untilText("Labels of")).join("\n");
    const [name = ""] = /Labels of \w+/.exec(opened) ?? [];
    const [first, second] = [...engine.swarms.keys()];
    screen.type("\r");
    await screen.untilText("[ ] linux");
    expect(screen.lines().join("\n")).toContain(name);
    screen.type("\x1b[B\r");
    await screen.untilText("[ ] old");
    const infoHash = name.endsWith("debian") ? first : second;
    expect(engine.commands).toEqual([
      { name: "change", infoHash, changes: { labels: ["old"] } },
      { name: "change", infoHash, changes: { labels: [] } },
    ]);
  });

  it("a label that was taken from its last torrent keeps its line, and comes back with the same key", async () => {
    const { screen, engine } = await startUi({ swarms: [{ ...livelySwarm, labels: ["linux", "old"] }], size });
    await screen.untilText("debian");
    screen.type("L");
    await screen.untilText("[✓] linux");
    screen.type("\r");
    await screen.untilText("[ ] linux");
    screen.type("\r");
    await screen.untilText("[✓] linux");
    expect(engine.first.choices.labels).toEqual(["linux", "old"]);
  });

  it("torrents that are removed meanwhile leave the dialog of labels, which closes with the last", async () => {
    const { screen, engine } = await startUi({ swarms: labelled, size });
    await screen.untilText("another");
    const [first, second] = [...engine.swarms.keys()];
    screen.type("  L");
    await screen.untilText("Labels of 2 torrents");
    if (first !== undefined) engine.swarms.delete(first);
    engine.publish();
    await screen.untilText("Labels of another");
    if (second !== undefined) engine.swarms.delete(second);
    engine.publish();
    await screen.until((lines) => !lines.join("\n").includes("Labels of"));
    screen.type("\r");
    await screen.untilText("Neighbours");
    expect(engine.commands).toEqual([]);
  });

  it("options of the open torrent are shown as they are, and only what is changed is asked for", async () => {
    const { screen, engine } = await startUi({ swarms: labelled, size, opens: true });
    await screen.untilText("Choker");
    screen.type("o");
    const before = await screen.untilText("Seed while idle for");
    expect(before.join("\n")).toMatch(/Upload slots +default/);
    screen.type("\x152MB\t\t\t\t\x15x\r");
    await screen.untilText('"x" is not a number');
    expect(engine.commands).toEqual([]);
    screen.type("\x152.5\t\x1512h\r");
    await screen.untilText("changed debian");
    expect(engine.commands).toMatchObject([
      { name: "change", changes: { maxDownRate: 2_000_000, ratioGoal: 2.5, seedMinutesGoal: 720 } },
    ]);
    screen.type("o");
    await screen.untilText("Seed while idle for");
    expect(screen.lines().join("\n")).toMatch(/Seed for +12h/);
  });

  it("options say what holds, from the list too: of several torrents what they have in common", async () => {
    const { screen, engine } = await startUi({ swarms: labelled, size });
    const [first, second] = [...engine.swarms.values()];
    first?.change({ maxDownRate: 2_000_000, maxUpRate: 500_000, ratioGoal: 1.5 });
    second?.change({ maxDownRate: 2_000_000, ratioGoal: 3 });
    await screen.untilText("another");
    screen.type("o");
    const one = await screen.until((lines) => lines.join("\n").includes("500KB"));
    expect(one.join("\n")).toMatch(/Download at most +2MB[\s\S]*Upload at most +500KB[\s\S]*Seed to ratio +1\.5/);
    // Nothing was changed.
    screen.type("\r  o");
    const both = await screen.until((lines) => /Download at most +2MB/.test(lines.join("\n")));
    expect(both.join("\n")).toMatch(
      /2 torrents[\s\S]*Upload at most +as it is[\s\S]*Seed to ratio +as it is[\s\S]*In order +no/,
    );
    expect(engine.commands).toEqual([]);
    expect(engine.subscriptionCount).toBeLessThanOrEqual(2);
  });

  it("torrents are moved in the queue, one or all that are marked", async () => {
    const { screen, engine } = await startUi({ swarms: labelled, size: [80, 24] });
    await screen.untilText("another");
    screen.type("jK");
    // Where the list does not show places, it is said.
    await screen.untilText("up in the queue: another");
    screen.type("k  >");
    await screen.untilText("to the end in the queue: 2 torrents");
    const infoHashes = [...engine.swarms.keys()].slice(0, 2);
    expect(engine.commands).toEqual([
      { name: "queue", infoHashes: infoHashes.slice(1, 2), move: "up" },
      { name: "queue", infoHashes, move: "bottom" },
    ]);
  });

  it("what is at the end of the queue already is said to be", async () => {
    const { screen, engine } = await startUi({ swarms: labelled, size });
    await screen.untilText("another");
    screen.type("K");
    await screen.untilText("it is the first in the queue already");
    screen.type("GJ");
    await screen.untilText("it is the last in the queue already");
    expect(engine.commands).toEqual([]);
  });

  it("a torrent says why, from the list too", async () => {
    const { screen } = await startUi({ swarms: someSwarms, size });
    await screen.untilText("holiday");
    screen.type("G\x1b[Aw");
    const lines = (await screen.untilText("stops it")).join("\n");
    expect(lines).toContain("holiday pictures");
    expect(lines).toContain("no space left on the disk  stops it");
    expect(lines).toContain("› make room on that disk; it goes on by itself");
    screen.type("\x1b");
    await screen.until((all) => !all.join("\n").includes("stops it"));
  });

  it("files are moved once it was seen what that does, and not where it cannot be done", async () => {
    const { screen, engine } = await startUi({ swarms: labelled, size });
    await screen.untilText("another");
    screen.type("M");
    await screen.untilText("Move debian");
    screen.type("\x15/srv/isos\r");
    await screen.untilText("12 files copied to another file system: 2.79 GiB of 74.5 GiB free");
    // Another path asks anew.
    engine.movePlan = { ...engine.movePlan, conflicts: 1, reasons: ["/srv/new/a is there already"] };
    screen.type("x\r");
    await screen.untilText("1 file cannot go; nothing is ever written over");
    screen.type("\r");
    engine.movePlan = { ...engine.movePlan, conflicts: 0 };
    screen.type("\x08\r");
    await screen.until(
      (lines) => !lines.join("\n").includes("cannot go") && lines.join("\n").includes("12 files copied"),
    );
    screen.type("\r");
    await screen.untilText("moved debian-13.2.0-amd64-netinst.iso to /srv/isos");
    expect(engine.commands.map((command) => command.name === "move" && [command.savePath, command.isDryRun])).toEqual([
      ["/srv/isos", true],
      ["/srv/isosx", true],
      ["/srv/isos", true],
      ["/srv/isos", false],
    ]);
  });

  it("files go for good, or to the trash", async () => {
    const { screen, engine } = await startUi({ swarms: labelled, size });
    await screen.untilText("another");
    screen.type("dt");
    await screen.untilText("Remove this torrent?");
    screen.type("nD");
    await screen.untilText("t to the trash");
    screen.type("t");
    await screen.until((all) => !all.join("\n").includes("to the trash"));
    expect(engine.commands).toMatchObject([{ name: "remove", data: "trash" }]);
  });

  it("the list is filtered by labels and states", async () => {
    const { screen } = await startUi({ swarms: labelled, size });
    await screen.untilText("holiday");
    screen.type("/label:old\r");
    await screen.until((all) => !all.join("\n").includes("holiday"));
    expect(screen.lines().join("\n")).toContain("another");
    screen.type("/\x15");
    screen.type("state:fail\r");
    await screen.untilText("holiday");
    expect(screen.lines().join("\n")).not.toContain("another");
  });
});

it("the status says that a disk is too small, and when it is full", async () => {
  const { screen, engine } = await startUi({ swarms: labelled, size: [120, 40] });
  await screen.untilText("another");
  engine.shortDisk = { folder: "/srv", freeBytes: 1e9, missingBytes: 2e9, fullSeconds: 7200 };
  engine.publish();
  await screen.untilText("disk: 1.86 GiB short, full in 2h 00m");
});

describe("options", () => {
  const shown = optionTexts([
    {
      ...usualChoices,
      maxUpRate: 1_536,
      ratioGoal: 0,
      seedMinutesGoal: 4320,
      idleMinutesGoal: 45,
    },
  ]);

  it("that are left as they are shown change nothing, whatever they are", () => {
    expect(shown).toEqual(["none", "1.5KiB", "default", "default", "none", "3d", "45m", "no", "no", "no"]);
    expect(readOptions(shown, shown)).toEqual({ changes: {} });
    // And would say the same again.
    expect(readOptions(shown, optionTexts([]))).toMatchObject({
      changes: { maxDownRate: 0, maxUpRate: 1536, slots: null, ratioGoal: 0, seedMinutesGoal: 4320, isForced: false },
    });
  });

  it("that are empty change nothing: that is how several torrents begin", () => {
    expect(readOptions(optionTexts([]), optionTexts([]))).toEqual({ changes: {} });
  });

  it.each([
    [0, "fast"],
    [2, "1001"],
    [3, "1.5"],
    [4, "-1"],
    [5, "soon"],
    [7, "maybe"],
  ])("in line %i are not %s, and the line is named", (field, text) => {
    const texts = optionTexts([]).with(field, text);
    expect(readOptions(texts, optionTexts([]))).toMatchObject({ field, message: expect.stringContaining(text) });
  });

  it("have a hint each", () => {
    expect(optionFields.filter(({ hint }) => hint === "")).toEqual([]);
  });
});

describe("a label that some have", () => {
  it("is given to the others, and taken away only when all have it", () => {
    const row = (infoHash: string, ...labels: string[]) => ({ infoHash, labels }) as unknown as TorrentRow;
    const rows = [row("a", "x"), row("b")];
    expect(labelCommands(rows, { label: "x", have: "some", isNew: false })).toMatchObject([
      { infoHash: "b", changes: { labels: ["x"] } },
    ]);
    expect(labelCommands([row("a", "x", "y")], { label: "x", have: "all", isNew: false })).toMatchObject([
      { infoHash: "a", changes: { labels: ["y"] } },
    ]);
  });
});
