/**
 * Lookups in DHTs of 100, 1,000 and 10,000 nodes on a virtual network: hops, messages and time should grow as log N.
 * `--dead`, `--lying` and `--unsecured` are parts of the nodes, in percent; the last chose their ids, not as BEP 42 wants.
 *
 *   node test/bench/dht-lookups.ts [--nodes 100,1000,10000] [--lookups 200] [--dead 0] [--lying 0] [--unsecured 0]
 */
import { parseArgs } from "node:util";
import { randomId } from "../../source/discovery/dht/node-id.ts";
import { DhtWorld } from "../support/dht-world.ts";

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "100,1000,10000" },
    lookups: { type: "string", default: "200" },
    dead: { type: "string", default: "0" },
    lying: { type: "string", default: "0" },
    unsecured: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});

function median(numbers: readonly number[], at = 0.5): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(at * (sorted.length - 1))] ?? Number.NaN;
}
const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

const columns = ["nodes", "hops", "asked", "asked p95", "first peer ms", "whole ms", "whole p95", "found", "log2 N"];
console.log(columns.map((name) => name.padStart(13)).join(""));
for (const count of values.nodes.split(",").map(Number)) {
  const world = new DhtWorld(Number(values.seed));
  for (let i = 0; i < count; i++) {
    world.add((100 * i) / count < Number(values.unsecured) ? { id: randomId(world.random) } : {});
  }
  world.settle();
  const dead = world.some(Math.round((count * Number(values.dead)) / 100));
  for (const each of dead) world.kill(each);
  const alive = world.nodes.filter((each) => !dead.includes(each));
  const liars = alive.slice(0, Math.round((count * Number(values.lying)) / 100));
  for (const each of liars) world.corrupt(each, liars);
  const honest = alive.slice(liars.length);
  const results: (Awaited<ReturnType<DhtWorld["search"]>> & { readonly isFound: boolean })[] = [];
  for (let i = 0; i < Number(values.lookups); i++) {
    const infoHash = randomId(world.random);
    const [from, to] = [honest[(7 * i) % honest.length], honest[(13 * i + 5) % honest.length]];
    if (from === undefined || to === undefined || from === to) continue;
    await world.announce(from, infoHash);
    const result = await world.search(to, infoHash);
    const isFound = result.peers.some(({ address }) => address === from.endpoint.address);
    results.push({ ...result, isFound });
  }
  world.close();
  const of = (key: "hops" | "asked" | "firstMs" | "ms") => results.map((each) => each[key]);
  const row = [
    count,
    mean(of("hops")).toFixed(2),
    mean(of("asked")).toFixed(1),
    median(of("asked"), 0.95),
    median(of("firstMs").filter((ms) => !Number.isNaN(ms))).toFixed(0),
    median(of("ms")).toFixed(0),
    median(of("ms"), 0.95).toFixed(0),
    `${((100 * results.filter(({ isFound }) => isFound).length) / results.length).toFixed(1)} %`,
    Math.log2(count).toFixed(1),
  ];
  console.log(row.map((cell) => String(cell).padStart(13)).join(""));
}
