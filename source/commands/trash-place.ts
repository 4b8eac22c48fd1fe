/** Where the user's trash is, by the XDG base directories. */
import { isAbsolute, join } from "node:path";
import type { TrashPlace } from "../storage/trash.ts";
import { homeDirectory, unlessHomeless } from "./directories.ts";

/** @param environment default: of this process. */
export function trashPlace(environment: Readonly<Record<string, string | undefined>> = process.env): TrashPlace {
  const { XDG_DATA_HOME: given } = environment;
  const isGiven = given !== undefined && isAbsolute(given);
  const data = isGiven
    ? given
    : unlessHomeless(() => join(homeDirectory({ environment, workingDirectory: "/" }), ".local/share"));
  return {
    homeTrash: data === undefined ? undefined : join(data, "Trash"),
    userId: process.getuid?.() ?? 0,
    localTime: () => localTime(new Date()),
  };
}

function localTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
