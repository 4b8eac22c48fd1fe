/** Adding torrents on the screen: by a path that is completed, a paste, a folder; what is chosen before; what goes wrong. */
import { afterEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import type { Command } from "../../source/control/protocol.ts";
import { looksLikeSource } from "../../source/tui/adder.ts";
import { pathInput, pathKey, withCompletion } from "../../source/tui/state/path-input.ts";
import type { Completion } from "../../source/tui/torrent-sources.ts";
import type { FakeEngine } from "../support/fake-engine.ts";
import { someSwarms } from "../support/fake-engine.ts";
import { albumFacts, FakeSources, fakeFacts } from "../support/fake-sources.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const many = (): Record<string, ReturnType<typeof fakeFacts>> =>
  Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [
      `/home/me/all/t${String(i).padStart(2, "0")}.torrent`,
      fakeFacts(100 + i, [[`item ${i}`, 1_000_000 * (i + 1)]]),
    ]),
  );
const added = (engine: FakeEngine) =>
  engine.commands.filter((command): command is Extract<Command, { name: "add" }> => command.name === "add");
const paste = (text: string): string => `\x1b[200~${text}\x1b[201~`;

describe.each([
  [60, 15],
  [80, 24],
  [200, 60],
] as const)("on a screen of %i×%i", (...size) => {
  it("a path is completed, what it is is shown, files are chosen, and it is added", async () => {
    const sources = new FakeSources();
    const { screen, engine } = await startUi({ size, sources });
    await screen.untilText("debian");
    screen.type("a/home/me/al\t");
    await screen.untilText("/home/me/album.torrent");
    // What Esc does is said in the same words below the dialog and in it.
    expect(screen.lines().at(-1)?.trim()).toBe("Esc cancel");
    screen.type("\r");
    const lines = await screen.untilText("Add album");
    expect(lines.at(-1)?.trim()).toBe("Esc back");
    const text = lines.join("\n");
    expect(text).toContain("69.6 MiB · 4 files");
    expect(text).toContain("it fits");
    expect(lines.find((line) => line.includes("Save in"))).toContain("/data");
    // The pictures are skipped, the first file is wanted more.
    screen.type(`Gkkxg${"\x1b[B".repeat(5)}+`);
    await screen.untilText("2 of 4 wanted, 66.8 MiB");
    expect(screen.lines().join("\n")).toMatch(/one\.flac +\+ high/);
    screen.type("\x1b[Z \x1b[Z ");
    await screen.until((now) => now.filter((line) => /\[✓\].*\[✓\]/.test(line)).length === 1);
    screen.type("\x1b[Z\x1b[Zmusic, new");
    await screen.untilText("music, new");
    screen.type("\r");
    await screen.untilText("1 Swarm");
    const [command] = added(engine);
    expect(command).toMatchObject({ savePath: "/data", isPaused: false, metainfo: btoa("/home/me/album.torrent") });
    expect(command?.choices).toMatchObject({ labels: ["music", "new"], isSequential: true });
    expect(command?.choices?.priorities).toEqual([
      { file: 0, priority: "high" },
      { file: 2, priority: "skip" },
      { file: 3, priority: "skip" },
    ]);
    expect(engine.commands.at(-1)).toMatchObject({ name: "queue", move: "top" });
  });

  it("a folder is a list, of which some are left out; the others are added and told in one line", async () => {
    const sources = new FakeSources(many());
    const { screen, engine } = await startUi({ size, sources });
    await screen.untilText("debian");
    screen.type("a/home/me/all\r");
    const lines = await screen.untilText("Add 30 torrents");
    expect(lines.join("\n")).toContain("30 to be added");
    screen.type(" j ");
    await screen.untilText("28 to be added");
    screen.type("\r");
    await screen.untilText("added 28 torrents");
    expect(screen.lines().at(-1)).toContain("U undoes it");
    expect(added(engine).map(({ metainfo }) => atob(metainfo))).toEqual(
      Object.keys(many()).filter((_, i) => i !== 0 && i !== 1),
    );
    screen.type("U");
    await screen.untilText("undone: added 28 torrents");
    expect(engine.commands.filter(({ name }) => name === "remove").length).toBe(28);
  });

  it("says where there is too little room, and where nothing can be saved", async () => {
    const sources = new FakeSources();
    sources.freeBytes = 1_000_000;
    const { screen, engine } = await startUi({ size, sources });
    await screen.untilText("debian");
    screen.type("a/home/me/album.torrent\r");
    await screen.untilText("short");
    screen.type("g\x15/home/me/album.torrent");
    await screen.untilText("a file has this name");
    screen.type("\r");
    await screen.untilText("nothing can be saved in");
    expect(added(engine)).toEqual([]);
    // A new folder is made.
    screen.type("\x15/data/new");
    await screen.untilText("a new folder");
  });
});

