import { afterEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { NodeDatagrams } from "../../source/platform/node-datagrams.ts";
import { NodeInterfaces } from "../../source/platform/node-interfaces.ts";
import type { DatagramHandler, DatagramSocket } from "../../source/ports/datagram.ts";

const datagrams = new NodeDatagrams();
const open: DatagramSocket[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((socket) => socket.close()));
});

interface Inbox {
  readonly socket: DatagramSocket;
  readonly refused: string[];
  next(): Promise<{ readonly bytes: Uint8Array; readonly remote: Endpoint }>;
}

function inbox(open_: (handler: DatagramHandler) => Promise<DatagramSocket>): Promise<Inbox> {
  const arrived: { bytes: Uint8Array; remote: Endpoint }[] = [];
  const refused: string[] = [];
  let told = () => {};
  const next = async () => {
    for (;;) {
      const first = arrived.shift();
      if (first !== undefined) return first;
      if (refused.length > 0) throw new Error(refused[0]);
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    }
  };
  return open_({
    onDatagram: (bytes, remote) => {
      arrived.push({ bytes, remote });
      told();
    },
    onRefused: (error, remote) => {
      refused.push(`${remote.address}:${remote.port} ${error.message}`);
      told();
    },
  }).then((socket) => {
    open.push(socket);
    return { socket, refused, next };
  });
}

const bind = (address: string, port = 0) => inbox((handler) => datagrams.bind({ address, port }, handler));
const join = (group: Endpoint, address: string) =>
  inbox((handler) => datagrams.join(group, { name: "lo", address }, handler));

const bytes = (text: string) => new TextEncoder().encode(text);
const hasIpv6 = new NodeInterfaces().list().some(({ address }) => address === "::1");

describe("NodeDatagrams", () => {
  it("carries datagrams both ways, with their sender's address", async () => {
    const [a, b] = [await bind("127.0.0.1"), await bind("127.0.0.1")];
    a.socket.send(bytes("ping"), b.socket.local);
    const ping = await b.next();
    expect([new TextDecoder().decode(ping.bytes), ping.remote]).toEqual(["ping", a.socket.local]);
    b.socket.send(bytes(""), ping.remote);
    expect((await a.next()).bytes.length).toBe(0);
  });

  it.skipIf(!hasIpv6)("has one port for both families, a socket for each", async () => {
    const four = await bind("0.0.0.0");
    const six = await bind("::", four.socket.local.port);
    const [from4, from6] = [await bind("127.0.0.1"), await bind("::1")];
    from4.socket.send(bytes("4"), { address: "127.0.0.1", port: four.socket.local.port });
    from6.socket.send(bytes("6"), { address: "::1", port: four.socket.local.port });
    expect((await four.next()).remote).toEqual(from4.socket.local);
    expect((await six.next()).remote).toEqual(from6.socket.local);
  });

  it("says why it cannot bind", async () => {
    const { port } = (await bind("127.0.0.1")).socket.local;
    await expect(bind("127.0.0.1", port)).rejects.toMatchObject({
      code: "listen-failed",
      message: `127.0.0.1:${port} is in use by another program`,
    });
    await expect(bind("192.0.2.1")).rejects.toMatchObject({
      code: "no-such-address",
      message: "192.0.2.1 is not an address of this machine",
    });
  });

  it("tells what the system refuses to send, and goes on", async () => {
    const [a, b] = [await bind("127.0.0.1"), await bind("127.0.0.1")];
    a.socket.send(bytes("x"), { address: "127.0.0.1", port: 0 });
    await expect(a.next()).rejects.toThrow(/^127\.0\.0\.1:0 /);
    // Larger than any datagram.
    a.refused.length = 0;
    a.socket.send(new Uint8Array(70_000), b.socket.local);
    await expect(a.next()).rejects.toThrow(/EMSGSIZE/);
    a.socket.send(bytes("y"), b.socket.local);
    expect((await b.next()).remote).toEqual(a.socket.local);
  });

  it("never asks for a name", async () => {
    const a = await bind("127.0.0.1");
    a.socket.send(bytes("x"), { address: "localhost", port: 9 });
    await expect(a.next()).rejects.toThrow();
  });

  it("is silent once closed", async () => {
    const [a, b] = [await bind("127.0.0.1"), await bind("127.0.0.1")];
    await a.socket.close();
    await a.socket.close();
    expect(a.socket.isOpen).toBe(false);
    a.socket.send(bytes("x"), b.socket.local);
    const c = await bind("127.0.0.1");
    c.socket.send(bytes("z"), b.socket.local);
    expect(new TextDecoder().decode((await b.next()).bytes)).toBe("z");
    expect(a.refused).toEqual([]);
  });

  // For IPv6, which has no way for multicast on loopback, see test/interop/local-discovery.test.ts.
  it.skipIf(process.platform !== "linux")("lets several be in a group on one network, and each hear all", async () => {
    // Another port than that of local discovery, of which there may be others on this machine.
    const group = { address: "239.192.152.143", port: 16_771 };
    const [a, b] = [await join(group, "127.0.0.1"), await join(group, "127.0.0.1")];
    a.socket.send(bytes("to all"), group);
    for (const member of [a, b]) {
      const { bytes: heard, remote } = await member.next();
      expect(new TextDecoder().decode(heard)).toBe("to all");
      expect(remote).toEqual({ address: "127.0.0.1", port: 16_771 });
    }
    await a.socket.close();
    b.socket.send(bytes("again"), group);
    expect(new TextDecoder().decode((await b.next()).bytes)).toBe("again");
  });

  it.skipIf(process.platform !== "linux")("does not hear in a group what is sent to this machine alone", async () => {
    const group = { address: "239.192.152.143", port: 16_772 };
    const member = await join(group, "127.0.0.1");
    const other = await bind("127.0.0.1");
    other.socket.send(bytes("to you alone"), { address: "127.0.0.1", port: 16_772 });
    member.socket.send(bytes("to all"), group);
    expect(new TextDecoder().decode((await member.next()).bytes)).toBe("to all");
  });

  it("says why a group cannot be joined", async () => {
    const group = { address: "239.192.152.143", port: 16_773 };
    await expect(join(group, "203.0.113.77")).rejects.toMatchObject({ code: "listen-failed" });
  });
});
