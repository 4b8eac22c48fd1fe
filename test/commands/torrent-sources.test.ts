/** What people type to add torrents, on a real file system: completion, folders, links, places. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import { completePath, pathOf } from "../../source/commands/path-completion.ts";
import { torrentSources } from "../../source/commands/torrent-sources.ts";
import { createMetainfo } from "../../source/metainfo/create-metainfo.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { HttpRequest } from "../../source/ports/http.ts";

const home = mkdtempSync(join(tmpdir(), "p2p-sources-"));
const at = (...names: string[]): string => join(home, ...names);
const ports = {
  clock: new NodeClock(),
  files: new NodeFileSystem(),
  hasher: new NodeHasher(),
  http: {
    get: ({ url }: HttpRequest) =>
      url.includes("slow")
        ? new Promise<never>(() => {})
        : Promise.resolve({
            status: 200,
            headers: {},
            remoteAddress: "192.0.2.1",
            body: new Uint8Array(readFileSync(at("all", "one.torrent"))),
          }),
  },
};
const sources = torrentSources(ports, home, { savePath: home, isPaused: false, isSequential: false, peers: [] });
const watch = (signal = new AbortController().signal, progress: (text: string) => void = () => {}) => ({
  signal,
  progress,
});
const open = (...texts: string[]) => sources.open(texts, watch());
const namesOf = ({ found }: Awaited<ReturnType<typeof open>>): string[] =>
  found.map((source) => (source.kind === "torrent" ? source.facts.name : source.infoHash));

beforeAll(async () => {
  for (const folder of ["all", "content/one/deep", "Al other", ".hidden", "empty"])
    mkdirSync(at(folder), { recursive: true });
  writeFileSync(at("content/one/a.txt"), "a".repeat(40_000));
  writeFileSync(at("content/one/deep/b.txt"), "b".repeat(20_000));
  writeFileSync(at("content/two.bin"), "two".repeat(9_000));
  const make = (path: string, trackers: readonly string[]) =>
    createMetainfo(ports, { path, trackers: trackers.map((url) => [url]), pieceLength: 16_384, createdBy: "test" });
  writeFileSync(at("all/one.torrent"), await make(at("content/one"), ["http://t.example.org/announce?passkey=1"]));
  writeFileSync(at("all/two it is.torrent"), await make(at("content/two.bin"), []));
  writeFileSync(at("all/again.TORRENT"), readFileSync(at("all/one.torrent")));
  writeFileSync(at("all/notes.txt"), "no torrent");
  symlinkSync(at("all"), at("all-link"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("a path goes on", () => {
  const completed = async (text: string, kind: "sources" | "folders" = "sources") => {
    const { text: longer, items, count } = await completePath(home, text, kind);
    return { longer, names: items.map(({ name, isFolder }) => (isFolder ? `${name}/` : name)), count };
  };

  it("to .torrent files and folders, as far as there is no doubt", async () => {
    expect(await completed("")).toEqual({
      longer: "",
      names: ["Al other/", "all/", "all-link/", "content/", "empty/"],
      count: 5,
    });
    expect(await completed("al")).toMatchObject({ longer: "all", names: ["all/", "all-link/"] });
    expect(await completed("c")).toMatchObject({ longer: "content/", names: ["content/"] });
    expect(await completed(`${home}/all/o`)).toMatchObject({ longer: `${home}/all/one.torrent` });
    expect(await completed("all/")).toMatchObject({ names: ["again.TORRENT", "one.torrent", "two it is.torrent"] });
    expect(await completed("all/", "folders")).toMatchObject({ longer: "all/", names: [] });
  });

  it("in other letters where none fits, to what is hidden only after a dot", async () => {
    expect(await completed("CONT")).toMatchObject({ longer: "content/" });
    expect(await completed(".h")).toMatchObject({ longer: ".hidden/" });
    expect(await completed("nothing")).toEqual({ longer: "nothing", names: [], count: 0 });
    expect(await completed("nothing/at/all")).toMatchObject({ names: [] });
  });

  it("from the home directory", async () => {
    expect(pathOf("/x", "~")).toBe(homedir());
    expect(pathOf("/x", "~/a")).toBe(join(homedir(), "a"));
    expect(pathOf("/x", "~a")).toBe("/x/~a");
    expect(await completed("~")).toMatchObject({ longer: "~/" });
  });

  it("nowhere where it is a link", async () => {
    expect(await completed("https://example.org/")).toMatchObject({ count: 0 });
    expect(await completed("magnet:?xt=")).toMatchObject({ count: 0 });
  });
});

describe("what is meant", () => {
  it("is a file, with all that is known of it", async () => {
    const { found, problems } = await open("all/one.torrent");
    expect(problems).toEqual([]);
    const [one] = found;
    if (one?.kind !== "torrent") throw new Error("no torrent");
    expect(one.facts).toMatchObject({ name: "one", totalLength: 60_000, fileCount: 2, trackers: ["t.example.org"] });
    expect(one.facts.files).toEqual([
      { index: 0, path: "one/a.txt", length: 40_000 },
      { index: 1, path: "one/deep/b.txt", length: 20_000 },
    ]);
    expect(Buffer.from(await one.metainfo(), "base64").equals(readFileSync(at("all/one.torrent")))).toBe(true);
  });

  it.each([
    ["in quotes", () => `'${at("all/two it is.torrent")}'`],
    ["as a shell writes it", () => at("all/two it is.torrent").replaceAll(" ", "\\ ")],
    ["as a file: URL", () => pathToFileURL(at("all/two it is.torrent")).href],
    ["with blanks round it", () => `  ${at("all/two it is.torrent")} `],
  ])("is a path %s", async (_, text) => {
    expect(namesOf(await open(text()))).toEqual(["two.bin"]);
  });

  it("is a folder: each torrent in it once, read again when it is added", async () => {
    const opened = await open("all");
    expect(namesOf(opened)).toEqual(["one", "two.bin"]);
    const [, two] = opened.found;
    if (two?.kind !== "torrent") throw new Error("no torrent");
    expect(two.facts.files).toEqual([]);
    const before = readFileSync(at("all/two it is.torrent"));
    writeFileSync(at("all/two it is.torrent"), readFileSync(at("all/one.torrent")));
    await expect(two.metainfo()).rejects.toMatchObject({ code: "changed" });
    writeFileSync(at("all/two it is.torrent"), before);
    expect(await two.metainfo()).toBe(before.toString("base64"));
  });

  it("is a URL, a magnet link, an info hash; several at once", async () => {
    const hash = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a";
    const opened = await open("https://example.org/x", `magnet:?xt=urn:btih:${hash}&dn=A&so=1-2`);
    expect(namesOf(opened)).toEqual(["one", hash]);
    expect(opened.found[1]).toMatchObject({ kind: "magnet", name: "A", only: [{ first: 1, last: 2 }] });
    expect(namesOf(await open(hash.toUpperCase()))).toEqual([hash]);
  });

  it("is said in words where there is nothing", async () => {
    await expect(open("none.torrent")).rejects.toThrow(/none\.torrent: there is no such file/);
    await expect(open("empty")).rejects.toThrow("there is no .torrent file in empty");
    await expect(open("all/notes.txt")).rejects.toThrow(/notes\.txt: /);
    await expect(open("magnet:?xt=urn:btih:zz")).rejects.toBeInstanceOf(OperationalError);
    const { found, problems } = await open("none.torrent", "all/one.torrent");
    expect([found.length, problems]).toEqual([1, [expect.stringContaining("there is no such file")]]);
  });

  it("is not waited for by who has left", async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const opening = sources.open(
      ["https://example.org/slow"],
      watch(stop.signal, (text) => told.push(text)),
    );
    await expect.poll(() => told).toEqual(["fetching it"]);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("a place", () => {
  it("has so much free, whether it is there or not", async () => {
    const there = await sources.place(home);
    expect(there).toMatchObject({ path: home, isThere: true, problem: "" });
    expect(there.freeBytes).toBeGreaterThan(0);
    expect(await sources.place("new/and/deep")).toMatchObject({
      path: at("new/and/deep"),
      isThere: false,
      problem: "",
    });
  });

  it("is none where a file is", async () => {
    expect(await sources.place("all/notes.txt")).toMatchObject({ problem: "a file has this name" });
    expect(await sources.place("all/notes.txt/x")).toMatchObject({ problem: "a part of the path is a file" });
  });

  it.skipIf(process.getuid?.() === 0)("is none where nothing may be written", async () => {
    mkdirSync(at("closed"));
    chmodSync(at("closed"), 0o500);
    expect(await sources.place("closed/x")).toMatchObject({ problem: "permission denied" });
  });
});
