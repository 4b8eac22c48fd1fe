/**
 * Why a torrent does what it does: from what the engine knows of it now to verdicts in words, the weightiest first. Each says
 * what it goes by and what can be done about it. Where nothing holds a torrent up, that is the verdict; none is a guess.
 *
 * Pure: facts in, verdicts out. What is gathered over time (how long each neighbour waited for what) can come in as more
 * facts, and out as more evidence.
 */

import { formatDuration, formatRate, formatSize, plural } from "../base/units.ts";
import type { WorkShares } from "../storage/work-meter.ts";
import type { TimeOfAll } from "./insight.ts";
import { percent } from "./neighbour-why.ts";
import type { TorrentRow } from "./protocol.ts";
import { type Verdict, type VerdictWeight, verdict } from "./verdict.ts";
import { deepened } from "./why-account.ts";
import { besideTrackers, type DhtFacts, trackerless } from "./why-dht.ts";
import { fine, restVerdict } from "./why-rest.ts";

export interface WhyFacts {
  readonly row: Pick<
    TorrentRow,
    | "state"
    | "reason"
    | "queuePosition"
    | "isPrivate"
    | "checkedFraction"
    | "downRate"
    | "upRate"
    | "knownPeers"
    | "neighbours"
    | "neighbourSeeds"
    | "swarmSeeds"
    | "swarmLeeches"
  >;
  /** Of what failed; "" where nothing did. */
  readonly failureCode: string;
  /** Every file is skipped, and not all of it is there. */
  readonly wantsNothing: boolean;
  /** Every piece that is wanted is verified. */
  readonly isComplete: boolean;
  readonly trackers: TrackerFacts;
  readonly peers: {
    /** Known ones to whom the last dial came to nothing. */
    readonly unreachable: number;
  };
  readonly neighbours: {
    /** They have what we miss. */
    readonly useful: number;
    /** Of those, which let us ask. */
    readonly open: number;
    /** Of those, which send nothing all the same. */
    readonly snubbing: number;
    /** They want something of us. */
    readonly wanting: number;
    /** Of those, which we serve. */
    readonly served: number;
  };
  /** Wanted pieces that we miss. */
  readonly missing: {
    readonly count: number;
    /** Of these, which no neighbour has. */
    readonly nowhere: number;
    /** The first runs of those, ends included. */
    readonly runs: readonly (readonly [first: number, last: number])[];
  };
  /** Bytes per second, 0 for none. */
  readonly limits: {
    readonly down: number;
    readonly ownDown: number;
    readonly up: number;
    readonly ownUp: number;
    /** The alternative limits are in force. */
    readonly isAlternative: boolean;
    /** Of all torrents together. */
    readonly allDownRate: number;
    readonly allUpRate: number;
  };
  /** Where the neighbours' time went; `undefined` where that is not known. */
  readonly account?: TimeOfAll | undefined;
  /** While it super-seeds: pieces that were shown to somebody, of how many. */
  readonly superSeed?: { readonly shown: number; readonly count: number } | undefined;
  /** Of the disk that it goes to: more than is free is to come; 0: it fits, or is not known. */
  readonly disk: { readonly missingBytes: number; readonly freeBytes: number; readonly fullSeconds: number | null };
  /** Of the engine's thread, which all torrents share; `undefined` where that is not known. */
  readonly work?: WorkShares | undefined;
  /** `undefined` where the torrent is private, which has nothing to do with it. */
  readonly dht?: DhtFacts | undefined;
  /** Why nothing goes out, "" where it does. */
  readonly homeProblem: string;
  readonly port: { readonly isListening: boolean; readonly problem: string; readonly hasIncoming: boolean };
}

export interface TrackerFacts {
  readonly count: number;
  readonly working: number;
  readonly failed: number;
  readonly unsupported: number;
  /** What those that failed said last, with their hosts; the first few. */
  readonly errors: readonly string[];
}

/** Below this many bytes per second nothing comes worth speaking of. */
const standstillRate = 512;
/** A limit that is used so far holds up. */
const limitShare = 0.9;

/** @returns at least one. */
export function verdictsOf(facts: WhyFacts): readonly Verdict[] {
  const { state } = facts.row;
  const verdicts = state === "downloading" || state === "seeding" ? activeVerdicts(facts) : [restVerdict(facts)];
  const weights: readonly VerdictWeight[] = ["stops", "slows", "note"];
  // Sorting keeps the order of equals.
  return verdicts.sort((a, b) => weights.indexOf(a.weight) - weights.indexOf(b.weight));
}

function activeVerdicts(facts: WhyFacts): Verdict[] {
  if (facts.wantsNothing) {
    return [verdict("stops", "nothing-wanted", "all of its files are skipped", "choose at least one of them")];
  }
  if (facts.homeProblem !== "") {
    return [verdict("stops", "not-home", facts.homeProblem, "bring it up, or change network.bind in the settings")];
  }
  const { row, limits, account } = facts;
  const isDownloading = !facts.isComplete && row.state !== "seeding";
  const known = (isDownloading ? leechVerdicts(facts) : seedVerdicts(facts)).filter((one) => one !== undefined);
  // The last minute is of no use where nobody is useful any more.
  const isIdle = row.neighbours === 0 || (isDownloading && facts.neighbours.useful === 0);
  const all = isIdle ? known : deepened(known, account, { isDownloading, limits });
  return all.some(({ weight }) => weight !== "note") || known.length > 0 ? [...all] : [fine(facts), ...all];
}

