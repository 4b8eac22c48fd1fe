import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { decodeDict } from "../../source/bencode/decode.ts";
import { asDict, keyOf } from "../../source/bencode/value.ts";
import { parseAnnounceAnswer, parseScrapeAnswer } from "../../source/discovery/tracker-answer.ts";
import { scrapeUrl } from "../../source/discovery/tracker-codec.ts";
import { NodeHttpClient } from "../../source/platform/node-http-client.ts";
import { NodeHttpServer } from "../../source/platform/node-http-server.ts";
import { Tracker } from "../../source/tracker/tracker.ts";
import { answerTrackerRequest } from "../../source/tracker/tracker-http.ts";
import { AnnouncingPeer } from "../support/announcing-peer.ts";

const hash = infoHashFromHex("00ff7e2061".repeat(4));
const encodedHash = "%00%FF~%20a".repeat(4);

function make() {
  const tracker = new Tracker(new SeededRandom(1));
  const ask = (target: string, address = "198.51.100.1") =>
    answerTrackerRequest(tracker, { target, remote: { address, port: 40_000 } }, 0);
  const announce = (more: string, address?: string) =>
    ask(`/announce?info_hash=${encodedHash}&peer_id=-XX0000-abcdefghijkl&port=6881&left=1${more}`, address);
  return { tracker, ask, announce };
}

