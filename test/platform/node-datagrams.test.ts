import { afterEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { NodeDatagrams } from "../../source/platform/node-datagrams.ts";
import { NodeInterfaces } from "../../source/platform/node-interfaces.ts";
import type { DatagramSocket } from "../../source/ports/datagram.ts";

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

async function bind(address: string, port = 0): Promise<Inbox> {
  const arrived: { bytes: Uint8Array; remote: Endpoint }[] = [];
  const refused: string[] = [];
  let told = () => {};
  const socket = await datagrams.bind(
    { address, port },
    {
      onDatagram: (bytes, remote) => {
        arrived.push({ bytes, remote });
        told();
      },
      onRefused: (error, remote) => {
        refused.push(`${remote.address}:${remote.port} ${error.message}`);
        told();
      },
    },
  );
  open.push(socket);
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
  return { socket, refused, next };
}

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
});