type Maybe = Verdict | undefined;

// ── downloading ──────────────────────────────────────────────────────────────────────────────────────────────────────

function leechVerdicts(facts: WhyFacts): Maybe[] {
  const { row } = facts;
  if (row.neighbours === 0) return [...lonely(facts), closedPort(facts)];
  const isStill = row.downRate < standstillRate;
  return [
    nowhere(facts),
    smallDisk(facts),
    isStill ? standstill(facts) : undefined,
    downLimit(facts),
    busy(facts),
    starved(facts),
    row.neighbours > 0 ? trackersFailed(facts, "note") : undefined,
    isStill ? closedPort(facts) : undefined,
  ];
}

/** Nobody is connected. */
function lonely(facts: WhyFacts): Maybe[] {
  const { row, trackers, peers } = facts;
  const note = row.isPrivate
    ? [verdict("note", "private", "it is private: its peers come from its trackers alone")]
    : [];
  if (row.knownPeers > 0) {
    const known = plural(row.knownPeers, "known peer");
    return peers.unreachable >= row.knownPeers
      ? [
          verdict(
            "stops",
            "unreachable",
            `none of its ${known} can be reached`,
            "they are tried again from time to time",
          ),
          trackersFailed(facts, "slows"),
          ...note,
        ]
      : [verdict("stops", "connecting", `it tries its ${known}`)];
  }
  if (trackers.count === 0) return [trackerless(facts.dht), ...note];
  const beside = [...besideTrackers(facts.dht), ...note];
  const failed = trackersFailed(facts, "stops");
  if (failed !== undefined) return [failed, ...beside];
  if (trackers.working === 0) return [verdict("stops", "announcing", "its trackers have not answered yet")];
  return [
    verdict("stops", "no-peers", "its trackers know no other peer", "wait, or ask again by hand", [
      row.swarmSeeds !== null && `seeds they know of: ${row.swarmSeeds}`,
    ]),
    ...beside,
  ];
}

function trackersFailed({ trackers }: WhyFacts, weight: VerdictWeight): Maybe {
  const { count, failed, unsupported, errors } = trackers;
  if (count === 0 || failed + unsupported < count) return undefined;
  if (unsupported === count) {
    return verdict(weight, "trackers-unsupported", "none of its trackers can be spoken to yet", "");
  }
  const which = count === 1 ? "its tracker does not answer" : `none of its ${count} trackers answers`;
  return verdict(weight, "trackers-failed", which, "ask again by hand when they may be back", errors);
}

/** Pieces that no neighbour has. */
function nowhere({ missing }: WhyFacts): Maybe {
  if (missing.nowhere === 0) return undefined;
  const runs = missing.runs.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
  const shown = missing.runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const evidence = `${missing.nowhere === 1 ? "piece" : "pieces"} ${runs}${shown < missing.nowhere ? ", …" : ""}`;
  if (missing.nowhere < missing.count) {
    const many = `${missing.nowhere} of the ${plural(missing.count, "missing piece")}`;
    return verdict(
      "slows",
      "pieces-nowhere",
      `no neighbour has ${many}`,
      "it can finish only if somebody comes who has them",
      [evidence],
    );
  }
  const all = missing.count === 1 ? "the missing piece" : `any of the ${plural(missing.count, "missing piece")}`;
  return verdict("stops", "pieces-nowhere", `no neighbour has ${all}`, "it goes on when somebody comes who has them", [
    evidence,
  ]);
}

/** Nothing comes, though there are neighbours. */
function standstill({ row, neighbours, missing, limits }: WhyFacts): Maybe {
  const { useful, open, snubbing } = neighbours;
  if (missing.nowhere >= missing.count) return undefined;
  if (useful === 0) {
    return verdict(
      "stops",
      "none-useful",
      `none of its ${plural(row.neighbours, "neighbour")} has a piece that we miss`,
    );
  }
  if (open === 0) {
    const sentence = useful === 1 ? "the only useful neighbour chokes us" : `all ${useful} useful neighbours choke us`;
    return verdict("stops", "all-choke", sentence, "give more: those who upload are unchoked first", [
      `we serve ${neighbours.served} of ${neighbours.wanting} who want something of us, at ${formatRate(row.upRate)}`,
      limits.up > 0 && `our upload is limited to ${formatRate(limits.up)}`,
    ]);
  }
  if (snubbing >= open) {
    const sentence = open === 1 ? "the one who unchokes us sends nothing" : `the ${open} who unchoke us send nothing`;
    return verdict("stops", "snubbed", sentence, "others are tried from time to time", [
      `${useful - open} more have what we miss, and choke us`,
    ]);
  }
  return undefined;
}

