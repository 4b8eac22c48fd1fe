import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../source/base/errors.ts";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { parseAnnounceAnswer, parseScrapeAnswer } from "../../source/discovery/tracker-answer.ts";
import { announceUrl, scrapeUrl, trackerKindOf } from "../../source/discovery/tracker-codec.ts";
import { type Bencodable, bencodeOf } from "../support/bencode-of.ts";
import { infoHash, peerId } from "./scripted-trackers.ts";

const query = { infoHash, peerId, port: 6881, uploaded: 0, downloaded: 0, left: 5, numwant: 50, key: 10 };

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The answer's success, or the test fails. */
function success(value: Bencodable) {
  const answer = parseAnnounceAnswer(bencodeOf(value), 200);
  if (answer.kind === "failure") throw new Error(answer.reason);
  return answer;
}

describe("an announce URL", () => {
  test("has everything that BEP 3, 7 and 23 ask for, raw bytes percent-encoded", () => {
    const encodedHash = "%00%FF~%20".repeat(5);
    expect(announceUrl("http://t.example:80/announce", { ...query, event: "started" })).toBe(
      `http://t.example:80/announce?info_hash=${encodedHash}&peer_id=-PT0100-abcdefghijkl&port=6881` +
        "&uploaded=0&downloaded=0&left=5&compact=1&numwant=50&key=0000000A&event=started",
    );
  });

  test("keeps the query that the tracker's URL has, and drops a fragment", () => {
    expect(announceUrl("http://t/announce?passkey=a%20b", query)).toMatch(
      /^http:\/\/t\/announce\?passkey=a%20b&info_h/,
    );
    expect(announceUrl("http://t/announce?", query)).toMatch(/^http:\/\/t\/announce\?info_hash=/);
    expect(announceUrl("http://t/announce?x&", query)).toMatch(/^http:\/\/t\/announce\?x&info_hash=/);
    expect(announceUrl("http://t/announce#part", query)).toMatch(/^http:\/\/t\/announce\?info_hash=/);
  });

  test("repeats a tracker id, whatever bytes it has, and leaves out an event that is none", () => {
    const url = announceUrl("http://t/announce", { ...query, trackerId: new Uint8Array([0, 38, 255]) });
    expect(url).toMatch(/&trackerid=%00%26%FF$/);
    expect(url).not.toContain("event");
  });

  test("never says a negative, fractional or infinite number", () => {
    const url = announceUrl("http://t/announce", { ...query, left: -1, uploaded: Number.NaN, downloaded: 1e300 });
    expect(url).toContain("&uploaded=0&downloaded=0&left=0&");
    expect(announceUrl("http://t/announce", { ...query, numwant: 5000 })).toContain("&numwant=200&");
  });

  test("survives URL parsing, byte for byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (hash) => {
        const hex = Buffer.from(hash).toString("hex");
        const url = new URL(announceUrl("http://t/announce", { ...query, infoHash: infoHashFromHex(hex) }));
        const raw = /info_hash=([^&]*)/.exec(url.search)?.[1] ?? "";
        const back = raw.replace(/%(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
        expect(Buffer.from(back, "latin1").toString("hex")).toBe(hex);
      }),
    );
  });
});

describe("a scrape URL (BEP 48)", () => {
  test("has scrape in place of announce in the last path element", () => {
    const tail = `info_hash=${"%00%FF~%20".repeat(5)}`;
    expect(scrapeUrl("http://t/x/announce", [infoHash])).toBe(`http://t/x/scrape?${tail}`);
    expect(scrapeUrl("http://t/announce.php?key=1", [infoHash])).toBe(`http://t/scrape.php?key=1&${tail}`);
    expect(scrapeUrl("http://t/announce/a", [infoHash])).toBe(undefined);
    expect(scrapeUrl("http://t/x?announce", [infoHash])).toBe(undefined);
    expect(scrapeUrl("http://t/a", [infoHash])).toBe(undefined);
  });
});

