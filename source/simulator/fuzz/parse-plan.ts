/** A plan from a file, strictly: what is not as `SwarmPlan` says is refused, whatever it is. */
import { OperationalError } from "../../base/errors.ts";
import type { CrowdPlan, PeerScript } from "../peer-script.ts";
import type { Departure, Manner, NodePlan, SwarmPlan } from "../swarm-plan.ts";
import type { DiskTrouble, Trouble } from "../trouble.ts";
import type { LinkOptions } from "../virtual-link.ts";

const lengthMax = 10_000_000;
const nodesMax = 20_000;
const piecesMax = 1_000_000;
const pieceLengthMax = 2 ** 28;
const rateMax = 1e12;
const timeMax = 1e12;

type Fields = Readonly<Record<string, unknown>>;

/** @throws OperationalError `bad-plan`, with the place. */
export function parsePlan(text: string): SwarmPlan {
  if (text.length > lengthMax) refuse("the plan", "too long");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse("the plan", "no JSON");
  }
  const plan = fieldsOf(value, "the plan");
  const nodes = listOf(plan["nodes"], "nodes", nodesMax).map((node, i) => nodeOf(node, `node ${i + 1}`));
  if (new Set(nodes.map(({ name }) => name)).size < nodes.length) refuse("nodes", "two have one name");
  if (nodes.length === 0) refuse("nodes", "there are none");
  const pieceLength = whole(plan["pieceLength"], "pieceLength", 1, pieceLengthMax);
  return {
    scenario: textOf(plan["scenario"], "scenario"),
    seed: whole(plan["seed"], "seed", 0, 2 ** 32 - 1),
    pieceCount: whole(plan["pieceCount"], "pieceCount", 1, piecesMax),
    pieceLength,
    ...optional("lastPieceLength", plan, (length, at) => whole(length, at, 1, pieceLength)),
    nodes,
    ...optional("crowds", plan, (all, at) => listOf(all, at, nodesMax).map((one, i) => crowdOf(one, `crowd ${i + 1}`))),
    ...optional("troubles", plan, (all, at) =>
      listOf(all, at, nodesMax).map((one, i) => troubleOf(one, `trouble ${i + 1}`)),
    ),
    endMs: timeOf(plan["endMs"], "endMs"),
  };
}

function nodeOf(value: unknown, at: string): NodePlan {
  const node = fieldsOf(value, at);
  return {
    name: textOf(node["name"], `${at}: name`),
    group: textOf(node["group"], `${at}: group`),
    isSeed: flag(node["isSeed"], `${at}: isSeed`),
    link: linkOf(node["link"], `${at}: link`),
    joinsMs: timeOf(node["joinsMs"], `${at}: joinsMs`),
    leaves: departureOf(node["leaves"], `${at}: leaves`),
    ...optional("manner", node, mannerOf, at),
    ...optional("limits", node, limitsOf, at),
    ...optional("connectionsPerTorrent", node, (count, place) => whole(count, place, 1, 100_000), at),
  };
}

function linkOf(value: unknown, at: string): LinkOptions {
  const link = fieldsOf(value, at);
  return {
    upBytesPerSecond: rateOf(link["upBytesPerSecond"], `${at}: upBytesPerSecond`),
    downBytesPerSecond: rateOf(link["downBytesPerSecond"], `${at}: downBytesPerSecond`),
    latencyMs: number(link["latencyMs"], `${at}: latencyMs`, 0, 1e6),
    jitterMs: number(link["jitterMs"], `${at}: jitterMs`, 0, 1e6),
    lossRate: number(link["lossRate"], `${at}: lossRate`, 0, 1),
    isReachable: flag(link["isReachable"], `${at}: isReachable`),
  };
}

function departureOf(value: unknown, at: string): Departure {
  const leaves = fieldsOf(value, at);
  switch (leaves["when"]) {
    case "never":
      return { when: "never" };
    case "complete":
      return { when: "complete", afterMs: timeOf(leaves["afterMs"], at) };
    case "at":
      return { when: "at", ms: timeOf(leaves["ms"], at) };
    case "sent":
      return { when: "sent", copies: number(leaves["copies"], at, 0, 1e6) };
    default:
      return refuse(at, "unknown");
  }
}

function mannerOf(value: unknown, at: string): Manner {
  const manner = fieldsOf(value, at);
  return {
    ...optional("superSeeds", manner, flag),
    ...optional("givesNothing", manner, flag),
    ...optional("spoils", manner, (part, place) => number(part, place, 0, 1)),
  };
}

function limitsOf(value: unknown, at: string): NonNullable<NodePlan["limits"]> {
  const limits = fieldsOf(value, at);
  return {
    ...optional("slots", limits, (count, place) => number(count, place, -1, 1000), at),
    ...optional("up", limits, (rate, place) => number(rate, place, 0, rateMax), at),
    ...optional("down", limits, (rate, place) => number(rate, place, 0, rateMax), at),
  };
}

