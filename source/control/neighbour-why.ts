/**
 * What holds one neighbour up, each way, by where its time went in the last minute. Nothing is said that the account does
 * not show: a cause is named with the part of the time that it took.
 */
import type { DownTimes, UpTimes } from "./insight.ts";
import type { NeighbourRow } from "./protocol.ts";
import type { Verdict, VerdictWeight } from "./verdict.ts";

export interface NeighbourFacts {
  readonly row: Pick<
    NeighbourRow,
    "time" | "connectedSeconds" | "requestWindow" | "requestsOut" | "downloaded" | "uploaded" | "slotReason"
  >;
  /** We still miss something that we want. */
  readonly isDownloading: boolean;
  /** Our window would be larger if it took more requests. */
  readonly isWindowCapped: boolean;
  readonly hasUpLimit: boolean;
}

/** Below this part of the time a cause is not worth a line. */
const worthTelling = 0.1;
/** From this part on it stops rather than slows. */
const nearlyAll = 0.95;
/** Before that the account is too short to tell. */
const secondsMin = 5;

/** `83%`. */
export function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}

/** The weightiest of each way first; none where it came just now. */
export function neighbourVerdicts(facts: NeighbourFacts): readonly Verdict[] {
  const { row, isDownloading } = facts;
  if (row.connectedSeconds < secondsMin) return [];
  const down = isDownloading ? biggest(row.time.down) : [];
  const up = biggest(row.time.up);
  const verdicts = [
    ...down.map(([state, part]) => downVerdict(facts, state, part)),
    ...up.map(([state, part]) => upVerdict(facts, state, part)),
  ];
  const weights: readonly VerdictWeight[] = ["stops", "slows", "note"];
  return verdicts.sort((a, b) => weights.indexOf(a.weight) - weights.indexOf(b.weight));
}

function biggest<Times extends DownTimes | UpTimes>(times: Times): [keyof Times, number][] {
  const all = Object.entries(times) as [keyof Times, number][];
  return all.filter(([, part]) => part >= worthTelling).sort((a, b) => b[1] - a[1]);
}

function downVerdict(facts: NeighbourFacts, state: keyof DownTimes, part: number): Verdict {
  const { row, isWindowCapped } = facts;
  const hard: VerdictWeight = part >= nearlyAll ? "stops" : "slows";
  const time = `${percent(part)} of the last minute`;
  const made = (weight: VerdictWeight, code: string, sentence: string, help = "", evidence: string[] = []) => ({
    weight,
    code,
    sentence,
    help,
    evidence: [time, ...evidence],
  });
  switch (state) {
    case "uninterested":
      return made("note", "down-uninterested", "it has nothing that we want");
    case "choked":
      return made(hard, "down-choked", "it chokes us", "give it more: it serves those first who give it most", [
        row.slotReason,
      ]);
    case "snubbed":
      return made(hard, "down-snubbed", "it lets us ask, and sends nothing");
    case "limited":
      return made(hard, "down-limited", "our download limit keeps us from reading it", "raise the download limit");
    case "held":
      return made(hard, "down-held", "we do not read it: it asks for more than we can serve");
    case "disk":
      return made(hard, "down-disk", "our disk takes no more", "look what else uses that disk");
    case "waiting":
      return isWindowCapped
        ? made("slows", "down-window", `it takes no more than ${row.requestWindow} requests at once`, "", [
            `${row.requestsOut} are unanswered`,
          ])
        : made("note", "down-waiting", "it sends as fast as its line, or what it gives us of it, allows", "", [
            `${row.requestsOut} of ${row.requestWindow} requests are on their way`,
          ]);
    case "idle":
      return made("note", "down-idle", "it could be asked, but what it has and we miss is asked of others");
  }
}

function upVerdict(facts: NeighbourFacts, state: keyof UpTimes, part: number): Verdict {
  const { row, hasUpLimit } = facts;
  const made = (weight: VerdictWeight, code: string, sentence: string, help = "", evidence: string[] = []) => ({
    weight,
    code,
    sentence,
    help,
    evidence: [`${percent(part)} of the last minute`, ...evidence],
  });
  switch (state) {
    case "unwanted":
      return made("note", "up-unwanted", "it wants nothing that we have");
    case "choking":
      return made("note", "up-choking", "we choke it", "more upload slots would reach it sooner", [row.slotReason]);
    case "unasked":
      return made("note", "up-unasked", "it may ask and has not: what it asked for has left");
    case "disk":
      return made("slows", "up-disk", "what it asks for is being read from our disk", "look what else uses that disk");
    case "limited":
      return made(
        "slows",
        "up-limited",
        "our upload limit keeps it waiting",
        hasUpLimit ? "raise the upload limit" : "",
      );
    case "line":
      return made("note", "up-line", "its line, or ours, takes no more");
  }
}
