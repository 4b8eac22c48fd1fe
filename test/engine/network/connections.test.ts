import { describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { Admittance } from "../../../source/engine/network/admittance.ts";
import { Connections } from "../../../source/engine/network/connections.ts";
import { Home } from "../../../source/engine/network/home.ts";
import { NetworkWatch } from "../../../source/engine/network/network-watch.ts";
import type { Network } from "../../../source/ports/network.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const v4 = "10.8.0.2";
const v6 = "fd00::2";

/** A session's listening at tun0, and a machine on which some of its addresses cannot be bound yet. */
function atTun(port: number, ...addresses: string[]) {
  const tentative = new Set<string>();
  const open: string[] = [];
  const attempts: string[] = [];
  const told: string[] = [];
  let freePort = 40_000;
  const listen: Network["listen"] = async ({ address, port: asked }) => {
    attempts.push(address);
    if (tentative.has(address)) throw new OperationalError("no-such-address", `cannot listen on ${address}`);
    const local = { address, port: asked === 0 ? ++freePort : asked };
    const name = `${address} ${local.port}`;
    if (open.includes(name)) throw new OperationalError("listen-failed", "the port is in use");
    open.push(name);
    return {
      local,
      get isOpen() {
        return open.includes(name);
      },
      close: async () => {
        if (open.includes(name)) open.splice(open.indexOf(name), 1);
      },
    };
  };
  const interfaces = { list: () => addresses.map((address) => ({ name: "tun0", address })) };
  const home = new Home({ listenAddress: "", localAddress: undefined, interfaceName: "tun0", interfaces });
  const connections = new Connections({ listen } as Network, {} as never, {
    home,
    port,
    admittance: new Admittance(),
    connectionsMax: () => 100,
    listening: (local) => told.push(`${local.address} ${local.port}`),
    warn: (message) => told.push(message),
  });
  const clock = new VirtualClock();
  const watch = new NetworkWatch(clock, 1000, home, connections, () => {});
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000);
      watch.tick();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  return { addresses, tentative, open, attempts, told, connections, pass };
}

describe("an interface whose second address cannot be bound yet", () => {
  it("is listened on by the first, and by the second once that can be", async () => {
    const { tentative, open, attempts, told, connections, pass } = atTun(0, v4, v6);
    tentative.add(v6);
    await connections.listen();
    expect([open, connections.local?.address, connections.isListening]).toEqual([[`${v4} 40001`], v4, false]);
    await pass(300);
    // Every half a minute, and the first stays as it is.
    expect(attempts.filter((address) => address === v6).length).toBeGreaterThan(8);
    expect(attempts.filter((address) => address === v6).length).toBeLessThan(13);
    const warning = `nobody can connect to us at ${v6}: cannot listen on ${v6}`;
    expect([open, told]).toEqual([[`${v4} 40001`], [`${v4} 40001`, warning]]);
    tentative.clear();
    await pass(40);
    expect([open, connections.isListening]).toEqual([[`${v4} 40001`, `${v6} 40001`], true]);
    const count = attempts.length;
    await pass(100);
    expect([attempts.length, told]).toEqual([count, [`${v4} 40001`, warning]]);
    await connections.close("over");
    expect(open).toEqual([]);
  });

  it("is no matter to tell of where the second can be bound within a moment", async () => {
    const { tentative, open, told, connections, pass } = atTun(0, v4, v6);
    tentative.add(v6);
    await connections.listen();
    tentative.clear();
    await pass(40);
    expect([open.length, told]).toEqual([2, [`${v4} 40001`]]);
  });

  it("leaves nothing open when the second address goes, and when all is over", async () => {
    const { addresses, tentative, open, connections, pass } = atTun(6881, v4, v6);
    tentative.add(v6);
    await connections.listenAgain();
    addresses.pop();
    await pass(1);
    expect([open, connections.isListening, connections.listenProblem]).toEqual([[`${v4} 6881`], true, ""]);
    addresses[0] = "10.8.0.5";
    await pass(1);
    expect(open).toEqual(["10.8.0.5 6881"]);
    await connections.close("over");
    expect(open).toEqual([]);
  });
});

describe("an interface whose only address cannot be bound yet", () => {
  it("is told of, and listened on later", async () => {
    const { tentative, told, connections, pass } = atTun(6881, v6);
    tentative.add(v6);
    await connections.listen();
    await pass(100);
    expect(told).toEqual([`nobody can connect to us: cannot listen on ${v6}`]);
    tentative.clear();
    await pass(31);
    expect([told.at(-1), connections.listenProblem]).toEqual([`${v6} 6881`, ""]);
  });
});
