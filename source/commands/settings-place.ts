/** Where the settings file of a profile is, and what the command line says besides. */
import { join } from "node:path";
import { NodeClock } from "../platform/node-clock.ts";
import { NodeFileSystem } from "../platform/node-file-system.ts";
import { SettingsFile } from "../settings/settings-file.ts";
import type { CommandIo } from "./command.ts";
import { configDirectory, downloadDirectory, homeDirectory, profileDirectory, unlessHomeless } from "./directories.ts";
import type { EngineSettings } from "./host-engine.ts";

type Surroundings = Pick<CommandIo, "environment" | "workingDirectory">;

/** In the user's configuration for the usual profile; any other has its own inside. */
export function settingsPath(io: Surroundings, profile: string): string {
  const isUsual = profile === unlessHomeless(() => profileDirectory(io, undefined));
  return isUsual ? join(configDirectory(io), "p2p-tui/settings.toml") : join(profile, "settings.toml");
}

/**
 * Reads the settings file, where there is one.
 * @param given absolute profile, and options of the command line, which hold whatever the file says.
 */
export async function openSettings(
  io: Surroundings,
  given: Pick<EngineSettings, "profile"> & Partial<EngineSettings>,
): Promise<SettingsFile> {
  const { port, bind, maxDownRate, maxUpRate, slots } = given;
  // For tests and containers: no datagram leaves that nobody has asked for.
  const isLsdOff = given.lsd === false || io.environment["P2P_TUI_LSD"] === "off";
  const isDhtOff = given.dht === false || io.environment["P2P_TUI_DHT"] === "off";
  const file = new SettingsFile(
    { clock: new NodeClock(), files: new NodeFileSystem() },
    {
      path: settingsPath(io, given.profile),
      places: {
        home: unlessHomeless(() => homeDirectory(io)),
        downloads: unlessHomeless(() => downloadDirectory(io)) ?? join(given.profile, "downloads"),
      },
      overrides: {
        network: { port, bind },
        dht: { enabled: isDhtOff ? false : given.dht },
        lsd: { enabled: isLsdOff ? false : given.lsd },
        limits: { down: maxDownRate, up: maxUpRate, slots },
      },
    },
  );
  await file.load();
  return file;
}
