/** One swarm of real programs: a tracker, seeds, leeches, one torrent; ends when every leech has the right bytes. */
import { join } from "node:path";
import type { ClientName, RealClient } from "./clients/client.ts";
import { makeClient } from "./clients/make-client.ts";
import type { Namespace } from "./clients/namespace.ts";
import { P2pTui } from "./clients/p2p-tui.ts";
import {
  startTracker,
  type TrackerName,
  type TrackerScheme,
  trackerPlace,
  untilAnnounced,
} from "./clients/trackers.ts";
import { differences, type FilePlan, writePayload } from "./payload.ts";
import { type MakerName, makeTorrent } from "./torrent-file.ts";

export interface SwarmPlan {
  readonly tracker: TrackerName;
  /** Default: http. */
  readonly scheme?: TrackerScheme;
  readonly maker: MakerName;
  readonly seeds: readonly ClientName[];
  readonly leeches: readonly ClientName[];
  readonly files: readonly FilePlan[];
  readonly pieceLength: number;
  readonly settings: "plain" | "stock";
  /** Those of ours, besides what all have: `--super-seed`. */
  readonly seedOptions?: readonly string[];
  readonly timeoutMs?: number;
}

/** Throws, with the last lines of everybody's output, unless every leech ends with every file right. */
export async function runSwarm(namespace: Namespace, label: string, plan: SwarmPlan): Promise<void> {
  const payload = writePayload(namespace.folder("content"), plan.files, label);
  const place = trackerPlace(namespace, namespace.address(), plan.scheme);
  const torrentPath = join(namespace.folder("torrent"), "test.torrent");
  const { maker, pieceLength, settings } = plan;
  const isTrackerUdp = plan.scheme === "udp";
  const infoHash = makeTorrent(maker, { payload, out: torrentPath, pieceLength, tracker: place.url });
  const tracker = await startTracker(plan.tracker, namespace, place, [infoHash]);
  const clients: RealClient[] = [];
  const add = (name: ClientName, role: "seed" | "leech", directory: string): RealClient => {
    const options = { namespace, role, torrentPath, directory, settings, isTrackerUdp };
    const more = role === "seed" ? (plan.seedOptions ?? []) : [];
    const client = name === "p2p-tui" ? new P2pTui({ ...options, more }) : makeClient(name, options);
    clients.push(client);
    client.start();
    return client;
  };
  try {
    await Promise.all(plan.seeds.map((name) => add(name, "seed", payload.parent).untilSeeding()));
    await untilAnnounced(namespace, place, infoHash, (counts) => counts.seeds >= plan.seeds.length);
    const leeches = plan.leeches.map((name) => add(name, "leech", namespace.folder("download")));
    await Promise.all(leeches.map((leech) => leech.untilComplete(plan.timeoutMs)));
    // Ours says "complete" only when the bytes are in the files; the others get the chance to write them.
    const wrong = leeches.filter((leech) => leech instanceof P2pTui).flatMap((leech) => check(leech, payload));
    const ends = await Promise.all(clients.map(async (client) => [client, await client.stop()] as const));
    wrong.push(...leeches.flatMap((leech) => check(leech, payload)));
    for (const [client, end] of ends) {
      if (!(client instanceof P2pTui)) continue;
      if (end !== 0) wrong.push(`p2p-tui (${client.options.role}) ended with ${end} after SIGTERM`);
      if (client.strayLines.length > 0) wrong.push(`not JSON on standard output: ${client.strayLines[0]}`);
    }
    wrong.push(...differences(payload, payload.parent).map((line) => `the seed's own ${line}`));
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  } catch (error) {
    const logs = [...clients.map((client) => client.logTail), `── tracker\n${tracker.process.logTail}`];
    throw new Error(`${error instanceof Error ? error.message : error}\n${logs.map(lastLines).join("\n")}`);
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await tracker.process.stop();
  }
}

/** Transmission 3.00 does not make empty files. */
function check(leech: RealClient, payload: Parameters<typeof differences>[0]): string[] {
  const emptyFilesMayMiss = leech.name === "transmission";
  return differences(payload, leech.options.directory, { emptyFilesMayMiss }).map((line) => `${leech.name}: ${line}`);
}

/** A failure with four clients in it must stay readable. */
function lastLines(text: string): string {
  const lines = text.split("\n");
  return [lines[0], ...lines.slice(1).slice(-25)].join("\n");
}
