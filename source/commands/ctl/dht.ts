/** `ctl dht`: how the DHT does, and how large it says a swarm is. */
import { OperationalError } from "../../base/errors.ts";
import { type InfoHash, infoHashFromHex } from "../../base/ids.ts";
import { formatEndpoint } from "../../base/ip-address.ts";
import { sanitise } from "../../base/sanitise.ts";
import { plural } from "../../base/units.ts";
import { type DhtNodeRow, type DhtReport, isDhtReport, isDhtScrape } from "../../control/dht-protocol.ts";
import { type CommandIo, exitCode, type RunCommand } from "../command.ts";
import type { ctlDhtSpec } from "../ctl-dht-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { oneTorrent } from "./select-torrents.ts";
import { jsonLines } from "./table.ts";

export const runCtlDht: RunCommand<typeof ctlDhtSpec.options> = (io, { profile, json }, [name]) =>
  withRunningEngine(io, profile, async (client) => {
    if (name !== undefined) {
      const infoHash = /^[0-9a-f]{40}$/i.test(name)
        ? infoHashFromHex(name)
        : oneTorrent((await wholeList(client)).rows, name).infoHash;
      const scrape = await client.request({ name: "dht-scrape", infoHash });
      if (!isDhtScrape(scrape)) throw unknownAnswer();
      const { scrapedSeeds: seeds, scrapedLeeches: leeches, sources } = scrape;
      if (json) io.out(jsonLines([{ infoHash, seeds, leeches, sources }]));
      else tellSwarm(io, infoHash, seeds, leeches, sources);
      return exitCode.done;
    }
    const report = await client.request({ name: "dht" });
    if (!isDhtReport(report)) throw unknownAnswer();
    const { dhtProblem, ...rest } = report;
    io.out(json ? jsonLines([{ problem: dhtProblem, ...rest }]) : reportText(report));
    return exitCode.done;
  });

function unknownAnswer(): OperationalError {
  return new OperationalError("engine-version", "the engine's answer is not known");
}

function tellSwarm(io: CommandIo, infoHash: InfoHash, seeds: number, leeches: number, sources: number): void {
  const size = `about ${plural(seeds, "seed")} and ${leeches} ${leeches === 1 ? "leech" : "leeches"}`;
  io.out(sources === 0 ? `nobody in the DHT knows of ${infoHash}\n` : `${size}, as ${plural(sources, "node")} told\n`);
}

function reportText(report: DhtReport): string {
  const { searchesUnderWay, searches, peersFound, nodes } = report;
  const rows: (readonly [label: string, text: string])[] = [["State", stateText(report)]];
  if (report.isEnabled) {
    rows.push([
      "Searches",
      `${searchesUnderWay} under way, ${searches} so far; ${plural(peersFound, "peer")} found by them`,
    ]);
  }
  for (const node of nodes) rows.push(...nodeRows(node));
  return rows.map(([label, text]) => `${label.padEnd(10)}${text}\n`).join("");
}

function stateText({ isEnabled, isReadOnly, isJoining, dhtProblem, nodes }: DhtReport): string {
  if (!isEnabled) return "switched off (dht.enabled)";
  const good = nodes.reduce((sum, node) => sum + node.good, 0);
  if (good > 0) return `${plural(good, "node")} known${isReadOnly ? "; we answer nobody (dht.read-only)" : ""}`;
  if (dhtProblem !== "") return `no node known: ${sanitise(dhtProblem, 1000)}`;
  return isJoining ? "looking for its first nodes" : "no node known yet";
}

function nodeRows(node: DhtNodeRow): readonly (readonly [label: string, text: string])[] {
  const { family, address, port, externalAddress, id, good, questionable, bad } = node;
  const seen = externalAddress === null || externalAddress === address ? "" : `, seen by others as ${externalAddress}`;
  const unanswered = node.sent === 0 ? 0 : Math.round((100 * node.unanswered) / node.sent);
  const ignored = [
    node.dropped > 0 && `${node.dropped} too many`,
    node.malformed > 0 && `${node.malformed} no messages`,
  ].filter((text) => text !== false);
  return [
    [`IPv${family}`, `${formatEndpoint({ address, port })}${seen}, id ${id}`],
    ["  nodes", `${good} good, ${questionable} questionable, ${bad} bad`],
    [
      "  asks",
      `${plural(node.sent, "query", "queries")}, ${unanswered}% unanswered; ${plural(node.lookups, "lookup")} under way`,
    ],
    [
      "  answers",
      `${plural(node.answered, "query", "queries")}${ignored.length === 0 ? "" : `; ${ignored.join(", ")}`}`,
    ],
    [
      "  keeps",
      `${plural(node.storedTorrents, "torrent")}, ${plural(node.storedPeers, "peer")}, ${plural(node.storedValues, "value")} of others`,
    ],
  ];
}
