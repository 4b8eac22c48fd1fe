/**
 * Options of the command line that are for the engine, where one runs already: it goes on as it is. What it was asked for and
 * does not do is refused, and never dropped in silence: `--bind` is what keeps traffic inside a tunnel.
 */
import { OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { isSettingsReport } from "../control/protocol.ts";
import type { SettingRow } from "../control/settings-protocol.ts";
import type { CommandIo } from "./command.ts";
import type { EngineSettings } from "./host-engine.ts";
import { engineCommand } from "./running-engine.ts";

type Asked = readonly (readonly [option: string, key: string, value: string | number | undefined])[];

/** @throws OperationalError `engine-runs` where it goes by another value of one of these. */
export async function assertAsAsked(
  io: CommandIo,
  client: Pick<EngineClient, "engine" | "request">,
  settings: EngineSettings,
): Promise<void> {
  const asked: Asked = [
    ["--port", "network.port", settings.port],
    ["--bind", "network.bind", settings.bind],
    ["--max-down", "limits.down", settings.maxDownRate],
    ["--max-up", "limits.up", settings.maxUpRate],
    ["--slots", "limits.slots", settings.slots],
  ];
  if (asked.every(([, , value]) => value === undefined)) return;
  const report = await client.request({ name: "settings" });
  // An engine that cannot say it is of another version, which is told anyway.
  if (!isSettingsReport(report)) return;
  const rows = new Map(report.settings.map((row) => [row.key, row]));
  const others = asked.flatMap(([option, key, value]) => {
    const row = rows.get(key);
    return value === undefined || row === undefined || row.value === value ? [] : [`${option} (it has ${textOf(row)})`];
  });
  if (others.length === 0) return;
  const { pid, profile } = client.engine;
  throw new OperationalError(
    "engine-runs",
    `an engine runs already (process ${pid}), and not with this ${others.join(", ")}: leave that out, ` +
      `change it with \`p2p-tui ctl set\`, or end that engine with \`${engineCommand(io, profile, "stop")}\` first`,
  );
}

function textOf({ key, valueText }: SettingRow): string {
  return `${key} = ${valueText === "" ? "nothing" : sanitise(valueText, 100)}`;
}
