/**
 * Our program beside other clients: node test/bench/rivals.ts [--mib 1024] [--piece 262144] [--rounds 5] [--seed libtorrent]
 * [--takers 1,4] [--only leech|seed] [--without NAME]...; `node source/build.ts` comes first. As root on Linux, with Debian's
 * packages of the others (those that are missing are left out), and memory for (1 + takers) × MIB of content, which is in /dev/shm
 * where that is. Most of the time is Transmission's.
 *
 * All run in one network namespace with a tracker, without encryption, µTP and DHT, by turns, another first in each round:
 *
 *   leech  one seed stays; each downloads from it alone. The leech is measured.
 *   seed   each seeds for so many takers at once: libtorrent, which give one another nothing. The seed is measured.
 *
 * Printed as Markdown, medians with the least and the most: MB/s of all takers from when they are started until the last has
 * everything (which is seen within 20 ms); MB/s from the first bytes on, since Transmission asks its tracker after ten seconds only;
 * CPU seconds of the client's processes for each GiB, a seed's from when the takers start; its peak resident memory, and without
 * mapped files, as libtorrent's are. Each copy is compared with the content. A turn in which a client dies is repeated once.
 */
import { parseArgs } from "node:util";
import type { ClientName } from "../support/clients/client.ts";
import { namespaceProblem } from "../support/clients/namespace.ts";
import { buildProblem } from "../support/clients/program.ts";
import { libtorrentProblem, missingPrograms } from "../support/requirements.ts";
import { percentile } from "./pty-run.ts";
import { RivalRuns, type RunFigures } from "./rival-runs.ts";

const { values } = parseArgs({
  options: {
    mib: { type: "string", default: "1024" },
    piece: { type: "string", default: "262144" },
    rounds: { type: "string", default: "5" },
    seed: { type: "string", default: "libtorrent" },
    takers: { type: "string", default: "1,4" },
    only: { type: "string", default: "" },
    without: { type: "string", multiple: true, default: [] },
  },
});
// As it is with the others here.
Object.assign(process.env, { P2P_TUI_DHT: "off" });

const leechNames = ["libtorrent", "aria2", "transmission", "p2p-tui"] as const;
const seedNames = ["libtorrent", "transmission", "p2p-tui"] as const;
const problemOf: Readonly<Record<(typeof leechNames)[number], string>> = {
  libtorrent: libtorrentProblem(),
  aria2: missingPrograms("aria2c"),
  transmission: missingPrograms("transmission-daemon"),
  "p2p-tui": buildProblem(),
};
function isLeftOut(name: keyof typeof problemOf): boolean {
  return problemOf[name] !== "" || values.without.includes(name);
}

const columns: readonly {
  readonly title: string;
  readonly key: keyof RunFigures;
  readonly digits: number;
  readonly best: (...all: number[]) => number;
}[] = [
  { title: "MB/s", key: "whole", digits: 0, best: Math.max },
  { title: "MB/s of the transfer", key: "transfer", digits: 0, best: Math.max },
  { title: "CPU s/GiB", key: "cpu", digits: 2, best: Math.min },
  { title: "peak memory, MiB", key: "peak", digits: 0, best: Math.min },
  { title: "without mapped files", key: "own", digits: 0, best: Math.min },
];

/** One line of a table. */
interface Row {
  readonly name: ClientName;
  /** What it is compared within: the number of takers. */
  readonly group: string;
  readonly all: RunFigures[];
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

let isEnding = false;

/** Has the turn a second time where it fails, and gives it up after that. */
async function turn(row: Row, label: string, run: () => Promise<RunFigures>): Promise<void> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const figures = await run();
      row.all.push(figures);
      say(
        `${label}: ${columns.map(({ title, key, digits }) => `${title} ${figures[key].toFixed(digits)}`).join(", ")}`,
      );
      return;
    } catch (error) {
      if (isEnding) throw error;
      say(`${label}, attempt ${attempt} failed: ${error instanceof Error ? error.message : error}`);
    }
  }
  process.exitCode = 1;
}

/** Rounds of turns, each round another first. */
async function interleave<T>(all: readonly T[], take: (one: T, label: string) => Promise<void>): Promise<void> {
  const rounds = Number(values.rounds);
  for (let round = 0; round < rounds; round++) {
    const first = round % all.length;
    for (const one of [...all.slice(first), ...all.slice(0, first)]) await take(one, `round ${round + 1}/${rounds}`);
  }
}

