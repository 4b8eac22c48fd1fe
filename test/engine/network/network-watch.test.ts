import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { encode } from "../../../source/bencode/encode.ts";
import { Home } from "../../../source/engine/network/home.ts";
import { SleepWatch } from "../../../source/engine/network/sleep-watch.ts";
import type { Session } from "../../../source/engine/session.ts";
import type { HttpClient, HttpRequest } from "../../../source/ports/http.ts";
import type { InterfaceAddress, Interfaces } from "../../../source/ports/interfaces.ts";
import type { Listener, Network } from "../../../source/ports/network.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const tracker = "http://tracker.example/announce";
const hour = 3_600_000;

/** A machine whose interfaces come and go, and what left it by which address. */
class Machine implements Interfaces {
  addresses: readonly InterfaceAddress[] = [];
  readonly dialled: (string | undefined)[] = [];
  readonly asked: HttpRequest[] = [];
  readonly resolved: string[] = [];
  readonly listeners: Listener[] = [];
  readonly network: Network;
  readonly http: HttpClient;

  constructor(world: SessionWorld) {
    this.network = {
      connect: (options, handler) => {
        this.dialled.push(options.localAddress);
        const from = options.localAddress ?? this.addresses[0]?.address ?? "nowhere";
        return world.network.host(from).connect(options, handler);
      },
      listen: async (local, accept) => {
        const address = local.address === "" ? this.addresses[0]?.address : local.address;
        if (!this.addresses.some((each) => each.address === address)) {
          throw new OperationalError("no-such-address", "it is not ours");
        }
        const listener = await world.network.host(address ?? "").listen({ ...local, address: address ?? "" }, accept);
        this.listeners.push(listener);
        return listener;
      },
      resolve: async (host) => {
        this.resolved.push(host);
        return [host];
      },
    };
    this.http = {
      get: async (request) => {
        this.asked.push(request);
        return { status: 200, headers: {}, body: encode({ interval: 1800, peers: "" }), remoteAddress: "203.0.113.1" };
      },
    };
  }

  list(): readonly InterfaceAddress[] {
    return this.addresses;
  }

  forget(): void {
    for (const list of [this.dialled, this.asked, this.resolved]) list.length = 0;
  }
}

describe("a session on a network that changes", () => {
  let world: SessionWorld;
  let machine: Machine;
  let seed: Session;
  let torrent: WorldTorrent;
  const eth = { name: "eth0", address: "192.168.1.7" };
  const tun = { name: "tun0", address: "10.8.0.2" };

  beforeEach(async () => {
    world = new SessionWorld();
    machine = new Machine(world);
    torrent = world.torrent("a", 20_000_000, 262_144, tracker);
    seed = await world.start("10.0.0.9", { isSeed: true });
    await world.add(seed, torrent);
  });
  afterEach(() => world.close());

  const start = (more: { readonly interfaceName?: string; readonly isSeed?: boolean } = {}) =>
    world.start("here", {
      listen: { address: "", port: 6881 },
      interfaces: machine,
      network: machine.network,
      http: machine.http,
      maxDownRate: 40_000,
      ...more,
    });
  const stateOf = (session: Session) => session.torrent(torrent.infoHash).state;

  it("goes out over its interface alone, not at all while that is not there, and on by itself", async () => {
    machine.addresses = [eth];
    const session = await start({ interfaceName: "tun0" });
    const warnings: string[] = [];
    session.onEvent((event) => event.kind === "warning" && warnings.push(event.message));
    await world.add(session, torrent, [seed]);
    await world.run(300);
    expect([machine.dialled, machine.asked, machine.resolved, machine.listeners]).toEqual([[], [], [], []]);
    expect([session.listening, session.listenProblem]).toEqual([
      undefined,
      "the interface tun0 has no address: nothing is connected until it has",
    ]);
    expect(stateOf(session)).toBe("downloading");

    machine.addresses = [eth, { name: "tun0", address: "fd00::2" }, tun];
    await world.until(() => session.connectionCount === 1, 10);
    expect([session.listening?.address, session.listenProblem]).toEqual(["10.8.0.2", ""]);
    expect(machine.listeners.map(({ local }) => local.address)).toEqual(["10.8.0.2", "fd00::2"]);
    await world.until(() => machine.asked.length >= 2, 30);
    expect(new Set(machine.dialled)).toEqual(new Set(["10.8.0.2"]));
    expect(new Set(machine.asked.map(({ localAddress, family }) => `${localAddress} ${family}`))).toEqual(
      new Set(["10.8.0.2 4", "fd00::2 6"]),
    );

    machine.addresses = [eth];
    await world.until(() => session.connectionCount === 0, 10);
    machine.forget();
    await world.run(3000);
    expect([machine.dialled, machine.asked, machine.resolved]).toEqual([[], [], []]);
    expect(machine.listeners.filter(({ isOpen }) => isOpen)).toEqual([]);

    machine.addresses = [eth, { name: "tun0", address: "10.8.0.5" }];
    await world.until(() => stateOf(session) === "seeding");
    expect(new Set([...machine.dialled, ...machine.asked.map(({ localAddress }) => localAddress)])).toEqual(
      new Set(["10.8.0.5"]),
    );
    expect(session.listening?.address).toBe("10.8.0.5");
    expect(warnings).toHaveLength(1);
  });

  it("listens and announces anew when its interface has another address at once", async () => {
    machine.addresses = [eth, tun];
    const session = await start({ interfaceName: "tun0" });
    await world.add(session, torrent, [seed]);
    await world.until(() => session.connectionCount === 1, 10);
    await world.run(120);
    machine.forget();
    machine.addresses = [eth, { name: "tun0", address: "10.8.0.5" }];
    await world.until(() => session.connectionCount === 1 && machine.asked.length > 0, 10);
    expect(new Set([...machine.dialled, ...machine.asked.map(({ localAddress }) => localAddress)])).toEqual(
      new Set(["10.8.0.5"]),
    );
    expect(machine.listeners.filter(({ isOpen }) => isOpen).map(({ local }) => local.address)).toEqual(["10.8.0.5"]);
  });

  it("drops only what went by an address that is gone, and tells its trackers", async () => {
    machine.addresses = [eth, tun];
    const session = await start();
    await world.add(session, torrent, [seed]);
    await world.until(() => session.connectionCount === 1, 10);
    await world.run(120);
    machine.forget();
    machine.addresses = [eth];
    await world.until(() => machine.asked.length > 0, 30);
    expect([session.connectionCount, machine.dialled]).toEqual([1, []]);
    machine.addresses = [{ name: "eth0", address: "192.168.9.9" }];
    await world.until(() => machine.dialled.length > 0, 10);
    await world.until(() => session.connectionCount === 1, 10);
  });

  it("listens again when its socket has died", async () => {
    machine.addresses = [eth];
    const session = await start();
    await machine.listeners[0]?.close();
    await world.until(() => machine.listeners.some(({ isOpen }) => isOpen), 5);
    await world.add(session, torrent);
    seed.torrent(torrent.infoHash).run?.addPeers([{ address: eth.address, port: 6881 }], "tracker");
    await world.until(() => session.connectionCount === 1, 30);
  });

  it("tells trackers and dials anew after a sleep, and changes nothing when the clock is set back", async () => {
    machine.addresses = [eth];
    const session = await start();
    await world.add(session, torrent, [seed]);
    await world.until(() => session.connectionCount === 1, 10);
    await world.run(120);
    const idOf = () => [...(session.torrent(torrent.infoHash).swarm?.neighbours.keys() ?? [])];
    const before = idOf();
    machine.forget();

    world.clock.jumpWall(-5 * hour);
    await world.run(60);
    world.clock.jumpWall(5_000);
    await world.run(60);
    expect([machine.dialled, machine.asked, idOf()]).toEqual([[], [], before]);

    world.clock.jumpWall(9 * hour);
    await world.until(() => machine.asked.length > 0 && machine.dialled.length > 0 && idOf().length === 1, 15);
    expect(idOf()).not.toEqual(before);
    await world.until(() => stateOf(session) === "seeding");
    // Once, and then at the usual times.
    const first = machine.asked.filter(({ family, url }) => family === undefined && url.includes("/announce"));
    expect(first.map(({ url }) => new URL(url).searchParams.get("event"))).toEqual([null, "completed"]);
  });
});

