import { describe, expect, it } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import { type Encodable, encode } from "../../source/bencode/encode.ts";
import {
  fileCountMax,
  metainfoLengthMax,
  parseMetainfo,
  pieceLengthMax,
} from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";

const hasher = new NodeHasher();
const parse = (bytes: Uint8Array) => parseMetainfo(bytes, hasher);

type Entries = { readonly [key: string]: Encodable | undefined };

function torrent(info: Entries = {}, root: Entries = {}): Uint8Array {
  const whole = { name: "n", "piece length": 16_384, pieces: new Uint8Array(20), length: 5, ...info };
  return encode({ info: whole, ...root });
}

/** As `torrent`, with 2^63 in the place of this one number, which no encoder of ours writes. */
const placeholder = 424_242_424_242;
function withHugeNumber(bytes: Uint8Array): Uint8Array {
  return Buffer.from(
    Buffer.from(bytes)
      .toString("latin1")
      .replace(`i${placeholder}e`, `i${2n ** 63n}e`),
    "latin1",
  );
}

/** Of one piece, so that tests of many files need few hashes. */
function folder(files: readonly Encodable[]): Uint8Array {
  return torrent({ length: undefined, files, "piece length": pieceLengthMax });
}

function failureOf(bytes: Uint8Array): { readonly code: string; readonly message: string } {
  try {
    parse(bytes);
  } catch (error) {
    return { code: codeOf(error), message: error instanceof Error ? error.message : "" };
  }
  return { code: "accepted", message: "" };
}

describe("a torrent file", () => {
  it("gives files at their offsets, lying in the torrent's folder", () => {
    const { files, totalLength } = parse(
      folder([
        { length: 3, path: ["a"] },
        { length: 0, path: ["b"] },
        { length: 4, path: ["c", "d"] },
      ]),
    );
    expect(files).toEqual([
      { path: ["n", "a"], length: 3, offset: 0, isPadding: false },
      { path: ["n", "b"], length: 0, offset: 3, isPadding: false },
      { path: ["n", "c", "d"], length: 4, offset: 3, isPadding: false },
    ]);
    expect(totalLength).toBe(7);
  });

  it("keeps nothing of the bytes it was read from", () => {
    const bytes = torrent({}, { comment: "c" });
    const metainfo = parse(bytes);
    const before = structuredClone(metainfo);
    bytes.fill(0);
    expect(metainfo).toEqual(before);
    expect(metainfo.infoBytes.buffer).not.toBe(bytes.buffer);
    expect(metainfo.pieceHashes.buffer).toBe(metainfo.infoBytes.buffer);
  });

  it("is private for any value but 0", () => {
    expect(parse(torrent()).isPrivate).toBe(false);
    expect(parse(torrent({ private: 0 })).isPrivate).toBe(false);
    expect(parse(torrent({ private: 1 })).isPrivate).toBe(true);
    expect(parse(torrent({ private: "1" })).isPrivate).toBe(true);
    // Outside the info dictionary anybody can add or take it away.
    expect(parse(torrent({}, { private: 1 })).isPrivate).toBe(false);
  });

  it("names trackers by announce where announce-list has none that can be used", () => {
    const announce = "http://a/announce";
    expect(parse(torrent({}, { announce })).trackerTiers).toEqual([[announce]]);
    expect(parse(torrent({}, { announce, "announce-list": [] })).trackerTiers).toEqual([[announce]]);
    expect(parse(torrent({}, { announce, "announce-list": [["x"], "y", 1] })).trackerTiers).toEqual([[announce]]);
    expect(parse(torrent({}, { announce, "announce-list": [["http://b/"]] })).trackerTiers).toEqual([["http://b/"]]);
    expect(parse(torrent({}, { announce: "javascript:alert(1)" })).trackerTiers).toEqual([]);
    expect(parse(torrent()).trackerTiers).toEqual([]);
  });

  it("takes a flat announce-list for tiers of one", () => {
    expect(parse(torrent({}, { "announce-list": ["http://a/", "udp://b:1"] })).trackerTiers).toEqual([
      ["http://a/"],
      ["udp://b:1"],
    ]);
  });

  it("names no more trackers than can be announced to", () => {
    const many = Array.from({ length: 5000 }, (_, i) => [`http://t${i}/announce`]);
    expect(parse(torrent({}, { "announce-list": many })).trackerTiers).toHaveLength(500);
    expect(parse(torrent({}, { announce: `http://a/${"x".repeat(3000)}` })).trackerTiers).toEqual([]);
  });

  it("keeps a creation date only where it is a date", () => {
    expect(parse(torrent({}, { "creation date": 1_700_000_000 })).creationDate).toBe(1_700_000_000);
    for (const odd of [-1, 2 ** 53 - 1, placeholder, "yesterday"]) {
      expect(parse(withHugeNumber(torrent({}, { "creation date": odd }))).creationDate).toBeUndefined();
    }
  });

  it("gives texts as they are, cut to a bound", () => {
    const metainfo = parse(torrent({ name: "\u001b[2J" }, { comment: "x".repeat(100_000), "created by": "me" }));
    expect(metainfo.name).toBe("\u001b[2J");
    expect(metainfo.files[0]?.path).toEqual(["_[2J"]);
    expect(metainfo.comment).toHaveLength(10_000);
    expect(metainfo.createdBy).toBe("me");
    expect(parse(torrent({}, { comment: "", "created by": 7 }))).toMatchObject({
      comment: undefined,
      createdBy: undefined,
    });
  });

  it("prefers a .utf-8 twin unless that is broken", () => {
    const latin1 = Uint8Array.of(0xe9);
    expect(parse(torrent({ name: latin1, "name.utf-8": "é" })).name).toBe("é");
    expect(parse(torrent({ name: "fine", "name.utf-8": latin1 })).name).toBe("fine");
    expect(parse(torrent({ name: "fine", "name.utf-8": "" })).name).toBe("fine");
    expect(parse(torrent({ name: "fine", "name.utf-8": 5 })).name).toBe("fine");
  });
});

