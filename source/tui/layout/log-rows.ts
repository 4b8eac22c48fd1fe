/** The log row by row: each line wrapped to the width, and a day over its first line. Pure. */
import { sanitise } from "../../base/sanitise.ts";
import type { LogLine } from "../../control/protocol.ts";
import { wrap } from "../format/text-width.ts";
import { dayText } from "./chart-axes.ts";

export type LogRow =
  | { readonly day: string }
  | { readonly line: LogLine; readonly text: string; readonly isFirst: boolean };

/** Mark, time and two spaces stand before the text. */
export const logTimeWidth = 12;
/** More rows of one line say no more. */
const wrappedMax = 4;

/** @param width of the panel's content. */
export function logRows(lines: readonly LogLine[], width: number): readonly LogRow[] {
  let day = "";
  return lines.flatMap((line) => {
    const texts = wrap(sanitise(line.text).trim(), width - logTimeWidth, wrappedMax);
    const rows = texts.map((text, i): LogRow => ({ line, text, isFirst: i === 0 }));
    const itsDay = dayText(line.wallMs);
    if (itsDay === day) return rows;
    day = itsDay;
    return [{ day }, ...rows];
  });
}
