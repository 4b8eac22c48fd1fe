/** `ctl sequential`: pieces in order, or rarest first. */
import type { RunCommand } from "../command.ts";
import type { ctlSequentialSpec } from "../ctl-choice-specs.ts";
import { UsageError } from "../option-table.ts";
import { onEachTorrent } from "./each-torrent.ts";

export const runCtlSequential: RunCommand<typeof ctlSequentialSpec.options> = async (io, { json, profile }, words) => {
  const names = words.slice(0, -1);
  const word = words.at(-1);
  if (word !== "on" && word !== "off") throw new UsageError("ctl sequential needs `on` or `off` after the torrents");
  const isSequential = word === "on";
  return onEachTorrent(
    io,
    { json, profile, takesAll: true, takesParts: true },
    names,
    async (client, row, outcomes) => {
      await client.request({ name: "change", infoHash: row.infoHash, changes: { isSequential } });
      outcomes.done("sequential", row, { isSequential }, isSequential ? "in order:" : "rarest first:");
    },
  );
};
