import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import bencode from "bencode";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { content, pieceHashes } from "../../fixtures/bencode-by-hand.ts";
import { codeOf } from "../../source/base/errors.ts";
import { automaticPieceLength, type CreateOptions, createMetainfo } from "../../source/metainfo/create-metainfo.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { FileSystem } from "../../source/ports/file-system.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const hasher = new NodeHasher();
const clock = new VirtualClock(1_750_000_000_500);
const KiB = 1024;
const MiB = 1024 * KiB;

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "create-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, bytes: Uint8Array | string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), bytes);
}

function create(
  path: string,
  options: Partial<CreateOptions> = {},
  files: FileSystem = new NodeFileSystem(),
): Promise<Uint8Array> {
  return createMetainfo({ files, hasher, clock }, { path: join(root, path), trackers: [], ...options });
}

async function codeOfFailure(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    return codeOf(error);
  }
  return "accepted";
}

describe("a torrent made of a file", () => {
  it("parses to what was asked for, with the hashes of its pieces", async () => {
    const bytes = content(3 * MiB + 5);
    put("movie.mkv", bytes);
    const made = await create("movie.mkv", {
      trackers: [["http://a/announce", "udp://b:6969"], [], ["https://c/announce"]],
      pieceLength: 256 * KiB,
      isPrivate: true,
      comment: "größe",
      createdBy: "p2p-tui/0.0.0",
    });
    const metainfo = parseMetainfo(made, hasher);
    expect(metainfo).toMatchObject({
      name: "movie.mkv",
      pieceLength: 256 * KiB,
      totalLength: bytes.length,
      isPrivate: true,
      trackerTiers: [["http://a/announce", "udp://b:6969"], ["https://c/announce"]],
      comment: "größe",
      createdBy: "p2p-tui/0.0.0",
      creationDate: 1_750_000_000,
      files: [{ path: ["movie.mkv"], length: bytes.length, offset: 0, isPadding: false }],
    });
    expect(Buffer.from(metainfo.pieceHashes).equals(Buffer.from(pieceHashes(bytes, 256 * KiB)))).toBe(true);
  });

  it("is canonical bencode, without keys that say nothing", async () => {
    put("x", "hello");
    const made = await create("x", { trackers: [["http://a/announce"]] });
    const decoded = bencode.decode(made) as { readonly info: object };
    expect(Object.keys(decoded)).toEqual(["announce", "creation date", "info"]);
    expect(Object.keys(decoded.info)).toEqual(["length", "name", "piece length", "pieces"]);
    expect(Buffer.from(bencode.encode(decoded)).equals(Buffer.from(made))).toBe(true);
  });

  it("is the same for a link to it that the user names, but for the name", async () => {
    put("x", "hello");
    symlinkSync(join(root, "x"), join(root, "link"));
    const metainfo = parseMetainfo(await create("link"), hasher);
    expect([metainfo.name, metainfo.totalLength]).toEqual(["link", 5]);
  });
});

describe("a torrent made of a folder", () => {
  it("has its files in one fixed order, empty ones too, and pieces that run over their borders", async () => {
    const parts = [content(10_000, 1), content(0), content(40_000, 2), content(1, 3)] as const;
    put("album/b/2", parts[2]);
    put("album/a", parts[0]);
    put("album/z", parts[3]);
    put("album/b/1-empty", parts[1]);
    const metainfo = parseMetainfo(await create("album/"), hasher);
    expect(metainfo.name).toBe("album");
    expect(metainfo.files.map(({ path, length }) => [path.join("/"), length])).toEqual([
      ["album/a", 10_000],
      ["album/b/1-empty", 0],
      ["album/b/2", 40_000],
      ["album/z", 1],
    ]);
    const whole = Buffer.concat(parts);
    expect(Buffer.from(metainfo.pieceHashes).equals(Buffer.from(pieceHashes(whole, 16 * KiB)))).toBe(true);
  });

  it("leaves out links and sockets, and says which", async () => {
    put("d/file", "x");
    symlinkSync("/etc", join(root, "d/etc"));
    symlinkSync(join(root, "d"), join(root, "d/loop"));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "d/socket"), resolve));
    const skipped: string[] = [];
    const metainfo = parseMetainfo(await create("d", { onSkipped: (path) => skipped.push(path) }), hasher);
    await new Promise((resolve) => server.close(resolve));
    expect(metainfo.files.map(({ path }) => path.join("/"))).toEqual(["d/file"]);
    expect(skipped.map((path) => path.slice(root.length))).toEqual(["/d/etc", "/d/loop", "/d/socket"]);
  });

  it.each(["CON", "dot.", "tab\there", "back\\slash"])(
    "is refused where a name could not be stored elsewhere: %j",
    async (name) => {
      put(`d/${name}`, "x");
      expect(await codeOfFailure(() => create("d"))).toBe("unsafe-name");
    },
  );

  it("is refused where two names are one on some disks", async () => {
    put("d/readme", "x");
    put("d/README", "y");
    expect(await codeOfFailure(() => create("d"))).toBe("unsafe-name");
  });
});

