import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../source/bencode/encode.ts";
import { formatMagnet, looksLikeMagnet, parseMagnet, torrentOfInfo } from "../../source/metainfo/magnet.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";

const hex = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a";
const base32 = "YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK";

describe("a magnet link (BEP 9)", () => {
  it("takes the info hash in hex and in base32, in either case", () => {
    for (const hash of [hex, hex.toUpperCase(), base32, base32.toLowerCase()]) {
      expect(parseMagnet(`magnet:?xt=urn:btih:${hash}`).infoHash).toBe(hex);
      expect(parseMagnet(hash).infoHash).toBe(hex);
      expect(looksLikeMagnet(hash)).toBe(true);
    }
  });

  it("takes name, trackers, web seeds, peers and files", () => {
    const magnet = parseMagnet(
      `MAGNET:?xt=urn:btih:${hex}&dn=A+%C3%A9%20b&tr=http%3A%2F%2Ft.example%2Fannounce&tr.1=udp://u.example:1337&tr=ftp://no` +
        `&ws=https://w.example/a&x.pe=10.0.0.1:6881&x.pe=[2001:db8::1]:51413&x.pe=nonsense&so=0,2,4-6,9-7,x#part`,
    );
    expect(magnet).toEqual({
      infoHash: hex,
      name: "A é b",
      trackers: ["http://t.example/announce", "udp://u.example:1337"],
      webSeeds: ["https://w.example/a"],
      peers: ["10.0.0.1:6881", "[2001:db8::1]:51413"],
      only: [
        { first: 0, last: 0 },
        { first: 2, last: 2 },
        { first: 4, last: 6 },
      ],
    });
  });

  it("takes the v1 hash of a hybrid, and says what it cannot take", () => {
    expect(parseMagnet(`magnet:?xt=urn:btmh:1220${"00".repeat(32)}&xt=urn:btih:${hex}`).infoHash).toBe(hex);
    const code = (text: string): string => {
      try {
        parseMagnet(text);
        return "";
      } catch (error) {
        return (error as { readonly code: string }).code;
      }
    };
    expect(code(`magnet:?xt=urn:btmh:1220${"00".repeat(32)}`)).toBe("v2-only");
    for (const bad of [
      "magnet:?dn=x",
      "magnet:?xt=urn:btih:123",
      "magnet:",
      "http://x",
      `magnet:?${"a".repeat(70_000)}`,
    ])
      expect(code(bad), bad.slice(0, 30)).toBe("bad-magnet");
  });

  it("is bounded whatever is in it, and throws nothing else", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        try {
          const magnet = parseMagnet(`magnet:?xt=urn:btih:${hex}&${text}`);
          expect(magnet.trackers.length).toBeLessThanOrEqual(500);
          expect(magnet.name.length).toBeLessThanOrEqual(1000);
        } catch (error) {
          expect((error as Error).name).toBe("OperationalError");
        }
      }),
    );
  });

  it("comes back from what it is written as", () => {
    fc.assert(
      fc.property(
        fc.record({
          name: fc.string({ maxLength: 50, unit: "grapheme" }).map((text) => text.toWellFormed()),
          only: fc.array(fc.record({ first: fc.nat(99), more: fc.nat(9) }), { maxLength: 5 }),
        }),
        ({ name, only }) => {
          const magnet = {
            ...parseMagnet(hex),
            name,
            trackers: ["http://a.example/announce?key=1&x=2", "udp://b.example:80"],
            peers: ["1.2.3.4:5"],
            only: only.map(({ first, more }) => ({ first, last: first + more })).sort((a, b) => a.first - b.first),
          };
          expect(parseMagnet(formatMagnet(magnet))).toEqual(magnet);
        },
      ),
    );
  });
});

describe("a .torrent file made of what peers sent", () => {
  const hasher = new NodeHasher();
  const info = encode({ name: "x", length: 5, "piece length": 16_384, pieces: new Uint8Array(20) });

  it("has the hash of the info dictionary as it came, keys out of order and all", () => {
    const odd = new TextEncoder().encode(`d4:name1:x6:lengthi5e12:piece lengthi16384e6:pieces20:${"\0".repeat(20)}e`);
    for (const bytes of [info, odd]) {
      const torrent = torrentOfInfo(bytes, {
        trackers: ["http://a.example/announce"],
        webSeeds: ["http://w.example/"],
      });
      const metainfo = parseMetainfo(torrent, hasher);
      expect(metainfo.infoBytes).toEqual(bytes);
      expect(metainfo.trackerTiers).toEqual([["http://a.example/announce"]]);
      expect(metainfo.webSeeds).toEqual(["http://w.example/"]);
    }
  });

  it("needs neither trackers nor web seeds", () => {
    expect(parseMetainfo(torrentOfInfo(info, { trackers: [], webSeeds: [] }), hasher).trackerTiers).toEqual([]);
  });
});