function troubleOf(value: unknown, at: string): Trouble {
  const trouble = fieldsOf(value, at);
  const span = {
    fromMs: timeOf(trouble["fromMs"], `${at}: fromMs`),
    untilMs: timeOf(trouble["untilMs"], `${at}: untilMs`),
  };
  const names = (): readonly string[] =>
    listOf(trouble["names"], `${at}: names`, nodesMax).map((name) => textOf(name, `${at}: names`));
  switch (trouble["kind"]) {
    case "partition":
      return { ...span, kind: "partition", names: names() };
    case "resets":
      return { ...span, kind: "resets", everyMs: number(trouble["everyMs"], `${at}: everyMs`, 1, timeMax) };
    case "pause":
      return { ...span, kind: "pause", names: names() };
    case "limits":
      return { ...span, kind: "limits", names: names(), limits: limitsOf(trouble["limits"], `${at}: limits`) };
    case "tracker":
      return { ...span, kind: "tracker", how: trouble["how"] === "lies" ? "lies" : "dead" };
    case "disk":
      return { ...span, kind: "disk", names: names(), ...diskTroubleOf(trouble, at) };
    default:
      return refuse(at, "unknown");
  }
}

function diskTroubleOf(trouble: Fields, at: string): DiskTrouble {
  switch (trouble["how"]) {
    case "slow":
      return { how: "slow", readMs: timeOf(trouble["readMs"], at), writeMs: timeOf(trouble["writeMs"], at) };
    case "full":
      return { how: "full" };
    case "misreads":
    case "miswrites":
      return { how: trouble["how"], part: number(trouble["part"], at, 0, 1) };
    default:
      return refuse(at, "unknown");
  }
}

function crowdOf(value: unknown, at: string): CrowdPlan {
  const crowd = fieldsOf(value, at);
  return {
    group: textOf(crowd["group"], `${at}: group`),
    count: whole(crowd["count"], `${at}: count`, 0, nodesMax),
    script: scriptOf(crowd["script"], `${at}: script`),
    link: linkOf(crowd["link"], `${at}: link`),
    joinsMs: timeOf(crowd["joinsMs"], `${at}: joinsMs`),
    overMs: timeOf(crowd["overMs"], `${at}: overMs`),
    dials: whole(crowd["dials"], `${at}: dials`, 0, nodesMax),
  };
}

function scriptOf(value: unknown, at: string): PeerScript {
  const script = fieldsOf(value, at);
  switch (script["kind"]) {
    case "seed":
    case "mute":
    case "idle":
      return { kind: script["kind"] };
    case "leech":
      return { kind: "leech", gives: flag(script["gives"], at) };
    case "liar":
      return { kind: "liar", rejects: flag(script["rejects"], at) };
    case "poisoner":
      return { kind: "poisoner", part: number(script["part"], at, 0, 1) };
    case "slow-reader":
      return { kind: "slow-reader", everyMs: number(script["everyMs"], at, 1, timeMax) };
    default:
      return refuse(at, "unknown");
  }
}

// ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The field, where it is there. */
function optional<Name extends string, Value>(
  name: Name,
  from: Fields,
  parse: (value: unknown, at: string) => Value,
  within = "",
): Partial<Record<Name, Value>> {
  if (from[name] === undefined) return {};
  const value = parse(from[name], within === "" ? name : `${within}: ${name}`);
  return { [name]: value } as Partial<Record<Name, Value>>;
}

function fieldsOf(value: unknown, at: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(at, "no object");
  return value as Fields;
}

function listOf(value: unknown, at: string, lengthMost: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > lengthMost) return refuse(at, "no list, or too long");
  return value;
}

function textOf(value: unknown, at: string): string {
  return typeof value === "string" && value.length > 0 && value.length <= 100 ? value : refuse(at, "no short text");
}

function flag(value: unknown, at: string): boolean {
  return typeof value === "boolean" ? value : refuse(at, "neither true nor false");
}

function number(value: unknown, at: string, min: number, max: number): number {
  if (typeof value !== "number" || !(value >= min && value <= max))
    return refuse(at, `no number from ${min} to ${max}`);
  return value;
}

function whole(value: unknown, at: string, min: number, max: number): number {
  const found = number(value, at, min, max);
  return Number.isInteger(found) ? found : refuse(at, "not whole");
}

function timeOf(value: unknown, at: string): number {
  return number(value, at, 0, timeMax);
}

/** JSON has no infinity: `null` is one. */
function rateOf(value: unknown, at: string): number {
  return value === null ? Number.POSITIVE_INFINITY : number(value, at, 0, rateMax);
}

function refuse(at: string, problem: string): never {
  throw new OperationalError("bad-plan", `${at}: ${problem}`);
}
