/** The session's DHT for people to see. Reads only, but for a scrape. */
import { OperationalError } from "../base/errors.ts";
import { bytesToHex } from "../base/hex.ts";
import { type InfoHash, infoHashToBytes } from "../base/ids.ts";
import { formatDuration, plural } from "../base/units.ts";
import type { DhtNode } from "../discovery/dht/dht-node.ts";
import type { NodeId } from "../discovery/dht/node-id.ts";
import type { Session } from "../engine/session.ts";
import type { DhtNodeRow, DhtReport, DhtScrape } from "./dht-protocol.ts";

export function dhtReport({ dht: ours, rules }: Session): DhtReport {
  const { dht, seeker } = ours;
  return {
    isEnabled: ours.isEnabled,
    isReadOnly: rules.dht.readOnly,
    isJoining: dht?.isJoining ?? false,
    dhtProblem: ours.problem,
    searchesUnderWay: seeker.underWay,
    searches: seeker.searches,
    peersFound: seeker.peersFound,
    nodes: (dht?.nodes ?? []).flatMap((node) => {
      const local = ours.localOf(node.family);
      return local === undefined ? [] : [nodeRow(node, local.address, local.port)];
    }),
  };
}

function nodeRow(node: DhtNode, address: string, port: number): DhtNodeRow {
  const { family, id, external, lookupCount, queries, traffic, peers, items, table, ports } = node;
  return {
    family,
    address,
    port,
    externalAddress: external.address ?? null,
    id: bytesToHex(id),
    ...table.counts(ports.clock.nowMs()),
    lookups: lookupCount,
    sent: queries.sent,
    unanswered: queries.unanswered,
    ...traffic,
    storedTorrents: peers.hashCount,
    storedPeers: peers.peerCount,
    storedValues: items.size,
  };
}

/** What it does for one torrent or link now, in a few words. */
export function dhtSays({ dht: ours, clock }: Session, infoHash: InfoHash): string {
  const { dht, seeker, problem } = ours;
  if (dht === undefined) return "switched off (dht.enabled)";
  const search = seeker.searchOf(infoHash);
  if (search?.isUnderWay === true) return "being asked now";
  if (dht.goodCount === 0) return problem === "" ? "looking for nodes" : `no node known: ${problem}`;
  if (search?.last === undefined) return "";
  const seconds = (untilMs: number) => formatDuration(Math.abs(untilMs - clock.nowMs()) / 1000);
  const found = `${plural(search.last.peers, "peer")} at ${plural(search.last.asked, "node")}`;
  return `${found} ${seconds(search.lastMs)} ago, again in ${seconds(Math.max(search.dueMs, clock.nowMs()))}`;
}

/** @throws OperationalError `no-dht`, `private`. */
export async function dhtScrape(session: Session, infoHash: InfoHash): Promise<DhtScrape> {
  if (session.torrents.get(infoHash)?.summary.isPrivate === true) {
    throw new OperationalError("private", "it is private: the DHT is not asked about it");
  }
  const { dht, problem } = session.dht;
  if (dht === undefined) throw new OperationalError("no-dht", "the DHT is switched off: dht.enabled");
  if (dht.goodCount === 0) throw new OperationalError("no-dht", problem || "the DHT knows no node yet");
  const { seeds, leeches, sources } = await dht.scrape(infoHashToBytes(infoHash) as NodeId);
  return { scrapedSeeds: seeds, scrapedLeeches: leeches, sources };
}
