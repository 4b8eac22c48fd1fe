/** The orders of the torrent list. Pure. */
import type { TorrentRow, TorrentState } from "../../control/protocol.ts";
import type { ListSort } from "../../preferences/list-columns.ts";

/** What wants attention first. */
const states: readonly TorrentState[] = ["failed", "downloading", "checking", "moving", "queued", "seeding", "paused"];

type Compare = (a: TorrentRow, b: TorrentRow) => number;

export function comparator(sort: ListSort, isDescending: boolean): Compare {
  const sign = isDescending ? -1 : 1;
  const value = sortValue(sort);
  // Equal ones keep one order whichever way round, so that nothing trembles. Thousands may be equal in each frame, and
  // reading their names as people do takes ten times as long.
  return (a, b) => sign * compare(value(a), value(b)) || plainly(a.name, b.name) || plainly(a.infoHash, b.infoHash);
}

/** Columns in which the interesting end is the high one start there. */
export function startsDescending(sort: ListSort): boolean {
  switch (sort) {
    case "size":
    case "progress":
    case "left":
    case "down":
    case "up":
    case "seeds":
    case "peers":
    case "swarm":
    case "ratio":
    case "downloaded":
    case "uploaded":
    case "wasted":
    case "completed":
      return true;
    case "queue":
    case "name":
    case "labels":
    case "state":
    case "eta":
    case "tracker":
    case "path":
    case "added":
      return false;
  }
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "string" && typeof b === "string" ? collator.compare(a, b) : plainly(a, b);
}

function plainly(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As people look things up: letters count the same in either case, and 2 comes before 10. The same in every locale. */
const collator = new Intl.Collator("en", { numeric: true });

/** What is not known comes after everything that is. */
const lastText = "\uffff";

function sortValue(sort: ListSort): (row: TorrentRow) => string | number {
  switch (sort) {
    case "name":
      return (row) => row.name;
    case "labels":
      return (row) => row.labels[0] ?? lastText;
    case "state":
      return (row) => states.indexOf(row.state);
    case "tracker":
      return (row) => row.trackerHosts[0] ?? lastText;
    case "path":
      return (row) => row.savePath;
    case "added":
      return (row) => row.addedWallMs;
    case "completed":
      return (row) => row.completedWallMs ?? 0;
    case "queue":
      return (row) => row.queuePosition;
    case "size":
      return (row) => row.totalLength;
    case "progress":
      return (row) => 1 - row.leftLength / Math.max(1, row.wantedLength);
    case "left":
      return (row) => row.leftLength;
    case "down":
      return (row) => row.downRate;
    case "up":
      return (row) => row.upRate;
    case "eta":
      return (row) => row.etaSeconds ?? Number.MAX_VALUE;
    case "seeds":
      return (row) => row.neighbourSeeds;
    case "peers":
      return (row) => row.neighbours;
    case "swarm":
      return (row) => (row.swarmSeeds ?? 0) + (row.swarmLeeches ?? 0);
    case "ratio":
      return (row) => row.uploaded / Math.max(1, row.downloaded);
    case "downloaded":
      return (row) => row.downloaded;
    case "uploaded":
      return (row) => row.uploaded;
    case "wasted":
      return (row) => row.wasted;
  }
}
