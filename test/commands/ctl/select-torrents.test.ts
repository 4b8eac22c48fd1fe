import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { infoHashFromHex } from "../../../source/base/ids.ts";
import { sanitise } from "../../../source/base/sanitise.ts";
import { selectTorrent, selectTorrents } from "../../../source/commands/ctl/select-torrents.ts";
import { torrentRow } from "../../control/fake-target.ts";

const named = (name: string, hashStart: string) =>
  torrentRow(1, { name, infoHash: infoHashFromHex(hashStart.padEnd(40, "0")) });

const debian = named("debian-13.iso", "abcd1");
const debianNet = named("Debian-13-netinst.iso", "abcd2");
const album = named("Über Album", "1234");
const tricky = named("abcd1", "9999");
const rows = [debian, debianNet, album, tricky];
const find = (argument: string, takesParts = true) => selectTorrent(rows, argument, { takesParts }).name;

describe("a torrent is named by", () => {
  it("its whole info hash, in either case", () => {
    expect(find(debian.infoHash)).toBe(debian.name);
    expect(find(debian.infoHash.toUpperCase())).toBe(debian.name);
  });

  it("its exact name, even where that looks like the digits of another", () => {
    expect(find("abcd1")).toBe("abcd1");
    expect(find("debian-13.iso")).toBe("debian-13.iso");
  });

  it("four or more first digits that no other has", () => {
    expect(find("abcd2")).toBe(debianNet.name);
    expect(find("1234")).toBe(album.name);
    expect(() => find("123")).toThrow('there is no torrent "123"');
    expect(() => find("abcd")).toThrow(
      /"abcd" fits 2 torrents: abcd1000 debian-13\.iso, abcd2000 Debian-13-netinst\.iso$/,
    );
  });

  it("its name in other letters, or a part of it that no other has", () => {
    expect(find("über album")).toBe(album.name);
    expect(find("u\u0308ber")).toBe(album.name);
    expect(find("NETINST")).toBe(debianNet.name);
    expect(() => find("debian")).toThrow("fits 2 torrents");
    expect(() => find("")).toThrow("there is no torrent");
  });

  it("no part of its name where that could destroy something", () => {
    expect(() => find("NETINST", false)).toThrow("there is no torrent");
    expect(find("debian-13-NETINST.iso", false)).toBe(debianNet.name);
    expect(find("abcd2", false)).toBe(debianNet.name);
  });

  it("its name as it is shown, where that was not fit to be shown", () => {
    const nasty = named("evil\u202egpj.exe", "7777");
    expect(selectTorrent([nasty], "evilgpj.exe", { takesParts: false })).toBe(nasty);
    expect(() => selectTorrent([nasty], "no\u001b[2J", { takesParts: true })).toThrow(/^[^\u001b]*$/);
  });
});

describe("several torrents", () => {
  const options = { takesAll: true, takesParts: true };

  it("are each selected once, whatever else is not found", () => {
    const selection = selectTorrents(rows, ["1234", "nothing", "Über Album", "netinst", "abcd"], options);
    expect(selection.rows).toEqual([album, debianNet]);
    expect(selection.failures.map(({ argument, error }) => [argument, error.code])).toEqual([
      ["nothing", "unknown-torrent"],
      ["abcd", "ambiguous-torrent"],
    ]);
  });

  it("may be all, where that is harmless", () => {
    expect(selectTorrents(rows, ["all"], options).rows).toEqual(rows);
    expect(selectTorrents(rows, ["all"], { ...options, takesAll: false }).failures).toHaveLength(1);
    expect(selectTorrents([], ["all"], options)).toEqual({ rows: [], failures: [] });
  });

  it("are not all for the sake of a term that says nothing, as of a variable that is not set", () => {
    for (const term of ["state:", "path:", "Path: ", "state:,"]) {
      const { rows: found, failures } = selectTorrents(rows, [term], options);
      expect(found).toEqual([]);
      expect(failures[0]?.error.message).toContain("says nothing after the colon");
    }
    // Those without any.
    expect(selectTorrents(rows, ["label:"], options).rows).toEqual(rows);
  });

  it("are never confused: whatever is selected has the digits or the name", () => {
    const text = fc.oneof(fc.string({ maxLength: 6 }), fc.stringMatching(/^[0-9a-f]{1,8}$/));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(text, fc.stringMatching(/^[0-9a-f]{8}$/)), {
          maxLength: 6,
          selector: ([, hash]) => hash,
        }),
        text,
        (torrents, argument) => {
          const all = torrents.map(([name, hashStart]) => named(name, hashStart));
          const { rows: found, failures } = selectTorrents(all, [argument], { takesAll: false, takesParts: true });
          expect(found.length + failures.length).toBe(1);
          const fold = (value: string) => value.normalize("NFC").toLowerCase();
          const fits = ({ infoHash, name }: { readonly infoHash: string; readonly name: string }) =>
            (argument.length >= 4 && infoHash.startsWith(argument.toLowerCase())) ||
            (argument !== "" && fold(sanitise(name)).includes(fold(sanitise(argument)))) ||
            sanitise(name) === argument ||
            name === argument;
          for (const row of found) expect(fits(row)).toBe(true);
        },
      ),
    );
  });
});