describe("making a torrent", () => {
  it("is refused for nothing", async () => {
    put("empty", "");
    put("d/empty", "");
    mkdirSync(join(root, "none"));
    for (const path of ["empty", "d", "none"]) expect(await codeOfFailure(() => create(path))).toBe("empty");
    expect(await codeOfFailure(() => create("absent"))).toBe("ENOENT");
    expect(await codeOfFailure(() => create("empty/below"))).toBe("ENOTDIR");
  });

  it("is refused for trackers and piece lengths that nobody could use", async () => {
    put("x", "x");
    expect(await codeOfFailure(() => create("x", { trackers: [["ftp://a/"]] }))).toBe("bad-tracker");
    for (const pieceLength of [0, 1, 8 * KiB, 100_000, 512 * MiB, Number.NaN]) {
      expect(await codeOfFailure(() => create("x", { pieceLength }))).toBe("bad-piece-length");
    }
  });

  it("is refused where the torrent file would be larger than anybody reads", async () => {
    put("sparse", "");
    truncateSync(join(root, "sparse"), 2 ** 36);
    expect(await codeOfFailure(() => create("sparse", { pieceLength: 16 * KiB }))).toBe("too-large");
  });

  it("tells how far it is, to the end", async () => {
    put("x", content(2 * MiB + 1));
    const seen: number[] = [];
    await create("x", {
      onProgress: ({ hashedLength, totalLength }) => {
        expect(totalLength).toBe(2 * MiB + 1);
        seen.push(hashedLength);
      },
    });
    expect(seen).toEqual([MiB, 2 * MiB, 2 * MiB + 1]);
  });

  it("stops when it is cancelled", async () => {
    put("x", content(3 * MiB));
    const abort = new AbortController();
    let calls = 0;
    const onProgress = () => {
      calls++;
      abort.abort();
    };
    expect(await codeOfFailure(() => create("x", { signal: abort.signal, onProgress }))).toBe("cancelled");
    expect(calls).toBe(1);
  });

  it.each([
    ["grows", 2 * MiB + 1],
    ["is cut", MiB],
    ["is emptied", 0],
  ])("fails when a file %s while it is read", async (_what, length) => {
    put("x", content(2 * MiB));
    const onProgress = () => truncateSync(join(root, "x"), length);
    expect(await codeOfFailure(() => create("x", { onProgress }))).toBe("changed");
  });
});

describe("the automatic piece length", () => {
  it("is a power of two that gives 1000 to 2000 pieces, within its bounds", () => {
    expect(automaticPieceLength(1)).toBe(16 * KiB);
    expect(automaticPieceLength(2 ** 50)).toBe(16 * MiB);
    for (let length = 40 * MiB; length < 30_000 * MiB; length = Math.floor(length * 1.3)) {
      const pieces = length / automaticPieceLength(length);
      expect(pieces).toBeGreaterThan(999);
      expect(pieces).toBeLessThanOrEqual(2000);
      expect(Number.isInteger(Math.log2(automaticPieceLength(length)))).toBe(true);
    }
  });
});