describe("an announce over HTTP", () => {
  test("is answered in compact form when asked for, IPv4 and IPv6 apart", () => {
    const { announce } = make();
    announce("&left=0");
    announce("", "2001:db8::5");
    const answer = decodeDict(announce("&compact=1", "198.51.100.2").body);
    expect(answer.bytes("peers")).toEqual(new Uint8Array([198, 51, 100, 1, 0x1a, 0xe1]));
    expect(answer.bytes("peers6")).toHaveLength(18);
    expect(answer.bytes("external ip")).toEqual(new Uint8Array([198, 51, 100, 2]));
    expect(answer.integer("interval")).toBe(300);
    expect(answer.integer("complete")).toBe(0);
    expect(answer.integer("incomplete")).toBe(3);
  });

  test("is answered with dictionaries otherwise, peer ids left out on request", () => {
    const { announce } = make();
    announce("", "2001:db8::5");
    const peer = asDict(decodeDict(announce("").body).list("peers")?.[0]);
    expect(peer?.text("ip")).toBe("2001:db8::5");
    expect(peer?.integer("port")).toBe(6881);
    expect(peer?.text("peer id")).toBe("-XX0000-abcdefghijkl");
    expect(asDict(decodeDict(announce("&no_peer_id=1").body).list("peers")?.[0])?.has("peer id")).toBe(false);
  });

  test("takes what clients send: lower-case escapes, bare bytes, pluses, a left of 2^64 - 1, odd events", () => {
    const { ask, tracker } = make();
    const announced = (query: string) => decodeDict(ask(`/announce?${query}`).body).has("interval");
    const id = "peer_id=-XX0000-abcdefghijkl&port=1";
    expect(announced(`info_hash=${encodedHash.toLowerCase()}&${id}`)).toBe(true);
    expect(announced(`info_hash=%00\u00ff~+a${"%00%FF~%20a".repeat(3)}&${id}&left=18446744073709551615`)).toBe(true);
    expect(announced(`info_hash=${encodedHash}&${id}&event=empty&numwant=-1&ip=bogus&key=x&supportcrypto=1`)).toBe(
      true,
    );
    expect(announced(`${id}&compact=1&info_hash=${encodedHash}&`)).toBe(true);
    expect(tracker.statistics).toMatchObject({ torrents: 1, peers: 1 });
  });

  test.each([
    ["no info hash", `/announce?peer_id=${"x".repeat(20)}&port=1`],
    ["a short info hash", `/announce?info_hash=abc&peer_id=${"x".repeat(20)}&port=1`],
    ["no peer id", `/announce?info_hash=${encodedHash}&port=1`],
    ["no port", `/announce?info_hash=${encodedHash}&peer_id=${"x".repeat(20)}`],
    ["port 0", `/announce?info_hash=${encodedHash}&peer_id=${"x".repeat(20)}&port=0`],
    ["port 65536", `/announce?info_hash=${encodedHash}&peer_id=${"x".repeat(20)}&port=65536`],
    ["no query", "/announce"],
    ["too much query", `/announce?${"x".repeat(9000)}`],
    ["too many parameters", `/announce?${"&".repeat(200)}`],
  ])("with %s is refused in the trackers' way", (_name, target) => {
    const { ask, tracker } = make();
    const response = ask(target);
    expect(response.status).toBe(200);
    expect(parseAnnounceAnswer(response.body, 200).kind).toBe("failure");
    expect(tracker.statistics).toMatchObject({ torrents: 0, failures: 1 });
  });

  test("whatever the target, is answered and never throws", () => {
    const { ask } = make();
    const part = fc.constantFrom(
      "/announce",
      "/scrape",
      "?",
      "&",
      "=",
      "%",
      "%4",
      "info_hash",
      encodedHash,
      "peer_id",
      "+",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 30 }).map((parts) => parts.join("")),
        ),
        (target) => {
          expect([200, 404]).toContain(ask(target).status);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("a scrape over HTTP (BEP 48)", () => {
  test("names counts by raw info hash, for the torrents it knows", () => {
    const { ask, announce } = make();
    announce("&left=0");
    announce("", "198.51.100.9");
    const url = new URL(scrapeUrl("http://t/announce", [hash, infoHashFromHex("11".repeat(20))]) ?? "");
    const { body } = ask(`${url.pathname}${url.search}`);
    expect([...parseScrapeAnswer(body, 200, [hash])]).toEqual([[hash, { seeds: 0, leeches: 2, completions: 0 }]]);
    expect(decodeDict(body).dict("files")?.keys).toEqual([keyOf(Buffer.from(hash, "hex"))]);
  });

  test("of everything is refused", () => {
    expect(decodeDict(make().ask("/scrape").body).has("failure reason")).toBe(true);
  });
});

test("the page for people has numbers and no names", () => {
  const { ask, announce } = make();
  announce("");
  const { status, body } = ask("/");
  const text = new TextDecoder().decode(body);
  expect(status).toBe(200);
  expect(text).toMatch(/torrents +1\npeers +1 \(0 seeds, 1 leech\)/);
  expect(text).not.toContain("198.51");
  expect(ask("/favicon.ico").status).toBe(404);
});

describe("our announcer at our tracker, on loopback", () => {
  let close: () => Promise<void> = async () => {};

  afterEach(async () => close());

  async function serve(address: string): Promise<{ readonly tracker: Tracker; readonly port: number }> {
    const tracker = new Tracker(new SeededRandom(1));
    const server = await new NodeHttpServer().listen({ address, port: 0 }, (request) =>
      answerTrackerRequest(tracker, request, performance.now()),
    );
    close = () => server.close();
    return { tracker, port: server.local.port };
  }

  test("peers find each other, complete, and leave", async () => {
    const { tracker, port } = await serve("127.0.0.1");
    const url = `http://127.0.0.1:${port}/announce`;
    const a = new AnnouncingPeer(url, hash, 7001);
    const b = new AnnouncingPeer(url, hash, 7002, "127.0.0.2");
    expect(await a.start()).toEqual([]);
    expect(await b.start()).toEqual(["127.0.0.1:7001"]);
    expect(b.announcer.swarm).toEqual({ seeds: 0, leeches: 2, downloaded: 0 });
    b.left = 0;
    b.announcer.complete();
    await b.stop();
    expect(tracker.statistics).toMatchObject({ peers: 1, seeds: 0, announces: 4 });
    expect(tracker.scrape([hash], performance.now())[0]?.completions).toBe(1);
    await a.stop();
    expect(tracker.statistics.peers).toBe(0);
  });

  test("over both families, each peer is known under both, and leaves both", async () => {
    const { tracker, port } = await serve("::");
    const peer = new AnnouncingPeer(`http://localhost:${port}/announce`, hash, 7001);
    await peer.start();
    const client = new NodeHttpClient();
    const id = createHash("sha1").update("x").digest("hex").slice(0, 20);
    const ask = async () => {
      const url = `http://127.0.0.1:${port}/announce?info_hash=${encodedHash}&peer_id=${id}&port=9&compact=1&event=stopped`;
      const { body } = await client.get({ url, timeoutMs: 5000, bodyLengthMax: 1000 });
      return decodeDict(body).integer("incomplete");
    };
    // `localhost` has an IPv6 address on some machines only.
    const both = (await import("node:dns/promises")).lookup("localhost", { family: 6 }).then(
      () => 2,
      () => 1,
    );
    while ((await ask()) !== (await both)) await new Promise((resolve) => setImmediate(resolve));
    await peer.stop();
    expect(tracker.statistics.peers).toBe(0);
  });
});
