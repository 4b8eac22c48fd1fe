/** A magnet link that nobody has the metadata of at first. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { peerIdFromBytes } from "../../../source/base/ids.ts";
import { compactEndpoint, type Endpoint } from "../../../source/base/ip-address.ts";
import { encode } from "../../../source/bencode/encode.ts";
import { joined } from "../../../source/bencode/raw.ts";
import type { MagnetFetch } from "../../../source/engine/magnets/magnet-fetch.ts";
import type { MagnetPeer } from "../../../source/engine/magnets/magnet-peer.ts";
import type { Session } from "../../../source/engine/session.ts";
import { parseMagnet } from "../../../source/metainfo/magnet.ts";
import type { HttpRequest, HttpResponse } from "../../../source/ports/http.ts";
import type { NeighbourLink } from "../../../source/swarm/neighbour-owner.ts";
import { encodeExtensionHandshake, extensionIds } from "../../../source/wire/extension-handshake.ts";
import { encodePex } from "../../../source/wire/ut-pex.ts";
import { SessionWorld } from "../../support/session-world.ts";

let world: SessionWorld;
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

const plain = { savePath: "/", startsPaused: false, choices: {} } as const;

/** Adds a link. @returns what fetches it. */
async function begin(session: Session, link: string): Promise<MagnetFetch> {
  await session.magnets.add(parseMagnet(link), plain);
  const [fetch] = session.magnets.fetches;
  if (fetch === undefined) throw new Error("it is not fetched");
  return fetch;
}

describe("a magnet link that nobody has the metadata of", () => {
  it("is known soon after a peer has it that has said for half an hour that it has not", async () => {
    const torrent = world.torrent("whole", 1_000_000);
    const link = `magnet:?xt=urn:btih:${torrent.infoHash}`;
    const other = await world.start("10.0.0.1", { isSeed: true });
    await begin(other, link);
    const leech = await world.start("10.0.0.2");
    const fetch = await begin(leech, link);
    fetch.add([{ address: "10.0.0.1", port: 6881 }], "tracker");
    await world.run(30 * 60);
    await other.magnets.remove(torrent.infoHash);
    await world.add(other, torrent);
    await world.until(() => leech.torrents.has(torrent.infoHash), 120);
  });

  it("goes on asking its tracker for peers where all that it knows are gone", async () => {
    const torrent = world.torrent("whole", 1_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    await world.add(seed, torrent);
    const gone = Array.from({ length: 100 }, (_, i): Endpoint => ({ address: `10.9.0.${i + 1}`, port: 6881 }));
    let asked = 0;
    const get = async ({ url }: HttpRequest): Promise<HttpResponse> => {
      const named = asked++ === 0 ? gone : [{ address: "10.0.0.1", port: 6881 }];
      const peers = joined(named.slice(0, Number(new URL(url).searchParams.get("numwant"))).map(compactEndpoint));
      return { status: 200, headers: {}, body: encode({ interval: 60, peers }), remoteAddress: "10.0.0.9" };
    };
    const leech = await world.start("10.0.0.2", { http: { get } });
    await begin(leech, `magnet:?xt=urn:btih:${torrent.infoHash}&tr=http://10.0.0.9/announce`);
    await world.until(() => leech.torrents.has(torrent.infoHash), 300);
  });

  it("asks the trackers of all tiers where the settings say so, from when they do", async () => {
    const asked: string[] = [];
    const get = async ({ url }: HttpRequest): Promise<HttpResponse> => {
      asked.push(new URL(url).hostname);
      return { status: 200, headers: {}, body: encode({ interval: 1800, peers: "" }), remoteAddress: "10.0.0.9" };
    };
    const leech = await world.start("10.0.0.2", { http: { get } });
    await begin(
      leech,
      `magnet:?xt=urn:btih:${"1".repeat(40)}&tr=http://a.example/announce&tr=http://b.example/announce`,
    );
    await world.run(5);
    expect(new Set(asked)).toEqual(new Set(["a.example"]));
    leech.apply({ ...leech.rules, trackers: { allTiers: true } });
    await world.run(5);
    expect(new Set(asked)).toEqual(new Set(["a.example", "b.example"]));
  });

  it("does not let one peer fill its list with names, nor name others without end", async () => {
    const leech = await world.start("10.0.0.2");
    const fetch = await begin(leech, `magnet:?xt=urn:btih:${"1".repeat(40)}`);
    const peer = letIn(fetch);
    const tell = (message: number) => {
      const added = Array.from({ length: 50 }, (_, i) => ({
        endpoint: { address: `10.${2 + message}.0.${i + 1}`, port: 6881 },
        isSeed: false,
        isReachable: true,
      }));
      peer.onExtended(extensionIds.ut_pex, encodePex({ added, dropped: [] }));
    };
    for (let message = 0; message < 30; message++) tell(message);
    expect(fetch.peers.size).toBe(150);
    expect(() => {
      for (let message = 30; message < 60; message++) tell(message);
    }).toThrow("it names peers far too often");
  });
});

function letIn(fetch: MagnetFetch): MagnetPeer {
  const link: NeighbourLink = {
    ...{ queuedBytes: 0, isReadingPaused: false, isOverLimit: false, send: () => {}, setReading: () => {} },
    close: () => {},
  };
  const endpoint = { address: "10.1.0.1", port: 6881 };
  const peerId = peerIdFromBytes(new Uint8Array(20).fill(1));
  const peer = fetch.admit(link, { id: 1000, endpoint, peerId, isIncoming: true, hasFast: true, hasExtensions: true });
  const greeting = { client: "chatty", port: 6881, requestQueue: 0, isUploadOnly: false, yourAddress: "10.0.0.2" };
  peer.onExtended(0, encodeExtensionHandshake({ ...greeting, extensions: ["ut_pex"] }));
  return peer;
}
