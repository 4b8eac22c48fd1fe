/** Scenarios and results of simulations, in words. */
import { formatCount, formatDuration, formatRate, formatSize, plural } from "../base/units.ts";
import type { CrowdResults } from "../simulator/crowd-results.ts";
import { distributionOf, type GroupResults, type SwarmResults } from "../simulator/results.ts";
import type { Scenario } from "../simulator/scenario.ts";
import { contentLength, type SwarmPlan } from "../simulator/swarm-plan.ts";
import type { CommandIo } from "./command.ts";
import { tableText } from "./ctl/table.ts";

type Output = Pick<CommandIo, "isOutTerminal" | "outColumns">;

export function scenariosText(io: Output, scenarios: readonly Scenario[]): string {
  const blocks = scenarios.map(({ name, summary, parameters }) => {
    const rows = Object.entries(parameters);
    const table = tableText(
      io,
      [
        { title: "  set", text: ([each]) => `  ${each}` },
        { title: "default", isRight: true, text: ([, each]) => String(each.default) },
        { title: "", text: ([, each]) => each.unit },
        { title: "what", text: ([, each]) => each.meaning },
      ],
      rows,
    );
    return `${name}\n  ${summary}\n${table}`;
  });
  return `${blocks.join("\n")}\nRun one with \`p2p-tui sim NAME --set NAME=VALUE\`.\n`;
}

/** @param isInterrupted the user did not want to wait for the rest. */
export function resultsText(io: Output, plan: SwarmPlan, results: SwarmResults, isInterrupted: boolean): string {
  const { peers, completed, seed, groups } = results;
  const input = distributionOf(plan);
  const ups = input.peerUps.reduce((sum, up) => sum + up, 0);
  const left = results.leftBefore === 0 ? "" : `, ${results.leftBefore} left before`;
  return [
    `${results.scenario}, seed ${seed}: ${plural(peers, "peer")} of ${formatSize(contentLength(plan))} in ${plan.pieceCount} pieces; ` +
      `seeds give ${formatRate(input.seedUp)}, peers ${formatRate(ups / Math.max(1, peers))} on average\n\n`,
    timesText(io, results),
    `\n${boundText(plan, results)}\n`,
    isInterrupted ? `Interrupted after ${formatDuration(results.virtualSeconds)}; so far, ` : "",
    `${completed} of ${peers} complete${left}; the seeds sent ${results.seedCopies.toFixed(2)} copies; ` +
      `${percent(results.wasted)} of what came was of no use\n\n`,
    groups.length > 2 ? `${groupsText(io, groups)}\n` : "",
    results.crowds.length > 0 ? `${crowdsText(io, results.crowds)}\n` : "",
    `${formatDuration(results.virtualSeconds)} in ${results.wallSeconds.toFixed(1)} s ` +
      `(${Math.round(results.virtualSeconds / Math.max(0.001, results.wallSeconds))} × real time), ` +
      `${formatCount(results.events)} events, trace ${results.traceHash}\n`,
  ].join("");
}

function timesText(io: Output, results: SwarmResults): string {
  const { boundSeconds } = results;
  const rows: readonly (readonly [string, number | null])[] = [
    ["least for the swarm (D_p2p)", boundSeconds],
    ["least for the seeds alone (D_cs)", results.clientServerSeconds],
    ["first complete", results.firstSeconds],
    ["median", results.medianSeconds],
    ["mean", results.meanSeconds],
    ["last", results.lastSeconds],
  ];
  return tableText(
    io,
    [
      { title: "", text: ([label]) => label },
      { title: "time", isRight: true, text: ([, seconds]) => time(seconds) },
      { title: "of the bound", isRight: true, text: ([, seconds]) => times(seconds, boundSeconds) },
    ],
    rows,
  );
}

/** How D_p2p comes about. */
function boundText(plan: SwarmPlan, { terms }: SwarmResults): string {
  const values = [terms.seed, terms.download, terms.swarm].map((seconds) => seconds.toFixed(1)).join(", ");
  const formula = `D_p2p = max(F/u_s, F/d_min, N·F/(u_s + Σu_i)) = max(${values}) s`;
  const joinsLater = plan.nodes.some(({ isSeed, joinsMs }) => !isSeed && joinsMs > 0);
  return joinsLater
    ? `${formula}\nWho joined later counts from then on: a yardstick here, and no bound.\n`
    : `${formula}\n`;
}

function crowdsText(io: Output, crowds: readonly CrowdResults[]): string {
  return tableText(
    io,
    [
      { title: "scripted", text: ({ group }) => group },
      { title: "peers", isRight: true, text: ({ peers }) => String(peers) },
      { title: "dials", isRight: true, text: ({ dials }) => String(dials) },
      { title: "connected", isRight: true, text: ({ connections }) => String(connections) },
      { title: "copies taken", isRight: true, text: ({ taken }) => taken.toFixed(2) },
      { title: "given", isRight: true, text: ({ given }) => given.toFixed(2) },
      { title: "wrong blocks", isRight: true, text: ({ wrongBlocks }) => String(wrongBlocks) },
      { title: "bans", isRight: true, text: ({ bans }) => String(bans) },
    ],
    crowds,
  );
}

function groupsText(io: Output, groups: readonly GroupResults[]): string {
  return tableText(
    io,
    [
      { title: "group", text: ({ group }) => group },
      { title: "nodes", isRight: true, text: ({ nodes }) => String(nodes) },
      { title: "complete", isRight: true, text: ({ completed }) => String(completed) },
      { title: "first", isRight: true, text: ({ firstSeconds }) => time(firstSeconds) },
      { title: "mean", isRight: true, text: ({ meanSeconds }) => time(meanSeconds) },
      { title: "last", isRight: true, text: ({ lastSeconds }) => time(lastSeconds) },
      { title: "download", isRight: true, text: ({ meanDownRate }) => formatRate(meanDownRate) },
      { title: "copies taken", isRight: true, text: ({ meanDownloaded }) => meanDownloaded.toFixed(2) },
      { title: "given", isRight: true, text: ({ meanUploaded }) => meanUploaded.toFixed(2) },
      { title: "no use", isRight: true, text: ({ wasted }) => percent(wasted) },
    ],
    groups,
  );
}

function time(seconds: number | null): string {
  return seconds === null ? "–" : `${seconds.toFixed(1)} s`;
}

function times(seconds: number | null, bound: number): string {
  return seconds === null ? "" : `${(seconds / bound).toFixed(3)}`;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}
