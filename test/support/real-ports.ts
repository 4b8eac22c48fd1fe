/** The world as tests on loopback have it: real time, sockets and files; chance follows from a seed, no tracker answers. */
import { once } from "node:events";
import { createServer } from "node:net";
import { OperationalError } from "../../source/base/errors.ts";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeDatagrams } from "../../source/platform/node-datagrams.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { NodeNetwork } from "../../source/platform/node-network.ts";
import { NodeSignatures } from "../../source/platform/node-signatures.ts";
import type { HttpClient } from "../../source/ports/http.ts";
import type { Network } from "../../source/ports/network.ts";
import type { Ports } from "../../source/ports/ports.ts";

export const noTrackers: HttpClient = { get: () => Promise.reject(new OperationalError("refused", "no tracker here")) };

/** @param more in place of the real ones. */
export function realPorts(more: Partial<Ports> = {}): Ports {
  return {
    clock: new NodeClock(),
    random: new SeededRandom(1),
    files: new NodeFileSystem(),
    hasher: new NodeHasher(),
    signatures: new NodeSignatures(),
    network: new NodeNetwork(),
    datagrams: new NodeDatagrams(),
    http: noTrackers,
    ...more,
  };
}

/** A network with nobody else on it: one listens at `local`, nobody comes, and nobody may be dialled. */
export function emptyNetwork(local: Endpoint): Network {
  return {
    connect: () => {
      throw new Error("nobody is dialled");
    },
    listen: async () => ({ local, isOpen: true, close: async () => {} }),
    resolve: async () => [],
  };
}

/** A UDP port that was free a moment ago at every address. */
export async function freeDatagramPort(): Promise<number> {
  const socket = await new NodeDatagrams().bind({ address: "0.0.0.0", port: 0 }, { onDatagram: () => {} });
  await socket.close();
  return socket.local.port;
}

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("a socket without an address");
  return address.port;
}
