/**
 * What the view of reasons says, line by line, from the data and the width alone: so that the keys know how far it can be
 * scrolled.
 */
import type { TimeOfAll } from "../../control/insight.ts";
import type { NeighbourRow, TorrentDetail } from "../../control/protocol.ts";
import { isComplete } from "../../control/torrent-row.ts";
import type { Verdict, VerdictWeight } from "../../control/verdict.ts";
import type { CommandId } from "../../preferences/commands.ts";
import { plural } from "../format/numbers.ts";
import { wrap } from "../format/text-width.ts";
import { boundEvidence, boundLines } from "./bound-panel.ts";
import { clean } from "./drawing.ts";
import { type Remedy, remediesOf, saysAll } from "./remedies.ts";
import { type Role, sign, type Word, word } from "./words.ts";

export type WhyLine =
  | { readonly kind: "words"; readonly words: readonly Word[] }
  /** A key that helps. */
  | { readonly kind: "remedy"; readonly command: CommandId; readonly does: string }
  /** Where the last minute of all neighbours went, as a bar; what its signs mean. */
  | { readonly kind: "time" | "legend"; readonly way: Way }
  /** What took most of it, at 0, in a sentence; and so on. */
  | { readonly kind: "meaning"; readonly way: Way; readonly at: number }
  | { readonly kind: "neighbour"; readonly row: NeighbourRow; readonly way: Way };

export type Way = "down" | "up";

const empty: WhyLine = { kind: "words", words: [] };
/** More lines of one text say no more. */
const wrappedMax = 4;
export const indent = 4;
/** Longer lines are hard to read. */
const readableMax = 96;

/** The engine's verdicts, each with what it goes by and the keys that help; then how fast it could be at best. */
function reasonLines(detail: TorrentDetail, width: number): readonly WhyLine[] {
  const readable = Math.min(width, readableMax);
  return detail.why.flatMap((verdict, i) => [
    ...(i === 0 ? [] : [empty]),
    ...verdictLines(verdict, readable),
    ...helpLines(verdict, remediesOf(verdict, detail), readable),
  ]);
}

function atBestLines(detail: TorrentDetail, width: number): readonly WhyLine[] {
  const { bound } = detail;
  if (bound === null) return [];
  const space = word(" ".repeat(indent));
  const evidence = boundEvidence(bound).flatMap((text) =>
    wrap(text, Math.min(width, readableMax) - indent, wrappedMax),
  );
  return [
    heading("At best"),
    ...boundLines(detail).map((words): WhyLine => ({ kind: "words", words: [space, ...words] })),
    ...evidence.map((text): WhyLine => ({ kind: "words", words: [space, word(text, "dim")] })),
  ];
}

/** Less of the last minute is not worth a line. */
const lostMin = 0.25;

/** @param countMax of neighbours, the worst first. @param isLong says both ways, and what each sign means. */
export function timeLines(detail: TorrentDetail, countMax: number, isLong: boolean): readonly WhyLine[] {
  const { time, neighbours, neighbourCount, row } = detail;
  if (time === null || neighbourCount === 0) return [];
  const way: Way = isComplete(row) ? "up" : "down";
  const bars =
    isLong && way === "down"
      ? [...barLines(time, "down", true), empty, ...barLines(time, "up", true)]
      : barLines(time, way, isLong);
  const held = neighbours
    .filter((each) => lostPart(each.time, way) >= lostMin)
    .sort((a, b) => lostPart(b.time, way) - lostPart(a.time, way));
  if (held.length === 0) return bars;
  const shown = held.slice(0, countMax);
  return [
    ...bars,
    empty,
    heading("Who lost most of it"),
    ...shown.map((each): WhyLine => ({ kind: "neighbour", row: each, way })),
    { kind: "remedy", command: "viewNeighbours", does: `shows all ${plural(neighbourCount, "neighbour")}` },
  ];
}

