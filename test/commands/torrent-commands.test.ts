import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { loadTorrent, loadTorrents } from "../../source/commands/load-torrent.ts";
import { runCommandLine } from "../../source/commands/run.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { HttpRequest, HttpResponse } from "../../source/ports/http.ts";
import { AnnouncingPeer } from "../support/announcing-peer.ts";
import { FakeIo } from "./fake-io.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "p2p-tui-test-"));
  await mkdir(join(directory, "album/sub"), { recursive: true });
  await writeFile(join(directory, "album/one.bin"), new Uint8Array(40_000).fill(1));
  await writeFile(join(directory, "album/sub/two.bin"), new Uint8Array(30_000).fill(2));
  await writeFile(join(directory, "album/empty"), "");
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly io: FakeIo }> {
  const io = new FakeIo({ workingDirectory: directory });
  return { code: await runCommandLine(args, io), io };
}

describe("create, info and verify", () => {
  it("make a torrent, show it, and find its content right", async () => {
    const trackers = ["--tracker", "http://t.example/announce", "--tracker", "udp://u.example:1/announce"];
    const made = await run(
      "create",
      "album",
      ...trackers,
      "--private",
      "--comment",
      "hello",
      "--piece-length",
      "16KiB",
      "--json",
    );
    expect(made.io.errText).toBe("");
    expect(made.code).toBe(0);
    const file = join(directory, "album.torrent");
    expect(made.io.events).toMatchObject([{ event: "created", file, totalBytes: 70_000 }]);
    const info = await run("info", "album.torrent", "--json");
    expect(info.code).toBe(0);
    const [described] = info.io.events;
    expect(described).toMatchObject({
      infoHash: made.io.events[0]?.["infoHash"],
      name: "album",
      totalBytes: 70_000,
      pieceLength: 16_384,
      pieceCount: 5,
      isPrivate: true,
      trackerTiers: [["http://t.example/announce"], ["udp://u.example:1/announce"]],
      comment: "hello",
    });
    expect(described?.["files"]).toHaveLength(3);
    const text = (await run("info", "album.torrent")).io.outText;
    for (const part of [
      "album",
      "70000 bytes",
      "16.0 KiB",
      "http://t.example/announce",
      "hello",
      "3 files:",
      "album/sub/two.bin",
    ])
      expect(text).toContain(part);
    const verified = await run("verify", "album.torrent");
    expect(verified.code).toBe(0);
    expect(verified.io.outText).toBe("album: all 5 pieces are right (68.4 KiB)\n");
  });

  it("do not overwrite without --force", async () => {
    await writeFile(join(directory, "out.torrent"), "precious");
    const refused = await run("create", "album", "-o", "out.torrent");
    expect(refused.code).toBe(1);
    expect(refused.io.errText).toContain("out.torrent is there already");
    expect((await run("create", "album", "-o", "out.torrent", "--force")).code).toBe(0);
  });

  it("say why nothing can be made", async () => {
    for (const [args, part] of [
      [["create", "nowhere"], /nowhere/],
      [["create", "album/empty"], /empty|no bytes|nothing/],
      [["create", "album", "-o", "nowhere/x.torrent"], /cannot write .*: there is no folder .*nowhere$/m],
      [["verify", "album.torrent", "--dir", "/nowhere"], /there is no folder \/nowhere$/m],
      [["seed", "album.torrent", "--dir", "/nowhere"], /there is no folder \/nowhere$/m],
    ] as const) {
      const { code, io } = await run(...args);
      expect(code, args.join(" ")).toBe(1);
      expect(io.errText).toMatch(part);
    }
  });

  it("find what is wrong, file by file, and change nothing", async () => {
    await run("create", "album", "--piece-length", "16KiB");
    await writeFile(join(directory, "album/sub/two.bin"), new Uint8Array(30_000).fill(3));
    const changed = await run("verify", "album.torrent", "--json");
    expect(changed.code).toBe(1);
    const files = changed.io.events.filter(({ event }) => event === "file");
    expect(files).toHaveLength(3);
    expect(files.find(({ path }) => path === "album/sub/two.bin")?.["bytes"]).toBe(0);
    await rm(join(directory, "album"), { recursive: true });
    const gone = await run("verify", "album.torrent");
    expect(gone.code).toBe(1);
    expect(gone.io.outText).toContain("0 of 5 pieces are right");
    expect(await readdir(directory)).toEqual(["album.torrent"]);
  });

  it("miss an empty file that is not there", async () => {
    await run("create", "album");
    await rm(join(directory, "album/empty"));
    const { code, io } = await run("verify", "album.torrent");
    expect(code).toBe(1);
    expect(io.errText).toContain("an empty file");
    await expect(stat(join(directory, "album/empty"))).rejects.toThrow();
  });
});

