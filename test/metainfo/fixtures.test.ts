import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";

interface Fixture {
  readonly file: string;
  readonly what: string;
  readonly expect: {
    readonly error?: string;
    readonly infoHash?: string;
    readonly files?: readonly (readonly [path: string, length: number])[];
    readonly [property: string]: unknown;
  };
}

const folder = join(import.meta.dirname, "../../fixtures/torrents");
const fixtures = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as readonly Fixture[];
const hasher = new NodeHasher();

function bytesOf(fixture: Fixture): Uint8Array {
  return readFileSync(join(folder, fixture.file));
}

describe("a torrent that is accepted", () => {
  for (const fixture of fixtures.filter(({ expect: wanted }) => wanted.error === undefined)) {
    it(`${fixture.file}: ${fixture.what}`, () => {
      const { files, ...wanted } = fixture.expect;
      const metainfo = parseMetainfo(bytesOf(fixture), hasher);
      expect(metainfo).toMatchObject(wanted);
      expect(metainfo.files.map((file) => [file.isPadding ? "(padding)" : file.path.join("/"), file.length])).toEqual(
        files,
      );
      expect(metainfo.files.reduce((sum, file) => sum + file.length, 0)).toBe(metainfo.totalLength);
      expect(metainfo.pieceHashes.length).toBe(20 * metainfo.pieceCount);
      expect(Buffer.from(hasher.sha1(metainfo.infoBytes)).toString("hex")).toBe(metainfo.infoHash);
    });
  }
});

describe("a torrent that is refused", () => {
  for (const fixture of fixtures.filter(({ expect: wanted }) => wanted.error !== undefined)) {
    it(`${fixture.file}: ${fixture.what}`, () => {
      let thrown: unknown;
      try {
        parseMetainfo(bytesOf(fixture), hasher);
      } catch (error) {
        thrown = error;
      }
      expect(codeOf(thrown)).toBe(fixture.expect.error);
      // One sentence that a person can read: no control characters, no stack, not the file itself.
      expect((thrown as Error).message).toMatch(/^[\x20-\x7e]{10,200}$/);
    });
  }
});
