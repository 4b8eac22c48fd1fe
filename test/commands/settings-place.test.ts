import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openSettings, settingsPath } from "../../source/commands/settings-place.ts";
import { FakeIo } from "./fake-io.ts";

const home = mkdtempSync(join(tmpdir(), "p2p-tui-place-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("the settings file's place", () => {
  it("is in the user's configuration for the usual profile, and in any other profile itself", () => {
    const io = new FakeIo({ home });
    const usual = join(home, ".local/state/p2p-tui");
    expect(settingsPath(io, usual)).toBe(join(home, ".config/p2p-tui/settings.toml"));
    expect(settingsPath(io, "/srv/p2p")).toBe("/srv/p2p/settings.toml");
    io.environment.XDG_CONFIG_HOME = "/etc/mine";
    expect(settingsPath(io, usual)).toBe("/etc/mine/p2p-tui/settings.toml");
    io.environment.XDG_STATE_HOME = "/state";
    expect(settingsPath(io, usual)).toBe(join(usual, "settings.toml"));
  });

  it("has options of the command line hold over the file", async () => {
    const profile = join(home, "profile");
    mkdirSync(profile);
    writeFileSync(join(profile, "settings.toml"), "[network]\nport = 7\n[limits]\nup = 1\ndown = 2\n");
    const { settings, problems } = await openSettings(new FakeIo({ home }), { profile, port: 0, maxUpRate: 9 });
    expect(problems).toEqual([]);
    expect(settings.network.port).toBe(0);
    expect(settings.limits).toMatchObject({ up: 9, down: 2 });
    expect(settings.downloads.directory).toBe(join(home, "Downloads"));
  });

  it("has the DHT switched off where the environment says so, or the command", async () => {
    const profile = join(home, "quiet");
    mkdirSync(profile);
    writeFileSync(join(profile, "settings.toml"), "[dht]\nenabled = true\n");
    const io = new FakeIo({ home });
    const isEnabled = async (dht?: boolean) => (await openSettings(io, { profile, dht })).settings.dht.enabled;
    expect([await isEnabled(), await isEnabled(false)]).toEqual([true, false]);
    io.environment.P2P_TUI_DHT = "off";
    expect(await isEnabled()).toBe(false);
  });

  it("has local discovery switched off where the environment says so, or the command", async () => {
    const profile = join(home, "silent");
    const io = new FakeIo({ home });
    const isEnabled = async (lsd?: boolean) => (await openSettings(io, { profile, lsd })).settings.lsd.enabled;
    expect([await isEnabled(), await isEnabled(false)]).toEqual([true, false]);
    io.environment.P2P_TUI_LSD = "off";
    expect(await isEnabled()).toBe(false);
  });

  it("is found for an account without a home, to which `~` is nothing", async () => {
    const profile = join(home, "homeless");
    mkdirSync(profile);
    writeFileSync(join(profile, "settings.toml"), '[downloads]\nwatch = ["~/x"]\n');
    const { settings, problems } = await openSettings(new FakeIo({ home: "nowhere" }), { profile });
    expect(settings.downloads).toMatchObject({ directory: join(profile, "downloads"), watch: [] });
    expect(problems).toEqual([expect.stringContaining('line 2: downloads.watch: "~/x" is not an absolute path')]);
  });
});