it("what there is to choose from is gone through with the arrows, folder by folder", async () => {
  const sources = new FakeSources(many());
  const { screen } = await startUi({ sources });
  await screen.untilText("debian");
  screen.type("a/home/");
  await screen.untilText("me/");
  screen.type("\x1b[B\r");
  await screen.untilText("all/");
  screen.type("\x1b[B\r");
  await screen.untilText("t00.torrent");
  screen.type("\x1b[B\x1b[B\r");
  await screen.untilText("Add item 1");
  expect(sources.opened).toEqual(["/home/me/all/t01.torrent"]);
});

it("Enter right after Tab is for what Tab makes of the path; a key after it takes it back", async () => {
  const sources = new FakeSources();
  const { screen } = await startUi({ sources });
  await screen.untilText("debian");
  screen.type("a/home/me/alb\t\r");
  await screen.untilText("Add album");
  expect(sources.opened).toEqual(["/home/me/album.torrent"]);
  screen.type("\x1b");
  await screen.untilText("/home/me/album.torrent");
  screen.type("\x15/home/me/alb\t\r!");
  await screen.untilText("/home/me/alb!");
  screen.type("\x7fum.\t\r");
  await screen.untilText("Add album");
  expect(sources.opened).toEqual(["/home/me/album.torrent", "/home/me/album.torrent"]);
});