describe("sleep", () => {
  it("is noticed by either clock, once, and not where a clock is set back or by little", () => {
    const clock = new VirtualClock();
    const watch = new SleepWatch(clock, 1000);
    const passed = (ms: number, wallMs = 0) => {
      clock.advance(ms);
      clock.jumpWall(wallMs);
      return watch.look();
    };
    expect(passed(1000)).toBe(0);
    expect(passed(1000, 8 * hour)).toBe(8 * hour);
    expect(passed(1000)).toBe(0);
    expect(passed(1000, -20 * hour)).toBe(0);
    expect(passed(1000, 59_000)).toBe(0);
    expect(passed(hour)).toBe(hour - 1000);
    expect(passed(5000)).toBe(0);
  });
});

describe("home", () => {
  const interfaces = (...addresses: readonly InterfaceAddress[]) => ({ addresses, list: () => addresses });

  it("is the whole machine unless something else is said", () => {
    const home = new Home({
      listenAddress: "",
      localAddress: undefined,
      interfaceName: undefined,
      interfaces: undefined,
    });
    expect([home.problem, home.listenAddresses, home.source(6), home.has("10.0.0.1")]).toEqual(["", [""], {}, true]);
  });

  it("may be an address of one family, and dials nobody of the other", () => {
    const home = new Home({
      listenAddress: "10.0.0.1",
      localAddress: "10.0.0.1",
      interfaceName: undefined,
      interfaces: undefined,
    });
    expect([home.source(4), home.source(6), home.source()]).toEqual([
      { localAddress: "10.0.0.1" },
      undefined,
      { localAddress: "10.0.0.1" },
    ]);
  });

  it("that is an address is gone only when it was there to be seen", () => {
    const lo = { name: "lo", address: "127.0.0.1" };
    let now = interfaces(lo, { name: "eth0", address: "10.0.0.1" });
    const options = { listenAddress: "", interfaceName: undefined, interfaces: { list: () => now.list() } };
    const listed = new Home({ ...options, localAddress: "10.0.0.1" });
    const unlisted = new Home({ ...options, localAddress: "10.9.9.9" });
    now = interfaces(lo);
    expect(listed.look()).toEqual({ isMoved: true, isAnyLost: true });
    unlisted.look();
    expect([listed.source(), listed.listenAddresses, unlisted.problem]).toEqual([undefined, [], ""]);
    now = interfaces(lo, { name: "eth0", address: "10.0.0.1" });
    expect([listed.look(), listed.problem]).toEqual([{ isMoved: true, isAnyLost: false }, ""]);
  });
});
