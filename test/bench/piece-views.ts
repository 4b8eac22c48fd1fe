/**
 * What the views of pieces cost the engine with 500,000 pieces: `tsx test/bench/piece-views.ts [PIECES]`. For each state of a
 * download: the walk over all pieces that every frame of a torrent makes, then what the Pieces view asks for besides, the
 * frame as JSON, and its check on the other side. Milliseconds, the least of many rounds: the median of a busy machine
 * measures what else it does.
 */
import { Bitfield } from "../../source/base/bitfield.ts";
import { randomFraction, SeededRandom } from "../../source/base/random.ts";
import { surveyPieces } from "../../source/control/piece-map.ts";
import type { PieceSource } from "../../source/control/piece-source.ts";
import { rarityOf } from "../../source/control/rarity.ts";
import { parseEngineMessage } from "../../source/control/validate.ts";
import { torrentDetail, torrentRow } from "../control/fake-target.ts";

const pieceCount = Number(process.argv[2] ?? 500_000);
const leeches = 60;
const seeds = 2;
const rounds = 60;
/** Of the map at 200×60. */
const cells = 97 * 50;
const random = new SeededRandom(1);

function filled(share: number): Bitfield {
  const field = new Bitfield(pieceCount);
  for (let piece = 0; piece < pieceCount; piece++) if (randomFraction(random) < share) field.set(piece);
  return field;
}

const fields = Array.from({ length: leeches }, (_, i) => filled(i / leeches));
const counts = new Uint16Array(pieceCount);
for (const field of fields) {
  for (let piece = 0; piece < pieceCount; piece++) if (field.has(piece)) counts[piece] = (counts[piece] ?? 0) + 1;
}
const neighbours = [...fields, ...Array.from({ length: seeds }, () => Bitfield.full(pieceCount))].map((field, id) => ({
  id,
  field,
  isSeed: field.isFull,
  info: { endpoint: { address: `10.0.0.${id}`, port: 6881 } },
  haves: { perSecond: () => id },
}));

function sourceOf(have: Bitfield, share: number): PieceSource {
  const needed = new Bitfield(pieceCount);
  for (let piece = 0; piece < pieceCount; piece++) {
    if (!have.has(piece) && randomFraction(random) < share) needed.set(piece);
  }
  const active = Array.from({ length: 200 }, (_, i) => i * 7).filter((piece) => !have.has(piece));
  return { pieceCount, have, needed, counts, seeds, neighbours: neighbours.length, active: () => active };
}

function least(run: () => unknown): string {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const from = performance.now();
    run();
    times.push(performance.now() - from);
  }
  return Math.min(...times).toFixed(2);
}

const row = (texts: readonly string[]): void => {
  console.log(texts.map((text, i) => (i === 0 ? text.padEnd(28) : text.padStart(10))).join(""));
};

row(["", "walk", "rarity", "JSON", "KiB", "check"]);
for (const [name, source] of [
  ["nothing yet", sourceOf(new Bitfield(pieceCount), 1)],
  ["half", sourceOf(filled(0.5), 1)],
  ["half, a third is skipped", sourceOf(filled(0.5), 0.66)],
  ["all but 1 %", sourceOf(filled(0.99), 1)],
  ["a seed", sourceOf(Bitfield.full(pieceCount), 1)],
] as const) {
  const survey = surveyPieces(source, cells);
  const rarity = rarityOf(neighbours, source, survey, 100, 0);
  const detail = { ...torrentDetail(torrentRow(1)), pieces: survey.map, rarity };
  const message = { type: "frame", subscription: 1, frame: 1, data: { kind: "torrent", detail } };
  const json = JSON.stringify(message);
  row([
    name,
    least(() => surveyPieces(source, cells)),
    least(() => rarityOf(neighbours, source, survey, 100, 0)),
    least(() => JSON.stringify(message)),
    (json.length / 1024).toFixed(0),
    least(() => parseEngineMessage(JSON.parse(json))),
  ]);
}
