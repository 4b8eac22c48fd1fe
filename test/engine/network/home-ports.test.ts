import { describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { Home } from "../../../source/engine/network/home.ts";
import { homePorts } from "../../../source/engine/network/home-ports.ts";
import type { HttpRequest } from "../../../source/ports/http.ts";
import type { InterfaceAddress } from "../../../source/ports/interfaces.ts";
import type { Ports } from "../../../source/ports/ports.ts";
import { MemoryDatagrams, type Transit } from "../../support/memory-datagrams.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const far = { address: "203.0.113.9", port: 80 };
const tun = { name: "tun0", address: "10.8.0.2" };

/** A machine with these addresses, and all that it sends. */
function machine(interfaceName: string | undefined, ...addresses: InterfaceAddress[]) {
  const sent: string[] = [];
  const network = new MemoryDatagrams(new VirtualClock(), ({ from }: Transit) => {
    sent.push(from.address);
    return undefined;
  });
  const home = new Home({
    listenAddress: "0.0.0.0",
    localAddress: undefined,
    interfaceName,
    interfaces: { list: () => addresses },
  });
  const ports = { datagrams: { bind: async (local, handler) => network.bind(local, handler) } } as Partial<Ports>;
  const { datagrams } = homePorts(ports as Ports, home);
  return {
    addresses,
    sent,
    home,
    bind: (address: string) => datagrams.bind({ address, port: 0 }, { onDatagram() {} }),
  };
}

describe("datagrams of a session that is bound to an interface", () => {
  it("leave from the interface's address, and not at all when that has changed or gone", async () => {
    const { addresses, sent, home, bind } = machine("tun0", tun);
    const socket = await bind("0.0.0.0");
    expect(socket.local.address).toBe("10.8.0.2");
    socket.send(new Uint8Array(1), far);
    expect(sent).toEqual(["10.8.0.2"]);
    addresses[0] = { name: "tun0", address: "10.8.0.3" };
    home.look();
    socket.send(new Uint8Array(1), far);
    addresses.length = 0;
    home.look();
    socket.send(new Uint8Array(1), far);
    expect(sent).toEqual(["10.8.0.2"]);
    await expect(bind("0.0.0.0")).rejects.toMatchObject({ code: "no-home" });
    addresses.push(tun);
    home.look();
    socket.send(new Uint8Array(1), far);
    expect(sent).toEqual(["10.8.0.2", "10.8.0.2"]);
  });

  it("have no socket of a family that the interface lacks", async () => {
    await expect(machine("tun0", tun).bind("::")).rejects.toMatchObject({ code: "listen-failed" });
  });
});

describe("names that a session looks up", () => {
  it("are the addresses that its interface can reach, where there are such", async () => {
    const interfaces = { list: () => [tun] };
    const home = new Home({ listenAddress: "", localAddress: undefined, interfaceName: "tun0", interfaces });
    const names: Readonly<Record<string, readonly string[]>> = {
      both: ["2001:db8::1", "192.0.2.1"],
      six: ["2001:db8::1"],
    };
    const resolve = async (host: string) => names[host] ?? [];
    const { network } = homePorts({ network: { resolve } } as Partial<Ports> as Ports, home);
    expect(await network.resolve("both")).toEqual(["192.0.2.1"]);
    expect(await network.resolve("six")).toEqual(["2001:db8::1"]);
  });
});

describe("datagrams of a session that is at home anywhere", () => {
  it("leave by the system's choice", async () => {
    const { sent, bind } = machine(undefined, tun);
    const socket = await bind("0.0.0.0");
    socket.send(new Uint8Array(1), far);
    expect(sent).toEqual(["0.0.0.0"]);
  });
});

describe("requests of a session that is bound to an interface", () => {
  const tun6 = { name: "tun0", address: "fd00::2" };

  /** A world in which `http://v4/` has an IPv4 address alone, `http://v6/` an IPv6 one, and a failed look-up takes 2 s. */
  function asking(...addresses: InterfaceAddress[]) {
    const clock = new VirtualClock();
    const asked: string[] = [];
    const get = async ({ url, family, localAddress, timeoutMs }: HttpRequest) => {
      asked.push(`${localAddress} ${family} ${timeoutMs}`);
      clock.advance(2000);
      if (url === "http://refused/") throw new OperationalError("refused", "refused");
      if (!url.includes(`v${family}`) && !url.includes("[")) throw new OperationalError("unresolved", "no such host");
      return { status: 200, headers: {}, body: new Uint8Array(), remoteAddress: "" };
    };
    const home = new Home({
      listenAddress: "",
      localAddress: undefined,
      interfaceName: "tun0",
      interfaces: { list: () => addresses },
    });
    const { http } = homePorts({ clock, http: { get } } as Partial<Ports> as Ports, home);
    const ask = (url: string, more: Partial<HttpRequest> = {}) =>
      http.get({ url, timeoutMs: 10_000, bodyLengthMax: 1000, ...more });
    return { asked, ask };
  }

  it("go by the interface's other family where the host has that alone, within the same time", async () => {
    const { asked, ask } = asking(tun, tun6);
    await ask("http://v4/");
    await ask("http://v6/");
    expect(asked).toEqual(["10.8.0.2 4 10000", "10.8.0.2 4 10000", "fd00::2 6 8000"]);
    await expect(ask("http://v6/", { timeoutMs: 2000 })).rejects.toMatchObject({ code: "unresolved" });
    await expect(ask("http://refused/")).rejects.toMatchObject({ code: "refused" });
    await expect(ask("http://v6/", { family: 4 })).rejects.toMatchObject({ code: "unresolved" });
    expect(asked).toHaveLength(6);
  });

  it("go to an address by its own family, and nowhere where the interface lacks that", async () => {
    const both = asking(tun, tun6);
    await both.ask("http://[2001:db8::1]:80/announce");
    expect(both.asked).toEqual(["fd00::2 6 10000"]);
    const one = asking(tun);
    await expect(one.ask("http://[2001:db8::1]/")).rejects.toMatchObject({ code: "unresolved" });
    await expect(one.ask("http://v6/")).rejects.toMatchObject({ code: "unresolved" });
    expect(one.asked).toEqual(["10.8.0.2 4 10000"]);
  });
});
