/** Sessions that find one another over the DHT alone, on a network in memory. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encode } from "../../../source/bencode/encode.ts";
import { EngineTarget } from "../../../source/control/engine-target.ts";
import { decodeMessage } from "../../../source/discovery/dht/krpc-decode.ts";
import type { Session } from "../../../source/engine/session.ts";
import { defaultRules, type SessionRules } from "../../../source/engine/session-rules.ts";
import type { InterfaceAddress } from "../../../source/ports/interfaces.ts";
import type { Network } from "../../../source/ports/network.ts";
import type { Transit } from "../../support/memory-datagrams.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";
import { VirtualDisk } from "../../support/virtual-disk.ts";

let world: SessionWorld;
let sent: Transit[];
beforeEach(() => {
  world = new SessionWorld();
  sent = [];
  world.datagrams.latencyMs = (transit) => {
    sent.push(transit);
    return 10;
  };
});
afterEach(() => world.close());

const rules = (dht: Partial<SessionRules["dht"]> = {}): SessionRules => ({
  ...defaultRules,
  dht: { enabled: true, bootstrap: ["10.0.0.1:6881"], readOnly: false, ...dht },
});

type StartOptions = Parameters<SessionWorld["start"]>[1];

async function start(address: string, options: StartOptions = {}, dht: Partial<SessionRules["dht"]> = {}) {
  const session = await world.start(address, options);
  session.apply(rules(dht));
  return session;
}

const stateOf = (session: Session, { infoHash }: WorldTorrent) => session.torrent(infoHash).state;
const goodNodes = (session: Session) => session.dht.dht?.goodCount ?? 0;

describe("sessions with a DHT", () => {
  it("find a seed that nobody has named, and everybody has everything", async () => {
    const torrent = world.torrent("a", 2_000_000);
    const router = await start("10.0.0.1");
    const seed = await start("10.0.0.2", { isSeed: true });
    await world.add(seed, torrent);
    await world.run(30);
    const leech = await start("10.0.0.3");
    await world.add(leech, torrent);
    await world.until(() => stateOf(leech, torrent) === "seeding", 60);
    expect(goodNodes(router)).toBe(2);
    expect(leech.dht.seeker.searchOf(torrent.infoHash)?.last?.peers).toBeGreaterThan(0);
    const counts = leech.torrent(torrent.infoHash).run?.swarm?.peers.countsBySource();
    expect(counts?.get("dht")).toBe(1);
  });

  it("listen for datagrams on the number of their TCP port", async () => {
    const session = await start("10.0.0.1");
    await world.run(2);
    expect(session.dht.localOf(4)).toEqual({ address: "10.0.0.1", port: 6881 });
    expect(session.dht.portFor("10.9.9.9")).toBe(6881);
    expect(session.dht.portFor("2001:db8::1")).toBe(0);
  });

  it("find peers for a magnet link that names none", async () => {
    const torrent = world.torrent("m", 500_000);
    await start("10.0.0.1");
    const seed = await start("10.0.0.2", { isSeed: true });
    await world.add(seed, torrent);
    await world.run(30);
    const leech = await start("10.0.0.3");
    const link = { infoHash: torrent.infoHash, name: "", trackers: [], webSeeds: [], peers: [], only: [] };
    await leech.magnets.add(link, { savePath: "/", startsPaused: false, choices: {} });
    await world.until(() => leech.torrents.has(torrent.infoHash) && stateOf(leech, torrent) === "seeding", 120);
  });

  it("come into the network by a torrent's own nodes (BEP 5)", async () => {
    const torrent = world.torrent("n", 500_000);
    await start("10.0.0.1", {}, { bootstrap: [] });
    const seed = await start("10.0.0.2", { isSeed: true });
    await world.add(seed, torrent);
    await world.run(30);
    const leech = await start("10.0.0.3", {}, { bootstrap: [] });
    const nodes = encode({ nodes: [["10.0.0.1", 6881]] });
    const named = new Uint8Array([...torrent.metainfo.subarray(0, -1), ...nodes.subarray(1)]);
    await world.add(leech, { ...torrent, metainfo: named });
    await world.until(() => stateOf(leech, torrent) === "seeding", 120);
  });

  it("learn of a neighbour's node by its PORT message (BEP 5)", async () => {
    const torrent = world.torrent("p", 500_000);
    const seed = await start("10.0.0.2", { isSeed: true }, { bootstrap: [] });
    const leech = await start("10.0.0.3", {}, { bootstrap: [] });
    await world.run(2);
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    await world.until(() => goodNodes(leech) === 1 && goodNodes(seed) === 1, 60);
  });

  it("never ask the DHT about a private torrent, nor tell its peers of it (BEP 27)", async () => {
    const open = world.torrent("open", 300_000);
    const secret = world.privateOf(world.torrent("secret", 300_000));
    const seed = await start("10.0.0.2", { isSeed: true }, { bootstrap: [] });
    const leech = await start("10.0.0.3", {}, { bootstrap: [] });
    await world.run(2);
    await world.add(seed, secret);
    await world.add(leech, secret, [seed]);
    await world.until(() => stateOf(leech, secret) === "seeding", 60);
    await world.run(60);
    // Not even that there are nodes: so nothing was sent at all.
    expect(sent).toEqual([]);
    await start("10.0.0.1");
    seed.apply(rules());
    leech.apply(rules());
    await world.add(seed, open);
    await world.run(3000);
    const asked = sent.flatMap(({ bytes }) => {
      const message = decodeMessage(bytes);
      return message?.kind === "query" && message.query.method === "get_peers"
        ? [Buffer.from(message.query.infoHash).toString("hex")]
        : [];
    });
    expect(new Set(asked)).toEqual(new Set([open.infoHash]));
    for (const session of [seed, leech]) expect(session.dht.seeker.searchOf(secret.infoHash)).toBeUndefined();
  });

  it("send nothing while it is switched off, and begin and end as the settings say", async () => {
    const torrent = world.torrent("o", 300_000);
    const router = await start("10.0.0.1");
    const session = await start("10.0.0.2", {}, { enabled: false });
    await world.add(session, torrent);
    await world.run(60);
    expect(sent.filter(({ from }) => from.address === "10.0.0.2")).toEqual([]);
    expect(session.dht.dht).toBeUndefined();
    session.apply(rules());
    await world.until(() => goodNodes(session) === 1, 30);
    session.apply(rules({ enabled: false }));
    await world.run(5);
    sent.length = 0;
    await world.run(600);
    expect(sent.filter(({ from }) => from.address === "10.0.0.2")).toEqual([]);
    session.apply(rules({ bootstrap: [] }));
    // What it knew, it knows still.
    await world.until(() => goodNodes(session) === 1, 60);
    expect(goodNodes(router)).toBe(1);
  });

  it("have nothing to do with banned addresses", async () => {
    await start("10.0.0.1");
    const session = await start("10.0.0.2", {}, { enabled: false });
    await session.admittance.ban(["10.0.0.1"]);
    session.apply(rules());
    await world.run(120);
    expect(sent.filter(({ to }) => to.address === "10.0.0.1")).toEqual([]);
    expect(goodNodes(session)).toBe(0);
  });
});

describe("a session's DHT", () => {
  /** A machine whose names nobody else knows, and whose interfaces come and go. */
  function machine(address: string) {
    const resolved: string[] = [];
    const addresses: InterfaceAddress[] = [];
    const network: Network = {
      ...world.network.host(address),
      listen: async (local, accept) => world.network.host(address).listen({ ...local, address }, accept),
      resolve: async (host) => {
        resolved.push(host);
        return ["10.0.0.1"];
      },
    };
    return { resolved, addresses, network };
  }

  it("asks nobody outside, and for no names, when it is bound to loopback", async () => {
    const { network, resolved } = machine("127.0.0.1");
    const options = { network, listen: { address: "127.0.0.1", port: 6881 }, localAddress: "127.0.0.1" };
    const session = await world.start("127.0.0.1", options);
    session.apply(rules({ bootstrap: ["router.example:6881", "203.0.113.7:6881", "127.0.0.9:6881"] }));
    const torrent = world.torrent("l", 300_000);
    const nodes = encode({
      nodes: [
        ["router.example", 6881],
        ["203.0.113.8", 6881],
      ],
    });
    const named = new Uint8Array([...torrent.metainfo.subarray(0, -1), ...nodes.subarray(1)]);
    await world.add(session, { ...torrent, metainfo: named });
    await world.run(3000);
    expect(resolved).toEqual([]);
    expect(new Set(sent.map(({ to }) => to.address))).toEqual(new Set(["127.0.0.9"]));
    expect(session.dht.problem).toBe("the only node that it could begin with did not answer");
  });

  it("is silent while its interface is not there, and begins when it is", async () => {
    const router = await start("10.0.0.1");
    await world.run(5);
    sent.length = 0;
    const { network, resolved, addresses } = machine("10.8.0.2");
    const session = await world.start("10.8.0.2", {
      network,
      interfaces: { list: () => addresses },
      interfaceName: "tun0",
      listen: { address: "", port: 6881 },
    });
    session.apply(rules({ bootstrap: ["router.example:6881"] }));
    await world.run(120);
    expect([sent.filter(({ from }) => from.address === "10.8.0.2"), resolved]).toEqual([[], []]);
    expect(session.dht.problem).toBe("the interface tun0 has no address: nothing is connected until it has");
    addresses.push({ name: "tun0", address: "10.8.0.2" });
    await world.until(() => session.dht.dht?.goodCount === 1 || goodNodes(router) === 1, 60);
    expect(resolved).toContain("router.example");
    addresses.length = 0;
    await world.run(3);
    sent.length = 0;
    await world.run(600);
    expect(sent.filter(({ from }) => from.address === "10.8.0.2")).toEqual([]);
  });

  it("goes on with all searches when its interface was lost in some of them, and is back", async () => {
    await start("10.0.0.1");
    world.datagrams.latencyMs = () => 300;
    const { network, addresses } = machine("10.8.0.2");
    addresses.push({ name: "tun0", address: "10.8.0.2" });
    const session = await world.start("10.8.0.2", {
      network,
      interfaces: { list: () => addresses },
      interfaceName: "tun0",
      listen: { address: "", port: 6881 },
    });
    session.apply(rules());
    const torrents = Array.from({ length: 12 }, (_, i) => world.torrent(`t${i}`, 300_000));
    for (const torrent of torrents) await world.add(session, torrent);
    const { seeker } = session.dht;
    await world.until(() => seeker.underWay === 8, 120);
    addresses.length = 0;
    await world.run(10);
    expect([seeker.underWay, session.dht.localOf(4)]).toEqual([0, undefined]);
    addresses.push({ name: "tun0", address: "10.8.0.2" });
    await world.until(() => torrents.every(({ infoHash }) => seeker.searchOf(infoHash)?.last?.announced === 1), 120);
    const before = seeker.searches;
    await world.run(3600);
    expect(seeker.searches - before).toBeGreaterThanOrEqual(3 * torrents.length);
  });

  it("goes on with all searches when it was switched off in some of them, and on again", async () => {
    await start("10.0.0.1");
    world.datagrams.latencyMs = () => 300;
    const session = await start("10.0.0.2");
    const torrents = Array.from({ length: 12 }, (_, i) => world.torrent(`t${i}`, 300_000));
    for (const torrent of torrents) await world.add(session, torrent);
    const { seeker } = session.dht;
    await world.until(() => seeker.underWay === 8, 120);
    const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
    const [{ infoHash }] = torrents as [WorldTorrent];
    const scrape = target.execute({ name: "dht-scrape", infoHash });
    session.apply(rules({ enabled: false }));
    await world.run(3);
    expect([seeker.underWay, session.dht.dht]).toEqual([0, undefined]);
    expect(await scrape).toEqual({ scrapedSeeds: 0, scrapedLeeches: 0, sources: 0 });
    session.apply(rules());
    await world.until(() => torrents.every((each) => seeker.searchOf(each.infoHash)?.last?.announced === 1), 120);
  });

  it("tells its searches of the end when the session stops, and sends nothing more", async () => {
    await start("10.0.0.1");
    const session = await start("10.0.0.2");
    await world.until(() => goodNodes(session) === 1, 60);
    world.datagrams.latencyMs = (transit) => {
      sent.push(transit);
      return 300;
    };
    await world.add(session, world.torrent("e", 300_000));
    await world.until(() => session.dht.seeker.underWay === 1, 60);
    const stopping = session.stop();
    await world.until(() => session.dht.localOf(4) === undefined, 10);
    sent.length = 0;
    await world.run(10);
    await stopping;
    expect(session.dht.seeker.underWay).toBe(0);
    expect(sent.filter(({ from }) => from.address === "10.0.0.2")).toEqual([]);
  });

  it("is reported, and asked how large a swarm is, but for a private one", async () => {
    const torrent = world.torrent("r", 300_000);
    const secret = world.privateOf(world.torrent("s", 300_000));
    await start("10.0.0.1");
    const session = await start("10.0.0.2", { isSeed: true });
    for (const each of [torrent, secret]) await world.add(session, each);
    const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
    await world.run(60);
    expect(target.session()).toMatchObject({ dhtNodes: 1, dhtProblem: "" });
    const report = await target.execute({ name: "dht" });
    expect(report).toMatchObject({ isEnabled: true, searches: 1, nodes: [{ family: 4, port: 6881, good: 1, bad: 0 }] });
    const ask = (infoHash: WorldTorrent["infoHash"]) => target.execute({ name: "dht-scrape", infoHash });
    const scrape = ask(torrent.infoHash);
    await world.run(20);
    expect(await scrape).toEqual({ scrapedSeeds: 1, scrapedLeeches: 0, sources: 1 });
    await expect(ask(secret.infoHash)).rejects.toMatchObject({ code: "private" });
    session.apply(rules({ enabled: false }));
    await world.run(3);
    expect(target.session()).toMatchObject({ dhtNodes: null, dhtProblem: "" });
    await expect(ask(torrent.infoHash)).rejects.toMatchObject({ code: "no-dht" });
  });

  it("is known again after a restart: its id, and nodes without which it would not come back", async () => {
    const files = new VirtualDisk({ clock: world.clock });
    const warnings: string[] = [];
    const records = { files, folder: "/profile", warn: (message: string) => warnings.push(message) };
    const routers = [];
    for (let i = 1; i <= 4; i++) routers.push(await start(`10.0.0.${i}`));
    await world.run(30);
    const first = await start("10.0.1.1", { records });
    await world.until(() => goodNodes(first) === 4, 60);
    const id = first.dht.dht?.node(4)?.id;
    await world.stop(first);

    const second = await start("10.0.1.1", { records }, { bootstrap: [] });
    await world.until(() => goodNodes(second) === 4, 60);
    expect(second.dht.dht?.node(4)?.id).toEqual(id);
    // One that runs beside it begins with its nodes, under an id of its own, and leaves the record alone.
    const record = files.readFileSync("/profile/dht", 100_000);
    const beside = await start("10.0.1.2", { borrowedNodes: records }, { bootstrap: [] });
    await world.until(() => goodNodes(beside) >= 4, 60);
    expect(beside.dht.dht?.node(4)?.id).not.toEqual(id);
    await world.stop(beside);
    expect(files.readFileSync("/profile/dht", 100_000)).toEqual(record);
    await world.stop(second);

    await files.writeFileAtomic("/profile/dht", new TextEncoder().encode("p2p-tui dht 1 00000000\n{}"));
    const third = await start("10.0.1.1", { records });
    await world.until(() => goodNodes(third) === 4, 60);
    expect(warnings).toEqual([expect.stringContaining("the list of the DHT's nodes in the profile was damaged")]);
  });

  it("says why it finds nobody", async () => {
    const dead = await start("10.0.0.2", {}, { bootstrap: ["10.0.0.7:1", "10.0.0.8:1"] });
    const none = await start("10.0.0.3", {}, { bootstrap: [] });
    await world.run(60);
    expect(dead.dht.problem).toBe("none of the 2 nodes that it could begin with answered");
    expect(none.dht.problem).toBe("it knows no node to begin with: name some in dht.bootstrap");
  });
});
