/** Peers that are found over other peers, between real sessions on a virtual clock and network. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeDict } from "../../../source/bencode/decode.ts";
import { encode } from "../../../source/bencode/encode.ts";
import type { Session } from "../../../source/engine/session.ts";
import { parseMagnet } from "../../../source/metainfo/magnet.ts";
import { parseMetainfo } from "../../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../../source/platform/node-hasher.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";

let world: SessionWorld;
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

function neighboursOf(session: Session, { infoHash }: WorldTorrent): readonly string[] {
  const neighbours = session.torrents.get(infoHash)?.swarm?.neighbours.values() ?? [];
  return [...neighbours].map(({ info }) => info.endpoint.address).sort();
}

describe("peer exchange", () => {
  it("makes all know one another, of whom each knew one", async () => {
    // Slow, so that they are still leeches when they hear of one another.
    const torrent = world.torrent("whole", 40_000_000);
    const first = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 100_000 });
    await world.add(first, torrent);
    const leeches: Session[] = [];
    for (let i = 2; i <= 5; i++) {
      const leech = await world.start(`10.0.0.${i}`);
      leeches.push(leech);
      await world.add(leech, torrent, [i === 2 ? first : (leeches.at(-2) ?? first)]);
    }
    await world.until(() => leeches.every((leech) => neighboursOf(leech, torrent).length === 4), 300);
    const sources = new Set(
      [...(leeches[3]?.torrents.get(torrent.infoHash)?.swarm?.neighbours.values() ?? [])].map(
        ({ info }) => leeches[3]?.torrents.get(torrent.infoHash)?.swarm?.peers.get(info.endpoint)?.source,
      ),
    );
    expect(sources.has("pex")).toBe(true);
  });

  it("is not for private torrents", async () => {
    const open = world.torrent("whole", 4_000_000);
    const info = decodeDict(open.metainfo).dict("info");
    if (info === undefined) throw new Error("no info");
    const entries = info.keys.map((key, i) => [key, info.values[i] ?? 0] as const);
    const metainfo = encode({ info: new Map([...entries, ["private", 1] as const]) });
    const { infoHash } = parseMetainfo(metainfo, new NodeHasher());
    const torrent = world.known({ ...open, metainfo, infoHash });
    const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 1_000 });
    await world.add(seed, torrent);
    const one = await world.start("10.0.0.2");
    const two = await world.start("10.0.0.3");
    await world.add(one, torrent, [seed]);
    await world.add(two, torrent, [seed]);
    await world.run(300);
    expect(neighboursOf(one, torrent)).toEqual(["10.0.0.1"]);
    expect(neighboursOf(two, torrent)).toEqual(["10.0.0.1"]);
  });

  it("leads a magnet link from a peer without metadata to one that has it", async () => {
    const torrent = world.torrent("whole", 1_000_000);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    await world.add(seed, torrent);
    const between = await world.start("10.0.0.2", { maxDownRate: 1_000 });
    await world.add(between, torrent, [seed]);
    await world.run(5);
    const leech = await world.start("10.0.0.3");
    const link = parseMagnet(`magnet:?xt=urn:btih:${torrent.infoHash}&x.pe=10.0.0.2:6881`);
    await leech.magnets.add(link, { savePath: "/", startsPaused: false, choices: {} });
    await world.until(() => leech.torrents.get(torrent.infoHash)?.isFinished === true, 300);
    expect(neighboursOf(leech, torrent)).not.toContain("10.0.0.3");
  });
});
