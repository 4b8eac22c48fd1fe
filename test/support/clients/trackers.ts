/** The trackers the tests use: opentracker, and our own. */
import { chmodSync, writeFileSync } from "node:fs";
import type { ManagedProcess } from "./managed-process.ts";
import type { Namespace } from "./namespace.ts";
import { programArguments } from "./program.ts";
import { Hopeless, waitUntil } from "./wait-until.ts";

export type TrackerName = "opentracker" | "p2p-tui";
/** What clients are to speak with it; both answer to both. */
export type TrackerScheme = "http" | "udp";

const startTimeoutMs = 20_000;
/** Transmission takes ten seconds to its first announce. */
const announceTimeoutMs = 40_000;

export interface RunningTracker {
  readonly url: string;
  readonly process: ManagedProcess;
}

/** Where a tracker will be: torrents need its URL before it starts. */
export interface TrackerPlace {
  readonly address: string;
  readonly port: number;
  readonly url: string;
}

export function trackerPlace(
  namespace: Namespace,
  address = namespace.address(),
  scheme: TrackerScheme = "http",
): TrackerPlace {
  const port = namespace.port();
  const host = address.includes(":") ? `[${address}]` : address;
  return { address, port, url: `${scheme}://${host}:${port}/announce` };
}

/** `infoHashes` (hex): Debian's opentracker serves only torrents on its list. */
export async function startTracker(
  name: TrackerName,
  namespace: Namespace,
  place: TrackerPlace,
  infoHashes: readonly string[],
): Promise<RunningTracker> {
  const process = name === "opentracker" ? opentracker(namespace, place, infoHashes) : ours(namespace, place);
  await waitUntil(
    `${name} listens`,
    startTimeoutMs,
    async () => {
      if (process.ended !== null) throw new Hopeless(`it ended with ${process.ended}`);
      const answer = await namespace.http(place.address, place.port, { path: "/scrape" });
      return answer.status > 0;
    },
    () => process.logTail,
  );
  return { url: place.url, process };
}

function opentracker(namespace: Namespace, place: TrackerPlace, infoHashes: readonly string[]): ManagedProcess {
  const folder = namespace.folder("opentracker");
  // It changes its root to this folder and its user to nobody before it reads the list, hence the bare name.
  writeFileSync(`${folder}/list`, `${infoHashes.join("\n")}\n`);
  chmodSync(`${folder}/list`, 0o644);
  const port = String(place.port);
  const args = ["-i", place.address, "-p", port, "-P", port, "-d", folder, "-u", "nobody", "-w", "list"];
  return namespace.run("opentracker", "opentracker", args);
}

function ours(namespace: Namespace, place: TrackerPlace): ManagedProcess {
  const [command, ...args] = programArguments(["track", "--bind", place.address, "--port", String(place.port)]);
  return namespace.run("p2p-tui track", command, args);
}

export interface ScrapeCounts {
  readonly seeds: number;
  readonly leeches: number;
  readonly completed: number;
}

export async function scrape(namespace: Namespace, place: TrackerPlace, infoHash: string): Promise<ScrapeCounts> {
  const path = `/scrape?info_hash=${infoHash.replaceAll(/../g, "%$&")}`;
  const { body } = await namespace.http(place.address, place.port, { path });
  const field = (key: string): number => Number(new RegExp(`${key.length}:${key}i(\\d+)e`).exec(body)?.[1] ?? 0);
  return { seeds: field("complete"), leeches: field("incomplete"), completed: field("downloaded") };
}

/** Some clients ask a tracker once in half an hour: whoever should be found must be there before they ask. */
export async function untilAnnounced(
  namespace: Namespace,
  place: TrackerPlace,
  infoHash: string,
  isReached: (counts: ScrapeCounts) => boolean,
): Promise<void> {
  let counts: ScrapeCounts | null = null;
  await waitUntil(
    "the tracker knows the peers",
    announceTimeoutMs,
    async () => {
      counts = await scrape(namespace, place, infoHash);
      return isReached(counts);
    },
    () => `it has ${JSON.stringify(counts)}`,
  );
}
