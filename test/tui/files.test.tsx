/** The files of a torrent as a tree: what is shown of it, and how priorities change. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { FilePriority, FileRow } from "../../source/control/protocol.ts";
import {
  changedPriorities,
  emptyTree,
  type FileTree,
  filesOfLine,
  mergeFiles,
  toggleFolder,
} from "../../source/tui/state/file-tree.ts";
import { livelySwarm } from "../support/fake-engine.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const file = (path: string, index: number, more: Partial<FileRow> = {}): FileRow => ({
  index,
  path,
  length: 100,
  progress: 0,
  priority: "normal",
  availability: null,
  ...more,
});
const treeOf = (...paths: readonly string[]): FileTree =>
  mergeFiles(
    emptyTree,
    paths.map((path, i) => file(path, i)),
    0,
  );
const shown = ({ lines }: FileTree): readonly string[] =>
  lines.map(({ depth, kind, name }) => `${"  ".repeat(depth)}${name}${kind === "folder" ? "/" : ""}`);

describe("a tree of files", () => {
  it("leaves out the torrent's own folder, and keeps the order of the torrent", () => {
    expect(shown(treeOf("t/b/2", "t/a/1", "t/b/1", "t/0"))).toEqual(["b/", "  2", "  1", "a/", "  1", "0"]);
    expect(shown(treeOf("one.iso"))).toEqual(["one.iso"]);
    expect(shown(treeOf("a/1", "b/1"))).toEqual(["a/", "  1", "b/", "  1"]);
  });

  it("opens and closes folders, and sums up what is below them", () => {
    let tree = mergeFiles(
      emptyTree,
      [file("t/a/1", 0, { progress: 0.5 }), file("t/a/b/2", 1, { priority: "high" }), file("t/3", 2)],
      0,
    );
    expect(tree.lines[0]).toMatchObject({ fileCount: 2, length: 200, doneLength: 50, priority: "mixed", isOpen: true });
    tree = toggleFolder(tree, "t/a");
    expect(shown(tree)).toEqual(["a/", "3"]);
    expect(filesOfLine(tree, tree.lines[0]).map(({ index }) => index)).toEqual([0, 1]);
    expect(shown(toggleFolder(tree, "t/a"))).toHaveLength(5);
  });

  it("says of a folder how many copies there are of the rarest that it misses, of a complete one of the rarest", () => {
    const files = [
      file("t/a/1", 0, { progress: 1, availability: 0 }),
      file("t/a/2", 1, { progress: 0.5, availability: 3 }),
      file("t/a/b/3", 2, { progress: 0.9, availability: 2 }),
      file("t/c/4", 3, { progress: 1, availability: 5 }),
      file("t/d/5", 4, { availability: null }),
    ];
    const copies = (tree: FileTree) =>
      tree.lines.flatMap((line) => (line.kind === "folder" ? [`${line.name} ${line.availability}`] : []));
    const tree = mergeFiles(emptyTree, files, 0);
    expect(copies(tree)).toEqual(["a 2", "b 2", "c 5", "d null"]);
    const next = mergeFiles(tree, [file("t/a/b/3", 2, { progress: 0.9, availability: 1 })], 2);
    expect(copies(next)).toEqual(["a 1", "b 1", "c 5", "d null"]);
  });

  it("is closed at first where there are many files", () => {
    const tree = treeOf(...Array.from({ length: 300 }, (_, i) => `t/folder ${i % 3}/${i}`));
    expect(shown(tree)).toEqual(["folder 0/", "folder 1/", "folder 2/"]);
  });

  it("grows window by window, never with a gap, and takes what is new of what it knows", () => {
    const rows = Array.from({ length: 1200 }, (_, i) => file(`t/${i}`, i));
    let tree = mergeFiles(emptyTree, rows.slice(0, 500), 0);
    expect(mergeFiles(tree, rows.slice(600), 600)).toBe(tree);
    tree = mergeFiles(tree, rows.slice(500, 1000), 500);
    tree = mergeFiles(tree, rows.slice(1000), 1000);
    expect(tree.lines).toHaveLength(1200);
    expect(mergeFiles(tree, rows.slice(300, 400), 300)).toBe(tree);
    const changed = mergeFiles(tree, [file("t/7", 7, { priority: "skip" })], 7);
    expect(changed.files[7]?.priority).toBe("skip");
    expect(tree.files[7]?.priority).toBe("normal");
  });

  it("shows every file once while all is open, whatever they are called", () => {
    const name = fc.constantFrom("a", "b", "", "..", "x/y", "constructor", "__proto__");
    const paths = fc.array(
      fc.array(name, { minLength: 1, maxLength: 40 }).map((names) => names.join("/")),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(paths, (all) => {
        const tree = treeOf(...all);
        const at = tree.lines.flatMap((line) => (line.kind === "file" ? [line.at] : []));
        expect([...at].sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
        expect(Math.max(0, ...tree.lines.map(({ depth }) => depth))).toBeLessThan(40);
      }),
    );
  });
});

describe("priorities", () => {
  const rows = (...priorities: readonly FilePriority[]) =>
    priorities.map((priority, i) => file(`f${i}`, i * 3, { priority }));
  const pressed = (key: Parameters<typeof changedPriorities>[0], ...priorities: readonly FilePriority[]) =>
    changedPriorities(key, rows(...priorities)).map(({ file: index, priority }) => `${index} ${priority}`);

  it("go up and down a step, and stop at the ends", () => {
    expect(pressed("priorityUp", "skip", "normal", "high")).toEqual(["0 low", "3 high"]);
    expect(pressed("priorityDown", "skip", "normal")).toEqual(["3 low"]);
  });

  it("are skipped, and wanted again when all are skipped", () => {
    expect(pressed("prioritySkip", "skip", "high")).toEqual(["3 skip"]);
    expect(pressed("prioritySkip", "skip", "skip")).toEqual(["0 normal", "3 normal"]);
  });

  it("go round; different ones become normal first", () => {
    expect(pressed("priorityNext", "normal")).toEqual(["0 high"]);
    expect(pressed("priorityNext", "high")).toEqual(["0 skip"]);
    expect(pressed("priorityNext", "skip", "high")).toEqual(["0 normal", "3 normal"]);
  });
});

describe.each([
  [80, 24],
  [200, 60],
] as const)("the files view at %i×%i", (...size) => {
  const swarms = [
    { ...livelySwarm, files: ["t/season 1/one.mkv", "t/season 1/two.mkv", "t/extras/cover.jpg", "t/read me.txt"] },
  ];

  it("skips a folder with all below it, wants a file more, and closes folders", async () => {
    const { screen, engine } = await startUi({ swarms, size, opens: true });
    screen.type("4");
    await screen.untilText("extras/");
    screen.type("x");
    await screen.untilText("2 wanted");
    expect(screen.lines().find((line) => line.includes("season 1/"))).toContain("× skip");
    screen.type("j+");
    await screen.untilText("~ mixed");
    screen.type("j ");
    await screen.until((lines) => lines.some((line) => line.includes("two.mkv") && line.includes("- low")));
    expect(engine.commands.map((command) => command.name === "change" && command.changes)).toEqual([
      {
        priorities: [
          { file: 0, priority: "skip" },
          { file: 1, priority: "skip" },
        ],
      },
      { priorities: [{ file: 0, priority: "low" }] },
      { priorities: [{ file: 1, priority: "low" }] },
    ]);
    screen.type("g\r");
    await screen.until((lines) => !lines.join("\n").includes("two.mkv"));
    expect(screen.lines().join("\n")).toMatch(/› season 1\/ {2}2/);
    screen.type("e");
    await screen.untilText("in order");
    expect(engine.commands.at(-1)).toMatchObject({ name: "change", changes: { isSequential: true } });
  });

  it("tells names of which nothing can be seen by their code points", async () => {
    const files = ["t/\u200c\u200d", "t/\u3164/plain.txt"];
    const { screen } = await startUi({ swarms: [{ ...livelySwarm, files }], size, opens: true });
    screen.type("4");
    const lines = await screen.untilText("(U+200C U+200D)");
    expect(lines.some((line) => line.includes("(U+3164)/"))).toBe(true);
    screen.type("N");
    await screen.untilText("Rename this file");
    expect(screen.lines().filter((line) => line.includes("(U+200C U+200D)")).length).toBeGreaterThan(0);
  });

  it("reads all files of a large torrent, however many windows that takes", async () => {
    const files = Array.from({ length: 1_234 }, (_, i) => `t/part ${Math.floor(i / 400)}/file ${i}.bin`);
    const { screen } = await startUi({ swarms: [{ ...livelySwarm, files }], size, opens: true });
    screen.type("4");
    await screen.untilText("› part 3/  34");
    expect(screen.lines().join("\n")).toMatch(/› part 0\/ {2}400/);
    screen.type("G\r");
    await screen.untilText("file 1200.bin");
  });
});
