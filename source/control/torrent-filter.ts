/**
 * Which torrents are meant, in words: `state:seeding label:linux tracker:debian.org netinst -path:/mnt`. The terms of a
 * filter must all hold. Letters count the same in either case.
 *
 *     text            in the name; eight digits or more: the info hash may begin so, too
 *     state:WORD      the state begins so: `state:down`, `state:paused,failed` for either
 *     label:NAME      has this label; `label:` alone has none
 *     tracker:TEXT    in the host of one of its trackers; `tracker:` alone names none
 *     path:TEXT       in the folder that it is saved in
 *     -TERM           the others
 *
 * What stands in double quotes is one term, blanks and all. A colon after any other word is text.
 */
import type { TorrentRow, TorrentState } from "./protocol.ts";

type FilteredRow = Pick<TorrentRow, "infoHash" | "name" | "state" | "labels" | "trackerHosts" | "savePath">;

/** What a term may begin with, for help and completion. */
export const filterKeys = ["state", "label", "tracker", "path"] as const;
type FilterKey = (typeof filterKeys)[number];

/** For completion, and to tell a word that no state begins with. */
export const torrentStates = [
  "fetching",
  "checking",
  "downloading",
  "seeding",
  "queued",
  "moving",
  "paused",
  "failed",
] as const satisfies readonly TorrentState[];

interface Term {
  readonly key: FilterKey | "name";
  /** Folded. Any of them will do. */
  readonly values: readonly string[];
  readonly isNegated: boolean;
}

/** As much as stands for a torrent without a name that can be seen. Fewer are in too many names. */
const hashStart = /^[0-9a-f]{8,40}$/;

/** Longer filters are cut: no line of a person is. */
const termsMax = 100;

/** @param text as it is typed in one line. */
export function torrentFilter(text: string): (row: FilteredRow) => boolean {
  return filterOf(splitTerms(text));
}

/** @param words one term each, as a shell hands them on. */
export function filterOf(words: readonly string[]): (row: FilteredRow) => boolean {
  const terms = words.slice(0, termsMax).map(termOf);
  return (row) => terms.every((term) => holds(term, row) !== term.isNegated);
}

/** Whether a word is a term with a key: then it may stand where torrents are named. */
export function isFilterTerm(word: string): boolean {
  return termOf(word).key !== "name";
}

/** @returns why these terms can fit nothing, `undefined` where they can. */
export function filterProblem(words: readonly string[]): string | undefined {
  for (const { key, values } of words.map(termOf)) {
    const wrong = values.find((value) => !torrentStates.some((state) => state.startsWith(value)));
    if (key === "state" && wrong !== undefined) {
      return `no state begins with ${JSON.stringify(wrong)}: there are ${torrentStates.join(", ")}`;
    }
  }
  return undefined;
}

/** The words of a line. A quote that is not closed goes to the end. */
export function splitTerms(text: string): readonly string[] {
  return (text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [])
    .map((word) => word.replaceAll('"', ""))
    .filter((word) => word !== "");
}

function termOf(word: string): Term {
  const isNegated = word.length > 1 && word.startsWith("-");
  const text = isNegated ? word.slice(1) : word;
  const colon = text.indexOf(":");
  const key = filterKeys.find((each) => each === text.slice(0, Math.max(0, colon)).toLowerCase());
  if (key === undefined) return { key: "name", values: [fold(text)], isNegated };
  const values = text
    .slice(colon + 1)
    .split(",")
    .map(fold);
  // A comma at the end is on its way to another value.
  const filled = values.filter((value) => value !== "");
  return { key, values: filled.length === 0 ? [""] : filled, isNegated };
}

function holds({ key, values }: Term, row: FilteredRow): boolean {
  switch (key) {
    case "name": {
      const name = fold(row.name);
      return values.some((value) => name.includes(value) || (hashStart.test(value) && row.infoHash.startsWith(value)));
    }
    case "state":
      return values.some((value) => row.state.startsWith(value));
    case "label":
      return anyOf(row.labels, values, (label, value) => label === value);
    case "tracker":
      return anyOf(row.trackerHosts, values, (host, value) => host.includes(value));
    case "path": {
      const path = fold(row.savePath);
      return values.some((value) => path.includes(value));
    }
  }
}

/** Of nothing but "": whether there is none. */
function anyOf(
  items: readonly string[],
  values: readonly string[],
  fits: (item: string, value: string) => boolean,
): boolean {
  if (values[0] === "") return items.length === 0;
  return items.some((item) => {
    const folded = fold(item);
    return values.some((value) => fits(folded, value));
  });
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