function smallDisk({ disk }: WhyFacts): Maybe {
  const { missingBytes, freeBytes, fullSeconds } = disk;
  if (missingBytes === 0) return undefined;
  const sentence = `its disk is too small for all that goes there: ${formatSize(missingBytes)} are missing`;
  return verdict("note", "disk-short", sentence, "make room, skip files or move some torrents", [
    `${formatSize(freeBytes)} free`,
    fullSeconds !== null && `full in ${formatDuration(fullSeconds)} at this rate`,
  ]);
}

/** Beyond this the thread that does everything has no time left to take in more. */
const busyShare = 0.75;

/** The disk, or the hashing, takes no more. */
function busy({ work }: WhyFacts): Maybe {
  if (work === undefined || work.writing + work.hashing < busyShare) return undefined;
  const shares = `writing takes ${percent(work.writing)} of the engine's time, hashing ${percent(work.hashing)}`;
  return work.writing >= work.hashing
    ? verdict("slows", "disk-bound", "our disk takes no more", "a faster disk takes more", [shares])
    : verdict("slows", "hash-bound", "this machine can hash no faster", "", [shares]);
}

function downLimit({ row, limits }: WhyFacts): Maybe {
  if (limits.ownDown > 0 && row.downRate >= limits.ownDown * limitShare) {
    return verdict(
      "slows",
      "own-down-limit",
      `its own limit of ${formatRate(limits.ownDown)} is used up`,
      "raise its limit",
    );
  }
  if (limits.down > 0 && limits.allDownRate >= limits.down * limitShare) {
    return verdict(
      "slows",
      "down-limit",
      `the ${limits.isAlternative ? "alternative " : ""}download limit of ${formatRate(limits.down)} is used up`,
      "raise the limit",
      [`all torrents together: ${formatRate(limits.allDownRate)}`],
    );
  }
  return undefined;
}

/** Who gives little gets little: our own limit may be why others choke us. */
function starved({ row, neighbours, limits }: WhyFacts): Maybe {
  const choking = neighbours.useful - neighbours.open;
  if (choking * 2 < neighbours.useful || choking === 0) return undefined;
  const used = usedUpLimit(row.upRate, limits);
  if (used === undefined) return undefined;
  return verdict(
    "slows",
    "upload-starved",
    `${choking} of ${neighbours.useful} useful neighbours choke us while our upload is at its limit`,
    "raise the upload limit",
    [used],
  );
}

// ── seeding ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function seedVerdicts(facts: WhyFacts): Maybe[] {
  const { row, neighbours, limits, trackers } = facts;
  if (row.neighbours === 0) {
    const isKnown = trackers.working > 0 && row.swarmLeeches === 0;
    return [
      trackersFailed(facts, "stops") ??
        verdict(
          "stops",
          isKnown ? "nobody-wants" : "no-neighbours",
          isKnown ? "nobody wants anything: its trackers know no leech" : "nobody is connected",
        ),
      closedPort(facts),
    ];
  }
  if (neighbours.wanting === 0 && facts.superSeed === undefined) {
    const sentence =
      row.neighbours === 1
        ? "its neighbour wants nothing of us"
        : `none of its ${row.neighbours} neighbours wants anything of us`;
    return [verdict("stops", "nobody-wants", sentence, "", [`${plural(row.neighbourSeeds, "seed")} among them`])];
  }
  const used = usedUpLimit(row.upRate, limits);
  return [
    superSeeding(facts),
    used === undefined
      ? undefined
      : verdict("slows", "up-limit", "our upload is at its limit", "raise the upload limit", [
          used,
          `${neighbours.wanting} want something of us, ${neighbours.served} are served`,
        ]),
    trackersFailed(facts, "note"),
  ];
}

function superSeeding({ superSeed }: WhyFacts): Maybe {
  if (superSeed === undefined) return undefined;
  return verdict(
    "note",
    "super-seeding",
    "super-seeding: each neighbour is shown one piece at a time, the next when that one has spread",
    "it ends by itself; ended by hand, more goes out, and some of it twice",
    [`${superSeed.shown} of ${plural(superSeed.count, "piece")} were shown to somebody`],
  );
}

/** @returns which upload limit is used up, `undefined` where none is. */
function usedUpLimit(upRate: number, limits: WhyFacts["limits"]): string | undefined {
  if (limits.ownUp > 0 && upRate >= limits.ownUp * limitShare) return `its own limit is ${formatRate(limits.ownUp)}`;
  if (limits.up === 0 || limits.allUpRate < limits.up * limitShare) return undefined;
  return `the ${limits.isAlternative ? "alternative " : ""}limit of all torrents is ${formatRate(limits.up)}`;
}

// ── either ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function closedPort({ port }: WhyFacts): Maybe {
  if (!port.isListening) {
    return verdict("slows", "not-listening", "nobody can connect to us: we listen nowhere", "", [
      port.problem !== "" && port.problem,
    ]);
  }
  if (port.hasIncoming) return undefined;
  return verdict(
    "note",
    "no-incoming",
    "nobody has reached us from outside yet: the port may be closed",
    "forward the port in your router, or open it in the firewall",
  );
}
