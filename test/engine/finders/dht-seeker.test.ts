import { beforeEach, describe, expect, it } from "vitest";
import { infoHashFromHex } from "../../../source/base/ids.ts";
import { SeededRandom } from "../../../source/base/random.ts";
import type { Dht } from "../../../source/discovery/dht/dht.ts";
import type { PeerSearchOptions } from "../../../source/discovery/dht/searches.ts";
import { DhtSeeker, type DhtSubject } from "../../../source/engine/finders/dht-seeker.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const minute = 60_000;
const hashOf = (i: number) => infoHashFromHex(i.toString(16).padStart(40, "0"));

/** A DHT whose searches take two seconds, and find nobody. */
class SlowDht {
  readonly asked: number[] = [];
  readonly announced: unknown[] = [];
  goodCount = 100;
  /** Its sockets are lost while searches are under way. */
  isLosing = false;
  underWay = 0;
  most = 0;
  readonly met: unknown[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  findPeers({ infoHash, announce, onDone }: PeerSearchOptions): void {
    this.asked.push(Number.parseInt(Buffer.from(infoHash).toString("hex"), 16));
    this.announced.push(announce);
    this.underWay++;
    this.most = Math.max(this.most, this.underWay);
    this.#clock.after(2_000, () => {
      this.underWay--;
      onDone({ peers: 0, announced: 8, asked: 20, hops: 3, isCutShort: this.isLosing });
    });
  }

  meetHosts(nodes: readonly unknown[]): void {
    this.met.push(...nodes);
  }
}

describe("the DHT's seeker", () => {
  let clock: VirtualClock;
  let dht: SlowDht;
  let seeker: DhtSeeker;
  let subjects: DhtSubject[];
  let listenPort: number;
  beforeEach(() => {
    clock = new VirtualClock();
    dht = new SlowDht(clock);
    listenPort = 6881;
    seeker = new DhtSeeker(clock, new SeededRandom(1), () => listenPort);
    subjects = [];
  });

  it("looks again at once where the network has changed during a search", () => {
    subjects = [subject(1)];
    run(1);
    seeker.networkChanged();
    run(4);
    expect(dht.asked).toEqual([1, 1]);
    run(60);
    expect(dht.asked).toEqual([1, 1]);
  });

  const subject = (i: number, more: Partial<DhtSubject> = {}): DhtSubject => ({
    infoHash: hashOf(i),
    isLonely: false,
    isSeed: true,
    nodes: [],
    found: () => {},
    ...more,
  });
  function run(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      seeker.tick(() => subjects, dht as unknown as Dht);
      clock.advance(1_000);
    }
  }

  it("looks for each every quarter of an hour, leeches first", () => {
    subjects = [subject(1), subject(2), subject(3, { isSeed: false })];
    run(10 * 60);
    expect(dht.asked).toEqual([3, 1, 2]);
    run(7 * 60);
    expect([...dht.asked].sort()).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it("looks at once, and again soon, for those that have nobody", () => {
    subjects = [1, 2, 3, 4, 5].map((i) => subject(i, { isSeed: false, isLonely: true }));
    run(1);
    expect(dht.asked).toHaveLength(5);
    run(120);
    // After 20 seconds, 40, 80…, each counted from when the last was over.
    expect(dht.asked.filter((hash) => hash === 1)).toHaveLength(3);
  });

  it("has a few searches under way at once, however many there are", () => {
    subjects = Array.from({ length: 3_000 }, (_, i) => subject(i));
    run(60);
    expect(dht.most).toBeLessThanOrEqual(4);
    expect(dht.asked.length).toBeGreaterThan(30);
    subjects.push(...Array.from({ length: 100 }, (_, i) => subject(5_000 + i, { isLonely: true, isSeed: false })));
    run(10);
    expect(dht.most).toBe(8);
  });

  it("announces our port, and only looks where nobody can connect to us", () => {
    subjects = [subject(1)];
    run(1);
    listenPort = 0;
    subjects = [subject(2, { isSeed: false })];
    run(3);
    expect(dht.announced).toEqual([{ port: 6881, isPortImplied: false, isSeed: true }, undefined]);
  });

  it("asks the nodes that a torrent names while the DHT knows nobody, and nobody else", () => {
    dht.goodCount = 0;
    subjects = [subject(1, { nodes: [{ host: "a", port: 1 }] })];
    run(59);
    expect([dht.asked, dht.met]).toEqual([[], [{ host: "a", port: 1 }]]);
    run(5);
    expect(dht.met).toHaveLength(2);
    dht.goodCount = 1;
    run(1);
    expect(dht.asked).toEqual([1]);
  });

  it("forgets what is not active any more, and begins anew when it is", () => {
    subjects = [subject(1)];
    run(5);
    expect(seeker.searchOf(hashOf(1))).toMatchObject({ isUnderWay: false, last: { announced: 8 } });
    subjects = [];
    run(1);
    expect(seeker.searchOf(hashOf(1))).toBeUndefined();
    subjects = [subject(1)];
    run(1);
    expect(dht.asked).toEqual([1, 1]);
  });

  it("does a search again that was cut short, as if it had not been", () => {
    subjects = [subject(1), subject(2, { isSeed: false, isLonely: true })];
    dht.isLosing = true;
    run(2);
    expect([...dht.asked].sort()).toEqual([1, 2]);
    dht.goodCount = 0;
    run(60);
    expect(seeker.underWay).toBe(0);
    expect(seeker.searchOf(hashOf(1))).toMatchObject({ isUnderWay: false, last: undefined });
    dht.goodCount = 100;
    dht.isLosing = false;
    run(5);
    expect([...dht.asked].sort()).toEqual([1, 1, 2, 2]);
    expect(seeker.searchOf(hashOf(1))).toMatchObject({ last: { announced: 8 } });
    // Only this one counts as having found nobody: the next is 20 seconds later.
    run(20);
    expect([...dht.asked].sort()).toEqual([1, 1, 2, 2, 2]);
  });

  it("looks for all again when the network has changed", () => {
    subjects = [subject(1), subject(2)];
    run(10);
    seeker.networkChanged();
    run(10);
    expect(dht.asked).toEqual([1, 2, 1, 2]);
    expect(seeker.searches).toBe(4);
    clock.advance(minute);
  });
});
