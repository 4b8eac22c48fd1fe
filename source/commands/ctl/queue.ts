/** `ctl queue`: moves torrents in the queue. */
import { OperationalError } from "../../base/errors.ts";
import type { QueueMove } from "../../control/protocol.ts";
import { isKnown, shownName } from "../../control/torrent-row.ts";
import type { RunCommand } from "../command.ts";
import type { ctlQueueSpec } from "../ctl-limit-specs.ts";
import { UsageError } from "../option-table.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { Outcomes } from "./outcomes.ts";
import { selectTorrents } from "./select-torrents.ts";

export const runCtlQueue: RunCommand<typeof ctlQueueSpec.options> = async (io, { json, profile }, words) => {
  const move = moveOf(words.at(-1) ?? "");
  return withRunningEngine(io, profile, async (client) => {
    const { rows } = await wholeList(client);
    const selected = selectTorrents(rows, words.slice(0, -1), { takesAll: true, takesParts: true });
    const outcomes = new Outcomes(io, json);
    for (const { argument, error } of selected.failures) outcomes.failed(argument, error);
    for (const row of selected.rows.filter((each) => !isKnown(each))) {
      const why = `${shownName(row)} has no place of its own in the queue before its metadata is here`;
      outcomes.failed(row.infoHash, new OperationalError("no-metadata", why));
    }
    const moved = selected.rows.filter(isKnown);
    if (moved.length === 0) return outcomes.exitCode;
    // In one request: they move together.
    await client.request({ name: "queue", infoHashes: moved.map(({ infoHash }) => infoHash), move });
    const places = new Map((await wholeList(client)).rows.map((row) => [row.infoHash, row.queuePosition]));
    for (const row of moved) {
      const queuePosition = places.get(row.infoHash) ?? 0;
      outcomes.done("queued", row, { queuePosition }, `place ${queuePosition}:`);
    }
    return outcomes.exitCode;
  });
};

function moveOf(word: string): QueueMove {
  if (word === "top" || word === "up" || word === "down" || word === "bottom") return word;
  const place = /^\d{1,9}$/.test(word) ? Number(word) : 0;
  if (place > 0) return place;
  throw new UsageError("ctl queue needs top, up, down, bottom or a place after the torrents");
}
