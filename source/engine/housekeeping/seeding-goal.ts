/**
 * When a torrent has seeded enough. A goal that was reached holds once: who resumes such a torrent by hand means that it
 * shall seed on, so that goal is waived for it until the goal itself is changed, as in qBittorrent and Transmission.
 * Otherwise the torrent would be paused again within a second, and only changing its goal could help.
 */
import type { SeedingGoal, TorrentChoices } from "../profile/torrent-choices.ts";

export interface SeedingFacts {
  /** Content bytes over all runs. */
  readonly uploaded: number;
  readonly downloaded: number;
  /** Bytes of what is wanted: the least to measure uploads by, for who has added a torrent complete. */
  readonly wantedLength: number;
  readonly seedingSeconds: number;
  /** Of these, since the last byte was uploaded. */
  readonly idleSeconds: number;
}

export const noGoal: SeedingGoal = { ratio: 0, seedMinutes: 0, idleMinutes: 0 };

/** A torrent's own goals come before those for all, each for itself. */
export function goalOf(
  own: Pick<TorrentChoices, "ratioGoal" | "seedMinutesGoal" | "idleMinutesGoal">,
  all: SeedingGoal,
): SeedingGoal {
  return {
    ratio: own.ratioGoal ?? all.ratio,
    seedMinutes: own.seedMinutesGoal ?? all.seedMinutes,
    idleMinutes: own.idleMinutesGoal ?? all.idleMinutes,
  };
}

export function isSameGoal(a: SeedingGoal, b: SeedingGoal): boolean {
  return a.ratio === b.ratio && a.seedMinutes === b.seedMinutes && a.idleMinutes === b.idleMinutes;
}

export function seedingRatio({ uploaded, downloaded, wantedLength }: SeedingFacts): number {
  return uploaded / Math.max(1, downloaded, wantedLength);
}

/** @returns which goal is reached, in words; "" if none is. */
export function goalReached({ ratio, seedMinutes, idleMinutes }: SeedingGoal, facts: SeedingFacts): string {
  if (ratio > 0 && seedingRatio(facts) >= ratio) return `reached ratio ${ratioText(ratio)}`;
  if (seedMinutes > 0 && facts.seedingSeconds >= seedMinutes * 60) return `seeded for ${timeText(seedMinutes)}`;
  if (idleMinutes > 0 && facts.idleSeconds >= idleMinutes * 60)
    return `nobody took anything for ${timeText(idleMinutes)}`;
  return "";
}

/** 2 as "2.0". */
function ratioText(ratio: number): string {
  return Number.isInteger(ratio) ? ratio.toFixed(1) : String(Number(ratio.toFixed(3)));
}

/** 90 as "90 minutes", 4320 as "3 days". */
function timeText(minutes: number): string {
  for (const [unit, length] of timeUnits) {
    const count = minutes / length;
    if (Number.isInteger(count)) return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
  }
  return `${Number(minutes.toFixed(2))} minutes`;
}

const timeUnits = [
  ["day", 1440],
  ["hour", 60],
  ["minute", 1],
] as const;
