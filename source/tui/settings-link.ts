/**
 * The engine's settings as the screen has them: asked for when the engine says that they have changed, and changed through
 * it, so that there is one place that writes the file.
 */
import { OperationalError } from "../base/errors.ts";
import { type Command, type CommandResult, isSettingsReport, type SessionRow } from "../control/protocol.ts";
import type { SettingChange } from "../control/settings-protocol.ts";
import type { Store } from "./state/store.ts";

export interface SettingsLinkOptions {
  readonly store: Store;
  /** @returns `undefined` where nobody is there to ask. @throws OperationalError. */
  readonly ask: (command: Command) => Promise<CommandResult | undefined>;
}

export class SettingsLink {
  readonly #options: SettingsLinkOptions;
  /** Of the engine's settings: what the screen has, or has asked for. */
  #revision: number | null = null;

  constructor(options: SettingsLinkOptions) {
    this.#options = options;
  }

  /** With every frame. */
  look({ settingsRevision }: Pick<SessionRow, "settingsRevision">): void {
    if (settingsRevision === null || settingsRevision === this.#revision) return;
    this.#revision = settingsRevision;
    // Where it fails the engine is gone, and will be asked again when it is back.
    this.#request({ name: "settings" }).catch(() => this.forget());
  }

  /** All or none. @throws OperationalError why not; with `no-settings` there is no file to keep them in. */
  change(changes: readonly SettingChange[]): Promise<void> {
    return this.#request({ name: "set", changes });
  }

  /** Another engine may answer from now on. */
  forget(): void {
    this.#revision = null;
  }

  async #request(command: Command): Promise<void> {
    const report = await this.#options.ask(command);
    if (report === undefined) throw new OperationalError("engine-lost", "the engine is gone");
    if (!isSettingsReport(report)) return;
    this.#revision = report.revision;
    this.#options.store.dispatch({ type: "settings", report });
  }
}
