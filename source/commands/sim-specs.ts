/** The command line of `p2p-tui sim`. */
import { OperationalError } from "../base/errors.ts";
import { speedDefault, speedMax, speedMin } from "../simulator/paced-run.ts";
import { allScenarios } from "../simulator/scenarios/all-scenarios.ts";
import type { CommandSpec } from "./command.ts";
import * as parse from "./option-parsers.ts";

const uint32Max = 2 ** 32 - 1;

/** What stands where a scenario's name would. */
export const figureName = "figure";
export const fuzzName = "fuzz";
export const planName = "plan";

/** `name=value`. */
function assignment(text: string): readonly [string, number] {
  const [, name = "", value = ""] = /^([a-z][a-z0-9-]*)=(-?\d{1,12}(?:\.\d{1,9})?)$/.exec(text) ?? [];
  if (name === "") throw new OperationalError("bad-value", `${JSON.stringify(text)} is not a name=number`);
  return [name, Number(value)];
}

function speed(text: string): number {
  const value = /^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= speedMin && value <= speedMax) return value;
  throw new OperationalError("bad-number", `${JSON.stringify(text)} is not a number from ${speedMin} to ${speedMax}`);
}

export const simSpec = {
  name: "sim",
  summary: "Simulate a swarm of this client, on a virtual clock and network.",
  usage: "sim [SCENARIO|figure|fuzz|plan FILE] [--peers N] [--seed S] [--set NAME=VALUE]… [--json]",
  description:
    "Runs whole engines of this client in a world of its own: hours pass in seconds, nothing leaves this machine, and the\n" +
    "same seed gives the same swarm. Compares what it took with the least time of the textbooks, D_p2p. Without a SCENARIO,\n" +
    "lists those there are and what can be set of each.\n" +
    "`figure` draws the lectures' figure: the least time in which everybody can have the content against the number of\n" +
    "peers, from a server, from a swarm at best, and from the simulated swarm.\n" +
    "`fuzz` runs random swarms in all kinds of trouble, one a seed, and looks whether any engine ever does what it must\n" +
    "not. What fails is cut down to a small plan, which `plan FILE` runs again.",
  options: {
    peers: {
      kind: "value",
      placeholder: "N",
      parse: parse.wholeNumber(1, 100_000),
      help: "So many that want the content.",
    },
    seed: {
      kind: "value",
      placeholder: "S",
      parse: parse.wholeNumber(0, uint32Max),
      help: "Everything follows from it. Default: 1.",
    },
    set: { kind: "list", placeholder: "NAME=VALUE", parse: assignment, help: "Of the scenario; see its list." },
    watch: {
      kind: "flag",
      help: "Look at one engine of the swarm in the full-screen UI as it\nruns: z stands still, { and } slower and faster, . and ;\none second and one event on, ( and ) through other eyes.",
    },
    node: {
      kind: "value",
      placeholder: "NAME",
      parse: parse.anyText,
      help: 'Of --watch: which, such as "peer 3". Default: the first that\nwants the content.',
    },
    speed: {
      kind: "value",
      placeholder: "N",
      parse: speed,
      help: `Of --watch: so many times real time at first. Default: ${speedDefault}.`,
    },
    "peers-max": {
      kind: "value",
      placeholder: "N",
      parse: parse.wholeNumber(1, 1000),
      help: "Of the figure: up to so many peers. Default: 35.",
    },
    svg: { kind: "value", placeholder: "FILE", parse: parse.path, help: "Of the figure: write it here as SVG, too." },
    seeds: {
      kind: "value",
      placeholder: "N",
      parse: parse.wholeNumber(1, 1_000_000),
      help: "Of the fuzz: so many swarms. Default: 20.",
    },
    first: {
      kind: "value",
      placeholder: "S",
      parse: parse.wholeNumber(0, uint32Max),
      help: "Of the fuzz: the first seed. Default: 1.",
    },
    nodes: {
      kind: "value",
      placeholder: "N",
      parse: parse.wholeNumber(2, 100),
      help: "Of the fuzz: as many nodes at most. Default: 12.",
    },
    json: { kind: "flag", help: "One JSON object with all results, for scripts." },
    help: { kind: "flag", short: "h", help: "Show this help." },
  },
  examples: [
    ["p2p-tui sim", "what there is"],
    ["p2p-tui sim lecture --peers 100", "the lectures' swarm"],
    ["p2p-tui sim lecture --watch --speed 20", "through the eyes of one of its peers"],
    ["p2p-tui sim figure --svg figure.svg", "against the number of peers"],
    ["p2p-tui sim fuzz --seeds 100", "looks for what goes wrong"],
    ["p2p-tui sim lecture --set spread=10 --seed 7 --json", "with lines of all kinds, for a script"],
  ],
  positionals: [0, 2],
  completes: [...allScenarios.map(({ name }) => name), figureName, fuzzName, planName],
} as const satisfies CommandSpec;
