/** What is shown of trackers and other sources of peers, from real sessions. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { EngineTarget } from "../../source/control/engine-target.ts";
import type { TorrentDetail, TorrentTopic } from "../../source/control/protocol.ts";
import type { Session } from "../../source/engine/session.ts";
import { defaultRules } from "../../source/engine/session-rules.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { DatagramSocket } from "../../source/ports/datagram.ts";
import { Tracker } from "../../source/tracker/tracker.ts";
import { TrackerUdp } from "../../source/tracker/tracker-udp.ts";
import { SessionWorld, type WorldTorrent } from "../support/session-world.ts";
import { torrentTopic } from "./fake-target.ts";

const at: Endpoint = { address: "10.0.0.100", port: 6969 };

let world: SessionWorld;

beforeEach(() => {
  world = new SessionWorld();
  const random = new SeededRandom(9);
  const door = new TrackerUdp(new Tracker(random), { random, hasher: new NodeHasher() });
  const socket: DatagramSocket = world.datagrams.bind(at, {
    onDatagram: (bytes, remote) => {
      const answer = door.answer(bytes, remote, world.clock.nowMs());
      if (answer !== undefined) socket.send(answer, remote);
    },
  });
});
afterEach(() => world.close());

function detail(session: Session, { infoHash }: WorldTorrent, more: Partial<TorrentTopic> = {}): TorrentDetail {
  const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
  const frame = target.torrent({ ...torrentTopic(1), infoHash, ...more });
  if (frame?.kind !== "torrent") throw new Error("no detail");
  return frame.detail;
}

describe("over a UDP tracker", () => {
  it("a leech finds a seed, downloads all, and each knows how the other was found", async () => {
    const torrent = world.torrent("udp", 1_000_000, 65_536, `udp://${at.address}:${at.port}/announce`);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    const leech = await world.start("10.0.0.2");
    await world.add(seed, torrent);
    await world.run(1);
    await world.add(leech, torrent);
    await world.until(() => leech.torrent(torrent.infoHash).isFinished);
    const { trackers } = detail(seed, torrent);
    expect(trackers).toMatchObject([{ state: "working", message: "" }]);
    const ofLeech = detail(leech, torrent);
    expect(ofLeech.sources.find(({ source }) => source === "tracker")?.known).toBe(1);
    expect(ofLeech.trackers[0]).toMatchObject({ url: "udp://10.0.0.100:6969/announce", state: "working" });
  });

  it("the tracker is scraped for a torrent that is paused, when somebody asks", async () => {
    const torrent = world.torrent("udp", 1_000_000, 65_536, `udp://${at.address}:${at.port}`);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    const idler = await world.start("10.0.0.2");
    await world.add(seed, torrent);
    await world.run(1);
    await idler.add(torrent.metainfo, { savePath: "/", isPaused: true, peers: [], mustCheck: false });
    idler.torrent(torrent.infoHash).look();
    await world.run(1);
    expect(detail(idler, torrent).trackers[0]).toMatchObject({ seeds: null, leeches: null, downloaded: null });
    const sentBefore = world.datagrams.sent;
    expect(detail(idler, torrent, { scrape: "known" }).isScraping).toBe(true);
    await world.run(1);
    const after = detail(idler, torrent, { scrape: "known" });
    expect(after.isScraping).toBe(false);
    expect(after.trackers[0]).toMatchObject({ state: "waiting", seeds: 1, leeches: 0, downloaded: 0 });
    // Connect and scrape, each way.
    expect(world.datagrams.sent - sentBefore).toBe(4);
  });
});

it("of each source it is said why nothing comes from it", async () => {
  const open = world.torrent("open", 100_000);
  const secret = world.privateOf(world.torrent("secret", 100_000));
  const session = await world.start("10.0.0.1", { isSeed: true, interfaces: { list: () => [] } });
  await world.add(session, open);
  await world.add(session, secret);
  await world.run(1);
  const notes = (torrent: WorldTorrent) =>
    Object.fromEntries(detail(session, torrent).sources.map(({ source, note }) => [source, note]));
  expect(notes(open)).toMatchObject({ dht: "switched off (dht.enabled)", lsd: "switched off (lsd.enabled)", pex: "" });
  expect(notes(secret)).toMatchObject({ lsd: "not asked: the torrent is private", tracker: "" });
  session.apply({ ...defaultRules, lsd: { enabled: true } });
  await world.run(10);
  expect(notes(open)).toMatchObject({ lsd: "there is no local network" });
});