describe("the kind of a tracker", () => {
  test.each([
    ["http://t.example/announce", "http"],
    ["https://[2001:db8::1]:443/announce", "http"],
    ["udp://T.example:1337/announce", "udp t.example 1337 /announce"],
    ["udp://t.example:80", "udp t.example 80 "],
    ["UDP://user:word@[2001:DB8::1]:6969/announce?pass=a%20b#part", "udp 2001:db8::1 6969 /announce?pass=a%20b"],
    ["udp://t.example/announce", "its URL names no port"],
    ["udp://t.example:0/announce", "its URL names no port"],
    ["udp://:6969", "its URL is not valid"],
    ["udp://a b:6969", "its URL is not valid"],
    ["wss://t.example", "wss trackers are not supported yet"],
    ["file:///etc/passwd", "file trackers are not supported yet"],
    ["", "its URL is not valid"],
    [`http://t/${"x".repeat(3000)}`, "its URL is too long"],
  ])("%s", (url, expected) => {
    const kind = trackerKindOf(url);
    const seen = (): string => {
      if (kind.kind === "udp") return `udp ${kind.host} ${kind.port} ${kind.urlData}`;
      return kind.kind === "http" ? "http" : kind.message;
    };
    expect(seen()).toBe(expected);
  });
});

describe("an announce answer", () => {
  test("gives compact IPv4 and IPv6 peers, counts and times", () => {
    const v6 = new Uint8Array(18);
    v6.set([0x20, 0x01, 0x0d, 0xb8]);
    v6.set([1, 0x1a, 0xe1], 15);
    expect(
      success({
        interval: 900,
        "min interval": 120,
        complete: 7,
        incomplete: 8,
        downloaded: 9,
        "tracker id": "abc",
        "warning message": "be\u001b[31m nice",
        "external ip": new Uint8Array([203, 0, 113, 9]),
        peers: new Uint8Array([198, 51, 100, 1, 0x1a, 0xe1, 198, 51, 100, 2, 0, 0, 1, 2]),
        peers6: v6,
      }),
    ).toEqual({
      kind: "success",
      intervalMs: 900_000,
      minIntervalMs: 120_000,
      peers: [
        { address: "2001:db8::1", port: 6881 },
        { address: "198.51.100.1", port: 6881 },
      ],
      seeds: 7,
      leeches: 8,
      completions: 9,
      trackerId: bytes("abc"),
      warning: "be[31m nice",
      externalAddress: "203.0.113.9",
    });
  });

  test("gives dictionary peers that have an address; names and nonsense are left out", () => {
    const { peers } = success({
      peers: [
        { ip: "198.51.100.1", port: 6881, "peer id": "x" },
        { ip: "2001:DB8::1", port: 6882 },
        { ip: "198.51.100.1", port: 6881 },
        { ip: "host.example", port: 1 },
        { ip: "198.51.100.3", port: 0 },
        { ip: "198.51.100.3", port: 65_536 },
        { ip: "198.51.100.3", port: "1" },
        { ip: 5, port: 6881 },
        { port: 6881 },
        "x",
        7,
      ],
    });
    expect(peers).toEqual([
      { address: "198.51.100.1", port: 6881 },
      { address: "2001:db8::1", port: 6882 },
    ]);
  });

  test.each<[name: string, interval: Bencodable | undefined, seconds: number]>([
    ["0", 0, 1800],
    ["negative", -1, 1800],
    ["absent", undefined, 1800],
    ["a list", [1], 1800],
    ["a word", "soon", 1800],
    ["1", 1, 60],
    ["a number in a string", "300", 300],
    ["2^62", 2n ** 62n, 86_400],
    ["-2^62", -(2n ** 62n), 1800],
    ["a month", 2_592_000, 86_400],
  ])("an interval that is %s is clamped (HOSTILE C4)", (_name, interval, seconds) => {
    const answer = success({ interval, "min interval": interval, peers: "" });
    expect(answer.intervalMs).toBe(seconds * 1000);
    expect(answer.minIntervalMs ?? 30_000).toBeGreaterThanOrEqual(30_000);
    expect(answer.minIntervalMs ?? 0).toBeLessThanOrEqual(answer.intervalMs);
  });

  test("keeps no more peers than the cap (HOSTILE C2)", () => {
    const many = new Uint8Array(6 * 100_000);
    for (let i = 0; i < many.length; i += 6) many.set([198, 51, (i / 6) & 255, (i / 6) >> 8, 1, 1], i);
    expect(success({ peers: many }).peers).toHaveLength(1000);
    const listed = Array.from({ length: 20_000 }, (_, i) => ({ ip: `198.51.${i >> 8}.${i & 255}`, port: 1 }));
    expect(success({ peers: listed }).peers).toHaveLength(1000);
  });

  test("of a failure gives the reason, harmless to a terminal, and when to retry (BEP 31)", () => {
    const failure = (value: Bencodable, status = 200) => parseAnnounceAnswer(bencodeOf(value), status);
    expect(failure({ "failure reason": "no\u0007 such torrent" })).toEqual({
      kind: "failure",
      reason: "no such torrent",
      retryMs: null,
    });
    expect(failure({ "failure reason": "", "retry in": 5 }, 400)).toMatchObject({
      reason: "the tracker refused without a reason",
      retryMs: 300_000,
    });
    expect(failure({ "failure reason": "x", "retry in": "never" })).toMatchObject({ retryMs: "never" });
    expect(failure({ "failure reason": "x", "retry in": 2n ** 63n })).toMatchObject({ retryMs: 86_400_000 });
    expect(failure({ "failure reason": "x".repeat(100_000) })).toMatchObject({ kind: "failure" });
    expect(failure({ "failure reason": 5, interval: 60, peers: "" })).toMatchObject({ kind: "failure" });
  });

  test.each([
    ["nothing", ""],
    ["a web page", "<!DOCTYPE html><html>"],
    ["a list", "li1ee"],
    ["an empty dictionary", "de"],
    ["a truncated dictionary", "d8:interval"],
    ["nested a thousand deep", `d5:peers${"l".repeat(1000)}${"e".repeat(1000)}e`],
    ["an integer of 4000 digits", `d8:intervali${"9".repeat(4000)}ee`],
    ["a string longer than what is there", "d5:peers99999999:xe"],
  ])("that is %s is no tracker's (HOSTILE C1)", (_name, text) => {
    expect(() => parseAnnounceAnswer(bytes(text), 200)).toThrow("what answers there is no tracker");
  });

  test("with another status than 200 names the status", () => {
    expect(() => parseAnnounceAnswer(bytes("Not found"), 404)).toThrow("the tracker answered with HTTP status 404");
    expect(() => parseAnnounceAnswer(bencodeOf({ interval: 60, peers: "" }), 500)).toThrow("HTTP status 500");
  });

  test("may end with a line break", () => {
    expect(parseAnnounceAnswer(bytes("d8:intervali60e5:peers0:e\r\n"), 200).kind).toBe("success");
  });

  test("whatever the bytes, is an answer within bounds or a ProtocolError", () => {
    const soup = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(
          fc.constantFrom("d", "l", "e", "i", "-", "1:", "5:peers", "8:interval", "12:min interval", "6:peers6", "99"),
          { maxLength: 20 },
        )
        .map((parts) => bytes(parts.join(""))),
      fc
        .dictionary(
          fc.constantFrom("interval", "peers", "peers6", "complete", "retry in", "external ip", "tracker id", "x"),
          fc.oneof(
            fc.maxSafeInteger(),
            fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
            fc.uint8Array(),
            fc.array(fc.record({ ip: fc.uint8Array({ maxLength: 70 }), port: fc.integer() })),
          ),
        )
        .map((value) => bencodeOf(value as Bencodable)),
    );
    fc.assert(
      fc.property(soup, fc.constantFrom(200, 404), (body, status) => {
        try {
          const answer = parseAnnounceAnswer(body, status);
          if (answer.kind === "failure") return;
          expect(answer.intervalMs).toBeGreaterThanOrEqual(60_000);
          expect(answer.intervalMs).toBeLessThanOrEqual(86_400_000);
          for (const { port } of answer.peers) expect(port > 0 && port < 65_536).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a scrape answer", () => {
  test("gives the counts of the torrents that were asked about", () => {
    const other = infoHashFromHex("11".repeat(20));
    const files = new Map<Uint8Array, Bencodable>([
      [Buffer.from(infoHash, "hex"), { complete: 1, incomplete: 2, downloaded: 3 }],
      [Buffer.from("22".repeat(20), "hex"), { complete: 9 }],
    ]);
    const rows = parseScrapeAnswer(bencodeOf({ files }), 200, [infoHash, other]);
    expect([...rows]).toEqual([[infoHash, { seeds: 1, leeches: 2, completions: 3 }]]);
  });

  test("that fails says why", () => {
    const body = bencodeOf({ "failure reason": "no scraping" });
    expect(() => parseScrapeAnswer(body, 200, [infoHash])).toThrow("no scraping");
    expect(() => parseScrapeAnswer(bytes("x"), 503, [infoHash])).toThrow("HTTP status 503");
  });
});
