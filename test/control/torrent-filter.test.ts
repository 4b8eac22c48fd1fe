import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  filterOf,
  filterProblem,
  isFilterTerm,
  splitTerms,
  torrentFilter,
  torrentStates,
} from "../../source/control/torrent-filter.ts";
import { torrentRow } from "./fake-target.ts";

const debian = torrentRow(1, {
  name: "debian-13.iso",
  state: "seeding",
  labels: ["linux", "big ones"],
  trackerHosts: ["bttracker.debian.org"],
  savePath: "/srv/isos",
});
const album = torrentRow(2, {
  name: "Über Album: live",
  state: "paused",
  labels: [],
  trackerHosts: [],
  savePath: "/home/me",
});
const film = torrentRow(3, {
  name: "some film",
  state: "failed",
  labels: ["Linux"],
  trackerHosts: ["tracker.example.net", "t.debian.org"],
  savePath: "/srv/films",
});
const rows = [debian, album, film];
const found = (text: string) => rows.filter(torrentFilter(text));

describe("a filter", () => {
  it("of the first digits of an info hash finds its torrent", () => {
    expect(found(film.infoHash.slice(0, 8).toUpperCase())).toContain(film);
    expect(found(film.infoHash)).toEqual([film]);
    expect(found(`-${film.infoHash}`)).toEqual([debian, album]);
    expect(found(film.infoHash.slice(0, 7))).toEqual([]);
  });

  it("of nothing lets all through", () => {
    expect(found("")).toEqual(rows);
    expect(found("   ")).toEqual(rows);
  });

  it("finds text in names, in either case and however it is composed", () => {
    expect(found("DEBIAN")).toEqual([debian]);
    expect(found("u\u0308ber")).toEqual([album]);
    expect(found("some fil")).toEqual([film]);
    expect(found("nothing")).toEqual([]);
  });

  it("finds states by their beginning, several with commas", () => {
    expect(found("state:seed")).toEqual([debian]);
    expect(found("state:paused,failed")).toEqual([album, film]);
    expect(found("state:failed,")).toEqual([film]);
  });

  it("finds labels by their whole name, and torrents that have none", () => {
    expect(found("label:linux")).toEqual([debian, film]);
    expect(found("label:lin")).toEqual([]);
    expect(found('label:"big ones"')).toEqual([debian]);
    expect(found("label:")).toEqual([album]);
  });

  it("finds trackers by a part of their host, and folders by a part of their path", () => {
    expect(found("tracker:debian.org")).toEqual([debian, film]);
    expect(found("tracker:example")).toEqual([film]);
    expect(found("tracker:")).toEqual([album]);
    expect(found("path:/srv")).toEqual([debian, film]);
  });

  it("asks that all terms hold, and turns those with a minus round", () => {
    expect(found("label:linux state:failed film")).toEqual([film]);
    expect(found("label:linux -state:failed")).toEqual([debian]);
    expect(found("-film -label:")).toEqual([debian]);
  });

  it("takes what stands before other colons as text", () => {
    expect(found('"album: live"')).toEqual([album]);
    expect(isFilterTerm("album:")).toBe(false);
    expect(isFilterTerm("-label:x")).toBe(true);
    expect(found("-")).toEqual([debian]);
  });

  it("says where no state begins so", () => {
    expect(filterProblem(["state:sleeping"])).toMatch(
      /^no state begins with "sleeping": there are fetching, checking,/,
    );
    expect(filterProblem(["state:seeding,paused", "sleeping", "label:sleeping"])).toBeUndefined();
  });

  it("never throws, and a term and its opposite share all rows out", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const term of splitTerms(text)) {
          if (term.startsWith("-")) continue;
          const yes = rows.filter(filterOf([term]));
          const no = rows.filter(filterOf([`-${term}`]));
          expect(yes.length + no.length).toBe(rows.length);
          expect(yes.filter((row) => no.includes(row))).toEqual([]);
        }
      }),
    );
  });

  it("finds every state by its name", () => {
    for (const state of torrentStates) {
      expect(torrentFilter(`state:${state}`)(torrentRow(1, { state }))).toBe(true);
    }
  });
});
