import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedRenames, type Renames, withRenames } from "../../source/metainfo/renames.ts";
import { uniquePaths } from "../../source/metainfo/safe-paths.ts";
import { makeTorrent } from "../storage/torrents.ts";

const { metainfo } = makeTorrent(16_384, [
  { path: ["root", "a"], length: 5 },
  { path: ["root", "deep", "b"], length: 5 },
  { path: ["root", ".pad", "1"], length: 5, isPadding: true },
  { path: ["root", "deep", "er", "c"], length: 5 },
]);
const pathsWith = (renames: Renames) => withRenames(metainfo, renames).files.map(({ path }) => path.join("/"));

describe("names of a torrent's own", () => {
  it("hold for a folder with all that is in it, whatever it is called by now", () => {
    let renames = changedRenames(metainfo.files, [], "root/deep/er", "inner");
    renames = changedRenames(metainfo.files, renames, "", "top");
    renames = changedRenames(metainfo.files, renames, "top/deep/inner/c", "last");
    expect(pathsWith(renames)).toEqual(["top/a", "top/deep/b", "top/.pad/1", "top/deep/inner/last"]);
    renames = changedRenames(metainfo.files, renames, "top/deep/inner", "er");
    expect(pathsWith(renames).at(-1)).toBe("top/deep/er/last");
    expect(renames).toHaveLength(2);
  });

  it("leave every path apart from the others, or are refused", () => {
    const name = fc.constantFrom("a", "A", "b", "c", "deep", "x", "er", "1");
    const which = fc.nat(6);
    fc.assert(
      fc.property(fc.array(fc.tuple(which, name), { maxLength: 12 }), (steps) => {
        let renames: Renames = [];
        for (const [index, name] of steps) {
          const paths = pathsWith(renames).flatMap((path) => {
            const parts = path.split("/");
            return parts.map((_, depth) => parts.slice(0, depth + 1).join("/"));
          });
          const all = [...new Set(paths)];
          try {
            renames = changedRenames(metainfo.files, renames, all[index % all.length] ?? "", name);
          } catch {
            // Taken.
          }
          const now = pathsWith(renames).map((path) => path.split("/"));
          expect(uniquePaths(now)).toEqual(now);
          expect(now.map((path) => path.length)).toEqual(metainfo.files.map(({ path }) => path.length));
        }
      }),
    );
  });
});
