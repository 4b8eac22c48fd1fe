/** What all commands do that act on torrents one by one: find them, act, say what became of each. */

import { OperationalError } from "../../base/errors.ts";
import type { EngineClient } from "../../control/engine-client.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { shownName } from "../../control/torrent-row.ts";
import type { CommandIo } from "../command.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { Outcomes } from "./outcomes.ts";
import { type SelectOptions, selectTorrents } from "./select-torrents.ts";

export interface ActingOptions extends SelectOptions {
  readonly json: boolean;
  readonly profile: string | undefined;
}

/**
 * Acts on each torrent in the order they were named; where one fails the others have their turn.
 * @param act says by `outcomes.done` what it did. @returns the exit code.
 */
export function onEachTorrent(
  io: CommandIo,
  options: ActingOptions,
  names: readonly string[],
  act: (client: EngineClient, row: TorrentRow, outcomes: Outcomes) => Promise<void>,
): Promise<number> {
  return withRunningEngine(io, options.profile, async (client) => {
    const { rows, failures } = selectTorrents((await wholeList(client)).rows, names, options);
    const outcomes = new Outcomes(io, options.json);
    for (const { argument, error } of failures) outcomes.failed(argument, error);
    for (const row of rows) await outcomes.attempt(row.infoHash, () => naming(row, act(client, row, outcomes)));
    return outcomes.exitCode;
  });
}

/** Puts the torrent's name before the message of what failed. */
export async function naming<T>(torrent: Pick<TorrentRow, "infoHash" | "name">, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    throw new OperationalError(error.code, `${shownName(torrent)}: ${error.message}`, { cause: error });
  }
}