describe("a torrent's source", () => {
  const ports = (get: (request: HttpRequest) => Promise<HttpResponse>) => ({
    files: new NodeFileSystem(),
    hasher: new NodeHasher(),
    http: { get },
  });
  const never = () => Promise.reject(new Error("no request was expected"));

  it("may be a URL, whose redirects never lead closer to home", async () => {
    await run("create", "album");
    const body = await new NodeFileSystem().readFile(join(directory, "album.torrent"), 1e6);
    let asked: HttpRequest | undefined;
    const get = (request: HttpRequest): Promise<HttpResponse> => {
      asked = request;
      return Promise.resolve({ status: 200, headers: {}, body, remoteAddress: "1.2.3.4" });
    };
    const { metainfo } = await loadTorrent(ports(get), directory, "HTTPS://example.org/a.torrent?passkey=secret");
    expect(metainfo.name).toBe("album");
    expect(asked?.isAddressAllowed?.("1.2.3.4", "example.org")).toBe(true);
    expect(asked?.isAddressAllowed?.("192.168.0.1", "router")).toBe(false);
    expect(asked?.isAddressAllowed?.("127.0.0.1", "localhost")).toBe(false);
    expect(asked?.bodyLengthMax).toBeLessThanOrEqual(32 * 1024 * 1024);
    const refuse = () => Promise.resolve({ status: 404, headers: {}, body, remoteAddress: "1.2.3.4" });
    const failing = loadTorrent(ports(refuse), directory, "https://u:p@example.org/a.torrent?passkey=secret");
    await expect(failing).rejects.toMatchObject({ code: "http-status" });
    await expect(failing).rejects.not.toThrow(/secret|u:p/);
  });

  it("is named in the error when it is no torrent", async () => {
    await writeFile(join(directory, "noise.torrent"), "noise");
    await expect(loadTorrent(ports(never), directory, "noise.torrent")).rejects.toThrow(/^noise\.torrent: /);
  });

  it("counts once however often it is given", async () => {
    await run("create", "album");
    const torrents = await loadTorrents(ports(never), directory, ["album.torrent", "./album.torrent"]);
    expect(torrents).toHaveLength(1);
  });
});

describe("track", () => {
  it("answers announces until a signal, and says where", async () => {
    const io = new FakeIo({ workingDirectory: directory });
    const over = runCommandLine(["track", "--bind", "127.0.0.1", "--port", "0", "--json"], io);
    while (io.outText === "") await new Promise((resolve) => setImmediate(resolve));
    const [listening] = io.events;
    expect(listening).toMatchObject({ event: "listening", address: "127.0.0.1" });
    const query = `info_hash=${"%01".repeat(20)}&peer_id=${"a".repeat(20)}&port=5&uploaded=0&downloaded=0&left=0&compact=1`;
    const answer = await fetch(`http://127.0.0.1:${String(listening?.["port"])}/announce?${query}`);
    expect(await answer.text()).toMatch(/^d8:complete/);
    const peer = new AnnouncingPeer(
      `udp://127.0.0.1:${String(listening?.["port"])}`,
      infoHashFromHex("01".repeat(20)),
      6,
    );
    expect(await peer.start()).toEqual(["127.0.0.1:5"]);
    await peer.stop();
    io.signal("SIGTERM");
    expect(await over).toBe(0);
    expect(io.events.at(-1)).toEqual({ event: "stopped" });
  });

  it("says that its port is taken", async () => {
    const io = new FakeIo();
    const first = runCommandLine(["track", "--bind", "127.0.0.1", "--port", "0", "--json"], io);
    while (io.outText === "") await new Promise((resolve) => setImmediate(resolve));
    const { code, io: second } = await run("track", "--bind", "127.0.0.1", "--port", String(io.events[0]?.["port"]));
    expect(code).toBe(1);
    expect(second.errText).toMatch(/^p2p-tui: .*\n$/);
    io.signal("SIGINT");
    await first;
  });
});