describe("a torrent file that is refused", () => {
  it("says so before anything is made of a claimed size", () => {
    expect(failureOf(torrent({ length: Number.MAX_SAFE_INTEGER })).code).toBe("bad-metainfo");
    expect(failureOf(torrent({ length: Number.MAX_SAFE_INTEGER, "piece length": 1 })).code).toBe("bad-metainfo");
    expect(failureOf(withHugeNumber(torrent({ length: placeholder }))).code).toBe("bad-metainfo");
    expect(failureOf(new Uint8Array(metainfoLengthMax + 1).fill(0x6c)).code).toBe("bad-metainfo");
  });

  it("has pieces of 1 to 2^28 bytes", () => {
    expect(failureOf(torrent({ "piece length": 0 })).code).toBe("bad-metainfo");
    expect(failureOf(torrent({ "piece length": pieceLengthMax + 1 })).code).toBe("bad-metainfo");
    expect(parse(torrent({ "piece length": pieceLengthMax })).pieceCount).toBe(1);
    expect(parse(torrent({ "piece length": 1, pieces: new Uint8Array(100) })).pieceCount).toBe(5);
  });

  it("has more files than fit", () => {
    const file = encode({ length: 1, path: ["a"] });
    const head = new TextEncoder().encode("d4:infod5:filesl");
    const bytes = new Uint8Array(head.length + file.length * (fileCountMax + 1) + 2 + 60);
    bytes.set(head);
    for (let i = 0; i <= fileCountMax; i++) bytes.set(file, head.length + i * file.length);
    const tail = new TextEncoder().encode("e4:name1:n12:piece lengthi16384e6:pieces0:ee");
    bytes.set(tail, head.length + file.length * (fileCountMax + 1));
    const { code, message } = failureOf(
      bytes.subarray(0, head.length + file.length * (fileCountMax + 1) + tail.length),
    );
    expect(code).toBe("bad-metainfo");
    expect(message).toContain(`more than ${fileCountMax}`);
  });

  it("is told apart by its sentence when it is v2 only", () => {
    const bytes = torrent({ pieces: undefined, "meta version": 2, "file tree": {} });
    expect(failureOf(bytes)).toEqual({
      code: "v2-only",
      message: "this is a BitTorrent v2-only torrent; those are not supported yet",
    });
  });

  it("keeps what the decoder said as the cause", () => {
    try {
      parse(new TextEncoder().encode("d4:infoi01ee"));
      expect.unreachable();
    } catch (error) {
      expect(codeOf((error as Error).cause)).toBe("bad-bencode");
    }
  });
});

describe("a hostile torrent file", () => {
  it("may have a hundred thousand files of one name: each gets its own", () => {
    const { files } = parse(folder(Array.from({ length: 100_000 }, () => ({ length: 1, path: ["bar.txt"] }))));
    expect(new Set(files.map(({ path }) => path.join("/"))).size).toBe(100_000);
  });

  it("may have paths as deep as allowed, thousands of times", () => {
    const deep = (i: number) => [
      ...Array.from({ length: 90 }, (_, depth) => ((i >> (depth % 12)) & 1 ? "a" : "b")),
      "f",
    ];
    const { files } = parse(folder(Array.from({ length: 4096 }, (_, i) => ({ length: 1, path: deep(i) }))));
    expect(new Set(files.map(({ path }) => path.join("/"))).size).toBe(4096);
  });

  it("may have millions of items: it is refused for them", () => {
    const bytes = new Uint8Array(20_000_000).fill(0x30);
    const head = new TextEncoder().encode("d1:xl");
    bytes.set(head);
    for (let i = head.length; i + 1 < bytes.length; i += 2) bytes[i + 1] = 0x3a;
    expect(failureOf(bytes)).toMatchObject({ code: "bad-metainfo" });
    expect(failureOf(bytes).message).toContain("too many items");
  });
});
