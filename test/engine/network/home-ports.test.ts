import { describe, expect, it } from "vitest";
import { Home } from "../../../source/engine/network/home.ts";
import { homePorts } from "../../../source/engine/network/home-ports.ts";
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

describe("datagrams of a session that is at home anywhere", () => {
  it("leave by the system's choice", async () => {
    const { sent, bind } = machine(undefined, tun);
    const socket = await bind("0.0.0.0");
    socket.send(new Uint8Array(1), far);
    expect(sent).toEqual(["0.0.0.0"]);
  });
});
