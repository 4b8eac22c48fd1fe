/** Local discovery (BEP 14) between real sessions on a network in memory: nobody has a tracker. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { InfoHash } from "../../../source/base/ids.ts";
import { decodeLsd, encodeLsd, lsdGroups } from "../../../source/discovery/lsd/lsd-codec.ts";
import type { Session } from "../../../source/engine/session.ts";
import { defaultRules } from "../../../source/engine/session-rules.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";

let world: SessionWorld;
/** What was said, and by whom. */
let said: { readonly address: string; readonly infoHashes: readonly InfoHash[]; readonly atMs: number }[];

beforeEach(() => {
  world = new SessionWorld();
  said = [];
  world.datagrams.latencyMs = ({ bytes, from, to }) => {
    const message = to.port === 6771 ? decodeLsd(bytes) : undefined;
    if (message !== undefined)
      said.push({ address: from.address, infoHashes: message.infoHashes, atMs: world.clock.nowMs() });
    return 1;
  };
});
afterEach(() => world.close());

async function start(address: string, isSeed = false, isEnabled = true, bind?: string): Promise<Session> {
  const session = await world.start(address, {
    isSeed,
    interfaces: {
      list: () => [
        { name: "lo", address: "127.0.0.1" },
        { name: "eth0", address },
      ],
    },
    ...(bind === undefined ? {} : { localAddress: bind }),
  });
  session.apply({ ...defaultRules, lsd: { enabled: isEnabled } });
  return session;
}

const heardOf = (session: Session, { infoHash }: WorldTorrent) =>
  session.torrent(infoHash).swarm?.peers.countsBySource().get("lsd") ?? 0;

describe("local discovery", () => {
  it("a leech finds a seed on its network within seconds, and downloads all", async () => {
    const torrent = world.torrent("local", 1_000_000);
    const seed = await start("10.0.0.1", true);
    await world.add(seed, torrent);
    await world.run(60);
    const leech = await start("10.0.0.2");
    const beganMs = world.clock.nowMs();
    await world.add(leech, torrent);
    await world.until(() => leech.torrent(torrent.infoHash).isFinished);
    expect(world.clock.nowMs() - beganMs).toBeLessThan(20_000);
    expect(heardOf(seed, torrent) + heardOf(leech, torrent)).toBeGreaterThan(0);
  });

  it("a seed at rest that hears a leech says so out of turn, and is found", async () => {
    const torrent = world.torrent("local", 1_000_000);
    const seed = await start("10.0.0.1", true);
    await world.add(seed, torrent);
    // Its first message was long ago, the next is minutes away; nobody hears it before.
    await world.run(420);
    expect(seed.torrent(torrent.infoHash).swarm).toBeUndefined();
    const leech = await start("10.0.0.2");
    await world.add(leech, torrent);
    await world.until(() => leech.torrent(torrent.infoHash).isFinished, 60);
  });

  it("private torrents are never said, nor anything that is heard of them believed", async () => {
    const open = world.torrent("open", 100_000);
    const closed = world.privateOf(world.torrent("closed", 100_000));
    const seed = await start("10.0.0.1", true);
    await world.add(seed, open);
    await world.add(seed, closed);
    const leech = await start("10.0.0.2");
    await world.add(leech, closed);
    const socket = await world.datagrams.host("10.0.0.9").join(
      lsdGroups[4],
      { name: "eth0", address: "10.0.0.9" },
      {
        onDatagram: () => {},
      },
    );
    socket.send(encodeLsd(lsdGroups[4], { port: 6881, infoHashes: [closed.infoHash], cookie: "x" }), lsdGroups[4]);
    await world.run(700);
    expect(
      new Set(said.filter(({ address }) => address !== "10.0.0.9").flatMap(({ infoHashes }) => infoHashes)),
    ).toEqual(new Set([open.infoHash]));
    expect(leech.torrent(closed.infoHash).swarm?.peers.size).toBe(0);
  });

  it("nothing is said of what is paused, where it is switched off, or at home on loopback alone", async () => {
    const torrent = world.torrent("local", 100_000);
    const off = await start("10.0.0.1", true, false);
    await world.add(off, torrent);
    const loopback = await start("10.0.0.2", true, true, "127.0.0.1");
    await world.add(loopback, torrent);
    const paused = await start("10.0.0.3", true);
    await world.add(paused, torrent);
    await paused.torrent(torrent.infoHash).pause();
    await world.run(400);
    expect(said.filter(({ address }) => address !== "10.0.0.3")).toEqual([]);
    expect(said.length).toBeLessThanOrEqual(1);
    off.apply({ ...defaultRules, lsd: { enabled: true } });
    await world.run(20);
    expect(said.some(({ address }) => address === "10.0.0.1")).toBe(true);
    off.apply({ ...defaultRules, lsd: { enabled: false } });
    await world.run(10);
    const count = said.length;
    await world.run(700);
    expect(said.length).toBe(count);
  });

  it("each torrent is said every five minutes, and nothing is left open at the end", async () => {
    const torrent = world.torrent("local", 100_000);
    const seed = await start("10.0.0.1", true);
    await world.add(seed, torrent);
    await world.run(3600);
    expect(said.length).toBeGreaterThanOrEqual(11);
    expect(said.length).toBeLessThanOrEqual(14);
    await world.stop(seed);
    const count = said.length;
    await world.run(700);
    expect(said.length).toBe(count);
  });
});