function table(title: string, rows: readonly Row[]): string {
  const present = rows.filter(({ all }) => all.length > 0);
  const medianOf = (row: Row, key: keyof RunFigures): number =>
    percentile(
      row.all.map((figures) => figures[key]),
      0.5,
    );
  const lines = [`| ${[title, ...columns.map((column) => column.title)].join(" | ")} |`];
  lines.push(`| --- |${" --: |".repeat(columns.length)}`);
  for (const group of new Set(present.map((row) => row.group))) {
    const members = present.filter((row) => row.group === group);
    for (const row of members) {
      const cells = columns.map(({ key, digits }) => {
        const all = row.all.map((figures) => figures[key]);
        const range = [Math.min(...all), Math.max(...all)].map((value) => value.toFixed(digits)).join("–");
        return `${medianOf(row, key).toFixed(digits)} (${range})`;
      });
      lines.push(`| ${[row.name + group, ...cells].join(" | ")} |`);
    }
    const ours = members.find(({ name }) => name === "p2p-tui");
    const others = members.filter(({ name }) => name !== "p2p-tui");
    if (ours === undefined || others.length === 0) continue;
    const ratios = columns.map(
      ({ key, best }) => medianOf(ours, key) / best(...others.map((row) => medianOf(row, key))),
    );
    lines.push(`| p2p-tui ÷ the best other${group} | ${ratios.map((ratio) => ratio.toFixed(2)).join(" | ")} |`);
  }
  return lines.join("\n");
}

async function leechPart(runs: RivalRuns, seedName: ClientName): Promise<string> {
  const rows = leechNames.filter((name) => !isLeftOut(name)).map((name): Row => ({ name, group: "", all: [] }));
  await runs.withSeed(seedName, (seed) =>
    interleave(rows, (row, label) => turn(row, `${label}, ${row.name} leeches`, () => runs.leech(row.name, seed))),
  );
  return table(`leech of ${seedName}`, rows);
}

async function seedPart(runs: RivalRuns): Promise<string> {
  const present = seedNames.filter((name) => !isLeftOut(name));
  const rows = values.takers.split(",").flatMap((takers) =>
    present.map((name) => ({
      name,
      takers: Number(takers),
      group: takers === "1" ? ", 1 taker" : `, ${takers} takers`,
      all: [],
    })),
  );
  await interleave(rows, (row, label) =>
    turn(row, `${label}, ${row.name} seeds${row.group}`, () =>
      runs.withSeed(row.name, (seed) => runs.take(row.takers, seed)),
    ),
  );
  return table("seed", rows);
}

/** Why it cannot be run as it was asked for; "" when it can. */
function problemOfRun(seedName: keyof typeof problemOf | undefined): string {
  if (seedName === undefined) return `--seed is one of ${leechNames.join(", ")}`;
  if (!["", "leech", "seed"].includes(values.only)) return "--only is leech or seed";
  const unknown = values.without.find((name) => !(name in problemOf) || name === "p2p-tui");
  if (unknown !== undefined) return `--without ${unknown}: it is one of the others`;
  if (!/^[1-9]\d?(?:,[1-9]\d?)*$/.test(values.takers)) return "--takers is numbers from 1 to 99, with commas between";
  return [namespaceProblem(), problemOf["p2p-tui"], problemOf[seedName]].find((text) => text !== "") ?? "";
}

const seedName = leechNames.find((name) => name === values.seed);
const problem = problemOfRun(seedName);
if (seedName === undefined || problem !== "") {
  say(problem);
  process.exit(1);
}
for (const name of leechNames) if (problemOf[name] !== "") say(`without ${name}: ${problemOf[name]}`);

let opened: RivalRuns | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    isEnding = true;
    void Promise.resolve(opened?.close()).finally(() => process.exit(1));
  });
}
const runs = await RivalRuns.open(Number(values.mib), Number(values.piece));
opened = runs;
const tables: string[] = [];
try {
  if (values.only !== "seed") tables.push(await leechPart(runs, seedName));
  if (values.only !== "leech") {
    if (problemOf.libtorrent === "") tables.push(await seedPart(runs));
    else say("without seeds: their takers are libtorrent");
  }
} finally {
  await runs.close();
}
console.log(`${values.mib} MiB in pieces of ${values.piece} bytes, rounds: ${values.rounds}; median (least–most)\n`);
console.log(tables.join("\n\n"));
