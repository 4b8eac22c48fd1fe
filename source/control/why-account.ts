/**
 * What the account of the neighbours' time adds to the verdicts of `why.ts`: for how much of the last minute each cause
 * held them up. What the account does not show is not said.
 *
 * Parts are of the time of all neighbours that count: for downloading, of those that have what we miss; for uploading, of
 * those that want something.
 */
import { formatRate } from "../base/units.ts";
import type { TimeOfAll } from "./insight.ts";
import { percent } from "./neighbour-why.ts";
import type { Verdict, VerdictWeight } from "./verdict.ts";

export interface AccountContext {
  readonly isDownloading: boolean;
  /** Bytes a second, 0 for none. */
  readonly limits: { readonly down: number; readonly ownDown: number; readonly up: number; readonly ownUp: number };
}

/** Less is too little to speak of. */
const secondsMin = 10;
const worthTelling = 0.25;
const most = 0.5;

/** @returns the verdicts with the account's evidence, and what only the account knows. */
export function deepened(
  verdicts: readonly Verdict[],
  account: TimeOfAll | undefined,
  context: AccountContext,
): readonly Verdict[] {
  if (account === undefined) return verdicts;
  const isDownAccounted = context.isDownloading && account.downSeconds >= secondsMin;
  const isUpAccounted = account.upSeconds >= secondsMin;
  const found = [
    ...(isDownAccounted ? downVerdicts(account, context) : []),
    ...(isUpAccounted ? upVerdicts(account, context) : []),
  ];
  const result = [...verdicts];
  for (const one of found) {
    const at = result.findIndex(({ code }) => one.joins.includes(code));
    const known = result[at];
    if (known !== undefined) result[at] = { ...known, evidence: [...known.evidence, ...one.verdict.evidence] };
    else result.push(one.verdict);
  }
  return result;
}

interface Found {
  readonly verdict: Verdict;
  /** Verdicts that say the same: then only the evidence is added. */
  readonly joins: readonly string[];
}

function found(
  weight: VerdictWeight,
  code: string,
  sentence: string,
  help: string,
  evidence: readonly string[],
  joins: readonly string[] = [],
): Found {
  return { verdict: { weight, code, sentence, help, evidence }, joins: [code, ...joins] };
}

const usefulTime = (part: number) => `${percent(part)} of the time of useful neighbours in the last minute`;
const wantingTime = (part: number) => `${percent(part)} of the time of those who want something in the last minute`;

function downVerdicts({ down, up, upSeconds, capped, givenToChoking }: TimeOfAll, context: AccountContext): Found[] {
  const { limits } = context;
  const list: Found[] = [];
  if (down.limited >= worthTelling) {
    const name =
      limits.ownDown === 0 ? "our download limit" : limits.down === 0 ? "its own download limit" : "a download limit";
    list.push(
      found(
        "slows",
        "down-limit-held",
        `${name} held it back`,
        "raise the limit",
        [usefulTime(down.limited)],
        ["own-down-limit", "down-limit"],
      ),
    );
  }
  if (down.choked >= most) {
    // Who gives little gets little: is it that we could not give more?
    const isUpLimited = upSeconds >= secondsMin && up.limited >= worthTelling;
    const evidence = [
      `choked for ${usefulTime(down.choked)}`,
      ...(givenToChoking >= 1 || isUpLimited ? [`those who choke us get ${formatRate(givenToChoking)} of us`] : []),
    ];
    list.push(
      isUpLimited
        ? found(
            "slows",
            "upload-starved",
            "neighbours choke us while our upload limit keeps us from giving",
            "raise the upload limit",
            [...evidence, `our upload limit held up ${wantingTime(up.limited)}`],
          )
        : found(
            "slows",
            "choked",
            "useful neighbours choke us most of the time",
            "give more: those who upload are unchoked first",
            evidence,
            ["all-choke", "upload-starved"],
          ),
    );
  }
  if (down.disk >= worthTelling / 2) {
    list.push(
      found("slows", "disk", "our disk takes no more", "look what else uses that disk", [usefulTime(down.disk)]),
    );
  }
  if (down.held >= worthTelling) {
    list.push(
      found("slows", "held", "neighbours ask for more than we can serve, and are not read", "", [
        usefulTime(down.held),
      ]),
    );
  }
  if (down.snubbed >= most) {
    list.push(
      found(
        "slows",
        "snubbed",
        "useful neighbours let us ask, and send nothing",
        "others are tried from time to time",
        [usefulTime(down.snubbed)],
      ),
    );
  }
  if (down.waiting >= most) {
    list.push(
      capped > 0
        ? found("note", "window-full", `${capped} of its neighbours take no more requests at once`, "", [
            usefulTime(down.waiting),
          ])
        : found("note", "lines", "what is asked for is on its way: their lines are the limit", "", [
            usefulTime(down.waiting),
          ]),
    );
  }
  if (down.idle >= most) {
    list.push(
      found("note", "all-asked", "what its neighbours have and it misses is asked of others already", "", [
        usefulTime(down.idle),
      ]),
    );
  }
  return list;
}

function upVerdicts({ up }: TimeOfAll, { isDownloading, limits }: AccountContext): Found[] {
  const list: Found[] = [];
  if (up.disk >= worthTelling) {
    list.push(
      found("slows", "disk-read", "what is asked of us is being read from the disk", "look what else uses that disk", [
        wantingTime(up.disk),
      ]),
    );
  }
  if (isDownloading) return list;
  if (up.limited >= worthTelling && limits.up + limits.ownUp > 0) {
    list.push(
      found("slows", "up-limit", "our upload limit keeps those who ask waiting", "raise the upload limit", [
        wantingTime(up.limited),
      ]),
    );
  }
  if (up.choking >= most) {
    list.push(
      found(
        "note",
        "few-slots",
        "most who want something wait for a slot",
        "more upload slots would serve more at once",
        [wantingTime(up.choking)],
      ),
    );
  }
  if (up.line >= most) {
    list.push(found("note", "up-lines", "blocks wait for the lines, theirs or ours", "", [wantingTime(up.line)]));
  }
  if (up.unasked >= most) {
    list.push(found("note", "unasked", "those who may ask have asked for nothing more", "", [wantingTime(up.unasked)]));
  }
  return list;
}
