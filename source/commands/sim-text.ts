/** Scenarios and results of simulations, in words. */
import { formatDuration, formatRate, formatSize, plural } from "../base/units.ts";
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

export function resultsText(io: Output, plan: SwarmPlan, results: SwarmResults): string {
  const { peers, boundSeconds, seed } = results;
  const input = distributionOf(plan);
  const ups = input.peerUps.reduce((sum, up) => sum + up, 0);
  const rows: readonly (readonly [string, string, string])[] = [
    ["least for the swarm (D_p2p)", time(boundSeconds), ""],
    [
      "least for the seed alone (D_cs)",
      time(results.clientServerSeconds),
      times(results.clientServerSeconds, boundSeconds),
    ],
    ["first complete", time(results.firstSeconds), times(results.firstSeconds, boundSeconds)],
    ["median", time(results.medianSeconds), times(results.medianSeconds, boundSeconds)],
    ["mean", time(results.meanSeconds), times(results.meanSeconds, boundSeconds)],
    ["last", time(results.lastSeconds), times(results.lastSeconds, boundSeconds)],
  ];
  const table = tableText(
    io,
    [
      { title: "", text: ([label]) => label },
      { title: "time", isRight: true, text: ([, value]) => value },
      { title: "of the bound", isRight: true, text: ([, , ratio]) => ratio },
    ],
    rows,
  );
  const left = results.leftBefore === 0 ? "" : `, ${results.leftBefore} left before`;
  return [
    `${results.scenario}, seed ${seed}: ${plural(peers, "peer")} of ${formatSize(contentLength(plan))} in ${plan.pieceCount} pieces; ` +
      `seeds give ${formatRate(input.seedUp)}, peers ${formatRate(ups / Math.max(1, peers))} on average\n\n`,
    table,
    `\n${results.completed} of ${peers} complete${left}; the seeds sent ${results.seedCopies.toFixed(2)} copies; ` +
      `${(100 * results.wasted).toFixed(2)} % of what came was of no use\n\n`,
    results.groups.length > 2 ? `${groupsText(io, results.groups)}\n` : "",
    `${formatDuration(results.virtualSeconds)} in ${formatDuration(results.wallSeconds)} ` +
      `(${Math.round(results.virtualSeconds / Math.max(0.001, results.wallSeconds))} × real time), ` +
      `${results.events} events, trace ${results.traceHash}\n`,
  ].join("");
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
      { title: "copies taken", isRight: true, text: ({ meanDownloaded }) => meanDownloaded.toFixed(2) },
      { title: "given", isRight: true, text: ({ meanUploaded }) => meanUploaded.toFixed(2) },
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
