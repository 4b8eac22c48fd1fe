/**
 * From what the user calls a torrent to the torrent. What is surest comes first: the whole info hash, the exact name,
 * the first digits of an info hash, the name in other letters, a part of it. Whatever fits several names none;
 * where several are meant, a term like `label:linux` says so (control/torrent-filter.ts).
 */

import { OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { filterOf, filterProblem, isFilterTerm } from "../../control/torrent-filter.ts";
import { shortHash, shownName } from "../../control/torrent-row.ts";

/** Fewer digits would fit by accident: `ada` is a name. */
const prefixLengthMin = 4;
/** Torrents that are named where several fit. */
const namedMax = 5;

export interface SelectOptions {
  /** Whether `all` means all of them, and `label:linux` all that fit. */
  readonly takesAll: boolean;
  /** Whether a part of a name is enough. */
  readonly takesParts: boolean;
}

export interface Selection {
  /** Each once, in the order they were named. */
  readonly rows: readonly TorrentRow[];
  readonly failures: readonly { readonly argument: string; readonly error: OperationalError }[];
}

export function selectTorrents(
  rows: readonly TorrentRow[],
  names: readonly string[],
  options: SelectOptions,
): Selection {
  const selected = new Map<string, TorrentRow>();
  const failures: { readonly argument: string; readonly error: OperationalError }[] = [];
  for (const argument of names) {
    if (options.takesAll && argument === "all") {
      for (const row of rows) selected.set(row.infoHash, row);
      continue;
    }
    try {
      const isTerm = options.takesAll && isFilterTerm(argument);
      const found = isTerm ? fitting(rows, argument) : [selectTorrent(rows, argument, options)];
      for (const row of found) selected.set(row.infoHash, row);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      failures.push({ argument, error });
    }
  }
  return { rows: [...selected.values()], failures };
}

/** @throws OperationalError `unknown-torrent`. */
function fitting(rows: readonly TorrentRow[], term: string): readonly TorrentRow[] {
  // A torrent may be called so.
  const named = rows.filter(({ name }) => name === term);
  // `path:$FOLDER` where there is no such variable would fit all.
  if (named.length === 0 && /^(?:state|path):[\s,]*$/i.test(term)) {
    throw new OperationalError(
      "unknown-torrent",
      `${JSON.stringify(term)} says nothing after the colon: \`all\` names all`,
    );
  }
  const found = named.length > 0 ? named : rows.filter(filterOf([term]));
  if (found.length > 0) return found;
  const why = filterProblem([term]) ?? `no torrent fits ${JSON.stringify(sanitise(term))}`;
  throw new OperationalError("unknown-torrent", why);
}

/** @throws OperationalError `unknown-torrent` or `ambiguous-torrent`. */
export function selectTorrent<Row extends Pick<TorrentRow, "infoHash" | "name">>(
  rows: readonly Row[],
  argument: string,
  options: Pick<SelectOptions, "takesParts">,
): Row {
  const hex = /^[0-9a-f]{4,40}$/i.test(argument) ? argument.toLowerCase() : undefined;
  const folded = fold(argument);
  const ways: readonly ((row: Row) => boolean)[] = [
    (row) => row.infoHash === hex,
    // As it is, or as it is shown.
    ({ name }) => name === argument || sanitise(name) === argument,
    (row) => hex !== undefined && hex.length >= prefixLengthMin && row.infoHash.startsWith(hex),
    ({ name }) => fold(name) === folded,
    ({ name }) => options.takesParts && folded !== "" && fold(name).includes(folded),
  ];
  for (const fits of ways) {
    const found = rows.filter(fits);
    const [first] = found;
    if (first === undefined) continue;
    if (found.length === 1) return first;
    const some = found.slice(0, namedMax).map((row) => `${shortHash(row)} ${shownName(row, 60)}`);
    const more = found.length > namedMax ? ` and ${found.length - namedMax} more` : "";
    throw new OperationalError(
      "ambiguous-torrent",
      `${JSON.stringify(sanitise(argument))} fits ${found.length} torrents: ${some.join(", ")}${more}`,
    );
  }
  throw new OperationalError("unknown-torrent", `there is no torrent ${JSON.stringify(sanitise(argument))}`);
}

/** The one torrent that an argument names, for commands that show one. */
export function oneTorrent(rows: readonly TorrentRow[], argument: string): TorrentRow {
  return selectTorrent(rows, argument, { takesParts: true });
}

function fold(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
