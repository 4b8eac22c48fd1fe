/**
 * What can be decided about a torrent, as lines to be typed: limits, places, goals, order. An empty line leaves it as it is,
 * which is how it begins where several torrents differ. Pure.
 */
import { messageOf, OperationalError } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { ShownChoices, TorrentChanges } from "../../control/protocol.ts";
import type { OptionsOverlay } from "./overlay.ts";
import { rateText, readRate } from "./rate-text.ts";

export interface OptionField {
  readonly title: string;
  /** What may be typed. */
  readonly hint: string;
  /** As it would be typed. */
  readonly show: (choices: ShownChoices) => string;
  /** @param text not empty. @throws OperationalError. */
  readonly read: (text: string) => TorrentChanges;
}

const rateHint = "2MB, 500KiB, none";
const countHint = "a number, default";
const timeHint = "90m, 12h, 3d, none, default";
const switchHint = "yes, no";

export const optionFields: readonly OptionField[] = [
  {
    title: "Download at most",
    hint: rateHint,
    show: ({ maxDownRate }) => rateText(maxDownRate),
    read: (text) => ({ maxDownRate: readRate(text) }),
  },
  {
    title: "Upload at most",
    hint: rateHint,
    show: ({ maxUpRate }) => rateText(maxUpRate),
    read: (text) => ({ maxUpRate: readRate(text) }),
  },
  {
    title: "Upload slots",
    hint: "a number, default; 0: by the rate",
    show: ({ slots }) => orDefault(slots),
    read: (text) => ({ slots: isDefault(text) ? null : readNumber(text, 0, 1000, true) }),
  },
  {
    title: "Neighbours",
    hint: countHint,
    show: ({ connections }) => orDefault(connections),
    read: (text) => ({ connections: isDefault(text) ? null : readNumber(text, 1, 100_000, true) }),
  },
  {
    title: "Seed to ratio",
    hint: "2.5, none, default",
    show: ({ ratioGoal }) => (ratioGoal === 0 ? "none" : orDefault(ratioGoal)),
    read: (text) => ({ ratioGoal: isDefault(text) ? null : isNone(text) ? 0 : readNumber(text, 0, 1e6, false) }),
  },
  {
    title: "Seed for",
    hint: timeHint,
    show: ({ seedMinutesGoal }) => timeText(seedMinutesGoal),
    read: (text) => ({ seedMinutesGoal: readMinutes(text) }),
  },
  {
    title: "Seed while idle for",
    hint: timeHint,
    show: ({ idleMinutesGoal }) => timeText(idleMinutesGoal),
    read: (text) => ({ idleMinutesGoal: readMinutes(text) }),
  },
  {
    title: "In order",
    hint: `${switchHint}: for a player`,
    show: ({ isSequential }) => yesNo(isSequential),
    read: (text) => ({ isSequential: readSwitch(text) }),
  },
  {
    title: "Super-seed",
    hint: `${switchHint}: first seed of a swarm`,
    show: ({ isSuperSeed }) => yesNo(isSuperSeed),
    read: (text) => ({ isSuperSeed: readSwitch(text) }),
  },
  {
    title: "Ignore the queue",
    hint: `${switchHint}: always active`,
    show: ({ isForced }) => yesNo(isForced),
    read: (text) => ({ isForced: readSwitch(text) }),
  },
];

/** @param choices of each torrent that is meant; none while they are not known. @returns what they have in common. */
export function optionTexts(choices: readonly ShownChoices[]): readonly string[] {
  return optionFields.map(({ show }) => {
    const [first = "", ...others] = new Set(choices.map(show));
    return others.length > 0 ? "" : first;
  });
}

/** For more torrents than this what they have in common is not asked for. */
const askedMax = 100;

/** The torrent whose choices are to be asked for next; `undefined` where all are known. */
export function askedForOptions({ torrents, choices }: OptionsOverlay): InfoHash | undefined {
  return torrents.length > askedMax ? undefined : torrents[choices.length]?.infoHash;
}

/** What the engine says of the torrent that it is asked for. Lines that were changed by then stay as they are. */
export function withChoices(overlay: OptionsOverlay, infoHash: InfoHash, of: ShownChoices): OptionsOverlay {
  if (askedForOptions(overlay) !== infoHash) return overlay;
  const choices = [...overlay.choices, of];
  if (choices.length < overlay.torrents.length) return { ...overlay, choices };
  const before = optionTexts(choices);
  const texts = before.map((text, i) => overlay.texts[i] || text);
  const { cursor } = overlay;
  const caret = overlay.texts[cursor] === "" ? (texts[cursor]?.length ?? 0) : overlay.caret;
  return { ...overlay, choices, before, texts, caret };
}

export type OptionsRead = { readonly changes: TorrentChanges } | { readonly field: number; readonly message: string };

/** @param before what the lines were at first: those that are as they were change nothing. */
export function readOptions(texts: readonly string[], before: readonly string[]): OptionsRead {
  let changes: TorrentChanges = {};
  for (const [field, { read }] of optionFields.entries()) {
    const text = (texts[field] ?? "").trim().toLowerCase();
    if (text === "" || text === before[field]?.toLowerCase()) continue;
    try {
      changes = { ...changes, ...read(text) };
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      return { field, message: messageOf(error) };
    }
  }
  return { changes };
}

function bad(text: string, expected: string): never {
  throw new OperationalError("bad-value", `${JSON.stringify(text)} is not ${expected}`);
}

const isNone = (text: string): boolean => text === "none";
const isDefault = (text: string): boolean => text === "default";
const orDefault = (value: number | null): string => (value === null ? "default" : String(value));
const yesNo = (value: boolean): string => (value ? "yes" : "no");

function readNumber(text: string, min: number, max: number, isWhole: boolean): number {
  const value = /^\d{1,9}(\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max) || (isWhole && !Number.isInteger(value))) {
    bad(text, `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`);
  }
  return value;
}

const minutesOf: Readonly<Record<string, number>> = { "": 1, m: 1, h: 60, d: 1440 };

function timeText(minutes: number | null): string {
  if (minutes === null) return "default";
  if (minutes === 0) return "none";
  const [unit, size] = Object.entries(minutesOf)
    .reverse()
    .find(([, each]) => minutes % each === 0) ?? ["m", 1];
  return `${minutes / size}${unit === "" ? "m" : unit}`;
}

function readMinutes(text: string): number | null {
  if (isDefault(text)) return null;
  if (isNone(text)) return 0;
  const [, count, unit = ""] = /^(\d{1,6}(?:\.\d{1,4})?)\s*([mhd]?)$/.exec(text) ?? [];
  if (count === undefined) return bad(text, "a time like 90m, 12h or 3d");
  return Number(count) * (minutesOf[unit] ?? 1);
}

function readSwitch(text: string): boolean {
  if (/^(y|yes|on)$/.test(text)) return true;
  if (/^(n|no|off)$/.test(text)) return false;
  return bad(text, "yes or no");
}