const timeTitles: Readonly<Record<Way, string>> = {
  down: "Where the last minute of useful neighbours went",
  up: "Where the last minute of those who want something went",
};

function barLines(time: TimeOfAll, way: Way, isLong: boolean): readonly WhyLine[] {
  if ((way === "up" ? time.upSeconds : time.downSeconds) < 1) return [];
  const states = Object.values<number>(way === "up" ? time.up : time.down).filter((part) => part > 0).length;
  const meanings = isLong ? Array.from({ length: states }, (_, at): WhyLine => ({ kind: "meaning", way, at })) : [];
  return [heading(timeTitles[way]), { kind: "time", way }, ...(isLong ? meanings : [{ kind: "legend", way } as const])];
}

const lostStates: Readonly<Record<Way, ReadonlySet<string>>> = {
  down: new Set(["choked", "snubbed", "limited", "held", "disk"]),
  up: new Set(["choking", "limited", "disk"]),
};

/** Whether bytes could flow in this state, and something keeps them from it. */
export function isLost(way: Way, state: string): boolean {
  return lostStates[way].has(state);
}

function lostPart(time: NeighbourRow["time"], way: Way): number {
  const parts = Object.entries(time[way]) as [string, number][];
  return parts.reduce((sum, [state, part]) => (isLost(way, state) ? sum + part : sum), 0);
}

/** Everything, one below the other. */
export function allWhyLines(detail: TorrentDetail, width: number): readonly WhyLine[] {
  return apart([reasonLines(detail, width), timeLines(detail, neighboursMax, false), atBestLines(detail, width)]);
}

/** What is left where the time has a place of its own. */
export function besideLines(detail: TorrentDetail, width: number): readonly WhyLine[] {
  return apart([reasonLines(detail, width), atBestLines(detail, width)]);
}

/** With an empty line between. */
function apart(parts: readonly (readonly WhyLine[])[]): readonly WhyLine[] {
  return parts.filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? part : [empty, ...part]));
}

/** Between reasons and bound; the view of neighbours shows all. */
const neighboursMax = 8;

function heading(text: string): WhyLine {
  return { kind: "words", words: [word(text, "title")] };
}

const weights: Readonly<Record<VerdictWeight, { readonly mark: Word; readonly word: string; readonly role: Role }>> = {
  stops: { mark: sign("warning", "bad"), word: "stops it", role: "bad" },
  slows: { mark: sign("warning", "warn"), word: "slows it", role: "warn" },
  note: { mark: sign("dot", "accent"), word: "", role: "accent" },
};

function verdictLines({ weight, sentence, evidence }: Verdict, width: number): readonly WhyLine[] {
  const look = weights[weight];
  const inner = width - indent;
  const space = word(" ".repeat(indent));
  const first = wrap(clean(sentence), inner - look.word.length - 2, wrappedMax).map(
    (text, i): WhyLine => ({
      kind: "words",
      words:
        i === 0
          ? [word(" "), look.mark, word("  "), word(text, "strong"), word(`  ${look.word}`, look.role)]
          : [space, word(text, "strong")],
    }),
  );
  const more = evidence.flatMap((text) => wrap(clean(text), inner, wrappedMax));
  return [...first, ...more.map((text): WhyLine => ({ kind: "words", words: [space, word(text, "dim")] }))];
}

/** What to do about it, and the keys that do it. */
function helpLines({ code, help }: Verdict, remedies: readonly Remedy[], width: number): readonly WhyLine[] {
  const isSaid = remedies.length > 0 && saysAll(code);
  const lines = help === "" || isSaid ? [] : wrap(clean(help), width - indent - 2, wrappedMax);
  return [
    ...lines.map(
      (text, i): WhyLine => ({
        kind: "words",
        words: [word(" ".repeat(indent)), i === 0 ? sign("arrowRight", "key") : word(" "), word(` ${text}`)],
      }),
    ),
    ...remedies.map((remedy): WhyLine => ({ kind: "remedy", ...remedy })),
  ];
}
