/** Peers that cannot be dialled stand before others in the list. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Endpoint } from "../../../source/base/ip-address.ts";
import type { MagnetFetch } from "../../../source/engine/magnets/magnet-fetch.ts";
import type { Session } from "../../../source/engine/session.ts";
import { parseMagnet } from "../../../source/metainfo/magnet.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";

let world: SessionWorld;
let torrent: WorldTorrent;
beforeEach(() => {
  world = new SessionWorld();
  torrent = world.torrent("whole", 1_000_000);
});
afterEach(() => world.close());

const seed: Endpoint = { address: "10.0.0.1", port: 6881 };
const ofIpv6 = Array.from({ length: 50 }, (_, i): Endpoint => ({ address: `fd00::${i + 1}`, port: 6881 }));
const blocked = Array.from({ length: 50 }, (_, i): Endpoint => ({ address: `10.9.0.${i + 1}`, port: 6881 }));

/** The one peer that has everything, and was not there when it was dialled first. */
async function startSeed(): Promise<void> {
  await world.run(5);
  await world.add(await world.start("10.0.0.1", { isSeed: true }), torrent);
}

async function fetchOf(leech: Session): Promise<MagnetFetch> {
  const link = parseMagnet(`magnet:?xt=urn:btih:${torrent.infoHash}`);
  await leech.magnets.add(link, { savePath: "/", startsPaused: false, choices: {} });
  const [fetch] = leech.magnets.fetches;
  if (fetch === undefined) throw new Error("it is not fetched");
  return fetch;
}

it("a download that is bound to an IPv4 address dials the others where peers of IPv6 are named, too", async () => {
  const leech = await world.start("10.0.0.2", { localAddress: "10.0.0.2" });
  await world.add(leech, torrent);
  await world.run(1);
  leech.torrent(torrent.infoHash).run?.addPeers([...ofIpv6, seed], "tracker");
  await startSeed();
  await world.until(() => leech.torrent(torrent.infoHash).isFinished, 60);
});

it("a magnet link that is bound to an IPv4 address does so, too", async () => {
  const leech = await world.start("10.0.0.2", { localAddress: "10.0.0.2" });
  (await fetchOf(leech)).add([...ofIpv6, seed], "tracker");
  await startSeed();
  await world.until(() => leech.torrents.has(torrent.infoHash), 60);
});

it("a magnet link dials the others where peers that it knows are banned", async () => {
  const leech = await world.start("10.0.0.2");
  const fetch = await fetchOf(leech);
  fetch.add([...blocked, seed], "tracker");
  await leech.admittance.ban(["10.9.0.0/24"]);
  await startSeed();
  await world.until(() => leech.torrents.has(torrent.infoHash), 60);
  expect(fetch.peers.size).toBeLessThan(50);
});
