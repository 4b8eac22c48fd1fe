import { describe, expect, test } from "vitest";
import { type InfoHash, infoHashFromHex, infoHashToBytes } from "../../source/base/ids.ts";
import { scrapeFreshMs, scrapeGapMs } from "../../source/discovery/scraper.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { makeBench, refused, ScriptedTrackers, trackersOver } from "./scripted-trackers.ts";

const tracker = "http://a.example/announce";
const scrape = "http://a.example/scrape";
const hash = (i: number): InfoHash => infoHashFromHex(i.toString(16).padStart(40, "0"));

function files(...of: readonly InfoHash[]) {
  const row = { complete: 3, incomplete: 4, downloaded: 5 };
  return { files: new Map(of.map((infoHash) => [Buffer.from(infoHashToBytes(infoHash)), row])) };
}

function make() {
  const clock = new VirtualClock();
  const http = new ScriptedTrackers(clock);
  const trackers = trackersOver(clock, http);
  const { scraper } = trackers;
  const asked = () => http.heard.map(({ query }) => query.getAll("info_hash").length);
  return { clock, http, trackers, scraper, asked };
}

describe("a scrape", () => {
  test("asks about many torrents at once, and keeps what is said", async () => {
    const { clock, http, scraper, asked } = make();
    http.script(scrape, files(hash(1), hash(2)));
    for (let i = 1; i <= 3; i++) scraper.want(tracker, hash(i));
    expect(scraper.isAsking(tracker, hash(1))).toBe(true);
    await clock.run(1000);
    expect(asked()).toEqual([3]);
    expect(scraper.known(tracker, hash(2))).toMatchObject({ seeds: 3, leeches: 4, completions: 5 });
    expect(scraper.known(tracker, hash(3))).toMatchObject({ seeds: null });
    expect(scraper.isAsking(tracker, hash(3))).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  test("is not done again before a quarter of an hour, or a minute where somebody asks", async () => {
    const { clock, http, scraper, asked } = make();
    http.script(scrape, files(hash(1), hash(2)));
    const want = async (ageMaxMs?: number) => {
      scraper.want(tracker, hash(1), ageMaxMs);
      await clock.run(1000);
    };
    await want();
    await want();
    await want(0);
    expect(asked()).toEqual([1]);
    await clock.run(scrapeGapMs);
    await want();
    expect(asked()).toEqual([1]);
    await want(scrapeGapMs);
    expect(asked()).toEqual([1, 1]);
    await clock.run(scrapeFreshMs);
    await want();
    expect(asked()).toEqual([1, 1, 1]);
  });

  test("of more torrents than fit takes one request after the other", async () => {
    const { clock, http, scraper, asked } = make();
    http.script(scrape, files(...Array.from({ length: 150 }, (_, i) => hash(i))));
    for (let i = 0; i < 150; i++) scraper.want(tracker, hash(i));
    await clock.run(5000);
    expect(asked()).toEqual([64, 64, 22]);
    expect(scraper.known(tracker, hash(149)).seeds).toBe(3);
  });

  test("at a tracker that answers for one torrent alone is done one by one", async () => {
    const { clock, http, scraper, asked } = make();
    http.script(scrape, ({ query, request }) => {
      const first = /info_hash=((?:%..|[^&])*)/.exec(request.url)?.[1] ?? "";
      expect(query.getAll("info_hash").length).toBeGreaterThan(0);
      const hex = first.replace(/%(..)|(.)/g, (_, digits, plain: string) => digits ?? plain.charCodeAt(0).toString(16));
      return files(infoHashFromHex(hex));
    });
    for (let i = 1; i <= 3; i++) scraper.want(tracker, hash(i));
    await clock.run(5000);
    expect(asked()).toEqual([3, 1, 1]);
    for (let i = 1; i <= 3; i++) expect(scraper.known(tracker, hash(i)).seeds).toBe(3);
  });

  test("that failed is tried again after a while, and says why meanwhile", async () => {
    const { clock, http, scraper, asked } = make();
    http.script(scrape, refused);
    scraper.want(tracker, hash(1));
    await clock.run(1000);
    expect(scraper.problem(tracker)).toBe("10.0.0.1:80 refused the connection");
    expect(scraper.isAsking(tracker, hash(1))).toBe(false);
    for (let minutes = 0; minutes < 4; minutes++) {
      scraper.want(tracker, hash(1), 0);
      await clock.run(60_000);
    }
    expect(asked()).toEqual([1]);
    await clock.run(60_000);
    http.script(scrape, files(hash(1)));
    scraper.want(tracker, hash(1));
    await clock.run(1000);
    expect(asked()).toEqual([1, 1]);
    expect(scraper.problem(tracker)).toBe("");
  });

  test("that failed is tried again at once where the network is another, but for what has none", async () => {
    const { clock, http, trackers, scraper, asked } = make();
    http.script(scrape, refused);
    scraper.want(tracker, hash(1));
    scraper.want("http://a.example/x", hash(1));
    await clock.run(1000);
    http.script(scrape, files(hash(1)));
    trackers.networkChanged();
    scraper.want(tracker, hash(1));
    scraper.want("http://a.example/x", hash(1));
    expect(scraper.isAsking("http://a.example/x", hash(1))).toBe(false);
    await clock.run(1000);
    expect(asked()).toEqual([1, 1]);
    expect(scraper.problem(tracker)).toBe("");
  });

  test("is not tried where there is none, or nobody that we can speak to", async () => {
    const { clock, http, scraper } = make();
    for (const url of ["http://a.example/x", "wss://w.example", "nonsense"]) scraper.want(url, hash(1));
    await clock.run(1000);
    expect(http.heard).toEqual([]);
    expect(scraper.problem("http://a.example/x")).toBe("the tracker cannot be scraped");
    for (let i = 0; i < 600; i++) scraper.want(`http://h${i}.example/announce`, hash(1));
    await clock.run(60_000);
    expect(http.heard.length).toBeLessThanOrEqual(500);
    expect(clock.pendingTimers).toBe(0);
  });

  test("is over when all is closed", async () => {
    const { clock, http, scraper } = make();
    scraper.want(tracker, hash(1));
    scraper.close();
    scraper.want(tracker, hash(2));
    await clock.run(10_000);
    expect(http.heard).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("an announcer", () => {
  test("has its tracker scraped where that does not tell of the swarm", async () => {
    const { clock, trackers, announcer, host } = makeBench([[tracker]]);
    trackers.script(tracker, { interval: 1800, peers: new Uint8Array(0) });
    trackers.script(scrape, files(host.infoHash));
    announcer.start();
    await clock.run(1000);
    expect(announcer.rows()[0]).toMatchObject({ seeds: 3, leeches: 4, downloaded: 5 });
    expect(announcer.swarm).toMatchObject({ seeds: 3, leeches: 4 });
    await announcer.stop(0);
  });

  test("does not where it does", async () => {
    const { clock, trackers, announcer } = makeBench([[tracker]]);
    trackers.script(tracker, { interval: 1800, complete: 1, incomplete: 2, peers: new Uint8Array(0) });
    announcer.start();
    await clock.run(10_000);
    expect(trackers.heard).toHaveLength(1);
    await announcer.stop(0);
  });
});
