/**
 * What happens, for people, on standard error: one line that is rewritten in place on a terminal, a line every few
 * seconds anywhere else, and lines that stay for what matters.
 */

import { sanitise } from "../base/sanitise.ts";
import { formatDuration, formatRate, formatSize } from "../base/units.ts";
import type { TorrentRow } from "../control/protocol.ts";
import { shownName } from "../control/torrent-row.ts";
import type { CommandIo } from "./command.ts";
import type { Reporter, TorrentLabel } from "./reporter.ts";

/** Without a terminal: often enough to see that it goes on, seldom enough for a log. */
const quietSeconds = 5;
/** Seeding changes slowly. */
const quietSeedingSeconds = 60;

export class TextReporter implements Reporter {
  readonly #io: Pick<CommandIo, "err" | "isErrTerminal" | "errColumns">;
  #hasLiveLine = false;
  #ticksSinceLine = Number.POSITIVE_INFINITY;

  constructor(io: Pick<CommandIo, "err" | "isErrTerminal" | "errColumns">) {
    this.#io = io;
  }

  listening(address: string, port: number): void {
    const everywhere = address === "" || address === "::" || address === "0.0.0.0";
    this.#line(`listening on port ${port}${everywhere ? "" : ` of ${address}`}`);
  }

  added(torrent: TorrentLabel, directory: string): void {
    this.#line(`${nameOf(torrent)} (${formatSize(torrent.totalLength)}) in ${sanitise(directory, 1000)}`);
  }

  checked(torrent: TorrentLabel, verifiedLength: number): void {
    if (verifiedLength === 0) return;
    const all = verifiedLength === torrent.totalLength;
    this.#line(
      `${nameOf(torrent)}: ${all ? "all" : percent(verifiedLength, torrent.totalLength)} of it is there already`,
    );
  }

  progress(rows: readonly TorrentRow[]): void {
    const text = progressText(rows);
    if (this.#io.isErrTerminal) {
      this.#io.err(`\r\x1b[K${cut(sanitise(text), this.#io.errColumns() - 1)}`);
      this.#hasLiveLine = true;
      return;
    }
    this.#ticksSinceLine++;
    const isQuiet = rows.every(({ state }) => state === "seeding");
    if (this.#ticksSinceLine < (isQuiet ? quietSeedingSeconds : quietSeconds)) return;
    this.#ticksSinceLine = 0;
    this.#line(text);
  }

  complete(torrent: TorrentLabel, seconds: number): void {
    const rate = seconds > 0 ? `, ${formatDuration(seconds)} at ${formatRate(torrent.totalLength / seconds)}` : "";
    this.#line(`${nameOf(torrent)}: complete and verified, ${formatSize(torrent.totalLength)}${rate}`);
  }

  seeding(torrent: TorrentLabel): void {
    this.#line(`${nameOf(torrent)}: seeding`);
  }

  failed(torrent: TorrentLabel, _code: string, message: string): void {
    this.#line(`p2p-tui: ${nameOf(torrent)}: ${sanitise(message, 1000)}`);
  }

  warning(message: string): void {
    this.#line(`p2p-tui: ${sanitise(message, 1000)}`);
  }

  stopping(): void {
    this.#line("stopping (Ctrl-C again to stop at once)");
  }

  ended(): void {
    if (this.#hasLiveLine) this.#io.err("\n");
    this.#hasLiveLine = false;
  }

  #line(text: string): void {
    this.#io.err(`${this.#hasLiveLine ? "\r\x1b[K" : ""}${text}\n`);
    this.#hasLiveLine = false;
  }
}

/** Whatever is not plainly narrow counts as two columns: a line that wraps could not be rewritten. */
function cut(text: string, columns: number): string {
  let width = 0;
  let kept = "";
  for (const character of text) {
    width += (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
    if (width > columns) break;
    kept += character;
  }
  return kept;
}

function nameOf(torrent: TorrentLabel): string {
  return shownName(torrent, 120);
}

function percent(part: number, whole: number): string {
  // Never 100 % before all is there.
  return `${(Math.floor((part / Math.max(1, whole)) * 1000) / 10).toFixed(1)}%`;
}

/** One line for one torrent, or the sum of several. */
export function progressText(rows: readonly TorrentRow[]): string {
  const [first] = rows;
  if (first === undefined) return "";
  const sum = (value: (row: TorrentRow) => number): number => rows.reduce((total, row) => total + value(row), 0);
  const down = sum(({ downRate }) => downRate);
  const up = sum(({ upRate }) => upRate);
  const neighbours = sum((row) => row.neighbours);
  const unfinished = rows.filter(({ state }) => state === "downloading" || state === "checking");
  const head =
    rows.length === 1
      ? headOf(first)
      : `${rows.filter(({ state }) => state === "seeding").length} of ${rows.length} complete, ` +
        percent(
          sum(({ verifiedLength }) => verifiedLength),
          sum(({ totalLength }) => totalLength),
        );
  const parts = [head];
  if (unfinished.length > 0) parts.push(`↓ ${formatRate(down)}`);
  parts.push(`↑ ${formatRate(up)}`, `${neighbours} ${neighbours === 1 ? "neighbour" : "neighbours"}`);
  const etas = unfinished.map(({ etaSeconds }) => etaSeconds).filter((eta) => eta !== null);
  if (etas.length > 0) parts.push(`${formatDuration(Math.max(...etas))} left`);
  const reason = rows.length === 1 ? first.reason : "";
  if (reason !== "") parts.push(reason);
  // The name last: it may be cut.
  if (rows.length === 1) parts.push(first.name);
  return parts.join("  ");
}

function headOf(row: TorrentRow): string {
  if (row.state === "checking") return `checking ${((row.checkedFraction ?? 0) * 100).toFixed(0)}%`;
  if (row.state === "seeding") return `seeding, ${formatSize(row.uploaded)} uploaded`;
  if (row.state === "downloading") return percent(row.verifiedLength, row.totalLength);
  return `${row.state} at ${percent(row.verifiedLength, row.totalLength)}`;
}
