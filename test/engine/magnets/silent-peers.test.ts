/** A magnet link whose places are all taken by peers that say they have the metadata, and never send it. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { peerIdFromBytes } from "../../../source/base/ids.ts";
import type { MagnetFetch } from "../../../source/engine/magnets/magnet-fetch.ts";
import type { PeerConnection } from "../../../source/engine/network/peer-connection.ts";
import { parseMagnet } from "../../../source/metainfo/magnet.ts";
import { parseMetainfo } from "../../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import type { NeighbourLink } from "../../../source/swarm/neighbour-owner.ts";
import { encodeExtensionHandshake } from "../../../source/wire/extension-handshake.ts";
import { SessionWorld } from "../../support/session-world.ts";

let world: SessionWorld;
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

/** One that came to us, and speaks no more after its extension handshake. @param length bytes of metadata, as it claims. */
function letIn(fetch: MagnetFetch, id: number, length: number): void {
  const remote = { address: `10.1.0.${id}`, port: 6881 };
  const link: NeighbourLink = {
    ...{ queuedBytes: 0, isReadingPaused: false, isOverLimit: false, send: () => {}, setReading: () => {} },
    close: (reason) => fetch.ended({ remote, isIncoming: true } as PeerConnection, peer, reason),
  };
  const peerId = peerIdFromBytes(new Uint8Array(20).fill(id));
  const info = { id: 1000 + id, endpoint: remote, peerId, isIncoming: true, hasFast: true, hasExtensions: true };
  const peer = fetch.admit(link, info);
  const greeting = { client: "silent", port: 6881, requestQueue: 0, isUploadOnly: false, yourAddress: "10.0.0.2" };
  peer.onExtended(0, encodeExtensionHandshake({ ...greeting, extensions: ["ut_metadata"], metadataLength: length }));
}

it.each([
  ["the right length", 1, 180],
  // Two lengths are worked on at a time, each for half a minute.
  ["many lengths", 41, 900],
] as const)("silent peers that claim %s make room for others", async (_, lengths, secondsMax) => {
  const torrent = world.torrent("whole", 1_000_000);
  const seed = await world.start("10.0.0.1", { isSeed: true });
  await world.add(seed, torrent);
  const leech = await world.start("10.0.0.2");
  const link = parseMagnet(`magnet:?xt=urn:btih:${torrent.infoHash}`);
  await leech.magnets.add(link, { savePath: "/", startsPaused: false, choices: {} });
  const [fetch] = leech.magnets.fetches;
  if (fetch === undefined) throw new Error("it is not fetched");
  const { infoBytes } = parseMetainfo(torrent.metainfo, new NodeHasher());
  for (let id = 1; id <= 40; id++) letIn(fetch, id, infoBytes.length - (id % lengths));
  fetch.add([{ address: "10.0.0.1", port: 6881 }], "tracker");
  await world.run(30);
  // They may be slow.
  expect(fetch.connected.size).toBe(40);
  await world.until(() => leech.torrents.has(torrent.infoHash), secondsMax);
});
