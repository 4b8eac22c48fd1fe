/**
 * The engine's settings as the screen has them: asked for when the engine says that they have changed, and changed through
 * it, so that there is one place that writes the file.
 */
import { messageOf, OperationalError } from "../base/errors.ts";
import { type Command, type CommandResult, isSettingsReport, type SessionRow } from "../control/protocol.ts";
import type { SettingChange, SettingsReport } from "../control/settings-protocol.ts";
import type { Preferences } from "./state/preferences.ts";
import type { Store } from "./state/store.ts";

export interface SettingsLinkOptions {
  readonly store: Store;
  /** @returns `undefined` where nobody is there to ask. @throws OperationalError. */
  readonly ask: (command: Command) => Promise<CommandResult | undefined>;
  /** What was chosen holds on the screen, and is not kept. */
  readonly onNotKept: (reason: string) => void;
}

export class SettingsLink {
  readonly #options: SettingsLinkOptions;
  /** Of the engine's settings: what the screen has, or has asked for. */
  #revision: number | null = null;
  /** What was chosen on the screen and is not in the file yet: the latest of each key. */
  readonly #waiting = new Map<string, string>();
  #isKeeping = false;

  constructor(options: SettingsLinkOptions) {
    this.#options = options;
  }

  /** With every frame. */
  look({ settingsRevision }: Pick<SessionRow, "settingsRevision">): void {
    if (settingsRevision === null || settingsRevision === this.#revision || this.#isKeeping) return;
    this.#revision = settingsRevision;
    // Where it fails the engine is gone, and will be asked again when it is back.
    this.#ask({ name: "settings" }).then(
      (report) => {
        if (!this.#isKeeping) this.#take(report);
      },
      () => this.forget(),
    );
  }

  /** All or none. @throws OperationalError why not. */
  async change(changes: readonly SettingChange[]): Promise<void> {
    this.#take(await this.#ask({ name: "set", changes }));
  }

  /** Holds on the screen at once, and is kept in the settings file where there is one. */
  prefer(change: Partial<Preferences>, { key, text }: SettingChange): void {
    const { store } = this.#options;
    store.dispatch({ type: "prefer", change });
    if (store.state.session?.settingsRevision === null) return;
    this.#waiting.set(key, text);
    void this.#keep();
  }

  /** Another engine may answer from now on. */
  forget(): void {
    this.#revision = null;
  }

  /** One request after another: what an answer says is old where more has been chosen since. */
  async #keep(): Promise<void> {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    try {
      while (this.#waiting.size > 0) {
        const changes = [...this.#waiting].map(([key, text]) => ({ key, text }));
        this.#waiting.clear();
        const report = await this.#ask({ name: "set", changes });
        if (this.#waiting.size === 0) this.#take(report);
      }
    } catch (error) {
      this.#waiting.clear();
      this.#options.onNotKept(messageOf(error));
    } finally {
      this.#isKeeping = false;
    }
  }

  #take(report: SettingsReport): void {
    this.#revision = report.revision;
    this.#options.store.dispatch({ type: "settings", report });
  }

  async #ask(command: Command): Promise<SettingsReport> {
    const report = (await this.#options.ask(command)) ?? null;
    if (isSettingsReport(report)) return report;
    throw new OperationalError("engine-lost", "the engine is gone");
  }
}
