/** Bytes that nobody meant: whatever comes, a value or a `ProtocolError`, and for a torrent a `Metainfo` or an `OperationalError`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OperationalError, ProtocolError } from "../../source/base/errors.ts";
import { randomBelow, SeededRandom } from "../../source/base/random.ts";
import { decode, decodeDictPrefix } from "../../source/bencode/decode.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { bencodeOf } from "../support/bencode-of.ts";

const hasher = new NodeHasher();
const folder = join(import.meta.dirname, "../../fixtures/torrents");
const samples = readdirSync(folder)
  .filter((file) => file.endsWith(".torrent"))
  .map((file) => new Uint8Array(readFileSync(join(folder, file))));

function decodeOrRefuse(bytes: Uint8Array): void {
  try {
    const value = decode(bytes);
    // What was accepted is whole: it can be written again, in no more bytes.
    expect(bencodeOf(value).length).toBe(bytes.length);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== "bad-bencode") throw error;
  }
  try {
    expect(decodeDictPrefix(bytes).end).toBeLessThanOrEqual(bytes.length);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

function parseOrRefuse(bytes: Uint8Array): void {
  try {
    const metainfo = parseMetainfo(bytes, hasher);
    const last = metainfo.files.at(-1);
    expect((last?.offset ?? 0) + (last?.length ?? 0)).toBe(metainfo.totalLength);
    expect(metainfo.pieceHashes.length).toBe(20 * Math.ceil(metainfo.totalLength / metainfo.pieceLength));
    const paths = metainfo.files.filter((file) => !file.isPadding).map((file) => file.path.join("/"));
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect(path).not.toMatch(/(^|\/)\.{0,2}(\/|$)|[\0\\]/);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    expect(["bad-metainfo", "v2-only"]).toContain(error.code);
  }
}

/** A few bytes changed, dropped, doubled or taken from elsewhere. */
function mutate(random: SeededRandom, sample: Uint8Array): Uint8Array {
  const bytes = [...sample];
  const alphabet = "0123456789-:dliex";
  for (let times = randomBelow(random, 4); times >= 0; times--) {
    const at = randomBelow(random, bytes.length + 1);
    const count = randomBelow(random, 8);
    switch (randomBelow(random, 5)) {
      case 0:
        bytes[at] = randomBelow(random, 256);
        break;
      case 1:
        bytes[at] = alphabet.charCodeAt(randomBelow(random, alphabet.length));
        break;
      case 2:
        bytes.splice(at, count);
        break;
      case 3:
        bytes.splice(at, 0, ...bytes.slice(at, at + count));
        break;
      default:
        bytes.splice(at, count, ...bytes.slice(randomBelow(random, bytes.length + 1)).slice(0, count));
    }
  }
  return Uint8Array.from(bytes.map((byte) => byte ?? 0));
}

describe("the bencode decoder", () => {
  it("survives random bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), decodeOrRefuse), { numRuns: 2000 });
  });

  it("survives random words of bencode's alphabet", () => {
    const word = fc.constantFrom(
      "d",
      "l",
      "e",
      "i",
      "e",
      "0",
      "1",
      "9",
      "-",
      ":",
      "0:",
      "1:a",
      "2:ab",
      "i1e",
      "le",
      "de",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) =>
        decodeOrRefuse(new TextEncoder().encode(words.join(""))),
      ),
      { numRuns: 5000 },
    );
  });

  it("survives every prefix of a torrent", () => {
    for (const sample of samples.filter(({ length }) => length < 2000)) {
      for (let length = 0; length < sample.length; length++) decodeOrRefuse(sample.subarray(0, length));
    }
  });
});

describe("the reader of torrent files", () => {
  it("survives mutations of the fixtures", () => {
    const random = new SeededRandom(20_261_121);
    for (const sample of samples.filter(({ length }) => length < 4000)) {
      for (let times = 0; times < 150; times++) {
        const mutated = mutate(random, sample);
        decodeOrRefuse(mutated);
        parseOrRefuse(mutated);
      }
    }
  });

  it("survives values of every type under every key it reads", () => {
    const value = fc.oneof(
      fc.constantFrom(0, 1, -1, 5, 16_384, 2 ** 31, 2 ** 53 - 1),
      fc.bigInt(-(2n ** 64n), 2n ** 64n),
      fc.string({ maxLength: 20 }),
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.constantFrom([], [[]], {}, ["a"], [{ length: 5, path: ["a"] }], [{ length: 1, path: ["..", ""], attr: "l" }]),
    );
    const optional = (...keys: readonly string[]) =>
      fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });
    const base = { name: "n", "piece length": 16_384, pieces: new Uint8Array(20), length: 5 };
    fc.assert(
      fc.property(
        optional("announce", "announce-list", "url-list", "comment", "created by", "creation date", "comment.utf-8"),
        optional("name", "name.utf-8", "piece length", "pieces", "length", "files", "private", "meta version", "attr"),
        (root, info) => parseOrRefuse(bencodeOf({ ...root, info: { ...base, ...info } })),
      ),
      { numRuns: 3000 },
    );
  });
});
