/** What became of each torrent that a command was given: said as it happens, and summed up in the exit code. */

import { codeOf, messageOf, OperationalError } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import { sanitise } from "../../base/sanitise.ts";
import { shortHash, shownName } from "../../control/torrent-row.ts";
import { type CommandIo, exitCode } from "../command.ts";

export interface OutcomeTorrent {
  readonly infoHash: InfoHash;
  readonly name: string;
}

export class Outcomes {
  readonly #io: Pick<CommandIo, "out" | "err">;
  readonly #isJson: boolean;
  #hasFailed = false;

  constructor(io: Pick<CommandIo, "out" | "err">, isJson: boolean) {
    this.#io = io;
    this.#isJson = isJson;
  }

  /** 1 as soon as one has failed. */
  get exitCode(): number {
    return this.#hasFailed ? exitCode.failed : exitCode.done;
  }

  /**
   * @param event what was done: `paused`.
   * @param more further fields for scripts.
   * @param text in place of `event`, for people.
   */
  done(event: string, torrent: OutcomeTorrent, more: object = {}, text = event): void {
    const { infoHash, name } = torrent;
    this.#io.out(
      this.#isJson
        ? `${JSON.stringify({ event, infoHash, name, ...more })}\n`
        : `${text} ${shortHash(torrent)} ${shownName(torrent)}\n`,
    );
  }

  /** @param argument as the user named it. */
  failed(argument: string, error: OperationalError): void {
    this.#hasFailed = true;
    const message = messageOf(error);
    if (this.#isJson) {
      const torrent = sanitise(argument, 1000);
      this.#io.out(`${JSON.stringify({ event: "error", torrent, code: codeOf(error), message })}\n`);
    }
    this.#io.err(`p2p-tui: ${sanitise(message, 1000)}\n`);
  }

  /** Does it; where it fails, says so and lets the next have its turn. @throws what would fail for the next, too. */
  async attempt(argument: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const isOurs = error instanceof OperationalError;
      if (!isOurs || error.code === "engine-lost" || error.code === "engine-silent") throw error;
      this.failed(argument, error);
    }
  }
}
