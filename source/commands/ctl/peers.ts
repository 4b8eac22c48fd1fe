/** `ctl peers`: the neighbours of a torrent. */
import { sanitise } from "../../base/sanitise.ts";
import { formatRate } from "../../base/units.ts";
import type { NeighbourRow } from "../../control/protocol.ts";
import { formatPercent } from "../../tui/format/numbers.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlPeersSpec } from "../ctl-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { oneTorrent } from "./select-torrents.ts";
import { type Column, jsonLines, tableText } from "./table.ts";
import { neighboursOf } from "./torrent-detail.ts";

const columns: readonly Column<NeighbourRow>[] = [
  { title: "ADDRESS", text: ({ endpoint }) => sanitise(endpoint) },
  { title: "FLAGS", text: ({ flags }) => sanitise(flags) },
  { title: "DOWN", isRight: true, text: ({ downRate }) => rateText(downRate) },
  { title: "UP", isRight: true, text: ({ upRate }) => rateText(upRate) },
  { title: "HAS", isRight: true, text: ({ isSeed, progress }) => (isSeed ? "seed" : formatPercent(progress)) },
  { title: "SLOT", text: ({ slot }) => slot ?? "·" },
  { title: "CLIENT", text: ({ client }) => sanitise(client, 100) },
];

export const runCtlPeers: RunCommand<typeof ctlPeersSpec.options> = (io, values, [name = ""]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const { infoHash } = oneTorrent((await wholeList(client)).rows, name);
    const rate = (row: NeighbourRow): number => row.downRate + row.upRate;
    const peers = [...(await neighboursOf(client, infoHash))].sort((a, b) => rate(b) - rate(a));
    io.out(values.json ? jsonLines(peers.map(peerJson)) : tableText(io, columns, peers));
    if (peers.length === 0 && !values.json) io.err("there are no neighbours\n");
    return exitCode.done;
  });

function peerJson(row: NeighbourRow): object {
  return {
    endpoint: row.endpoint,
    client: row.client,
    flags: row.flags,
    isIncoming: row.isIncoming,
    source: row.source,
    isSeed: row.isSeed,
    progress: row.progress,
    downRate: Math.round(row.downRate),
    upRate: Math.round(row.upRate),
    downloaded: row.downloaded,
    uploaded: row.uploaded,
    amChoking: row.amChoking,
    amInterested: row.amInterested,
    peerChoking: row.peerChoking,
    peerInterested: row.peerInterested,
    isSnubbed: row.isSnubbed,
    slot: row.slot,
    slotReason: row.slotReason,
    connectedSeconds: Math.floor(row.connectedSeconds),
  };
}

function rateText(rate: number): string {
  return rate < 1 ? "·" : formatRate(rate);
}
