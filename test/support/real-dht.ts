/** A private DHT over real UDP on loopback: nodes of ours, each at an address of its own, and of libtorrent. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { Dht } from "../../source/discovery/dht/dht.ts";
import type { DhtNode } from "../../source/discovery/dht/dht-node.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeDatagrams } from "../../source/platform/node-datagrams.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { NodeRandom } from "../../source/platform/node-random.ts";
import { NodeSignatures } from "../../source/platform/node-signatures.ts";
import type { DatagramSocket } from "../../source/ports/datagram.ts";
import { LibtorrentDht } from "./clients/libtorrent-dht.ts";
import { freeDatagramPort } from "./real-ports.ts";

export class RealDht {
  readonly ports = {
    clock: new NodeClock(),
    random: new NodeRandom(),
    hasher: new NodeHasher(),
    signatures: new NodeSignatures(),
  };
  readonly ours: Dht[] = [];
  /** Of all nodes, each at an address of its own: one that was free a moment ago. */
  readonly port: number;
  readonly first: Endpoint;
  libtorrent: LibtorrentDht | undefined;
  readonly #sockets: DatagramSocket[] = [];
  readonly #ticker = setInterval(() => {
    for (const dht of this.ours) dht.tick();
  }, 500);

  private constructor(port: number) {
    this.port = port;
    this.first = { address: "127.44.0.1", port };
  }

  /** @param theirs how many of libtorrent; 0 for none. */
  static async start(ours: number, theirs: number): Promise<RealDht> {
    const network = new RealDht(await freeDatagramPort());
    const { port } = network;
    const datagrams = new NodeDatagrams();
    for (let i = 0; i < ours; i++) {
      const dht = new Dht(
        network.ports,
        {
          bootstrap: () => [`${network.first.address}:${port}`],
          isReadOnly: () => false,
          isBlocked: () => false,
          resolve: async () => [],
        },
        {},
      );
      const onDatagram = (bytes: Uint8Array, remote: Endpoint) => dht.node(4)?.receive(bytes, remote);
      const socket = await datagrams.bind({ address: `127.44.0.${i + 1}`, port }, { onDatagram });
      dht.open(4, socket.local, (bytes, remote) => socket.send(bytes, remote));
      network.#sockets.push(socket);
      network.ours.push(dht);
      dht.tick();
    }
    await network.until("our nodes know one another", () => Math.min(...network.goodCounts) >= 8);
    if (theirs > 0) network.libtorrent = await LibtorrentDht.start(network.first, theirs);
    return network;
  }

  /** Nodes that each of ours knows. */
  get goodCounts(): readonly number[] {
    return this.ours.map(({ goodCount }) => goodCount);
  }

  node(index: number): DhtNode {
    const node = this.ours[index]?.node(4);
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
    const end = performance.now() + seconds * 1000;
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error(`it never came to be that ${what}`);
      await sleep(50);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticker);
    for (const dht of this.ours) dht.closeAll();
    await Promise.all([...this.#sockets.map((socket) => socket.close()), this.libtorrent?.stop()]);
  }
}
