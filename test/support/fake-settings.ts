/** The product's settings file, kept in memory: what it takes and what it refuses is as it really is. */
import type { SettingsReport } from "../../source/control/settings-protocol.ts";
import { settingsReport } from "../../source/control/settings-report.ts";
import { SettingsFile, type SettingsPorts } from "../../source/settings/settings-file.ts";
import { VirtualClock } from "./virtual-clock.ts";

export class FakeSettings {
  readonly #clock = new VirtualClock();
  readonly file: SettingsFile;
  /** Of the file; `undefined`: there is none. */
  text: string | undefined;

  /** @param text of the file. */
  constructor(text?: string) {
    this.text = text;
    this.file = new SettingsFile(
      { clock: this.#clock, files: this.#files() },
      {
        path: "/home/me/.config/p2p-tui/settings.toml",
        places: { home: "/home/me", downloads: "/home/me/Downloads" },
      },
    );
  }

  /** As if somebody had saved it in an editor. */
  async write(text: string): Promise<void> {
    this.text = text;
    await this.file.load();
  }

  report(): SettingsReport {
    return settingsReport(this.file);
  }

  #files(): SettingsPorts["files"] {
    const encoder = new TextEncoder();
    return {
      realPath: (path) =>
        this.text === undefined
          ? Promise.reject(Object.assign(new Error("ENOENT"), { code: "ENOENT" }))
          : Promise.resolve(path),
      stat: () =>
        Promise.resolve(
          this.text === undefined
            ? undefined
            : { kind: "file" as const, identity: "1", length: this.text.length, allocatedBytes: 0, modifiedMs: 0 },
        ),
      readFile: () => Promise.resolve(encoder.encode(this.text ?? "")),
      makeDirectory: () => Promise.resolve(),
      writeFileAtomic: (_, bytes) => {
        this.text = new TextDecoder().decode(bytes);
        return Promise.resolve();
      },
      list: () => Promise.resolve([]),
      removeFile: () => Promise.resolve(),
    };
  }
}
