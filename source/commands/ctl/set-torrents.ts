/** `ctl set TORRENT…`: limits and goals of some torrents alone. */
import type { TorrentChanges } from "../../control/protocol.ts";
import type { CommandIo } from "../command.ts";
import type { ctlSetSpec } from "../ctl-limit-specs.ts";
import type { OptionValues } from "../option-table.ts";
import { onEachTorrent } from "./each-torrent.ts";

type SetValues = OptionValues<typeof ctlSetSpec.options>;

export async function setTorrents(io: CommandIo, values: SetValues, names: readonly string[]): Promise<number> {
  const { json, profile } = values;
  const changes = changesOf(values);
  return onEachTorrent(
    io,
    { json, profile, takesAll: true, takesParts: true },
    names,
    async (client, row, outcomes) => {
      await client.request({ name: "change", infoHash: row.infoHash, changes });
      outcomes.done("changed", row, changes);
    },
  );
}

/** Whether an option was given that only torrents have. */
export function hasTorrentOptions(values: SetValues): boolean {
  const { maxDownRate: _down, maxUpRate: _up, ...others } = changesOf(values);
  return Object.keys(others).length > 0;
}

export function changesOf(values: SetValues): TorrentChanges {
  const given = {
    maxDownRate: values["max-down"],
    maxUpRate: values["max-up"],
    ratioGoal: values.ratio,
    seedMinutesGoal: values["seed-time"],
    idleMinutesGoal: values.idle,
    slots: values.slots,
    connections: values.connections,
    isSuperSeed: values["super-seed"] === undefined ? undefined : values["super-seed"] === "on",
    isForced: values.force === undefined ? undefined : values.force === "on",
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
