/**
 * A DHT node in a process of its own, over real UDP, while others send it 20,000 queries a second: from one address, from
 * many, and what is no message at all. Its processor time and memory must stay bounded, who asks honestly must be answered, and
 * nobody may get back more than three times what was sent in his name.
 *
 *   node test/bench/dht-flood.ts [--rate 20000] [--seconds 10] [--from 200]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { randomBytes, SeededRandom } from "../../source/base/random.ts";
import { DhtNode } from "../../source/discovery/dht/dht-node.ts";
import type { Query } from "../../source/discovery/dht/krpc.ts";
import { encodeQuery } from "../../source/discovery/dht/krpc-encode.ts";
import { randomId } from "../../source/discovery/dht/node-id.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeDatagrams } from "../../source/platform/node-datagrams.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { NodeRandom } from "../../source/platform/node-random.ts";
import { NodeSignatures } from "../../source/platform/node-signatures.ts";
import type { DatagramSocket } from "../../source/ports/datagram.ts";

interface Usage {
  readonly cpuSeconds: number;
  readonly rss: number;
  readonly traffic: DhtNode["traffic"];
}

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "20000" },
    seconds: { type: "string", default: "10" },
    from: { type: "string", default: "200" },
  },
});
const datagrams = new NodeDatagrams();

/** The child: a node, which tells its usage when it is asked. */
async function attacked(): Promise<void> {
  let socket: DatagramSocket | undefined;
  const ports = {
    clock: new NodeClock(),
    random: new NodeRandom(),
    hasher: new NodeHasher(),
    signatures: new NodeSignatures(),
  };
  const node = new DhtNode(ports, { family: 4, send: (bytes, remote) => socket?.send(bytes, remote) });
  socket = await datagrams.bind(
    { address: "127.0.0.1", port: 0 },
    { onDatagram: (bytes, from) => node.receive(bytes, from) },
  );
  node.start();
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    const usage: Usage = {
      cpuSeconds: (user + system) / 1e6,
      rss: process.memoryUsage.rss(),
      traffic: { ...node.traffic },
    };
    process.send?.(usage);
  });
  process.send?.(socket.local.port);
}

async function flood(): Promise<void> {
  const child = fork(import.meta.filename, { env: { ...process.env, DHT_FLOOD: "node" } });
  const [port] = (await once(child, "message")) as [number];
  const target = { address: "127.0.0.1", port };
  const random = new SeededRandom(1);
  const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
  const usage = async (): Promise<Usage> => {
    child.send("usage");
    const [answer] = (await once(child, "message")) as [Usage];
    return answer;
  };
  const query = (): Uint8Array => {
    const infoHash = randomId(random);
    const queries: Query[] = [
      { method: "ping" },
      { method: "find_node", target: infoHash, want: undefined },
      { method: "get_peers", infoHash, want: undefined, noSeeds: false, isScrape: true },
      { method: "sample_infohashes", target: infoHash, want: undefined },
    ];
    return encodeQuery(randomBytes(random, 2), randomId(random), queries[random.uint32() % 4] as Query, false);
  };
  const bytes = { sent: 0, back: 0 };
  const bind = (address: string): Promise<DatagramSocket> =>
    datagrams.bind({ address, port: 0 }, { onDatagram: ({ length }) => (bytes.back += length) });
  const asked = { sent: 0, answered: 0 };
  const honest = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      datagrams.bind({ address: `127.1.0.${i + 1}`, port: 0 }, { onDatagram: () => asked.answered++ }),
    ),
  );
  const honestQuery = encodeQuery(Uint8Array.of(1, 1), randomId(random), { method: "ping" }, true);
  const columns = ["", "sent/s", "read", "answered", "cpu %", "rss MB", "bytes back", "honest"];
  console.log(columns.map((name) => name.padStart(12)).join(""));
  const round = async (name: string, sockets: readonly DatagramSocket[], make: () => Uint8Array): Promise<void> => {
    const before = await usage();
    const beganMs = performance.now();
    Object.assign(bytes, { sent: 0, back: 0 });
    Object.assign(asked, { sent: 0, answered: 0 });
    let sent = 0;
    while (performance.now() - beganMs < seconds * 1000) {
      const passed = (performance.now() - beganMs) / 1000;
      for (let burst = 0; sockets.length > 0 && sent < rate * passed && burst < 400; burst++) {
        const datagram = make();
        bytes.sent += datagram.length;
        sockets[sent++ % sockets.length]?.send(datagram, target);
      }
      // Each of the honest asks once a second.
      while (asked.sent < passed * honest.length) honest[asked.sent++ % honest.length]?.send(honestQuery, target);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const took = (performance.now() - beganMs) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = await usage();
    const row = [
      name,
      Math.round(sent / took),
      after.traffic.received - before.traffic.received,
      after.traffic.answered - before.traffic.answered,
      ((100 * (after.cpuSeconds - before.cpuSeconds)) / took).toFixed(0),
      (after.rss / 1e6).toFixed(0),
      `${((100 * bytes.back) / Math.max(1, bytes.sent)).toFixed(1)} %`,
      `${((100 * asked.answered) / asked.sent).toFixed(0)} %`,
    ];
    console.log(row.map((cell) => String(cell).padStart(12)).join(""));
  };
  const one = [await bind("127.0.0.2")];
  const many = await Promise.all(
    Array.from({ length: Number(values.from) }, (_, i) => bind(`127.${2 + (i >> 8)}.7.${i & 255 || 1}`)),
  );
  await round("nothing", [], query);
  await round("one", one, query);
  await round("many", many, query);
  await round("many again", many, query);
  const noise = randomBytes(random, 100);
  await round("noise", many, () => noise);
  await Promise.all([...one, ...many, ...honest].map((socket) => socket.close()));
  child.kill();
}

await (process.env["DHT_FLOOD"] === "node" ? attacked() : flood());
