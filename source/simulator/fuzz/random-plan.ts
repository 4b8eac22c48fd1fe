/** A swarm out of a seed: of all sizes, lines and manners, and in all kinds of trouble, but one that can complete. */
import { pick, type Random, randomBelow, randomFraction, SeededRandom } from "../../base/random.ts";
import type { CrowdPlan, PeerScript } from "../peer-script.ts";
import { contentLength, type Departure, type NodePlan, type SwarmPlan } from "../swarm-plan.ts";
import type { Trouble } from "../trouble.ts";
import type { LinkOptions } from "../virtual-link.ts";

export const nodesMin = 2;
const nodesMaxDefault = 12;
const blockLength = 16_384;
/** 2 KB to 20 MB a second: below, a single block may take longer than an engine waits for it. */
const slowest = 2000;
const magnitudes = 4;
const fastest = slowest * 10 ** magnitudes;
/** Nobody with the slowest line has to wait longer, in seconds. */
const contentSecondsMax = 3000;
/** After what a swarm takes at worst, time for whoever was refused, forgotten or cut off to come again. */
const patienceMs = 3 * 3_600_000;

/** @param seed 0 … 2^32 - 1. @param nodesMax 2 … 100. */
export function randomPlan(seed: number, nodesMax = nodesMaxDefault): SwarmPlan {
  const random = new SeededRandom(seed);
  const count = nodesMin + randomBelow(random, nodesMax - nodesMin + 1);
  const names = Array.from({ length: count }, (_, i) => (i === 0 ? "seed" : `peer ${i}`));
  const links = names.map((_, i) => randomLink(random, i > 0));
  const content = randomContent(
    random,
    Math.min(...links.flatMap((link) => [link.upBytesPerSecond, link.downBytesPerSecond])),
  );
  const joins = names.map((_, i) => (i > 0 && isOnce(random, 2) ? randomBelow(random, 600_000) : 0));
  const worstMs = (1000 * 2 * count * contentLength(content)) / Math.min(...links.map((link) => link.upBytesPerSecond));
  const spanMs = Math.min(1_200_000, 2 * worstMs);
  const crowds = Array.from({ length: Math.max(0, randomBelow(random, 6) - 3) }, (_, i) => randomCrowd(random, i));
  const mayFreeride = isOnce(random, 2);
  const nodes = names.map((name, i) =>
    randomNode(random, {
      name,
      link: links[i] ?? randomLink(random, true),
      joinsMs: joins[i] ?? 0,
      isFirst: i === 0,
      spanMs,
      mayFreeride,
      isAmongFriends: crowds.length === 0 && !mayFreeride,
    }),
  );
  const troubles = Array.from({ length: isOnce(random, 3) ? 0 : randomBelow(random, 6) }, () =>
    randomTrouble(random, names, spanMs),
  );
  return {
    scenario: "fuzz",
    seed,
    ...content,
    nodes,
    ...(crowds.length === 0 ? {} : { crowds }),
    troubles,
    endMs: Math.ceil(Math.max(...joins) + worstMs + patienceMs),
  };
}

function isOnce(random: Random, inSo: number): boolean {
  return randomBelow(random, inSo) === 0;
}

/** Evenly over the magnitudes. */
function randomRate(random: Random): number {
  return Math.round(slowest * 10 ** (magnitudes * randomFraction(random)));
}

function randomLink(random: Random, mayHide: boolean): LinkOptions {
  return {
    upBytesPerSecond: randomRate(random),
    downBytesPerSecond: isOnce(random, 3) ? randomRate(random) : fastest,
    latencyMs: pick(random, [1, 20, 150, 800]) ?? 20,
    jitterMs: isOnce(random, 2) ? 0 : randomBelow(random, 200),
    lossRate: isOnce(random, 2) ? 0 : randomFraction(random) / 20,
    // Whoever cannot be reached can reach the seed.
    isReachable: !mayHide || !isOnce(random, 3),
  };
}

