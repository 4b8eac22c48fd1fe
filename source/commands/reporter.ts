/** How a foreground command tells what happens: to scripts as JSON, to people as text, and to a log file. */
import type { InfoHash } from "../base/ids.ts";
import type { TorrentRow } from "../control/protocol.ts";

export interface TorrentLabel {
  readonly infoHash: InfoHash;
  /** As the torrent calls itself; whoever shows it sanitises it. */
  readonly name: string;
  readonly totalLength: number;
}

export interface Reporter {
  listening(address: string, port: number): void;
  added(torrent: TorrentLabel, directory: string): void;
  checked(torrent: TorrentLabel, verifiedLength: number): void;
  /** Once a second, all torrents of the command. */
  progress(rows: readonly TorrentRow[]): void;
  complete(torrent: TorrentLabel, seconds: number): void;
  seeding(torrent: TorrentLabel): void;
  failed(torrent: TorrentLabel, code: string, message: string): void;
  warning(message: string): void;
  /** A signal came; trackers are being told. */
  stopping(): void;
  /** Nothing follows. `isInterrupted` after a signal. */
  ended(isInterrupted: boolean): void;
}

/** All of them, in turn. */
export function reportTo(reporters: readonly Reporter[]): Reporter {
  const each = (call: (reporter: Reporter) => void): void => {
    for (const reporter of reporters) call(reporter);
  };
  return {
    listening: (address, port) => each((reporter) => reporter.listening(address, port)),
    added: (torrent, directory) => each((reporter) => reporter.added(torrent, directory)),
    checked: (torrent, verifiedLength) => each((reporter) => reporter.checked(torrent, verifiedLength)),
    progress: (rows) => each((reporter) => reporter.progress(rows)),
    complete: (torrent, seconds) => each((reporter) => reporter.complete(torrent, seconds)),
    seeding: (torrent) => each((reporter) => reporter.seeding(torrent)),
    failed: (torrent, code, message) => each((reporter) => reporter.failed(torrent, code, message)),
    warning: (message) => each((reporter) => reporter.warning(message)),
    stopping: () => each((reporter) => reporter.stopping()),
    ended: (isInterrupted) => each((reporter) => reporter.ended(isInterrupted)),
  };
}
