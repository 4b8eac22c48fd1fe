/** The settings that a session follows; they may change at any time. */
import type { Settings } from "../settings/settings.ts";

export type SessionRules = Pick<Settings, "dht" | "lsd" | "limits" | "queue" | "seeding" | "trackers"> & {
  readonly network: Pick<Settings["network"], "connections" | "connectionsPerTorrent">;
  /** Where torrents are saved by default: its disk is shown. Default: none is. */
  readonly downloads?: Pick<Settings["downloads"], "directory">;
};

/** As the settings are where the user has changed none, but without DHT and local discovery: who wants them says so. */
export const defaultRules: SessionRules = {
  network: { connections: 600, connectionsPerTorrent: 80 },
  dht: { enabled: false, bootstrap: [], readOnly: false },
  lsd: { enabled: false },
  trackers: { allTiers: false },
  limits: { down: 0, up: 0, slots: 0, alternative: { down: 0, up: 0, schedule: [] } },
  queue: { downloads: 0, seeds: 0, slowRate: 0 },
  seeding: { ratio: 0, time: 0, idle: 0, action: "pause" },
};