function randomContent(
  random: Random,
  slowestRate: number,
): Pick<SwarmPlan, "pieceCount" | "pieceLength" | "lastPieceLength"> {
  const pieceLength =
    pick(random, [blockLength, 2 * blockLength, 4 * blockLength, 7 * blockLength, 20_000, 1000, 16_385]) ?? blockLength;
  const most = Math.max(1, Math.min(40, Math.floor((slowestRate * contentSecondsMax) / pieceLength)));
  const pieceCount = 1 + randomBelow(random, most);
  const lastPieceLength = isOnce(random, 2) ? pieceLength : 1 + randomBelow(random, pieceLength);
  return { pieceCount, pieceLength, lastPieceLength };
}

interface NodeDraft {
  readonly name: string;
  readonly link: LinkOptions;
  readonly joinsMs: number;
  /** The seed that stays. */
  readonly isFirst: boolean;
  readonly spanMs: number;
  readonly mayFreeride: boolean;
  /**
   * Neither crowds nor free riders are there. Where they are, it has as many neighbours as usual, or strangers might take all the places.
   */
  readonly isAmongFriends: boolean;
}

function randomNode(
  random: Random,
  { name, link, joinsMs, isFirst, spanMs, mayFreeride, isAmongFriends }: NodeDraft,
): NodePlan {
  const isSeed = isFirst || isOnce(random, 8);
  const rate = (): number => (isOnce(random, 4) ? Math.max(4000, randomRate(random)) : 0);
  return {
    name,
    group: isSeed ? "seeds" : "peers",
    isSeed,
    link,
    joinsMs,
    leaves: isFirst ? { when: "never" } : randomDeparture(random, joinsMs, spanMs),
    limits: { slots: 1 + randomBelow(random, 6), up: rate(), down: rate() },
    ...(isFirst && isOnce(random, 4) ? { manner: { superSeeds: true } } : {}),
    ...(!isFirst && mayFreeride && isOnce(random, 6) ? { manner: { givesNothing: true } } : {}),
    ...(isAmongFriends && isOnce(random, 4) ? { connectionsPerTorrent: 2 + randomBelow(random, 4) } : {}),
  };
}

function randomDeparture(random: Random, joinsMs: number, spanMs: number): Departure {
  switch (randomBelow(random, 6)) {
    case 0:
      return { when: "complete", afterMs: randomBelow(random, 60_000) };
    case 1:
      return { when: "at", ms: joinsMs + 1 + randomBelow(random, spanMs) };
    default:
      return { when: "never" };
  }
}

function randomCrowd(random: Random, number: number): CrowdPlan {
  const scripts: readonly PeerScript[] = [
    { kind: "seed" },
    { kind: "leech", gives: isOnce(random, 2) },
    { kind: "mute" },
    { kind: "idle" },
    { kind: "liar", rejects: isOnce(random, 2) },
    { kind: "poisoner", part: randomFraction(random) },
    { kind: "slow-reader", everyMs: 1000 + randomBelow(random, 20_000) },
  ];
  return {
    group: `crowd ${number + 1}`,
    count: 1 + randomBelow(random, 4),
    script: pick(random, scripts) ?? { kind: "mute" },
    link: randomLink(random, true),
    joinsMs: randomBelow(random, 60_000),
    overMs: randomBelow(random, 60_000),
    dials: 1 + randomBelow(random, 3),
  };
}

function randomTrouble(random: Random, names: readonly string[], spanMs: number): Trouble {
  const fromMs = randomBelow(random, spanMs);
  const untilMs = fromMs + randomBelow(random, isOnce(random, 3) ? 600_000 : 30_000);
  const span = { fromMs, untilMs };
  const some = names.filter(() => isOnce(random, 3));
  switch (randomBelow(random, 6)) {
    case 0:
      return { ...span, kind: "partition", names: some };
    case 1:
      return { ...span, kind: "resets", everyMs: 1000 + randomBelow(random, 60_000) };
    case 2:
      return { ...span, kind: "pause", names: some };
    case 3: {
      const limits = { slots: 1 + randomBelow(random, 8), up: isOnce(random, 2) ? 0 : 4000 + randomRate(random) };
      return { ...span, kind: "limits", names: some, limits };
    }
    case 4:
      return {
        ...span,
        kind: "disk",
        names: some,
        how: "slow",
        readMs: randomBelow(random, 400),
        writeMs: randomBelow(random, 400),
      };
    default:
      return { ...span, kind: "tracker", how: isOnce(random, 2) ? "dead" : "lies" };
  }
}