it("the place is completed, too", async () => {
  const { screen, engine } = await startUi({ sources: new FakeSources() });
  await screen.untilText("debian");
  screen.type("a/home/me/album.torrent\r");
  await screen.untilText("Add album");
  screen.type("g/\t\t");
  const lines = await screen.untilText("films/");
  expect(lines.join("\n")).toContain("music/");
  screen.type("\t\r");
  await screen.until((now) => now.some((line) => /Save in +\/data\/music\//.test(line)));
  screen.type("\r");
  await screen.untilText("1 Swarm");
  expect(added(engine)[0]).toMatchObject({ savePath: "/data/music/" });
});

it("what fails leaves everything as it was typed, and says why", async () => {
  const sources = new FakeSources();
  const { screen, engine } = await startUi({ sources });
  await screen.untilText("debian");
  screen.type("a/nothing.torrent\r");
  await screen.untilText("there is no file /nothing.torrent");
  screen.type("\x15/home/me/album.torrent\r");
  await screen.untilText("Add album");
  engine.refusal = new OperationalError("disk-full", "the disk is full");
  screen.type("x\r");
  await screen.untilText("the disk is full");
  expect(screen.lines().join("\n")).toContain("3 of 4 wanted");
  screen.type("\r");
  await screen.untilText("1 Swarm");
  expect(added(engine).map(({ choices }) => choices?.priorities)).toEqual([
    [{ file: 0, priority: "skip" }],
    [{ file: 0, priority: "skip" }],
  ]);
});

it("of several those that failed stay in the list", async () => {
  const { screen, engine } = await startUi({ sources: new FakeSources(many()) });
  await screen.untilText("debian");
  screen.type("a/home/me/all\r");
  await screen.untilText("Add 30 torrents");
  engine.refusal = new OperationalError("bad-metainfo", "it is damaged");
  screen.type("\r");
  const lines = await screen.untilText("item 0: it is damaged");
  expect(lines.join("\n")).toContain("Add item 0");
  expect(added(engine).length).toBe(30);
});

it("what is there already is said before, and shown instead of added", async () => {
  const { screen, engine } = await startUi({ swarms: someSwarms });
  const [first] = engine.swarms.values();
  await closeUis();
  const infoHash = first?.infoHash ?? albumFacts.infoHash;
  const sources = new FakeSources({ "/x/there.torrent": { ...albumFacts, infoHash } });
  const again = await startUi({ swarms: someSwarms, sources });
  await again.screen.untilText("debian");
  again.screen.type("a/x/there.torrent\r");
  await again.screen.untilText("it is there already (downloading)");
  again.screen.type("\r");
  await again.screen.untilText("1 Swarm");
  expect(added(again.engine)).toEqual([]);
  expect(screen).toBeDefined();
});

it("Esc goes back a step at a time", async () => {
  const { screen } = await startUi({ sources: new FakeSources() });
  await screen.untilText("debian");
  screen.type("a/home/me/album.torrent\r");
  await screen.untilText("Add album");
  screen.type("\x1b");
  await screen.untilText("Add torrents");
  expect(screen.lines().join("\n")).toContain("/home/me/album.torrent");
  screen.type("\x1b");
  await screen.until((lines) => !lines.join("\n").includes("Add torrents"));
});

it("what takes long is left with Esc, and does not come afterwards", async () => {
  const sources = new FakeSources();
  let go = (): void => {};
  sources.waits = new Promise((resolve) => {
    go = resolve;
  });
  const { screen } = await startUi({ sources });
  await screen.untilText("debian");
  screen.type("a/home/me/album.torrent\r");
  await screen.untilText("reading it…");
  screen.type("\x1b");
  await screen.untilText("look at it");
  go();
  await screen.settled();
  expect(screen.lines().join("\n")).toContain("Add torrents");
});

describe("a paste into the list", () => {
  it("of a magnet link opens the dialog, asks peers, and can be added before they answer", async () => {
    const { screen, engine } = await startUi({ sources: new FakeSources() });
    await screen.untilText("debian");
    engine.lookUps = "never";
    screen.type(paste(`magnet:?xt=urn:btih:${"ab".repeat(20)}\n`));
    await screen.untilText("Add a link");
    await screen.untilText("asking peers what it is");
    screen.type("\r");
    await screen.until(() => engine.commands.some(({ name }) => name === "add-magnet"));
    expect(engine.commands.at(-1)).toMatchObject({ savePath: "/data", choices: { isSequential: false } });
  });

  it("of a magnet link shows its files when peers have told of them", async () => {
    const { screen, engine } = await startUi({ sources: new FakeSources() });
    await screen.untilText("debian");
    engine.lookUps = "found";
    screen.type(paste(`magnet:?xt=urn:btih:${albumFacts.infoHash}`));
    await screen.untilText("front.jpg");
    screen.type("\r");
    await screen.until(() => added(engine).length === 1);
  });

  it("of several links and paths is a list; of anything else it is nothing", async () => {
    const sources = new FakeSources({ ...many(), "/home/me/album.torrent": albumFacts });
    const { screen } = await startUi({ sources });
    await screen.untilText("debian");
    screen.type(paste("hello\nmagnet:?xt=urn:btih:00"));
    await screen.settled();
    expect(sources.opened).toEqual([]);
    screen.type(paste("/home/me/album.torrent\n/home/me/all/t03.torrent\n"));
    await screen.untilText("Add 2 torrents");
    expect(sources.opened).toEqual(["/home/me/album.torrent", "/home/me/all/t03.torrent"]);
  });

  it.each([
    ["magnet:?xt=urn:btih:aa", true],
    ["https://example.org/a", true],
    ["file:///home/me/a.torrent", true],
    ["~/a b.torrent", true],
    ["'/home/me/it is.torrent'", true],
    ["c12fe1c06bba254a9dc9f519b335aa7c1367a88a", true],
    ["rm -rf /", false],
    ["some words", false],
    ["a.torrent.txt", false],
  ])("%s", (line, isSource) => expect(looksLikeSource(line)).toBe(isSource));
});

describe("a path that is typed", () => {
  const found = (text: string, ...names: string[]): Completion => ({
    text,
    items: names.map((name) => ({ name, text: `/a/${name}`, isFolder: false })),
    count: names.length,
  });
  const tab = (input: ReturnType<typeof pathInput>, isLive = false) => pathKey(input, "tab", isLive) ?? input;

  it("goes on as far as there is no doubt, then through what there is", () => {
    const typed = withCompletion(pathInput("/a/x"), "/a/x", found("/a/xy", "xy1", "xy2"), false);
    const longer = tab(typed);
    expect(longer).toMatchObject({ text: "/a/xy", isOpen: false });
    const known = withCompletion(longer, "/a/xy", found("/a/xy", "xy1", "xy2"), false);
    const shown = tab(known);
    expect(shown).toMatchObject({ isOpen: true, chosen: 0 });
    expect(tab(shown).chosen).toBe(1);
    expect(tab(tab(shown)).chosen).toBe(0);
    expect(pathKey(shown, "up", false)?.chosen).toBe(-1);
    expect(pathKey(known, "up", false)).toBeUndefined();
  });

  it("is completed when it is known how, where Tab came first", () => {
    const waiting = tab(pathInput("/a/x"));
    expect(withCompletion(waiting, "/a/x", found("/a/xyz", "xyz"), false).text).toBe("/a/xyz");
    const further = pathKey(waiting, "y", false) ?? waiting;
    expect(withCompletion(further, "/a/xy", found("/a/xyz", "xyz"), false).text).toBe("/a/xy");
  });

  it("takes no answer to what stood there before", () => {
    const typed = pathInput("/a/x");
    expect(withCompletion(typed, "/a", found("/a/b", "b"), false)).toBe(typed);
  });
});
