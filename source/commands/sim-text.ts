/** Scenarios and results of simulations, in words. */
import { formatCount, formatDuration, formatRate, formatSize, plural } from "../base/units.ts";
import type { CrowdResults } from "../simulator/crowd-results.ts";
import type { Deviation } from "../simulator/fairness.ts";
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
    paragraph(
      `${results.scenario}, seed ${seed}: ${plural(peers, "peer")} of ${formatSize(contentLength(plan))} in ${plan.pieceCount} pieces;`,
      `seeds give ${formatRate(input.seedUp)}, peers ${formatRate(ups / Math.max(1, peers))} on average`,
    ),
    timesText(io, results),
    `\n${boundText(plan, results)}\n`,
    paragraph(
      isInterrupted ? `Interrupted after ${formatDuration(results.virtualSeconds)}; so far,` : "",
      `${completed} of ${peers} complete${left}; the seeds sent ${results.seedCopies.toFixed(2)} copies;`,
      `${percent(results.wasted)} of what came was of no use`,
    ),
    groups.length > 2 ? `${groupsText(io, groups)}\n` : "",
    firstText(results),
    blameText(results),
    results.crowds.length > 0 ? `${crowdsText(io, results.crowds)}\n` : "",
    paragraph(
      `${formatDuration(results.virtualSeconds)} in ${results.wallSeconds.toFixed(1)} s`,
      `(${Math.round(results.virtualSeconds / Math.max(0.001, results.wallSeconds))} × real time),`,
      `${formatCount(results.events)} events, trace ${results.traceHash}`,
    ).trimEnd(),
    "\n",
  ].join("");
}

/** As prose is wrapped. */
const textWidth = 80;

/** Broken between words, with an empty line after it. */
function paragraph(...parts: readonly string[]): string {
  const lines: string[] = [];
  for (const word of parts.filter((part) => part !== "").flatMap((part) => part.split(" "))) {
    const longer = `${lines.at(-1) ?? ""} ${word}`;
    if (lines.length > 0 && longer.length <= textWidth) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return `${lines.join("\n")}\n\n`;
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

/** Who had got how much by then, and how evenly: until then everybody wanted something of everybody. */
function firstText({ firstCompletion, exchange: whole, groups }: SwarmResults): string {
  if (firstCompletion === null) return "";
  const { seconds, copies, exchange, seedTime } = firstCompletion;
  const taking = Object.entries(copies).filter(([group]) =>
    groups.some((one) => one.group === group && one.lastSeconds !== 0),
  );
  const shares = taking.map(([group, part]) => `${group} ${part.toFixed(2)}`).join(", ");
  return paragraph(
    `When the first that gives was complete (${time(seconds)}), on average copies had come: ${shares}.`,
    exchange.worst === null ? "" : `Among equals, bytes taken for each byte given lay within ${spread(exchange)}.`,
    whole.worst === null ? "" : `Until each was complete itself, they lay within ${spread(whole)}.`,
    seedTime.worst === null ? "" : `Turns at the first seed lay within ${spread(seedTime)}.`,
  );
}

function spread({ worst, ninth }: Deviation): string {
  return `±${percent(ninth ?? 0)} (nine in ten), ±${percent(worst ?? 0)} (all)`;
}

function blameText({ blame }: SwarmResults): string {
  if (blame === null) return "";
  const { poisoned, banned, wrongPiecesMax, honestBanned } = blame;
  return paragraph(
    `Poisoners: of ${poisoned} that sent somebody something wrong, ${banned} were banned there, after at most`,
    `${plural(wrongPiecesMax, "wrong piece")}; ${plural(honestBanned, "honest peer")} banned.`,
  );
}

function groupsText(io: Output, groups: readonly GroupResults[]): string {
  return tableText(
    io,
    [
      { title: "group", text: ({ group }) => group },
      { title: "nodes", isRight: true, text: ({ nodes }) => String(nodes) },
      { title: "done", isRight: true, text: ({ completed }) => String(completed) },
      { title: "first", isRight: true, text: ({ firstSeconds }) => time(firstSeconds) },
      { title: "mean", isRight: true, text: ({ meanSeconds }) => time(meanSeconds) },
      { title: "last", isRight: true, text: ({ lastSeconds }) => time(lastSeconds) },
      { title: "download", isRight: true, text: ({ meanDownRate }) => formatRate(meanDownRate) },
      { title: "took", isRight: true, text: ({ meanDownloaded }) => meanDownloaded.toFixed(2) },
      { title: "gave", isRight: true, text: ({ meanUploaded }) => meanUploaded.toFixed(2) },
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
  return `${(100 * part).toFixed(2)}%`;
}
